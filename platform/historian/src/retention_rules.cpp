#include "platform/historian/src/retention_rules.h"

#include <algorithm>
#include <charconv>

namespace nuanshu::historian {
namespace {

constexpr int days_max = 400 * 365;
constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string_view next_word(std::string_view& text) {
    text = trimmed(text);
    const auto end = std::min(text.find_first_of(blanks), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

std::optional<int> parse_days(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const int factor = unit == "d" ? 1 : unit == "w" ? 7 : unit == "y" ? 365 : 0;
    if (error != std::errc() || factor == 0 || number < 1 || number > days_max / factor) {
        return std::nullopt;
    }
    return number * factor;
}

Result<> set(RetentionRule& rule, std::string_view word, const std::string& where) {
    const auto equals = std::min(word.find('='), word.size());
    const auto name = word.substr(0, equals);
    auto* field = name == "raw"      ? &rule.raw_days
                  : name == "hourly" ? &rule.hourly_days
                  : name == "daily"  ? &rule.daily_days
                                     : nullptr;
    if (field == nullptr) {
        return fail(ErrorCode::invalid, where, "`{}`; raw=365d, hourly=10y or daily=30y is right", word);
    }
    *field = parse_days(word.substr(std::min(equals + 1, word.size())));
    if (!*field) {
        return fail(ErrorCode::invalid, where, "`{}`: 1 … 400 years are right, with d, w or y behind the number", word);
    }
    return {};
}

Result<> check_rule(const RetentionRule& rule, const std::string& where) {
    constexpr int for_ever = std::numeric_limits<int>::max();
    const int raw = rule.raw_days.value_or(for_ever);
    const int hourly = rule.hourly_days.value_or(for_ever);
    const int daily = rule.daily_days.value_or(for_ever);
    if (rule.match.empty()) {
        return fail(ErrorCode::invalid, where, "the pattern is empty; * means all points");
    }
    if (std::min({raw, hourly, daily}) < 1) {
        return fail(ErrorCode::invalid, where, "less than a day; 1 or more is right");
    }
    if (raw > hourly || hourly > daily) {
        return fail(ErrorCode::invalid, where,
                    "raw samples must not be kept longer than hours, nor hours longer than days (what is not said is "
                    "kept for ever)");
    }
    return {};
}

/// @return nothing for a line without a rule
Result<std::optional<RetentionRule>> parse_line(std::string_view line, const std::string& where) {
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) {
        return std::optional<RetentionRule>();
    }
    RetentionRule rule{.match = std::string(next_word(line)), .raw_days = {}, .hourly_days = {}, .daily_days = {}};
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
        NUANSHU_TRY_VOID(set(rule, word, where));
    }
    NUANSHU_TRY_VOID(check_rule(rule, where));
    return std::optional(rule);
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

const RetentionRule* rule_for(std::span<const RetentionRule> rules, std::string_view code) {
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const auto& rule) { return matches(rule.match, code); });
    return found == rules.end() ? nullptr : &*found;
}

Result<> check_rules(std::span<const RetentionRule> rules) {
    for (const auto& rule : rules) {
        NUANSHU_TRY_VOID(check_rule(rule, "retention rule " + rule.match));
    }
    return {};
}

Cutoffs cutoffs_of(const RetentionRule& rule, const Grid& grid, std::int64_t now_ms) {
    const std::int64_t today = grid.start_of(std::clamp(now_ms, rolled_first_ms, rolled_last_ms), Bucket::day);
    const auto back = [&](std::optional<int> days) {
        return days ? today - *days * width_ms(Bucket::day) : std::numeric_limits<std::int64_t>::min();
    };
    return {back(rule.raw_days), back(rule.hourly_days), back(rule.daily_days)};
}

Result<std::vector<RetentionRule>> parse_retention(std::string_view text) {
    std::vector<RetentionRule> rules;
    for (int line = 1; !text.empty(); ++line) {
        const auto end = std::min(text.find_first_of("\n;"), text.size());
        NUANSHU_TRY(const auto rule, parse_line(text.substr(0, end), fmt::format("retention rule {}", line)));
        if (rule) {
            rules.push_back(*rule);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return rules;
}

}  // namespace nuanshu::historian
