#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engines/network/simulate.h"

/// What a scenario can set, as a table, and its values over time.
namespace nuanshu::network {

/// What has to be done when a field has changed.
enum class Effect : std::uint8_t { hydraulics, stations, surroundings, inflows };

/// One row of the table of boundaries.
struct FieldRow {
    std::string_view name;            ///< "source.heat_w"
    std::optional<ElementKind> kind;  ///< none: the network's own
    Effect effect = Effect::hydraulics;
    double value_min = 0.0, value_max = 0.0;
    /// @param base_heat_w what factors multiply: consumers' heat as described
    void (*set)(Network& network, std::span<const double> base_heat_w, std::size_t index, double value) = nullptr;
};

const FieldRow& row_of(ScenarioField field);
/// By its name; nothing when there is none.
std::optional<ScenarioField> field_of(std::string_view name);
/// All names, in the enumeration's order.
std::span<const std::string_view> field_names();

/// How many elements of a kind a network has; 1 for the network's own.
std::size_t count_of(const Network& network, std::optional<ElementKind> kind);

/// Everything that cannot be in a scenario. Diagnostic::field is "series[2].time_s".
Diagnostics check_scenario(const Scenario& scenario, const Network& network);

/// Value at a time. @pre check_scenario() found nothing
double value_at(const Series& series, double time_s);

/// Moves a network's boundaries through time.
class ScenarioCourse {
 public:
    explicit ScenarioCourse(const Network& network);

    /// Sets what has changed. @return bit 1 << effect for every effect there was
    unsigned apply(const Scenario& scenario, double time_s, Network& network);
    /// As if nothing had been set yet, so that the next apply() sets everything.
    void forget() { last_.clear(); }

 private:
    std::vector<double> base_heat_w_;
    std::vector<double> last_;  ///< by series
};

}  // namespace nuanshu::network
