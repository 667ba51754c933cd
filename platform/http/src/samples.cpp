#include "platform/http/src/samples.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/time.h"
#include "platform/http/src/json_writer.h"

namespace nuanshu::http {
namespace {

using historian::SampleStore;
using historian::StoredSample;

struct Series {
    std::vector<StoredSample> samples;
    bool truncated = false;
};

bool has_value(const StoredSample& sample) {
    return !is_bad(sample.quality) && std::isfinite(sample.value);
}

/// One series as it is drawn, or its first `most` samples.
Result<Series> read_series(const SampleStore& store, const SamplesQuestion& question, const SeriesPoint& point,
                           std::size_t most) {
    Series series;
    if (question.kind == SamplesKind::drawing) {
        NUANSHU_TRY(series.samples, store.read_for_drawing(point.id, question.range, question.columns));
        return series;
    }
    NUANSHU_TRY(series.samples, store.read(point.id, question.range, most + 1));
    series.truncated = series.samples.size() > most;
    if (series.truncated) {
        series.samples.pop_back();
    }
    return series;
}

/// "[" items "]", each item written by `write(out, item)`.
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

void append_value(std::string& out, const StoredSample& sample) {
    append_number(out, has_value(sample) ? sample.value : std::numeric_limits<double>::quiet_NaN());
}

void append_series(std::string& out, const SeriesPoint& point, const Series& series) {
    out += "{\"point\":";
    append_text(out, point.code);
    out += ",\"unit\":";
    append_text(out, point.unit);
    out += ',';
    append_list(out, "t", series.samples,
                [](std::string& to, const StoredSample& sample) { append_number(to, sample.time_ms); });
    out += ',';
    append_list(out, "v", series.samples, append_value);
    out += ',';
    append_list(out, "q", series.samples, [](std::string& to, const StoredSample& sample) {
        append_number(to, static_cast<std::uint64_t>(sample.quality));
    });
    out += fmt::format(",\"truncated\":{}}}", series.truncated);
}

void write_aggregate(JsonWriter& json, const historian::Aggregate& window) {
    const bool any = window.count > 0;
    const auto if_any = [any](double value) { return any ? std::optional(value) : std::nullopt; };
    json.object().member("from_ms", window.from_ms).member("count", window.count).member("bad_count", window.bad_count);
    json.member("min", if_any(window.min))
        .member("max", if_any(window.max))
        .member("mean", if_any(any ? window.mean() : 0.0));
    json.member("first", if_any(window.first)).member("last", if_any(window.last)).end();
}

Result<> append_windows(std::string& out, const SampleStore& store, const SamplesQuestion& question,
                        const SeriesPoint& point) {
    NUANSHU_TRY(const auto windows, store.aggregate(point.id, question.range, question.window_ms));
    JsonWriter json;
    json.object().member("point", point.code).member("unit", point.unit).key("rows").array();
    for (const auto& window : windows) {
        write_aggregate(json, window);
    }
    json.end().end();
    out += json.take();
    return {};
}

Result<> append_json(std::string& out, const SampleStore& store, const SamplesQuestion& question,
                     const SeriesPoint& point) {
    if (question.kind == SamplesKind::aggregate) {
        return append_windows(out, store, question, point);
    }
    NUANSHU_TRY(const auto series, read_series(store, question, point, json_samples_max));
    append_series(out, point, series);
    return {};
}

/// Numbers as their bytes, least significant first.
template <class Number>
void append_bytes(std::string& out, Number number) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[sizeof(Number)];
    std::memcpy(bytes, &number, sizeof(Number));
    out.append(bytes, sizeof(Number));
}

void append_binary(std::string& out, const SeriesPoint& point, const Series& series) {
    append_bytes(out, static_cast<std::uint16_t>(point.code.size()));
    out += point.code;
    append_bytes(out, static_cast<std::uint32_t>(series.samples.size()));
    for (const auto& sample : series.samples) {
        append_bytes(out, static_cast<double>(sample.time_ms));
    }
    for (const auto& sample : series.samples) {
        append_bytes(out, has_value(sample) ? sample.value : std::numeric_limits<double>::quiet_NaN());
    }
    for (const auto& sample : series.samples) {
        append_bytes(out, static_cast<std::uint8_t>(sample.quality));
    }
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t csv_page_samples = 20'000;

void append_row(std::string& out, const std::string& code, const StoredSample& sample) {
    out += code;
    out += ',';
    out += format_time(sample.time_ms);
    out += ',';
    if (has_value(sample)) {
        append_number(out, sample.value);
    }
    out += ',';
    out += to_string(sample.quality);
    out += "\r\n";
}

void append_row(std::string& out, const std::string& code, const historian::Aggregate& window) {
    out += fmt::format("{},{},{},{}", code, format_time(window.from_ms), window.count, window.bad_count);
    const bool any = window.count > 0;
    for (const double value : {window.min, window.max, any ? window.mean() : 0.0, window.first, window.last}) {
        out += ',';
        if (any) {
            append_number(out, value);
        }
    }
    out += "\r\n";
}

template <class Rows>
void append_rows(std::string& out, const std::string& code, const Rows& rows) {
    for (const auto& row : rows) {
        append_row(out, code, row);
    }
}

/// Where a CSV answer stands: which series, and from when on.
struct CsvPosition {
    std::size_t series = 0;
    std::int64_t from_ms = 0;
};

/// The next page of the present series; moves the position on.
Result<> append_page(std::string& out, const SampleStore& store, const SamplesQuestion& question, CsvPosition& at) {
    const auto& point = question.points[at.series];
    const historian::TimeRange rest{at.from_ms, question.range.to_ms};
    NUANSHU_TRY(const auto page, store.read(point.id, rest, csv_page_samples));
    append_rows(out, point.code, page);
    if (page.size() < csv_page_samples) {
        at = {at.series + 1, question.range.from_ms};
    } else {
        at.from_ms = page.back().time_ms + 1;
    }
    return {};
}

/// Drawings and windows are bounded: a whole series at once.
Result<> append_whole(std::string& out, const SampleStore& store, const SamplesQuestion& question, CsvPosition& at) {
    const auto& point = question.points[at.series];
    ++at.series;
    if (question.kind == SamplesKind::drawing) {
        NUANSHU_TRY(const auto samples, store.read_for_drawing(point.id, question.range, question.columns));
        append_rows(out, point.code, samples);
        return {};
    }
    NUANSHU_TRY(const auto windows, store.aggregate(point.id, question.range, question.window_ms));
    append_rows(out, point.code, windows);
    return {};
}

std::string_view csv_head(SamplesKind kind) {
    return kind == SamplesKind::aggregate ? "point,from,count,bad_count,min,max,mean,first,last\r\n"
                                          : "point,time,value,quality\r\n";
}

}  // namespace

NextChunk samples_as_json(const SampleStore& store, SamplesQuestion question) {
    return [&store, question = std::move(question), next = std::size_t{0}](std::string& chunk) mutable -> Result<bool> {
        chunk += next == 0 ? "{\"series\":[" : ",";
        NUANSHU_TRY_VOID(append_json(chunk, store, question, question.points[next]));
        ++next;
        const bool more = next < question.points.size();
        chunk += more ? "" : "]}";
        return more;
    };
}

NextChunk samples_as_csv(const SampleStore& store, SamplesQuestion question) {
    CsvPosition start{0, question.range.from_ms};
    return [&store, question = std::move(question), at = start,
            begun = false](std::string& chunk) mutable -> Result<bool> {
        if (!begun) {
            chunk += byte_order_mark;
            chunk += csv_head(question.kind);
            begun = true;
        }
        NUANSHU_TRY_VOID(question.kind == SamplesKind::raw ? append_page(chunk, store, question, at)
                                                           : append_whole(chunk, store, question, at));
        return at.series < question.points.size();
    };
}

NextChunk samples_as_binary(const SampleStore& store, SamplesQuestion question) {
    return [&store, question = std::move(question), next = std::size_t{0}](std::string& chunk) mutable -> Result<bool> {
        if (next == 0) {
            chunk += "NSB1";
            append_bytes(chunk, static_cast<std::uint32_t>(question.points.size()));
        }
        const auto& point = question.points[next];
        NUANSHU_TRY(const auto series, read_series(store, question, point, binary_samples_max));
        append_binary(chunk, point, series);
        ++next;
        return next < question.points.size();
    };
}

}  // namespace nuanshu::http
