#include "platform/historian/src/csv_lines.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/time.h"
#include "platform/historian/src/number_text.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t code_bytes_max = 512;
constexpr std::size_t shown_bytes_max = 60;

std::string shown(std::string_view text) {
    return std::string(text.substr(0, shown_bytes_max)) + (text.size() > shown_bytes_max ? "…" : "");
}

/// The length of the first field, with its quotes. npos when the quotes do not close.
std::size_t field_length(std::string_view line) {
    if (!line.starts_with('"')) {
        return std::min(line.find(','), line.size());
    }
    for (std::size_t at = 1; at < line.size(); ++at) {
        if (line[at] == '"') {
            if (at + 1 == line.size() || line[at + 1] != '"') {
                return at + 1;
            }
            ++at;
        }
    }
    return std::string_view::npos;
}

std::string unquoted(std::string_view raw) {
    if (!raw.starts_with('"')) {
        return std::string(raw);
    }
    std::string code;
    for (std::size_t at = 1; at + 1 < raw.size(); ++at) {
        code += raw[at];
        at += raw[at] == '"' ? 1 : 0;
    }
    return code;
}

/// One line's way from text to sample; `fault` says where it ended early.
class LineReader {
 public:
    LineReader(CodeTable& codes, std::string_view line)
        : codes_(codes), line_(line), at_(line.data()), end_(line.data() + line.size()) {}

    bool read(Sample& sample) {
        return read_point(sample) && read_time(sample) && read_value(sample) && read_quality(sample);
    }
    const std::string& field() const { return field_; }
    const std::string& text() const { return text_; }

 private:
    template <class... Args>
    bool refuse(std::string_view field, fmt::format_string<Args...> text, Args&&... args) {
        field_ = field;
        text_ = fmt::format(text, std::forward<Args>(args)...);
        return false;
    }

    /// Of the field that begins here, for messages.
    std::string here() const {
        const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
        return shown(rest.substr(0, rest.find(',')));
    }

    bool read_point(Sample& sample) {
        std::int64_t entry = codes_.guess(line_);
        if (entry < 0) {
            const std::size_t length = field_length(line_);
            if (length == std::string_view::npos || length >= line_.size() || line_[length] != ',') {
                return refuse("", "`{}`; wanted point,time,value", shown(line_));
            }
            const std::string_view raw = line_.substr(0, length);
            if (const std::size_t bytes = unquoted(raw).size(); bytes == 0 || bytes > code_bytes_max) {
                return refuse("point", "its code has {} bytes; 1 … {} are right", bytes, code_bytes_max);
            }
            entry = codes_.find_or_add(raw);
        }
        const auto index = static_cast<std::uint32_t>(entry);
        codes_.went_to(index);
        sample.point = PointId{index};
        at_ += codes_.entries()[index].raw.size() + 1;
        return true;
    }

    bool read_time(Sample& sample) {
        const char* behind = read_unix_time(at_, end_, sample.time_ms);
        if (behind != nullptr && behind != end_ && *behind == ',') {
            at_ = behind + 1;
            return true;
        }
        const auto* comma = static_cast<const char*>(std::memchr(at_, ',', static_cast<std::size_t>(end_ - at_)));
        if (comma == nullptr) {
            return refuse("", "`{}`; wanted point,time,value", shown(line_));
        }
        const auto time_ms = comma - at_ > 18 ? parse_time({at_, static_cast<std::size_t>(comma - at_)})
                                              : Result<std::int64_t>(fail(ErrorCode::invalid, "", ""));
        if (!time_ms) {
            return refuse("time", "`{}`; wanted Unix seconds or a time like 2026-01-15T08:30:00Z", here());
        }
        sample.time_ms = *time_ms;
        at_ = comma + 1;
        return true;
    }

    bool read_value(Sample& sample) {
        if (at_ != end_ && *at_ == ',') {
            sample.value = std::numeric_limits<double>::quiet_NaN();
            return true;
        }
        const char* behind = read_number(at_, end_, sample.value);
        if (behind == nullptr || (behind != end_ && *behind != ',')) {
            return refuse("value", "`{}`; wanted a number", here());
        }
        at_ = behind;
        return true;
    }

    bool read_quality(Sample& sample) {
        sample.quality = Quality::good;
        if (at_ == end_) {
            return true;
        }
        const std::string_view text(at_ + 1, static_cast<std::size_t>(end_ - at_ - 1));
        const auto quality = text.empty() ? std::optional(Quality::good) : parse_quality(text);
        if (!quality) {
            return refuse("quality", "`{}`; wanted a name like good, communication, range, or its number 0 … 255",
                          shown(text));
        }
        if (std::isnan(sample.value) && at_[-1] == ',' && !is_bad(*quality)) {
            return refuse("value", "there is none, and the quality `{}` does not say why",
                          text.empty() ? "good" : text);
        }
        sample.quality = *quality;
        return true;
    }

    CodeTable& codes_;
    std::string_view line_;
    const char* at_;
    const char* end_;
    std::string field_, text_;
};

void read_line(std::string_view line, CodeTable& codes, std::size_t faults_max, CsvLines& lines) {
    ++lines.lines;
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (line.empty()) {
        return;
    }
    ++lines.lines_filled;
    Sample sample;
    LineReader reader(codes, line);
    if (reader.read(sample)) {
        lines.samples.push_back(sample);
        return;
    }
    ++lines.bad_lines;
    if (lines.faults.size() < faults_max) {
        lines.faults.push_back({"", static_cast<int>(lines.lines), reader.field(), reader.text()});
    }
}

}  // namespace

std::int64_t CodeTable::guess(std::string_view line) const {
    const std::uint32_t next = entries_[newest_].next;
    const std::string& raw = entries_[next].raw;
    return next != 0 && line.size() > raw.size() && line[raw.size()] == ',' && line.starts_with(raw)
               ? std::int64_t{next}
               : -1;
}

std::uint32_t CodeTable::find_or_add(std::string_view raw) {
    const auto [found, added] = by_raw_.try_emplace(std::string(raw), static_cast<std::uint32_t>(entries_.size()));
    if (added) {
        entries_.push_back({.raw = std::string(raw), .code = unquoted(raw)});
    }
    return found->second;
}

bool is_csv_header(std::string_view line) {
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    const std::size_t first = field_length(line);
    if (first >= line.size() || line[first] != ',') {
        return false;
    }
    const std::string_view rest = line.substr(first + 1);
    const std::size_t comma = rest.find(',');
    if (comma == std::string_view::npos || comma == 0) {
        return false;
    }
    std::int64_t time_ms = 0;
    double value = 0;
    return read_unix_time(rest.data(), rest.data() + comma, time_ms) == nullptr && !parse_time(rest.substr(0, comma)) &&
           read_number(rest.data() + comma + 1, rest.data() + rest.size(), value) == nullptr;
}

CsvLines read_csv_lines(std::string_view text, CodeTable& codes, std::size_t faults_max) {
    CsvLines lines;
    lines.samples.reserve(text.size() / 24);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        read_line(text.substr(0, end), codes, faults_max, lines);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace nuanshu::historian
