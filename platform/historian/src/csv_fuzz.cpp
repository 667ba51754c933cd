// For any bytes: every line with content gives a sample or is counted as bad; read line by line they give the same;
// what a sample is written as reads back as that sample.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "platform/historian/src/csv_lines.h"
#include "platform/historian/src/number_text.h"

namespace nuanshu::historian {
namespace {

bool same(const Sample& a, const Sample& b) {
    return a.point == b.point && a.time_ms == b.time_ms && a.quality == b.quality &&
           (a.value == b.value || (a.value != a.value && b.value != b.value));
}

void check_round_trip(const Sample& sample) {
    std::string line = "p,";
    put_unix_time(line, sample.time_ms);
    line += ',';
    put_number(line, sample.value);
    line += ',';
    put_quality(line, sample.quality);
    CodeTable codes;
    const auto back = read_csv_lines(line, codes, 1);
    NUANSHU_CHECK(back.samples.size() == 1 && back.samples[0].time_ms == sample.time_ms &&
                      back.samples[0].quality == sample.quality,
                  "{}", line);
}

void check_line_by_line(std::string_view text, const CsvLines& whole) {
    CodeTable codes;
    std::size_t at = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        for (const auto& sample : read_csv_lines(text.substr(0, end), codes, 0).samples) {
            NUANSHU_CHECK(at < whole.samples.size() && same(sample, whole.samples[at]), "sample {}", at);
            ++at;
        }
        text.remove_prefix(end);
    }
    NUANSHU_CHECK(at == whole.samples.size(), "{} samples, not {}", at, whole.samples.size());
}

}  // namespace
}  // namespace nuanshu::historian

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu::historian;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    is_csv_header(text.substr(0, text.find('\n')));
    CodeTable codes;
    const auto lines = read_csv_lines(text, codes, 3);
    NUANSHU_CHECK(lines.samples.size() + lines.bad_lines == lines.lines_filled && lines.faults.size() <= 3, "{} lines",
                  lines.lines_filled);
    check_line_by_line(text, lines);
    for (const auto& sample : lines.samples) {
        check_round_trip(sample);
    }
    return 0;
}
