#include <algorithm>

#include "platform/historian/line_protocol.h"
#include "platform/historian/src/text_blocks.h"

namespace nuanshu::historian {
namespace {

FindPoint points_of(SampleStore& store) {
    return [&store](std::string_view code) -> Result<PointId> {
        if (const auto point = store.find(code)) {
            return *point;
        }
        NUANSHU_TRY(const auto points, store.intern(std::vector{std::string(code)}));
        return points.front();
    };
}

/// Adds what a piece gave, its faults at their lines in the whole text.
void add(const LineProtocolResult& piece, const std::string& path, int lines_before, std::size_t faults_max,
         ImportResult& result) {
    result.samples += piece.samples.size();
    result.lines += piece.lines;
    result.bad_lines += piece.bad_lines;
    for (const auto& fault : piece.faults) {
        if (result.faults.size() < faults_max) {
            result.faults.push_back({path, lines_before + fault.line, fault.field, fault.text});
        }
    }
}

}  // namespace

Result<ImportResult> import_line_protocol(const std::string& path, SampleStore& store,
                                          const LineProtocolSettings& protocol, const ImportSettings& settings,
                                          std::stop_token stop) {
    NUANSHU_TRY(auto text, TextBlocks::open(path));
    const FindPoint find_point = points_of(store);
    ImportResult result;
    std::uint64_t bytes = 0;
    int lines_before = 0;
    while (true) {
        NUANSHU_TRY(const std::string block, text.next());
        if (stop.stop_requested()) {
            return fail(ErrorCode::cancelled, path, "stopped on request after {} samples; importing it again is safe",
                        result.samples);
        }
        if (block.empty()) {
            return result;
        }
        NUANSHU_TRY(const auto piece, parse_line_protocol(block, protocol, find_point));
        NUANSHU_TRY_VOID(store.append(piece.samples));
        add(piece, path, lines_before, settings.faults_max, result);
        lines_before += static_cast<int>(std::count(block.begin(), block.end(), '\n'));
        bytes += block.size();
        if (settings.progress) {
            settings.progress({.bytes = bytes, .bytes_total = text.bytes_total(), .samples = result.samples});
        }
    }
}

}  // namespace nuanshu::historian
