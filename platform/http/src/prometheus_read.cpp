#include "platform/http/src/prometheus_read.h"

#include <bit>
#include <cstring>
#include <limits>

#include <snappy.h>

#include "platform/historian/query.h"
#include "platform/http/src/prometheus_labels.h"
#include "platform/http/src/prometheus_remote.pb.h"

namespace nuanshu::http {
namespace {

using PointPointer = std::shared_ptr<const points::PointDefinition>;
using Matchers = std::vector<LabelMatcher>;

constexpr const char* where = "remote read";
constexpr std::size_t request_bytes_max = 4 << 20;
constexpr std::size_t queries_max = 100;
constexpr std::size_t catalogue_page = 10'000;
constexpr std::uint64_t stale_marker = 0x7ff0000000000002;  // Prometheus' StaleNaN

void append_varint(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) {
        out += static_cast<char>(number | 0x80);
    }
    out += static_cast<char>(number);
}

/// Field `number` of wire type 2: text, or a message.
void append_field(std::string& out, int number, std::string_view bytes) {
    out += static_cast<char>(number << 3 | 2);
    append_varint(out, bytes.size());
    out += bytes;
}

/// Sample{double value = 1; int64 timestamp = 2} as field 2 of a TimeSeries.
void append_sample(std::string& out, const historian::StoredSample& sample) {
    const auto bits = is_bad(sample.quality) ? stale_marker : std::bit_cast<std::uint64_t>(sample.value);
    char value[sizeof bits];
    std::memcpy(value, &bits, sizeof bits);
    std::string time;
    append_varint(time, static_cast<std::uint64_t>(sample.time_ms));
    out += "\x12";
    out += static_cast<char>(1 + sizeof bits + 1 + time.size());
    out += "\x09";
    out.append(value, sizeof bits);
    out += "\x10";
    out += time;
}

/// Label{string name = 1; string value = 2} as field 1 of a TimeSeries.
void append_labels(std::string& out, const points::PointDefinition& point) {
    for (const auto& [name, value] : labels_of(point)) {
        std::string label;
        append_field(label, 1, name);
        append_field(label, 2, value);
        append_field(out, 1, label);
    }
}

Result<prometheus::ReadRequest> read_request(std::string_view packed) {
    std::size_t length = 0;
    std::string bytes;
    prometheus::ReadRequest request;
    const bool fits =
        snappy::GetUncompressedLength(packed.data(), packed.size(), &length) && length <= request_bytes_max;
    if (!fits || !snappy::Uncompress(packed.data(), packed.size(), &bytes) || !request.ParseFromString(bytes)) {
        return fail(ErrorCode::corrupt, where, "the body is no ReadRequest packed by Snappy, of at most {} bytes",
                    request_bytes_max);
    }
    if (static_cast<std::size_t>(request.queries_size()) > queries_max) {
        return fail(ErrorCode::exhausted, where, "{} queries; at most {} at once", request.queries_size(), queries_max);
    }
    return request;
}

Result<Matchers> read_matchers(const prometheus::Query& query) {
    Matchers matchers;
    for (const auto& matcher : query.matchers()) {
        if (matcher.type() < 0 || matcher.type() > prometheus::LabelMatcher::NOT_REGEX) {
            return fail(ErrorCode::corrupt, where, "{} is no kind of matcher; 0 to 3 are",
                        static_cast<int>(matcher.type()));
        }
        const auto kind = static_cast<LabelMatcher::Kind>(matcher.type());
        NUANSHU_TRY(auto read, LabelMatcher::create(kind, matcher.name(), matcher.value()));
        matchers.push_back(std::move(read));
    }
    return matchers;
}

Result<std::vector<PointPointer>> find_points(const points::Catalogue& catalogue, const Matchers& matchers) {
    std::vector<PointPointer> found;
    points::PointQuery page_query{.limit = catalogue_page};
    std::vector<PointPointer> page;
    do {
        page = catalogue.list(page_query);
        for (const auto& point : page) {
            const bool fits = std::all_of(matchers.begin(), matchers.end(),
                                          [&](const LabelMatcher& matcher) { return matcher.matches(*point); });
            if (fits) {
                found.push_back(point);
            }
            page_query.after = point->code;
        }
        if (found.size() > remote_series_max) {
            return fail(ErrorCode::exhausted, where, "more than {} points; select fewer", remote_series_max);
        }
    } while (page.size() == catalogue_page);
    return found;
}

/// The samples of a range as fields of a TimeSeries; takes them off what may still be sent.
Result<std::string> read_samples(const historian::SampleStore& store, PointId point, historian::TimeRange range,
                                 std::size_t& left) {
    std::string samples;
    historian::SampleReader reader(store, point, range);
    while (true) {
        NUANSHU_TRY(const auto page, reader.next());
        if (page.empty()) {
            return samples;
        }
        if (page.size() > left) {
            return fail(ErrorCode::exhausted, where,
                        "more than {} samples; ask for a shorter period or fewer points, or use /api/v1/grafana",
                        remote_samples_max);
        }
        left -= page.size();
        for (const auto& sample : page) {
            append_sample(samples, sample);
        }
    }
}

/// A QueryResult: every point that matches and has samples. Prometheus' range includes its end.
Result<std::string> answer_query(const prometheus::Query& query, const points::Catalogue& catalogue,
                                 const historian::SampleStore& store, std::size_t& left) {
    NUANSHU_TRY(const auto matchers, read_matchers(query));
    NUANSHU_TRY(const auto points, find_points(catalogue, matchers));
    const auto last_ms = std::min(query.end_timestamp_ms(), std::numeric_limits<std::int64_t>::max() - 1);
    std::string result;
    for (const auto& point : points) {
        NUANSHU_TRY(const auto samples,
                    read_samples(store, point->id, {query.start_timestamp_ms(), last_ms + 1}, left));
        if (samples.empty()) {
            continue;
        }
        std::string series;
        append_labels(series, *point);
        series += samples;
        append_field(result, 1, series);
    }
    return result;
}

}  // namespace

Result<std::string> answer_remote_read(std::string_view packed_request, const points::Catalogue& catalogue,
                                       const historian::SampleStore& store) {
    NUANSHU_TRY(const auto request, read_request(packed_request));
    std::size_t left = remote_samples_max;
    std::string response;
    for (const auto& query : request.queries()) {
        NUANSHU_TRY(const auto result, answer_query(query, catalogue, store, left));
        append_field(response, 1, result);
    }
    std::string packed;
    snappy::Compress(response.data(), response.size(), &packed);
    return packed;
}

}  // namespace nuanshu::http
