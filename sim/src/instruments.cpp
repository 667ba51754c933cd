#include "sim/src/instruments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/src/random.h"

namespace nuanshu::sim {

namespace {

constexpr std::array<std::string_view, 4> fault_names = {"frozen", "drift", "spike", "offset"};

double quantise(const Quantity& quantity, double value) {
    const double shown = std::max(value, quantity.minimum);
    return quantity.resolution > 0.0 ? std::round(shown / quantity.resolution) * quantity.resolution : shown;
}

double faulty(const Fault& fault, double value, std::uint64_t key, std::int64_t now_ms) {
    switch (fault.kind) {
        case FaultKind::frozen:
            return fault.held;
        case FaultKind::drift:
            return value + fault.size * static_cast<double>(now_ms - fault.since_ms) / 3'600'000.0;
        case FaultKind::spike:
            return unit_from(key + 1) < 0.05 ? value + fault.size : value;
        default:
            return value + fault.size;
    }
}

}  // namespace

std::string_view to_string(FaultKind kind) {
    return fault_names[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> fault_kind_named(std::string_view name) {
    const auto* const found = std::find(fault_names.begin(), fault_names.end(), name);
    return found == fault_names.end() ? std::nullopt
                                      : std::optional(static_cast<FaultKind>(found - fault_names.begin()));
}

Instruments::Instruments(const Plant& plant, std::vector<const PointSpec*> specs, std::uint64_t seed)
    : plant_(plant), specs_(std::move(specs)), seed_(mix(seed, 0x1457)) {}

double Instruments::healthy(std::size_t slot, std::int64_t now_ms) const {
    const auto& quantity = specs_[slot]->quantity;
    const double truth = plant_.true_value(slot);
    const double deviation = quantity.noise + quantity.noise_share * std::abs(truth);
    if (deviation == 0.0) {
        return truth;
    }
    return truth + deviation * normal_from(mix(seed_, slot, static_cast<std::uint64_t>(now_ms / 1000)));
}

double Instruments::read(std::size_t slot, std::int64_t now_ms) const {
    double value = healthy(slot, now_ms);
    if (!faults_.empty()) {
        if (const auto fault = faults_.find(slot); fault != faults_.end()) {
            value = faulty(fault->second, value, mix(seed_, slot, static_cast<std::uint64_t>(now_ms / 1000)), now_ms);
        }
    }
    return quantise(specs_[slot]->quantity, value);
}

void Instruments::add_fault(std::size_t slot, FaultKind kind, double size, std::int64_t now_ms) {
    faults_.erase(slot);
    const double held = read(slot, now_ms);
    faults_.emplace(slot, Fault{.kind = kind, .size = size, .since_ms = now_ms, .held = held});
}

}  // namespace nuanshu::sim
