#include "platform/historian/line_protocol.h"

#include <array>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "platform/historian/src/line_fields.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t shown_bytes_max = 60;

struct PrecisionName {
    std::string_view name;
    TimePrecision precision;
};
constexpr std::array<PrecisionName, 7> precision_names{{{"ns", TimePrecision::nanoseconds},
                                                        {"n", TimePrecision::nanoseconds},
                                                        {"us", TimePrecision::microseconds},
                                                        {"u", TimePrecision::microseconds},
                                                        {"µ", TimePrecision::microseconds},
                                                        {"ms", TimePrecision::milliseconds},
                                                        {"s", TimePrecision::seconds}}};

std::string shown(std::string_view text) {
    return std::string(text.substr(0, shown_bytes_max)) + (text.size() > shown_bytes_max ? "…" : "");
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

std::optional<std::int64_t> to_ms(std::int64_t time, TimePrecision precision) {
    switch (precision) {
        case TimePrecision::nanoseconds:
            return floor_divide(time, 1'000'000);
        case TimePrecision::microseconds:
            return floor_divide(time, 1'000);
        case TimePrecision::milliseconds:
            return time;
        case TimePrecision::seconds:
            break;
    }
    std::int64_t time_ms = 0;
    return __builtin_mul_overflow(time, 1'000, &time_ms) ? std::nullopt : std::optional(time_ms);
}

/// A series that the text has named, with the points of its fields, in the order in which they came first.
struct KnownSeries {
    std::string raw;
    SeriesName name;
    bool one_point = false;  ///< its point tag is a whole code
    std::vector<std::pair<std::string, PointId>> fields;
    std::size_t next = 0;  ///< the series that followed last time
};

class Reading {
 public:
    Reading(const LineProtocolSettings& settings, CodePattern pattern, const FindPoint& find_point)
        : settings_(settings), pattern_(std::move(pattern)), find_point_(find_point) {}

    Result<LineProtocolResult> run(std::string_view text) {
        while (!text.empty()) {
            ++line_;
            const std::size_t end = std::min(text.find('\n'), text.size());
            NUANSHU_TRY_VOID(take_line(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return std::move(result_);
    }

 private:
    /// What a line's reading ended with: nothing wrong, a fault of the line, or an error that ends everything.
    Result<> take_line(std::string_view line) {
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty() || line.front() == '#') {
            return {};
        }
        ++result_.lines;
        const std::size_t before = result_.samples.size();
        const std::uint64_t refused_before = result_.refused_fields;
        auto read = read_line(line, before);
        if (read && result_.samples.size() > before) {
            return {};
        }
        result_.samples.resize(before);
        if (!read && read.error().code != ErrorCode::invalid) {
            return read;
        }
        ++result_.bad_lines;
        result_.refused_fields = refused_before;
        if (!read) {
            note(read.error().where, read.error().what);
        }
        return {};
    }

    Result<> read_line(std::string_view line, std::size_t first_sample) {
        NUANSHU_TRY(auto* series, find_series(line));
        std::string_view rest = line.substr(series->raw.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        std::size_t field = 0;
        for (bool more = true; more; ++field) {
            NUANSHU_TRY(const std::size_t length, read_field(*series, field, rest));
            rest.remove_prefix(length);
            more = rest.starts_with(',');
            rest.remove_prefix(more ? 1 : 0);
        }
        if (series->one_point && field > 1) {
            return fail(ErrorCode::invalid, settings_.point_tag, "it names one point, but the line has {} fields",
                        field);
        }
        NUANSHU_TRY(const std::int64_t time_ms, read_time(rest));
        for (std::size_t i = first_sample; i < result_.samples.size(); ++i) {
            result_.samples[i].time_ms = time_ms;
        }
        return {};
    }

    /// The one that followed last time, or one known, or a new one.
    Result<KnownSeries*> find_series(std::string_view line) {
        if (newest_ < series_.size() && series_[newest_].next < series_.size()) {
            auto& guess = series_[series_[newest_].next];
            // Behind a backslash the space would belong to the name.
            const bool ends =
                line.size() > guess.raw.size() && line[guess.raw.size()] == ' ' && !guess.raw.ends_with('\\');
            if (ends && line.starts_with(guess.raw)) {
                newest_ = series_[newest_].next;
                return &guess;
            }
        }
        const std::string raw(line.substr(0, find_unescaped(line, " ")));
        const auto known = by_raw_.find(raw);
        std::size_t index = series_.size();
        if (known != by_raw_.end()) {
            index = known->second;
        } else {
            NUANSHU_TRY(auto name, parse_series_name(raw));
            const auto* tag = settings_.point_tag.empty() ? nullptr : name.tag(settings_.point_tag);
            const bool one_point = tag != nullptr && tag->find('/') != std::string::npos;
            by_raw_.emplace(raw, index);
            series_.push_back({.raw = raw, .name = std::move(name), .one_point = one_point});
        }
        if (newest_ < series_.size()) {
            series_[newest_].next = index;
        }
        newest_ = index;
        return &series_[index];
    }

    /// Reads name=value at the front of `text`. @return its length
    Result<std::size_t> read_field(KnownSeries& series, std::size_t position, std::string_view text) {
        const std::size_t equals = find_equals(series, position, text);
        if (equals == 0 || equals >= text.size() || text[equals] != '=') {
            return fail(ErrorCode::invalid, "", "`{}`; wanted field=value", shown(text));
        }
        const std::string_view name = text.substr(0, equals);
        const FieldValue value = read_field_value(text.substr(equals + 1));
        const std::size_t length = equals + 1 + value.length;
        if (value.kind == FieldValue::Kind::wrong ||
            (length < text.size() && text[length] != ',' && text[length] != ' ')) {
            return fail(ErrorCode::invalid, without_escapes(name), "`{}`; wanted a number, an integer like 12i, or t/f",
                        shown(text.substr(equals + 1, text.find_first_of(", ", equals) - equals - 1)));
        }
        if (value.kind == FieldValue::Kind::string) {
            ++result_.refused_fields;
            note(without_escapes(name), "text in quotes is no sample; send numbers");
            return length;
        }
        NUANSHU_TRY(const PointId point, find_field(series, position, name));
        result_.samples.push_back({point, Quality::good, 0, value.number});
        return length;
    }

    static std::size_t find_equals(const KnownSeries& series, std::size_t position, std::string_view text) {
        if (position < series.fields.size()) {
            const std::string& guess = series.fields[position].first;
            if (text.size() > guess.size() && text[guess.size()] == '=' && text.starts_with(guess)) {
                return guess.size();
            }
        }
        return find_unescaped(text, "=, ");
    }

    Result<PointId> find_field(KnownSeries& series, std::size_t position, std::string_view raw) {
        if (position < series.fields.size() && series.fields[position].first == raw) {
            return series.fields[position].second;
        }
        for (const auto& [name, point] : series.fields) {
            if (name == raw) {
                return point;
            }
        }
        NUANSHU_TRY(const std::string code, code_of(series, without_escapes(raw)));
        NUANSHU_TRY(const PointId point, find_point_(code));
        series.fields.emplace_back(raw, point);
        return point;
    }

    Result<std::string> code_of(const KnownSeries& series, const std::string& field) const {
        const auto* tag = settings_.point_tag.empty() ? nullptr : series.name.tag(settings_.point_tag);
        if (tag == nullptr) {
            return pattern_.apply(series.name, field);
        }
        return series.one_point ? *tag : *tag + "/" + field;
    }

    Result<std::int64_t> read_time(std::string_view text) const {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        text.remove_suffix(text.size() - std::min(text.find_last_not_of(' ') + 1, text.size()));
        if (text.empty()) {
            return settings_.now_ms;
        }
        std::int64_t time = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
        const auto time_ms =
            error == std::errc() && end == text.data() + text.size() ? to_ms(time, settings_.precision) : std::nullopt;
        if (!time_ms) {
            return fail(ErrorCode::invalid, "time", "`{}`; wanted an integer, Unix time in the request's precision",
                        shown(text));
        }
        return *time_ms;
    }

    void note(const std::string& field, const std::string& text) {
        if (result_.faults.size() < settings_.faults_max) {
            result_.faults.push_back({"", line_, field, text});
        }
    }

    const LineProtocolSettings& settings_;
    CodePattern pattern_;
    const FindPoint& find_point_;
    std::vector<KnownSeries> series_;
    std::unordered_map<std::string, std::size_t> by_raw_;
    std::size_t newest_ = static_cast<std::size_t>(-1);
    int line_ = 0;
    LineProtocolResult result_;
};

}  // namespace

Result<TimePrecision> parse_time_precision(std::string_view text) {
    for (const auto& known : precision_names) {
        if (known.name == text) {
            return known.precision;
        }
    }
    return fail(ErrorCode::invalid, "precision", "`{}`; wanted ns, us, ms or s", text);
}

Result<LineProtocolResult> parse_line_protocol(std::string_view text, const LineProtocolSettings& settings,
                                               const FindPoint& find_point) {
    NUANSHU_TRY(auto pattern, CodePattern::parse(settings.code_pattern));
    return Reading(settings, std::move(pattern), find_point).run(text);
}

}  // namespace nuanshu::historian
