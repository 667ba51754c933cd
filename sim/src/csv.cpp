#include "sim/src/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/time.h"

namespace nuanshu::sim {

namespace {

constexpr std::size_t rows_max = 10'000'000;

std::string_view without_end(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

double number_or_nan(std::string_view cell) {
    double value = 0.0;
    const auto parsed = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == cell.data() + cell.size();
    return whole && std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

bool has_zone(std::string_view text) {
    return text.ends_with('Z') || (text.size() > 19 && text.find_first_of("+-", 19) != std::string_view::npos);
}

Result<std::int64_t> read_time(const std::string& text, std::int64_t utc_offset_ms) {
    const bool unix_time = text.size() < 19;
    const bool zoned = unix_time || has_zone(text);
    NUANSHU_TRY(const auto time_ms, parse_time(zoned ? text : text + "Z"));
    return zoned ? time_ms : time_ms - utc_offset_ms;
}

Result<std::size_t> column_of(const std::vector<std::string>& head, const std::string& name, const std::string& path) {
    const auto found = std::find(head.begin(), head.end(), name);
    if (found == head.end()) {
        std::string all;
        for (const auto& known : head) {
            all += (all.empty() ? "" : ", ") + known;
        }
        return fail(ErrorCode::not_found, path, "no column `{}`; there are {}", name, all);
    }
    return static_cast<std::size_t>(found - head.begin());
}

/// Where the wanted columns stand.
struct Shape {
    std::size_t time = 0;
    std::vector<std::size_t> wanted;
};

Result<Shape> find_shape(const std::vector<std::string>& head, const std::string& path, const std::string& time_column,
                         Recording& recording) {
    Shape shape;
    NUANSHU_TRY(shape.time, column_of(head, time_column, path));
    if (recording.names.empty()) {
        std::copy_if(head.begin(), head.end(), std::back_inserter(recording.names),
                     [&](const std::string& name) { return name != time_column; });
    }
    for (const auto& name : recording.names) {
        NUANSHU_TRY(const auto column, column_of(head, name, path));
        shape.wanted.push_back(column);
    }
    recording.columns.resize(recording.names.size());
    return shape;
}

Result<> add_row(Recording& recording, const Shape& shape, const std::vector<std::string>& cells,
                 std::int64_t utc_offset_ms) {
    if (shape.time >= cells.size()) {
        return fail(ErrorCode::invalid, "", "{} cells; the time is in cell {}", cells.size(), shape.time + 1);
    }
    NUANSHU_TRY(const auto time_ms, read_time(cells[shape.time], utc_offset_ms));
    if (!recording.time_ms.empty() && time_ms < recording.time_ms.back()) {
        return fail(ErrorCode::invalid, "", "{} is before the row above it; sort the file by time", cells[shape.time]);
    }
    recording.time_ms.push_back(time_ms);
    for (std::size_t i = 0; i < shape.wanted.size(); ++i) {
        const std::size_t column = shape.wanted[i];
        recording.columns[i].push_back(number_or_nan(column < cells.size() ? std::string_view(cells[column]) : ""));
    }
    return {};
}

}  // namespace

std::vector<std::string> split_csv_line(std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += line[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

Result<Recording> read_recording(const std::string& path, const std::string& time_column,
                                 const std::vector<std::string>& names, std::int64_t utc_offset_ms) {
    std::ifstream in(path);
    std::string line;
    if (!in || !std::getline(in, line)) {
        return fail(ErrorCode::not_found, path, "no such file, or it is empty");
    }
    if (line.starts_with("\xEF\xBB\xBF")) {
        line.erase(0, 3);
    }
    Recording recording;
    recording.names = names;
    NUANSHU_TRY(const auto shape, find_shape(split_csv_line(without_end(line)), path, time_column, recording));
    for (std::size_t number = 2; std::getline(in, line); ++number) {
        if (without_end(line).empty()) {
            continue;
        }
        if (recording.time_ms.size() == rows_max) {
            return fail(ErrorCode::exhausted, path, "more than {} rows; split the file", rows_max);
        }
        if (auto added = add_row(recording, shape, split_csv_line(without_end(line)), utc_offset_ms); !added) {
            return within(fmt::format("{}:{}", path, number), std::move(added.error()));
        }
    }
    return recording;
}

}  // namespace nuanshu::sim
