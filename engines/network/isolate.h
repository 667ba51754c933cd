#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engines/network/network.h"

/// Valve closure (关阀分析): what to shut when a pipe leaks, who is cut off, what drains. Method and proof:
/// docs/network.md, "Valve closure".
namespace nuanshu::network {

struct ClosureSettings {
    /// A consumer's own valves separate supply from return: shutting a station counts like shutting a valve.
    /// false: water passes through every open consumer.
    bool stations_can_be_shut = false;
};

/// Something to shut: a valve, or a consumer where stations can be shut.
struct ClosureStep {
    Element element;
    double distance_m = 0.0;  ///< from the leak along the pipes of the zone
};

/// Valves inside a zone that need not be shut, but keep the water in a part of it that has none of its own.
struct WaterSaver {
    std::vector<Element> shut;  ///< all of them, to spare
    double volume_m3 = 0.0;     ///< from draining
};

/// One way to close: shut `close`, leave `keep_shut` shut, and no water reaches the zone any more.
struct ClosurePlan {
    std::vector<ClosureStep> close;  ///< nearest first
    std::vector<Element> keep_shut;  ///< shut already, between the zone and water: must not be opened
    std::vector<NodeIndex> nodes;    ///< of the zone, which drains; by rising position
    std::vector<std::int32_t> pipes;
    std::vector<WaterSaver> water_savers;  ///< most water first
    double length_m = 0.0;                 ///< of the zone's pipes
    double volume_m3 = 0.0;                ///< inside the zone's pipes
    std::vector<std::int32_t> consumers_in_zone;
    std::vector<std::int32_t> consumers_without_flow;  ///< outside the zone, but fed or drained only through it
    std::vector<NodeIndex> demands_cut_off;            ///< nodes where water is drawn and none comes any more
    double heat_cut_off_w = 0.0;                       ///< asked for by the consumers of both lists

    std::size_t cut_off() const {
        return consumers_in_zone.size() + consumers_without_flow.size() + demands_cut_off.size();
    }
};

/// Two answers, each the best of its kind; they are often the same.
struct Closure {
    /// The valves around the leak's own segment: nobody can be spared who is cut off here.
    ClosurePlan nearest;
    /// The fewest valves with which it can be done at all; among all such sets the one that cuts off fewest and drains
    /// least.
    ClosurePlan fewest;
};

/// Answers "what do we shut if this leaks?" for one network, again and again.
///
/// Water comes from: nodes that hold the pressure, nodes with a negative demand, the ends of sources and tanks. Links
/// conduct both ways: nobody works behind a check valve, a standing pump or an idle boiler. Only shut valves, shut
/// pipes and shut consumers separate. Made in linear time; keeps a reference to the network, which must outlive it
/// unchanged. Immutable, so that any number of threads may ask.
class ClosurePlanner {
 public:
    explicit ClosurePlanner(const Network& network, ClosureSettings settings = {});
    ~ClosurePlanner();
    ClosurePlanner(ClosurePlanner&&) noexcept;
    ClosurePlanner& operator=(ClosurePlanner&&) noexcept;

    /// @param leaks         elements that leak: any kind; a leaking valve cannot be one of those that close
    /// @param stuck_valves  positions of valves that do not turn, beside those that are not operable anyway
    /// @return invalid: no leak given, or an element that does not exist; refused: it cannot be separated, with the
    ///         element where water comes from and how it gets to the leak
    Result<Closure> plan(std::span<const Element> leaks, std::span<const std::int32_t> stuck_valves = {}) const;

    /// Zones between operable valves.
    std::size_t segment_count() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace nuanshu::network
