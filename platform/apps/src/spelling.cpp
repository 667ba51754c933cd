#include "platform/apps/src/spelling.h"

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

namespace nuanshu::apps {
namespace {

/// Levenshtein distance.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
    const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edits_between(name, a) < edits_between(name, b);
    });
    if (nearest == known.end() || edits_between(name, *nearest) > 2) {
        return "";
    }
    return fmt::format("; did you mean `{}`?", *nearest);
}

}  // namespace nuanshu::apps
