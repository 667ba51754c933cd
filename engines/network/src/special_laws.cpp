#include "engines/network/src/special_laws.h"

#include <algorithm>

#include "base/check.h"

namespace nuanshu::network {
namespace {

/// Below this flow a pressure breaker takes off less than its setting, so that it has a slope.
constexpr double breaker_flow_kg_s = 1e-4;

Drop forbidden(double excess_kg_s, double slope) {
    return {slope * excess_kg_s, slope};
}

Drop breaker(double pressure_pa, double flow, double slope_max) {
    const double slope = std::min(pressure_pa / breaker_flow_kg_s, slope_max);
    const double drop = std::clamp(slope * flow, -pressure_pa, pressure_pa);
    return {drop, std::abs(drop) < pressure_pa ? slope : 0.0};
}

Drop wagner(const SpecialLaw& law, double flow, double slope) {
    if (flow <= 0.0 || law.value <= 0.0) {
        return forbidden(flow, slope);
    }
    const double share = flow / law.value;
    if (share <= 1.0) {
        return {law.pressure * share * share, 2.0 * law.pressure * share / law.value};
    }
    return {law.pressure + slope * (flow - law.value), slope};
}

}  // namespace

Drop special_drop(const SpecialLaw& law, double mass_flow_kg_s, double density_kg_m3, double gravity_m_s2,
                  double forbidden_slope) {
    switch (law.kind) {
        case SpecialLaw::Kind::one_way:
            return mass_flow_kg_s < 0.0 ? forbidden(mass_flow_kg_s, forbidden_slope) : Drop{};
        case SpecialLaw::Kind::limit:
            return mass_flow_kg_s > law.value ? forbidden(mass_flow_kg_s - law.value, forbidden_slope) : Drop{};
        case SpecialLaw::Kind::breaker:
            return breaker(law.value, mass_flow_kg_s, forbidden_slope);
        case SpecialLaw::Kind::wagner:
            return wagner(law, mass_flow_kg_s, forbidden_slope);
        case SpecialLaw::Kind::pump:
            break;
    }
    NUANSHU_CHECK(law.curve != nullptr, "a pump law has a curve");
    const auto rise = pump_rise(*law.curve, law.value, mass_flow_kg_s, density_kg_m3, gravity_m_s2);
    return {-rise.pressure_pa, -rise.derivative};
}

}  // namespace nuanshu::network
