#include "platform/http/src/url.h"

#include <algorithm>
#include <cstdint>

namespace nuanshu::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// Calls `take` with each part of `text` between separators.
template <class Take>
void for_each_part(std::string_view text, char separator, Take take) {
    while (true) {
        const auto end = text.find(separator);
        take(text.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        text.remove_prefix(end + 1);
    }
}

std::optional<std::string> form_decode(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decode(spaced);
}

/// Length of the sequence that starts with this byte; 0 when none does.
std::size_t sequence_length(std::uint8_t first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// The second byte's narrower range after E0 (over-long), ED (surrogates), F0 (over-long) and F4 (beyond U+10FFFF).
bool second_byte_fits(std::uint8_t first, std::uint8_t second) {
    switch (first) {
        case 0xE0:
            return second >= 0xA0;
        case 0xED:
            return second <= 0x9F;
        case 0xF0:
            return second >= 0x90;
        case 0xF4:
            return second <= 0x8F;
        default:
            return true;
    }
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
    if (bytes.empty()) {
        return 0;
    }
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const auto length = sequence_length(first);
    if (length > bytes.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<std::uint8_t>(bytes[i]) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length < 2 || second_byte_fits(first, static_cast<std::uint8_t>(bytes[1])) ? length : 0;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto length = utf8_length(bytes);
        if (length == 0) {
            return false;
        }
        bytes.remove_prefix(length);
    }
    return true;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (decoded.find('\0') != std::string::npos || !is_utf8(decoded)) {
        return std::nullopt;
    }
    return decoded;
}

std::optional<QueryPairs> parse_query(std::string_view query) {
    QueryPairs pairs;
    bool right = true;
    for_each_part(query, '&', [&](std::string_view part) {
        if (part.empty()) {
            return;
        }
        const auto equals = part.find('=');
        auto name = form_decode(part.substr(0, equals));
        auto value = form_decode(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
        right = right && name && value;
        if (right) {
            pairs.emplace_back(std::move(*name), std::move(*value));
        }
    });
    return right ? std::optional(std::move(pairs)) : std::nullopt;
}

std::vector<std::string_view> split_path(std::string_view path) {
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    std::vector<std::string_view> segments;
    for_each_part(path, '/', [&](std::string_view segment) { segments.push_back(segment); });
    return segments;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    for_each_part(text, ',', [&](std::string_view part) {
        if (const auto word = trimmed(part); !word.empty()) {
            parts.emplace_back(word);
        }
    });
    return parts;
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
    std::string_view found;
    for_each_part(header, ';', [&](std::string_view part) {
        const auto pair = trimmed(part);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            found = pair.substr(equals + 1);
        }
    });
    return found;
}

}  // namespace nuanshu::http
