#include "tests/tidy/house.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

namespace nuanshu::tidy {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> floors = {"base", "engines", "platform", "apps", "sim", "cli", "tests"};

std::vector<std::string> read_lines(const fs::path& path) {
    std::ifstream stream(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

SourceFile read_source(const fs::path& root, const fs::path& path) {
    static const std::regex include_line(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    SourceFile file{fs::relative(path, root).generic_string(), read_lines(path), {}};
    int number = 0;
    for (const auto& line : file.lines) {
        ++number;
        std::smatch match;
        if (std::regex_search(line, match, include_line)) {
            file.includes.push_back({number, match[2], match[1] == "<"});
        }
    }
    return file;
}

std::vector<std::string> words_after(const std::vector<std::string>& words, const std::string& keyword) {
    static const std::vector<std::string> keywords = {"DEPENDS", "LIBRARIES", "TEST_LIBRARIES", "ASIO"};
    std::vector<std::string> found;
    const auto start = std::find(words.begin(), words.end(), keyword);
    for (auto word = start == words.end() ? start : start + 1; word != words.end(); ++word) {
        if (std::find(keywords.begin(), keywords.end(), *word) != keywords.end()) {
            break;
        }
        found.push_back(*word);
    }
    return found;
}

std::optional<Room> read_room(const fs::path& cmake_lists) {
    std::stringstream stream;
    stream << std::ifstream(cmake_lists).rdbuf();
    const auto text = stream.str();
    const auto start = text.find("nuanshu_room(");
    if (start == std::string::npos) {
        return std::nullopt;
    }
    const auto open = text.find('(', start);
    const auto close = text.find(')', open);
    std::istringstream call(text.substr(open + 1, close - open - 1));
    std::vector<std::string> words;
    for (std::string word; call >> word;) {
        words.push_back(word);
    }
    Room room;
    room.path = words.empty() ? "" : words.front();
    room.depends = words_after(words, "DEPENDS");
    room.test_libraries = words_after(words, "TEST_LIBRARIES");
    room.depends_line =
        1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), '\n'));
    return room;
}

/// The list after `uses:` in an app.yaml: `uses: [a, b]`.
std::vector<std::string> read_uses(const fs::path& app_yaml) {
    static const std::regex uses(R"re(^uses:\s*\[([^\]]*)\])re");
    static const std::regex name(R"re([a-z][a-z0-9_]*)re");
    std::vector<std::string> found;
    for (const auto& line : read_lines(app_yaml)) {
        std::smatch match;
        if (std::regex_search(line, match, uses)) {
            const std::string list = match[1];
            for (std::sregex_iterator it(list.begin(), list.end(), name); it != std::sregex_iterator(); ++it) {
                found.push_back(it->str());
            }
        }
    }
    return found;
}

void read_file(House& house, const fs::path& path) {
    const auto name = path.filename().string();
    if (name.ends_with(".h") || name.ends_with(".cpp")) {
        house.files.push_back(read_source(house.root, path));
    } else if (name == "CMakeLists.txt") {
        if (auto room = read_room(path)) {
            house.rooms.emplace(room->path, *room);
        }
    } else if (name == "app.yaml" && path.parent_path().parent_path() == house.root / "apps") {
        house.app_uses[path.parent_path().filename().string()] = read_uses(path);
    }
}

}  // namespace

const Room* House::room_of(const std::string& file) const {
    const Room* best = nullptr;
    for (const auto& [path, room] : rooms) {
        if (file.starts_with(path + "/") && (best == nullptr || path.size() > best->path.size())) {
            best = &room;
        }
    }
    return best;
}

House read_house(const fs::path& root) {
    House house;
    house.root = root;
    for (const auto& floor : floors) {
        std::error_code error;
        for (fs::recursive_directory_iterator it(root / floor, error), end; it != end; it.increment(error)) {
            const auto name = it->path().filename().string();
            if (it->is_directory() && (name == "node_modules" || name == "cases" || name == "build")) {
                it.disable_recursion_pending();
            } else if (it->is_regular_file()) {
                read_file(house, it->path());
            }
        }
    }
    std::sort(house.files.begin(), house.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return house;
}

}  // namespace nuanshu::tidy
