#include "engines/network/src/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace nuanshu::network {
namespace {

/// Letters to insert, remove or replace to get from one word to the other.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

/// Small for words that differ by spelling or by their unit: "length" and "length_m", "diameter" and
/// "inner_diameter_m".
std::size_t distance(std::string_view read, std::string_view word) {
    const bool contained = read.size() >= 2 && word.find(read) != std::string_view::npos;
    return contained ? 1 : edits_between(read, word);
}

}  // namespace

std::string suggestion(std::string_view read, std::span<const std::string_view> words) {
    constexpr std::size_t read_max = 60;
    const auto nearest = std::min_element(words.begin(), words.end(), [&](auto a, auto b) {
        return distance(read.substr(0, read_max), a) < distance(read.substr(0, read_max), b);
    });
    if (nearest != words.end() && distance(read.substr(0, read_max), *nearest) <= 1 + read.size() / 4) {
        return fmt::format("; {}?", *nearest);
    }
    return words.size() <= 9 ? fmt::format("; one of {}", fmt::join(words, ", ")) : std::string();
}

}  // namespace nuanshu::network
