#include <algorithm>
#include <array>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include "engines/network/simulate.h"
#include "engines/network/src/element_ids.h"
#include "engines/network/src/quantities.h"
#include "engines/network/src/scenario_fields.h"
#include "engines/network/src/suggest.h"

namespace nuanshu::network {
namespace {

namespace json = boost::json;

constexpr std::size_t faults_max = 1000;
constexpr std::size_t outputs_max = 1'000'000;

class ScenarioReader {
 public:
    ScenarioReader(std::string file, const Network& network)
        : file_(std::move(file)), network_(network), ids_(network) {}

    ScenarioReading read(std::string_view text) {
        json::parser parser;
        json::error_code error;
        const auto consumed = parser.write_some(text.data(), text.size(), error);
        const auto rest = std::min(text.find_first_not_of(" \t\r\n", consumed), text.size());
        if (error || rest < text.size()) {
            fault("",
                  error ? fmt::format("is no JSON: {}", error.message()) : "something follows the end of the scenario");
            result_.faults.back().line =
                1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(rest), '\n'));
            return std::move(result_);
        }
        const auto value = parser.release();
        if (const auto* object = value.if_object()) {
            read_scenario(*object);
        } else {
            fault("", "a scenario is an object: {\"duration_s\": 86400, …}");
        }
        if (result_.faults.empty()) {
            result_.faults = check_scenario(result_.scenario, network_);
            for (auto& each : result_.faults) {
                each.file = file_;
            }
        }
        return std::move(result_);
    }

 private:
    void fault(std::string field, std::string text) {
        if (result_.faults.size() < faults_max) {
            result_.faults.push_back({file_, 0, std::move(field), std::move(text)});
        }
    }

    void check_names(const json::object& object, const std::string& place, std::span<const std::string_view> known) {
        for (const auto& [name, value] : object) {
            const std::string_view read(name);
            if (std::find(known.begin(), known.end(), read) == known.end()) {
                fault(place + std::string(read.substr(0, 60)), "is no field of it" + suggestion(read, known));
            }
        }
    }

    void read_scenario(const json::object& object) {
        constexpr std::array<std::string_view, 6> known = {"title",  "duration_s", "step_s", "output_every_steps",
                                                           "series", "outputs"};
        check_names(object, "", known);
        auto& scenario = result_.scenario;
        if (const auto* title = object.if_contains("title")) {
            scenario.title = text_of(*title, "title");
        }
        read_number(object, "duration_s", scenario.duration_s);
        read_number(object, "step_s", scenario.step_s);
        double every = scenario.output_every_steps;
        read_number(object, "output_every_steps", every);
        scenario.output_every_steps = static_cast<int>(std::clamp(every, 0.0, 1e9));
        each_of(object, "series",
                [&](const json::object& item, const std::string& place) { read_series(item, place); });
        each_of(object, "outputs",
                [&](const json::object& item, const std::string& place) { read_output(item, place); });
    }

    template <class Take>
    void each_of(const json::object& object, std::string_view name, Take take) {
        const auto* value = object.if_contains(name);
        if (value == nullptr) {
            return;
        }
        if (!value->is_array()) {
            fault(std::string(name), "a list is wanted");
            return;
        }
        for (std::size_t i = 0; i < value->get_array().size(); ++i) {
            const auto place = fmt::format("{}[{}]", name, i);
            if (const auto* item = value->get_array()[i].if_object()) {
                take(*item, place + ".");
            } else {
                fault(place, "an object is wanted");
            }
        }
    }

    std::string text_of(const json::value& value, std::string place) {
        if (value.is_string()) {
            return std::string(std::string_view(value.get_string()));
        }
        fault(std::move(place), "a text is wanted");
        return {};
    }

    std::optional<double> number_of(const json::value& value) {
        switch (value.kind()) {
            case json::kind::double_:
                return value.get_double();
            case json::kind::int64:
                return static_cast<double>(value.get_int64());
            case json::kind::uint64:
                return static_cast<double>(value.get_uint64());
            default:
                return std::nullopt;
        }
    }

    void read_number(const json::object& object, std::string_view name, double& out) {
        if (const auto* value = object.if_contains(name)) {
            const auto number = number_of(*value);
            out = number.value_or(out);
            if (!number) {
                fault(std::string(name), "a number is wanted");
            }
        }
    }

    std::vector<double> numbers_of(const json::object& object, const std::string& place, std::string_view name) {
        std::vector<double> numbers;
        const auto* value = object.if_contains(name);
        if (value == nullptr || !value->is_array()) {
            fault(place + std::string(name), "a list of numbers is wanted");
            return numbers;
        }
        for (const auto& item : value->get_array()) {
            const auto number = number_of(item);
            if (!number) {
                fault(place + std::string(name), fmt::format("[{}] is no number", numbers.size()));
                return numbers;
            }
            numbers.push_back(*number);
        }
        return numbers;
    }

    /// Positions of the elements named by "id": a text, a list of texts, or nothing for every one.
    std::vector<std::int32_t> elements_of(const json::object& object, const std::string& place,
                                          std::optional<ElementKind> kind) {
        const auto* id = object.if_contains("id");
        if (id == nullptr) {
            return {Series::every};
        }
        if (!kind) {
            fault(place + "id", "the network's own values have no id");
            return {};
        }
        std::vector<std::int32_t> found;
        const auto add = [&](const json::value& one) {
            const auto text = text_of(one, place + "id");
            if (const auto index = ids_.find(*kind, text)) {
                found.push_back(*index);
            } else if (one.is_string()) {
                fault(place + "id", fmt::format("there is no {} `{}` in the network", to_string(*kind), text));
            }
        };
        if (const auto* list = id->if_array()) {
            std::for_each(list->begin(), list->end(), add);
        } else {
            add(*id);
        }
        return found;
    }

    void read_series(const json::object& object, const std::string& place) {
        constexpr std::array<std::string_view, 5> known = {"set", "id", "course", "time_s", "value"};
        check_names(object, place, known);
        const auto* name = object.if_contains("set");
        const auto text = name == nullptr ? std::string() : text_of(*name, place + "set");
        const auto field = field_of(text);
        if (!field) {
            fault(place + "set",
                  fmt::format("`{}` cannot be set{}", text.substr(0, 60), suggestion(text, field_names())));
            return;
        }
        Series series{.field = *field,
                      .index = Series::every,
                      .course = course_of(object, place),
                      .time_s = numbers_of(object, place, "time_s"),
                      .value = numbers_of(object, place, "value")};
        for (const auto index : elements_of(object, place, row_of(*field).kind)) {
            series.index = index;
            result_.scenario.series.push_back(series);
        }
    }

    Series::Course course_of(const json::object& object, const std::string& place) {
        const auto* value = object.if_contains("course");
        if (value == nullptr) {
            return Series::Course::hold;
        }
        const auto text = text_of(*value, place + "course");
        if (text != "hold" && text != "linear") {
            fault(place + "course", fmt::format("`{}` is neither hold nor linear", text.substr(0, 60)));
        }
        return text == "linear" ? Series::Course::linear : Series::Course::hold;
    }

    void read_output(const json::object& object, const std::string& place) {
        constexpr std::array<std::string_view, 2> known = {"quantity", "id"};
        check_names(object, place, known);
        const auto* name = object.if_contains("quantity");
        const auto text = name == nullptr ? std::string() : text_of(*name, place + "quantity");
        const auto names = quantity_names();
        const auto at = std::find(names.begin(), names.end(), text);
        if (at == names.end()) {
            fault(place + "quantity", fmt::format("`{}` is not known{}", text.substr(0, 60), suggestion(text, names)));
            return;
        }
        const auto quantity = static_cast<Quantity>(at - names.begin());
        for (const auto index : elements_of(object, place, kind_of(quantity))) {
            add_output(quantity, index, place);
        }
    }

    void add_output(Quantity quantity, std::int32_t index, const std::string& place) {
        auto& outputs = result_.scenario.outputs;
        const auto first = index == Series::every ? 0 : index;
        const auto end =
            index == Series::every ? static_cast<std::int32_t>(count_of(network_, kind_of(quantity))) : index + 1;
        if (outputs.size() + static_cast<std::size_t>(end - first) > outputs_max) {
            fault(place + "quantity", fmt::format("more than {} outputs are asked for", outputs_max));
            return;
        }
        for (auto i = first; i < end; ++i) {
            outputs.push_back({quantity, i});
        }
    }

    std::string file_;
    const Network& network_;
    ElementIds ids_;
    ScenarioReading result_;
};

}  // namespace

ScenarioReading read_scenario(std::string_view text, const std::string& file, const Network& network) {
    return ScenarioReader(file, network).read(text);
}

}  // namespace nuanshu::network
