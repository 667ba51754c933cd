#include "base/time.h"
#include "platform/historian/query.h"
#include "platform/historian/csv.h"
#include "platform/historian/src/number_text.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

std::string quoted_if_needed(const std::string& code) {
    if (code.find_first_of(",\"\r\n") == std::string::npos) {
        return code;
    }
    std::string quoted = "\"";
    for (const char c : code) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

class Export {
 public:
    Export(const SampleStore& store, TimeRange range, const ExportSettings& settings,
           const std::function<Result<>(std::string_view)>& write, const std::stop_token& stop)
        : store_(store), range_(range), settings_(settings), write_(write), stop_(stop) {}

    Result<std::uint64_t> run(std::span<const PointId> points) {
        text_ = settings_.header ? "point,time,value,quality\n" : "";
        for (const PointId point : points) {
            NUANSHU_TRY_VOID(write_point(point));
        }
        NUANSHU_TRY_VOID(hand_over());
        return samples_;
    }

 private:
    Result<> write_point(PointId point) {
        const std::string code = store_.code_of(point);
        if (code.empty()) {
            return fail(ErrorCode::not_found, "export", "no point has the id {}", point.value);
        }
        const std::string field = quoted_if_needed(code) + ",";
        SampleReader reader(store_, point, range_);
        while (true) {
            NUANSHU_TRY(const auto page, reader.next());
            if (page.empty()) {
                return {};
            }
            NUANSHU_TRY_VOID(write_page(field, page));
        }
    }

    Result<> write_page(const std::string& field, std::span<const StoredSample> page) {
        if (stop_.stop_requested()) {
            return fail(ErrorCode::cancelled, "export", "stopped on request after {} samples", samples_);
        }
        for (const auto& sample : page) {
            put_line(field, sample);
            if (text_.size() >= piece_bytes) {
                NUANSHU_TRY_VOID(hand_over());
            }
        }
        samples_ += page.size();
        if (settings_.progress) {
            settings_.progress(samples_);
        }
        return {};
    }

    void put_line(const std::string& field, const StoredSample& sample) {
        text_ += field;
        if (settings_.iso_times) {
            text_ += format_time(sample.time_ms);
        } else {
            put_unix_time(text_, sample.time_ms);
        }
        text_ += ',';
        put_number(text_, sample.value);
        text_ += ',';
        put_quality(text_, sample.quality);
        text_ += '\n';
    }

    Result<> hand_over() {
        if (!text_.empty()) {
            NUANSHU_TRY_VOID(write_(text_));
        }
        text_.clear();
        return {};
    }

    const SampleStore& store_;
    TimeRange range_;
    const ExportSettings& settings_;
    const std::function<Result<>(std::string_view)>& write_;
    const std::stop_token& stop_;
    std::string text_;
    std::uint64_t samples_ = 0;
};

}  // namespace

Result<std::uint64_t> export_csv(const SampleStore& store, std::span<const PointId> points, TimeRange range,
                                 const ExportSettings& settings, const std::function<Result<>(std::string_view)>& write,
                                 std::stop_token stop) {
    return Export(store, range, settings, write, stop).run(points);
}

}  // namespace nuanshu::historian
