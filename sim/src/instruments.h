#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/plant.h"
#include "sim/src/point_table.h"

namespace nuanshu::sim {

/// What can go wrong with an instrument.
enum class FaultKind {
    frozen,  ///< shows the value it showed when the fault came
    drift,   ///< goes away by `size` an hour of wall time
    spike,   ///< now and then, once in twenty seconds, is off by `size`
    offset,  ///< is off by `size`
};
std::string_view to_string(FaultKind kind);
std::optional<FaultKind> fault_kind_named(std::string_view name);

struct Fault {
    FaultKind kind = FaultKind::frozen;
    double size = 0.0;
    std::int64_t since_ms = 0;
    double held = 0.0;  ///< for frozen
};

/// How the plant's truth looks through its instruments: noise that is new each second, resolution, the scale's end,
/// faults. The noise depends on seed, point and second only, so two readers of one point in one second see the same
/// number.
class Instruments {
 public:
    Instruments(const Plant& plant, std::vector<const PointSpec*> specs, std::uint64_t seed);

    double read(std::size_t slot, std::int64_t now_ms) const;
    const PointSpec& spec(std::size_t slot) const { return *specs_[slot]; }

    /// Replaces the fault the point may have had.
    void add_fault(std::size_t slot, FaultKind kind, double size, std::int64_t now_ms);
    /// False when there was none.
    bool clear_fault(std::size_t slot) { return faults_.erase(slot) > 0; }
    void clear_faults() { faults_.clear(); }
    const std::unordered_map<std::size_t, Fault>& faults() const { return faults_; }

 private:
    double healthy(std::size_t slot, std::int64_t now_ms) const;

    const Plant& plant_;
    std::vector<const PointSpec*> specs_;
    std::uint64_t seed_;
    std::unordered_map<std::size_t, Fault> faults_;
};

}  // namespace nuanshu::sim
