#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include "base/time.h"
#include "platform/telemetry/src/live_point.h"

// Plays cases/*.quality: the life of one point as text. See README.md for the words.

namespace nuanshu::telemetry {
namespace {

constexpr std::int64_t start_ms = 1'768'000'000'000;
constexpr TimeLimits limits{.future_tolerance_ms = 60'000, .oldest_ms = 946'684'800'000};

using Words = std::vector<std::string>;

Words words_of(const std::string& text) {
    std::istringstream in(text);
    Words words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

double number_of(const std::string& text) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::runtime_error("`" + text + "` is no number");
    }
    return number;
}

std::int64_t offset_ms_of(const std::string& text) {
    const bool negative = text.starts_with('-');
    const auto duration = value_or_throw(parse_duration_ms(std::string_view(text).substr(negative ? 1 : 0)));
    return negative ? -duration : duration;
}

std::string offset_text(std::int64_t time_ms) {
    return fmt::format("{}s", static_cast<double>(time_ms - start_ms) / 1000.0);
}

Quality quality_named(const std::string& name) {
    for (int i = 0; i < 256; ++i) {
        if (to_string(static_cast<Quality>(i)) == name) {
            return static_cast<Quality>(i);
        }
    }
    throw std::runtime_error("`" + name + "` is no quality");
}

/// The word after `key`, if the key is there.
std::optional<std::string> after(const Words& words, const std::string& key) {
    const auto at = std::find(words.begin(), words.end(), key);
    return at == words.end() || at + 1 == words.end() ? std::nullopt : std::optional(*(at + 1));
}

/// One clause of the rules line: "range -20..150", "rate 2/s", "frozen 60s", "spike 4", "floor 0.1", "loop",
/// "convert 6.25 -25", "every 5s".
void read_rule(const std::string& clause, PointSettings& settings) {
    const auto words = words_of(clause);
    auto& rules = settings.rules;
    const auto& key = words.at(0);
    if (key == "range") {
        const auto dots = words.at(1).find("..");
        rules.minimum = number_of(words[1].substr(0, dots));
        rules.maximum = number_of(words[1].substr(dots + 2));
    } else if (key == "rate") {
        rules.rate_per_s_max = number_of(words.at(1).substr(0, words[1].find('/')));
    } else if (key == "frozen") {
        rules.frozen_after_ms = offset_ms_of(words.at(1));
    } else if (key == "spike") {
        rules.hampel_threshold = number_of(words.at(1));
    } else if (key == "floor") {
        rules.hampel_floor = number_of(words.at(1));
    } else if (key == "loop") {
        rules.current_loop = true;
    } else if (key == "convert") {
        settings.conversion = {number_of(words.at(1)), number_of(words.at(2))};
    } else if (key == "every") {
        settings.expected_interval_ms = offset_ms_of(words.at(1));
    } else {
        throw std::runtime_error("`" + key + "` is no rule");
    }
}

PointSettings read_rules(const std::string& line) {
    PointSettings settings{.point = {1}, .conversion = {}, .rules = {}, .expected_interval_ms = 0};
    std::istringstream clauses(line);
    for (std::string clause; std::getline(clauses, clause, ',');) {
        read_rule(clause, settings);
    }
    return settings;
}

RawSample read_sample(const Words& words) {
    RawSample raw{.point = {1}};
    const auto& number = words.at(1);
    raw.value = number == "nan"   ? std::numeric_limits<double>::quiet_NaN()
                : number == "inf" ? std::numeric_limits<double>::infinity()
                                  : number_of(number);
    if (const auto measured = after(words, "measured")) {
        raw.time_ms = start_ms + offset_ms_of(*measured);
    }
    if (const auto says = after(words, "says")) {
        raw.device_quality = quality_named(*says);
    }
    return raw;
}

std::string tell(const Sample& sample, double expected_value, std::int64_t now_ms) {
    auto text = std::string(to_string(sample.quality));
    if (sample.value != expected_value) {
        text += fmt::format(" {}", sample.value);
    }
    if (sample.time_ms != now_ms) {
        text += " at " + offset_text(sample.time_ms);
    }
    return text;
}

std::string tell(const std::optional<Sample>& sample, std::int64_t now_ms) {
    return sample ? tell(*sample, std::numeric_limits<double>::quiet_NaN(), now_ms) : "nothing";
}

/// What the point answers to one line of the script.
std::string play(LivePoint& point, const Words& words) {
    const auto now_ms = start_ms + offset_ms_of(words.at(0));
    const auto& event = words.at(1);
    if (event == "look") {
        return tell(point.mark_gap(now_ms), now_ms);
    }
    if (event == "silent") {
        return tell(point.mark_silent(now_ms), now_ms);
    }
    if (event == "answers") {
        point.mark_answering(now_ms);
        return "nothing";
    }
    if (event == "substitute") {
        return tell(point.substitute(number_of(words.at(2)), now_ms), now_ms);
    }
    if (event == "release") {
        return tell(point.release(now_ms), now_ms);
    }
    const auto raw = read_sample(words);
    const auto says = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
    const Arrival arrival{now_ms, says("historical"), says("in-unit")};
    const auto judged = point.take(raw, arrival, limits);
    return tell(judged.sample, raw.value, now_ms) + (judged.moves_current ? "" : ", not shown");
}

struct Script {
    LivePoint point;
    std::string played;  ///< the same text with what really came out

    void line(const std::string& text) {
        const auto arrow = text.find("->");
        if (text.starts_with("rules")) {
            point.set(read_rules(text.substr(5)), std::nullopt, start_ms);
        }
        if (text.empty() || text.starts_with('#') || arrow == std::string::npos) {
            played += text + "\n";
            return;
        }
        const auto asked = text.substr(0, arrow);
        played += asked + "-> " + play(point, words_of(asked)) + "\n";
    }
};

std::string contents(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void check_case(const std::filesystem::path& path) {
    SCOPED_TRACE(path.filename().string());
    const auto expected = contents(path);
    Script script;
    std::istringstream lines(expected);
    for (std::string text; std::getline(lines, text);) {
        script.line(text);
    }
    if (std::getenv("NUANSHU_UPDATE_CASES") != nullptr) {
        std::ofstream(path) << script.played;
        return;
    }
    EXPECT_EQ(script.played, expected);
}

TEST(QualityCases, come_out_as_written) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(NUANSHU_SOURCE_DIR "/" NUANSHU_ROOM "/cases")) {
        if (entry.path().extension() == ".quality") {
            check_case(entry.path());
            ++count;
        }
    }
    EXPECT_GE(count, 14U);
}

}  // namespace
}  // namespace nuanshu::telemetry
