#include "engines/network/src/scenario_fields.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "engines/network/src/element_ids.h"

namespace nuanshu::network {
namespace {

using Base = std::span<const double>;

constexpr double any = 1e12;
constexpr double cold_c = -60.0, hot_c = 200.0;
constexpr double steps_max = 1e7;

template <auto list, auto field>
void set_number(Network& network, Base, std::size_t i, double value) {
    (network.*list)[i].*field = value;
}

template <auto list, auto field>
void set_switch(Network& network, Base, std::size_t i, double value) {
    (network.*list)[i].*field = value != 0.0;
}

void set_ambient(Network& network, Base, std::size_t, double value) {
    network.ambient_temperature_c = value;
}

void set_heat_factor(Network& network, Base base_heat_w, std::size_t i, double value) {
    network.consumers[i].heat_w = base_heat_w[i] * value;
}

void set_all_heat_factors(Network& network, Base base_heat_w, std::size_t, double value) {
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        set_heat_factor(network, base_heat_w, i, value);
    }
}

void set_held_pressure(Network& network, Base, std::size_t i, double value) {
    if (network.nodes[i].held_pressure_pa) {
        network.nodes[i].held_pressure_pa = value;
    }
}

template <auto field>
void set_throttle_opening(Network& network, Base, std::size_t i, double value) {
    (network.*field)[i].throttle.opening = value;
}

template <auto field>
void set_secondary(Network& network, Base, std::size_t i, double value) {
    network.consumers[i].exchanger.*field = value;
}

using Kind = ElementKind;
using N = Network;
constexpr std::optional<ElementKind> own = std::nullopt;

constexpr auto rows = std::to_array<FieldRow>({
    {"network.ambient_temperature_c", own, Effect::surroundings, cold_c, hot_c, set_ambient},
    {"network.consumer_heat_factor", own, Effect::stations, 0.0, 100.0, set_all_heat_factors},
    {"node.demand_kg_s", Kind::node, Effect::hydraulics, -any, any, set_number<&N::nodes, &Node::demand_kg_s>},
    {"node.held_pressure_pa", Kind::node, Effect::hydraulics, -1e5, 1e8, set_held_pressure},
    {"node.inflow_temperature_c", Kind::node, Effect::inflows, 0.0, hot_c,
     set_number<&N::nodes, &Node::inflow_temperature_c>},
    {"pipe.open", Kind::pipe, Effect::hydraulics, 0.0, 1.0, set_switch<&N::pipes, &Pipe::open>},
    {"pipe.ambient_temperature_c", Kind::pipe, Effect::surroundings, cold_c, hot_c,
     set_number<&N::pipes, &Pipe::ambient_temperature_c>},
    {"pump.running", Kind::pump, Effect::hydraulics, 0.0, 1.0, set_switch<&N::pumps, &Pump::running>},
    {"pump.speed", Kind::pump, Effect::hydraulics, 0.0, 10.0, set_number<&N::pumps, &Pump::speed>},
    {"pump.pressure_rise_pa", Kind::pump, Effect::hydraulics, 0.0, 1e8, set_number<&N::pumps, &Pump::pressure_rise_pa>},
    {"pump.mass_flow_kg_s", Kind::pump, Effect::hydraulics, 0.0, any, set_number<&N::pumps, &Pump::mass_flow_kg_s>},
    {"valve.open", Kind::valve, Effect::hydraulics, 0.0, 1.0, set_switch<&N::valves, &Valve::open>},
    {"valve.opening", Kind::valve, Effect::hydraulics, 0.0, 1.0, set_throttle_opening<&N::valves>},
    {"valve.set_pressure_pa", Kind::valve, Effect::hydraulics, 0.0, 1e8,
     set_number<&N::valves, &Valve::set_pressure_pa>},
    {"valve.set_mass_flow_kg_s", Kind::valve, Effect::hydraulics, 0.0, any,
     set_number<&N::valves, &Valve::set_mass_flow_kg_s>},
    {"source.running", Kind::source, Effect::hydraulics, 0.0, 1.0, set_switch<&N::sources, &Source::running>},
    {"source.speed", Kind::source, Effect::hydraulics, 0.0, 10.0, set_number<&N::sources, &Source::speed>},
    {"source.pressure_rise_pa", Kind::source, Effect::hydraulics, 0.0, 1e8,
     set_number<&N::sources, &Source::pressure_rise_pa>},
    {"source.mass_flow_kg_s", Kind::source, Effect::hydraulics, 0.0, any,
     set_number<&N::sources, &Source::mass_flow_kg_s>},
    {"source.supply_temperature_c", Kind::source, Effect::stations, 0.0, hot_c,
     set_number<&N::sources, &Source::supply_temperature_c>},
    {"source.heat_w", Kind::source, Effect::stations, 0.0, any, set_number<&N::sources, &Source::heat_w>},
    {"consumer.open", Kind::consumer, Effect::hydraulics, 0.0, 1.0, set_switch<&N::consumers, &Consumer::open>},
    {"consumer.heat_w", Kind::consumer, Effect::stations, 0.0, any, set_number<&N::consumers, &Consumer::heat_w>},
    {"consumer.heat_factor", Kind::consumer, Effect::stations, 0.0, 100.0, set_heat_factor},
    {"consumer.mass_flow_kg_s", Kind::consumer, Effect::hydraulics, 0.0, any,
     set_number<&N::consumers, &Consumer::mass_flow_kg_s>},
    {"consumer.opening", Kind::consumer, Effect::hydraulics, 0.0, 1.0, set_throttle_opening<&N::consumers>},
    {"consumer.return_temperature_c", Kind::consumer, Effect::stations, 0.0, hot_c,
     set_number<&N::consumers, &Consumer::return_temperature_c>},
    {"consumer.temperature_drop_k", Kind::consumer, Effect::stations, 0.1, hot_c,
     set_number<&N::consumers, &Consumer::temperature_drop_k>},
    {"consumer.secondary_mass_flow_kg_s", Kind::consumer, Effect::stations, 0.0, any,
     set_secondary<&Exchanger::secondary_mass_flow_kg_s>},
    {"consumer.secondary_inlet_temperature_c", Kind::consumer, Effect::stations, 0.0, hot_c,
     set_secondary<&Exchanger::secondary_inlet_temperature_c>},
    {"leak.area_m2", Kind::leak, Effect::hydraulics, 0.0, 10.0, set_number<&N::leaks, &Leak::area_m2>},
    {"tank.charge_mass_flow_kg_s", Kind::tank, Effect::hydraulics, -any, any,
     set_number<&N::tanks, &Tank::charge_mass_flow_kg_s>},
});

constexpr auto names = [] {
    std::array<std::string_view, rows.size()> result;
    std::transform(rows.begin(), rows.end(), result.begin(), [](const FieldRow& row) { return row.name; });
    return result;
}();

/// Finds the faults of one series.
class SeriesCheck {
 public:
    SeriesCheck(const Network& network, const Series& series, std::size_t at, Diagnostics& faults)
        : network_(network), series_(series), row_(row_of(series.field)), at_(at), faults_(faults) {}

    void run() {
        check_index();
        check_times();
        for (const double value : series_.value) {
            if (!(value >= row_.value_min && value <= row_.value_max)) {
                fault("value",
                      fmt::format("{} is outside {} … {} of {}", value, row_.value_min, row_.value_max, row_.name));
                return;
            }
        }
    }

 private:
    void fault(std::string_view field, std::string text) {
        faults_.push_back({"", 0, fmt::format("series[{}].{}", at_, field), std::move(text)});
    }

    void check_index() {
        const auto count = static_cast<std::int32_t>(count_of(network_, row_.kind));
        if (series_.index < Series::every || series_.index >= count) {
            fault("index", fmt::format("{} is outside 0 … {}", series_.index, count - 1));
        } else if (series_.field == ScenarioField::node_held_pressure_pa && series_.index >= 0 &&
                   !network_.nodes[static_cast<std::size_t>(series_.index)].held_pressure_pa) {
            fault("id", "no pressure is held at this node; name one with held_pressure_pa");
        }
    }

    void check_times() {
        const auto& times = series_.time_s;
        if (times.empty() || times.size() != series_.value.size()) {
            fault("value", fmt::format("{} values for {} times; as many are wanted, at least one", series_.value.size(),
                                       times.size()));
        }
        const bool finite = std::all_of(times.begin(), times.end(), [](double time) { return std::isfinite(time); });
        if (!finite || std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end()) {
            fault("time_s", "times must rise");
        }
    }

    const Network& network_;
    const Series& series_;
    const FieldRow& row_;
    std::size_t at_;
    Diagnostics& faults_;
};

void check_clock(const Scenario& scenario, Diagnostics& faults) {
    const auto fault = [&](std::string field, std::string text) {
        faults.push_back({"", 0, std::move(field), std::move(text)});
    };
    if (!(scenario.step_s > 0.0 && scenario.step_s <= 86400.0)) {
        fault("step_s", fmt::format("{} is outside 0 … 86 400 s; 60 is usual", scenario.step_s));
    } else if (!(scenario.duration_s >= scenario.step_s && scenario.duration_s / scenario.step_s <= steps_max)) {
        fault("duration_s",
              fmt::format("{} s are not 1 … {:.0f} steps of {} s", scenario.duration_s, steps_max, scenario.step_s));
    }
    if (scenario.output_every_steps < 1) {
        fault("output_every_steps", fmt::format("{} is less than 1", scenario.output_every_steps));
    }
}

}  // namespace

const FieldRow& row_of(ScenarioField field) {
    const auto at = static_cast<std::size_t>(field);
    NUANSHU_CHECK(at < rows.size(), "field {}", at);
    return rows[at];
}

std::string_view to_string(ScenarioField field) {
    return row_of(field).name;
}

std::span<const std::string_view> field_names() {
    return names;
}

std::optional<ScenarioField> field_of(std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? std::nullopt : std::optional(static_cast<ScenarioField>(at - names.begin()));
}

std::size_t count_of(const Network& network, std::optional<ElementKind> kind) {
    return kind ? count_of(network, *kind) : 1;
}

Diagnostics check_scenario(const Scenario& scenario, const Network& network) {
    Diagnostics faults;
    check_clock(scenario, faults);
    for (std::size_t i = 0; i < scenario.series.size(); ++i) {
        SeriesCheck(network, scenario.series[i], i, faults).run();
    }
    return faults;
}

double value_at(const Series& series, double time_s) {
    const auto& times = series.time_s;
    const auto next = std::upper_bound(times.begin(), times.end(), time_s);
    if (next == times.begin()) {
        return series.value.front();
    }
    const auto before = static_cast<std::size_t>(next - times.begin()) - 1;
    if (next == times.end() || series.course == Series::Course::hold) {
        return series.value[before];
    }
    const double share = (time_s - times[before]) / (*next - times[before]);
    return std::lerp(series.value[before], series.value[before + 1], share);
}

ScenarioCourse::ScenarioCourse(const Network& network) : base_heat_w_(network.consumers.size()) {
    std::transform(network.consumers.begin(), network.consumers.end(), base_heat_w_.begin(),
                   [](const Consumer& consumer) { return consumer.heat_w; });
}

unsigned ScenarioCourse::apply(const Scenario& scenario, double time_s, Network& network) {
    last_.resize(scenario.series.size(), std::numeric_limits<double>::quiet_NaN());
    unsigned effects = 0;
    bool again = false;
    for (std::size_t i = 0; i < scenario.series.size(); ++i) {
        const auto& series = scenario.series[i];
        const double value = value_at(series, time_s);
        const bool changed = value != last_[i];
        if (!changed && !again) {
            continue;
        }
        last_[i] = value;
        const auto& row = row_of(series.field);
        effects |= changed ? 1U << static_cast<unsigned>(row.effect) : 0U;
        again = again || series.index == Series::every;  // it may have covered what a later series holds
        const auto first = static_cast<std::size_t>(std::max(series.index, 0));
        const auto end = series.index == Series::every ? count_of(network, row.kind) : first + 1;
        for (std::size_t element = first; element < end; ++element) {
            row.set(network, base_heat_w_, element, value);
        }
    }
    return effects;
}

}  // namespace nuanshu::network
