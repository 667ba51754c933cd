#include "sim/src/names.h"

#include <array>
#include <utility>

#include "sim/src/random.h"

namespace nuanshu::sim {

namespace {

constexpr std::array first_words = {"锦绣", "金水", "阳光", "紫荆", "翰林", "枫林", "和泰", "丽水", "祥和", "康宁",
                                    "幸福", "学府", "滨河", "新华", "向阳", "北苑", "金泰", "鸿福", "翠堤", "荷塘",
                                    "明珠", "世纪", "东方", "书香", "长安", "兴业", "安居", "华府", "桃源", "望湖",
                                    "春晖", "秋实", "瑞景", "天和", "松涛", "银杏", "梧桐", "云杉", "晨光", "静安",
                                    "福宁", "德馨", "育才", "光明", "胜利", "友谊", "丁香", "百合"};
constexpr std::array last_words = {"花园", "家园", "小区", "新村", "嘉苑", "名苑", "华庭", "雅居", "馨园", "公寓"};
constexpr std::array phases = {"", "二期", "三期", "四期", "五期", "六期", "七期", "八期", "九期", "十期", "十一期"};

constexpr std::array avenues = {"迎宾", "建设", "文化", "青年", "崇文", "北斗", "工业", "科技",
                                "玉泉", "黄河", "松山", "泰山", "昆山", "长江", "塔湾", "柳河",
                                "兴工", "保工", "卫工", "云峰", "启工", "秀水", "凌空", "启明"};
constexpr std::array roads = {"和平", "人民", "中华", "团结", "朝阳", "解放", "南湖", "北海",
                              "胜利", "光荣", "劳动", "民主", "文艺", "体育", "公园", "花城",
                              "泉园", "方溪", "长青", "富民", "安宁", "清河", "柳林", "沙河"};

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
    for (std::size_t i = items.size(); i > 1; --i) {
        std::swap(items[i - 1], items[static_cast<std::size_t>(random.unit() * static_cast<double>(i))]);
    }
}

/// Words run out in a very large city; then the same street has a northern, a southern … part.
template <class Table>
std::string numbered_name(const Table& table, std::size_t number, const char* kind) {
    static constexpr std::array parts = {"", "北", "南", "东", "西", "中"};
    const std::size_t part = number / table.size() % parts.size();
    return std::string(table[number % table.size()]) + parts[part] + kind;
}

}  // namespace

std::vector<std::string> quarter_names(std::size_t count, std::uint64_t seed) {
    std::vector<std::string> names;
    Random random(mix(seed, 0x9a3e));
    for (const char* phase : phases) {
        std::vector<std::string> batch;
        for (const char* first : first_words) {
            for (const char* last : last_words) {
                batch.push_back(std::string(first) + last + phase);
            }
        }
        shuffle(batch, random);
        names.insert(names.end(), batch.begin(), batch.end());
        if (names.size() >= count) {
            break;
        }
    }
    names.resize(count);
    return names;
}

std::string avenue_name(std::size_t column) {
    return numbered_name(avenues, column, "街");
}
std::string road_name(std::size_t row) {
    return numbered_name(roads, row, "路");
}

}  // namespace nuanshu::sim
