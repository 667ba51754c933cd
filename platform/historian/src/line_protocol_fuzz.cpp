// For any bytes: a line gives samples or is counted as bad, never both; samples have points that were asked for; line
// by line gives the same.

#include <algorithm>
#include <map>
#include <string>

#include "base/check.h"
#include "platform/historian/line_protocol.h"

namespace nuanshu::historian {
namespace {

class Codes {
 public:
    Result<PointId> find(std::string_view code) {
        return ids_.try_emplace(std::string(code), PointId{static_cast<std::uint32_t>(ids_.size() + 1)}).first->second;
    }
    std::size_t count() const { return ids_.size(); }

 private:
    std::map<std::string, PointId> ids_;
};

LineProtocolResult read(std::string_view text, Codes& codes, TimePrecision precision) {
    const LineProtocolSettings settings{.precision = precision, .faults_max = 3};
    return parse_line_protocol(text, settings, [&codes](std::string_view code) { return codes.find(code); }).value();
}

void check_line_by_line(std::string_view text, TimePrecision precision, const LineProtocolResult& whole, Codes& codes) {
    std::size_t at = 0;
    std::uint64_t bad_lines = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const auto line = read(text.substr(0, end), codes, precision);
        NUANSHU_CHECK(line.lines <= 1 && line.bad_lines == (line.lines == 1 && line.samples.empty() ? 1 : 0),
                      "{} samples", line.samples.size());
        for (const auto& sample : line.samples) {
            NUANSHU_CHECK(at < whole.samples.size() && sample.point == whole.samples[at].point &&
                              sample.time_ms == whole.samples[at].time_ms && sample.value == whole.samples[at].value,
                          "sample {}", at);
            ++at;
        }
        bad_lines += line.bad_lines;
        text.remove_prefix(end);
    }
    NUANSHU_CHECK(at == whole.samples.size() && bad_lines == whole.bad_lines, "{} samples, {} bad lines", at,
                  bad_lines);
}

}  // namespace
}  // namespace nuanshu::historian

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu::historian;
    if (size == 0) {
        return 0;
    }
    const auto precision = static_cast<TimePrecision>(data[0] % 4);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    Codes codes;
    const auto result = read(text, codes, precision);
    for (const auto& sample : result.samples) {
        NUANSHU_CHECK(sample.point.value >= 1 && sample.point.value <= codes.count() && sample.value == sample.value,
                      "point {}", sample.point.value);
    }
    check_line_by_line(text, precision, result, codes);
    return 0;
}
