#include "platform/records/src/text.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

namespace nuanshu::records {
namespace {

/// How many bytes the character at the start of `text` has; 0 when it is malformed. Source: RFC 3629, section 4.
std::size_t character_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto continues = [&](std::size_t from, std::size_t to) {
        return to <= text.size() && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                                                text.begin() + static_cast<std::ptrdiff_t>(to),
                                                [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; });
    };
    const std::uint8_t first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF && continues(1, 2)) {
        return 2;
    }
    if ((first & 0xF0) == 0xE0 && continues(1, 3)) {
        const bool overlong = first == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = first == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4 && continues(1, 4)) {
        const bool overlong = first == 0xF0 && byte(1) < 0x90;
        const bool too_large = first == 0xF4 && byte(1) > 0x8F;
        return overlong || too_large ? 0 : 4;
    }
    return 0;
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::size_t> utf8_length(std::string_view text) {
    std::size_t characters = 0;
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        if (bytes == 0) {
            return std::nullopt;
        }
        text.remove_prefix(bytes);
        ++characters;
    }
    return characters;
}

std::string shortened(std::string_view text, std::size_t characters) {
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size() && count < characters; ++count) {
        end += std::max<std::size_t>(character_bytes(text.substr(end)), 1);
    }
    return std::string(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

bool is_name(std::string_view text, std::size_t length_max) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= length_max && letter(text[0]) &&
           std::all_of(text.begin(), text.end(), allowed);
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
    constexpr std::size_t listed_max = 12;
    constexpr std::size_t compared_bytes_max = 64;
    wrong = wrong.substr(0, compared_bytes_max);
    const auto closer = [&](std::string_view a, std::string_view b) { return distance(wrong, a) < distance(wrong, b); };
    const auto nearest = std::min_element(names.begin(), names.end(), closer);
    if (nearest != names.end() && distance(wrong, *nearest) <= 1 + nearest->size() / 3) {
        return fmt::format("; did you mean `{}`?", *nearest);
    }
    const auto listed = names.first(std::min(names.size(), listed_max));
    return names.empty()
               ? ""
               : fmt::format("; known are `{}`{}", fmt::join(listed, "`, `"), names.size() > listed_max ? ", …" : "");
}

}  // namespace nuanshu::records
