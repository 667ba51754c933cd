#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/device_plan.h"
#include "platform/drivers/mqtt/src/peer_for_tests.h"

// Runs cases/*.messages: devices, what comes from the broker, and everything that follows from it. The words are
// explained in cases/README.md.
namespace nuanshu::drivers::mqtt {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, SparkplugType> types = {
    {"int8", SparkplugType::int8},      {"int16", SparkplugType::int16},     {"int32", SparkplugType::int32},
    {"int64", SparkplugType::int64},    {"uint8", SparkplugType::uint8},     {"uint16", SparkplugType::uint16},
    {"uint32", SparkplugType::uint32},  {"uint64", SparkplugType::uint64},   {"float", SparkplugType::float32},
    {"double", SparkplugType::float64}, {"boolean", SparkplugType::boolean}, {"string", SparkplugType::string}};

/// "Flow@10=double:30.5!historical!time=1000": a metric in words.
SparkplugMetric parse_metric(std::string text, std::string& name) {
    SparkplugMetric metric;
    for (auto mark = text.rfind('!'); mark != std::string::npos; mark = text.rfind('!')) {
        const auto word = text.substr(mark + 1);
        metric.historical |= word == "historical";
        metric.null |= word == "null";
        if (word.starts_with("time=")) {
            metric.timestamp_ms = std::stoull(word.substr(5));
        }
        text.resize(mark);
    }
    const auto equals = text.find('=');
    const auto colon = text.find(':', equals);
    const auto at = text.find('@');
    metric.has_alias = at < equals;
    metric.alias = metric.has_alias ? std::stoull(text.substr(at + 1)) : 0;
    name = text.substr(0, std::min(at, equals));
    metric.name = name;
    const auto type = text.substr(equals + 1, colon - equals - 1);
    metric.type = static_cast<std::uint32_t>(types.at(type));
    if (type == "string") {
        metric.carrier = Carrier::other;
    } else if (!metric.null) {
        value_or_throw(set_metric_value(metric, std::stod(text.substr(colon + 1))));
    }
    return metric;
}

std::string ids(const std::vector<PointId>& points) {
    std::vector<std::uint32_t> numbers;
    for (const auto point : points) {
        numbers.push_back(point.value);
    }
    std::sort(numbers.begin(), numbers.end());
    return fmt::format("{}", fmt::join(numbers, " "));
}

/// The pure part of a broker link, told and asked in words.
class Bench {
 public:
    /// Does what the line says and returns all that follows from it.
    std::vector<std::string> run(const std::string& line) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        taken_ = {};
        if (verb == "device") {
            config_.code = fmt::format("device {}", ++device_);
            std::getline(words, config_.settings);
            config_.points.clear();
        } else if (verb == "point") {
            add_point(words);
        } else if (verb == "start") {
            return start();
        } else if (verb == "sparkplug") {
            return receive_sparkplug(words);
        } else if (verb == "json") {
            return receive_json(words);
        } else if (verb == "time") {
            words >> steady_ms_;
            return ask_for_rebirths();
        } else if (verb == "session_lost") {
            host_.forget_births();
            return ask_for_rebirths();
        } else {
            throw std::runtime_error("unknown word in a case: " + verb);
        }
        return {};
    }

 private:
    void add_point(std::istringstream& words) {
        PointBinding binding;
        words >> binding.point.value >> std::ws;
        std::getline(words, binding.address);
        binding.code = fmt::format("point {}", binding.point.value);
        config_.points.push_back(binding);
    }

    std::vector<std::string> start() {
        Diagnostics faults;
        std::vector<std::string> lines;
        const auto plan = plan_device(config_, "mqtt://127.0.0.1", faults);
        for (const auto& fault : faults) {
            lines.push_back(fmt::format("wrong {}: {}", fault.field, fault.text));
        }
        if (plan) {
            const auto left_out = std::visit([&](const auto& format) { return add(format); }, plan->format);
            for (const auto& text : left_out) {
                lines.push_back("left out " + text);
            }
            for (const auto& filter : plan->filters) {
                lines.push_back("subscribe " + filter);
            }
        }
        return lines;
    }

    std::vector<std::string> add(const SparkplugPlan& plan) { return host_.add(device_, plan); }
    template <class Plan>
    std::vector<std::string> add(const Plan& plan) {
        return routes_.add(device_, plan);
    }

    std::vector<std::string> receive_sparkplug(std::istringstream& words) {
        std::string where;
        words >> where;
        bool duplicate = false;
        SparkplugPayload payload{.timestamp_ms = 5'000};
        std::deque<std::string> names;
        for (std::string word; words >> word;) {
            if (word == "duplicate") {
                duplicate = true;
            } else if (word.starts_with("seq=")) {
                payload.sequence = std::stoull(word.substr(4));
            } else {
                payload.metrics.push_back(parse_metric(word, names.emplace_back()));
            }
        }
        const auto topic = "spBv1.0/xc/" + where;
        const auto parsed = parse_sparkplug_topic(topic);
        const bool wanted = parsed && host_.take(*parsed, encode_sparkplug(payload), duplicate, taken_);
        return wanted ? outcome() : std::vector<std::string>{"nobody"};
    }

    std::vector<std::string> receive_json(std::istringstream& words) {
        std::string topic;
        std::string text;
        words >> topic >> std::ws;
        std::getline(words, text);
        const bool wanted =
            routes_.take(topic, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, taken_);
        return wanted ? outcome() : std::vector<std::string>{"nobody"};
    }

    std::vector<std::string> outcome() {
        std::vector<std::string> lines;
        for (const auto* samples : {&taken_.live, &taken_.historical}) {
            for (const auto& sample : *samples) {
                lines.push_back(fmt::format("{} {} {} {} at {}", samples == &taken_.live ? "sample" : "historical",
                                            sample.point.value, sample.value, to_string(sample.device_quality),
                                            sample.time_ms));
            }
        }
        for (const auto& fault : taken_.faults) {
            lines.push_back(fmt::format("fault {} {}", fault.device, fault.text));
        }
        for (const auto& change : taken_.communications) {
            lines.push_back(fmt::format("{} {}", change.ok ? "answers" : "silent", ids(change.points)));
        }
        for (const auto& state : taken_.states) {
            lines.push_back(fmt::format("state {} {}", state.device, to_string(state.state)));
        }
        return lines;
    }

    std::vector<std::string> ask_for_rebirths() {
        std::vector<std::string> lines;
        for (const auto& request : host_.rebirth_requests(steady_ms_, 0)) {
            lines.push_back("publish " + request.topic);
        }
        return lines;
    }

    SparkplugHost host_;
    JsonRoutes routes_;
    Taken taken_;
    DeviceConfig config_;
    DeviceKey device_ = 0;
    std::int64_t steady_ms_ = 0;
};

std::string run_case(const fs::path& path) {
    std::ifstream file(path);
    std::string text;
    Bench bench;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("-> ")) {
            continue;
        }
        text += line + "\n";
        if (line.empty() || line.starts_with("#")) {
            continue;
        }
        for (const auto& outcome : bench.run(line)) {
            text += "-> " + outcome + "\n";
        }
    }
    return text;
}

std::vector<fs::path> case_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(NUANSHU_SOURCE_DIR) / NUANSHU_ROOM / "cases")) {
        if (entry.path().extension() == ".messages") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Cases : public ::testing::TestWithParam<fs::path> {};

TEST_P(Cases, come_out_as_written) {
    const auto actual = run_case(GetParam());
    if (std::getenv("NUANSHU_UPDATE_CASES") != nullptr) {
        std::ofstream(GetParam()) << actual;
        return;
    }
    std::ifstream file(GetParam());
    std::stringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(actual, expected.str());
}

INSTANTIATE_TEST_SUITE_P(Messages, Cases, ::testing::ValuesIn(case_files()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace nuanshu::drivers::mqtt
