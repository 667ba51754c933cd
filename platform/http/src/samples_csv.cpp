#include <cmath>

#include "base/time.h"
#include "platform/http/src/json_writer.h"
#include "platform/http/src/sample_series.h"

namespace nuanshu::http {
namespace {

using historian::StoredSample;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A code with a comma or a quote stands in quotes (RFC 4180).
std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + '"';
}

void append_if_number(std::string& out, double value) {
    if (std::isfinite(value)) {
        append_number(out, value);
    }
}

void append_row(std::string& out, const std::string& code, const StoredSample& sample) {
    out += code;
    out += ',';
    out += format_time(sample.time_ms);
    out += ',';
    append_if_number(out, value_shown(sample));
    out += ',';
    out += to_string(sample.quality);
    out += "\r\n";
}

/// Writes one series after the other, raw samples page by page.
class CsvAnswer {
 public:
    CsvAnswer(const historian::SampleStore& store, SamplesQuestion question)
        : store_(store), question_(std::move(question)), windows_(store, question_) {}

    Result<bool> next(std::string& chunk) {
        if (!begun_) {
            chunk += byte_order_mark;
            append_head(chunk);
            begun_ = true;
        }
        const auto code = csv_field(question_.points[next_].code);
        if (question_.kind == SamplesKind::raw) {
            NUANSHU_TRY_VOID(append_page(chunk, code));
        } else {
            NUANSHU_TRY_VOID(append_whole(chunk, code));
            ++next_;
        }
        return next_ < question_.points.size();
    }

 private:
    void append_head(std::string& out) const {
        if (question_.kind != SamplesKind::aggregate) {
            out += "point,time,value,quality\r\n";
            return;
        }
        out += "point,from";
        for (const auto& name : question_.figure_names) {
            out += ',' + name;
        }
        out += question_.shows_quality ? ",quality" : "";
        out += question_.shows_error ? ",error\r\n" : "\r\n";
    }

    Result<> append_page(std::string& out, const std::string& code) {
        if (!reader_) {
            reader_.emplace(store_, question_.points[next_].id, question_.range);
        }
        NUANSHU_TRY(const auto page, reader_->next());
        for (const auto& sample : page) {
            append_row(out, code, sample);
        }
        if (page.empty()) {
            reader_.reset();
            ++next_;
        }
        return {};
    }

    /// Drawings and windows are bounded: a whole series at once.
    Result<> append_whole(std::string& out, const std::string& code) {
        if (question_.kind == SamplesKind::aggregate) {
            NUANSHU_TRY(const auto* series, windows_.of(next_));
            append_windows(out, code, *series);
            return {};
        }
        NUANSHU_TRY(const auto series, read_series(store_, question_, question_.points[next_]));
        for (const auto& sample : series.samples) {
            append_row(out, code, sample);
        }
        return {};
    }

    void append_windows(std::string& out, const std::string& code, const historian::QueriedSeries& series) const {
        for (std::size_t row = 0; row < series.time_ms.size(); ++row) {
            out += code + ',' + format_time(series.time_ms[row]);
            for (const auto& figure : series.figures) {
                out += ',';
                append_if_number(out, figure[row]);
            }
            if (question_.shows_quality) {
                out += ',';
                out += to_string(series.quality[row]);
            }
            if (question_.shows_error) {
                out += ',';
                append_if_number(out, series.error.empty() ? std::nan("") : series.error[row]);
            }
            out += "\r\n";
        }
    }

    const historian::SampleStore& store_;
    SamplesQuestion question_;
    Windows windows_;
    std::optional<historian::SampleReader> reader_;
    std::size_t next_ = 0;
    bool begun_ = false;
};

}  // namespace

NextChunk samples_as_csv(const historian::SampleStore& store, SamplesQuestion question) {
    const auto answer = std::make_shared<CsvAnswer>(store, std::move(question));
    return [answer](std::string& chunk) { return answer->next(chunk); };
}

}  // namespace nuanshu::http
