#include "platform/http/src/json_writer.h"
#include "platform/http/src/sample_series.h"

namespace nuanshu::http {
namespace {

/// "name":[ items ], each item written by `write(out, item)`.
template <class Items, class Write>
void append_list(std::string& out, std::string_view name, const Items& items, Write write) {
    out += fmt::format("\"{}\":[", name);
    bool first = true;
    for (const auto& item : items) {
        if (!first) {
            out += ',';
        }
        first = false;
        write(out, item);
    }
    out += ']';
}

void append_head(std::string& out, const SeriesPoint& point) {
    out += "{\"point\":";
    append_text(out, point.code);
    out += ",\"unit\":";
    append_text(out, point.unit);
    out += ',';
}

void append_series(std::string& out, const SeriesPoint& point, const Series& series) {
    using historian::StoredSample;
    append_head(out, point);
    append_list(out, "t", series.samples,
                [](std::string& to, const StoredSample& sample) { append_number(to, sample.time_ms); });
    out += ',';
    append_list(out, "v", series.samples,
                [](std::string& to, const StoredSample& sample) { append_number(to, value_shown(sample)); });
    out += ',';
    append_list(out, "q", series.samples, [](std::string& to, const StoredSample& sample) {
        append_number(to, static_cast<std::uint64_t>(sample.quality));
    });
    out += fmt::format(",\"truncated\":{}}}", series.truncated);
}

/// How the rows of windows are written: the names with their quotes and colons.
struct RowShape {
    std::vector<std::string> keys;
    bool shows_quality;
    bool shows_error;
};

RowShape shape_of(const SamplesQuestion& question) {
    RowShape shape{{}, question.shows_quality, question.shows_error};
    for (const auto& name : question.figure_names) {
        shape.keys.push_back(fmt::format(",\"{}\":", name));
    }
    return shape;
}

void append_row(std::string& out, const historian::QueriedSeries& series, std::size_t row, const RowShape& shape) {
    out += "{\"from_ms\":";
    append_number(out, series.time_ms[row]);
    for (std::size_t i = 0; i < shape.keys.size(); ++i) {
        out += shape.keys[i];
        append_number(out, series.figures[i][row]);
    }
    if (shape.shows_quality) {
        out += fmt::format(",\"q\":{}", static_cast<int>(series.quality[row]));
    }
    if (shape.shows_error && !series.error.empty()) {
        out += ",\"error\":";
        append_number(out, series.error[row]);
    }
    out += '}';
}

void append_windows(std::string& out, const SeriesPoint& point, const historian::QueriedSeries& series,
                    const RowShape& shape) {
    append_head(out, point);
    out += "\"rows\":[";
    for (std::size_t row = 0; row < series.time_ms.size(); ++row) {
        out += row == 0 ? "" : ",";
        append_row(out, series, row, shape);
    }
    out += "]}";
}

/// Writes one series after the other. Held by a pointer, because a function that is copied must go on where it was.
class JsonAnswer {
 public:
    JsonAnswer(const historian::SampleStore& store, SamplesQuestion question)
        : store_(store), question_(std::move(question)), windows_(store, question_), shape_(shape_of(question_)) {}

    Result<bool> next(std::string& chunk) {
        chunk += next_ == 0 ? "{\"series\":[" : ",";
        NUANSHU_TRY_VOID(append_next(chunk));
        ++next_;
        const bool more = next_ < question_.points.size();
        chunk += more ? "" : "]}";
        return more;
    }

 private:
    Result<> append_next(std::string& chunk) {
        const auto& point = question_.points[next_];
        if (question_.kind == SamplesKind::aggregate) {
            NUANSHU_TRY(const auto* series, windows_.of(next_));
            append_windows(chunk, point, *series, shape_);
            return {};
        }
        NUANSHU_TRY(const auto series, read_series(store_, question_, point));
        append_series(chunk, point, series);
        return {};
    }

    const historian::SampleStore& store_;
    SamplesQuestion question_;
    Windows windows_;
    RowShape shape_;
    std::size_t next_ = 0;
};

}  // namespace

NextChunk samples_as_json(const historian::SampleStore& store, SamplesQuestion question) {
    const auto answer = std::make_shared<JsonAnswer>(store, std::move(question));
    return [answer](std::string& chunk) { return answer->next(chunk); };
}

}  // namespace nuanshu::http
