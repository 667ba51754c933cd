#include "engines/network/src/special_laws.h"

#include <algorithm>

#include "base/check.h"

namespace nuanshu::network {
namespace {

/// Below this flow a pressure breaker takes off less than its setting, so that it has a slope.
constexpr double breaker_flow_kg_s = 1e-4;

Drop forbidden(double excess_kg_s) {
    return {forbidden_slope_pa_s_kg * excess_kg_s, forbidden_slope_pa_s_kg};
}

Drop breaker(double pressure_pa, double flow) {
    const double share = std::clamp(flow / breaker_flow_kg_s, -1.0, 1.0);
    return {pressure_pa * share, std::abs(share) < 1.0 ? pressure_pa / breaker_flow_kg_s : 0.0};
}

Drop wagner(const SpecialLaw& law, double flow) {
    if (flow <= 0.0 || law.value <= 0.0) {
        return forbidden(flow);
    }
    const double share = flow / law.value;
    if (share <= 1.0) {
        return {law.pressure * share * share, 2.0 * law.pressure * share / law.value};
    }
    return {law.pressure + forbidden_slope_pa_s_kg * (flow - law.value), forbidden_slope_pa_s_kg};
}

}  // namespace

Drop special_drop(const SpecialLaw& law, double mass_flow_kg_s, double density_kg_m3, double gravity_m_s2) {
    switch (law.kind) {
        case SpecialLaw::Kind::one_way:
            return mass_flow_kg_s < 0.0 ? forbidden(mass_flow_kg_s) : Drop{};
        case SpecialLaw::Kind::limit:
            return mass_flow_kg_s > law.value ? forbidden(mass_flow_kg_s - law.value) : Drop{};
        case SpecialLaw::Kind::breaker:
            return breaker(law.value, mass_flow_kg_s);
        case SpecialLaw::Kind::wagner:
            return wagner(law, mass_flow_kg_s);
        case SpecialLaw::Kind::pump:
            break;
    }
    NUANSHU_CHECK(law.curve != nullptr, "a pump law has a curve");
    const auto rise = pump_rise(*law.curve, law.value, mass_flow_kg_s, density_kg_m3, gravity_m_s2);
    return {-rise.pressure_pa, -rise.derivative};
}

}  // namespace nuanshu::network
