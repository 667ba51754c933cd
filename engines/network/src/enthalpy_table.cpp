#include "engines/network/src/enthalpy_table.h"

namespace nuanshu::network {
namespace {

constexpr std::size_t pieces = 74;
constexpr double temperature_max_c = 199.0;

}  // namespace

EnthalpyTable::EnthalpyTable(const FluidProperties& fluid)
    : fluid_(fluid), piece_j_kg_(fluid.enthalpy_j_kg(temperature_max_c) / static_cast<double>(pieces)) {
    knots_.reserve(pieces + 1);
    for (std::size_t i = 0; i <= pieces; ++i) {
        const double temperature = fluid.temperature_c(piece_j_kg_ * static_cast<double>(i));
        knots_.push_back({temperature, piece_j_kg_ / fluid.specific_heat_j_kgk(temperature)});
    }
}

double EnthalpyTable::temperature_c(double enthalpy_j_kg) const {
    const double at = enthalpy_j_kg / piece_j_kg_;
    if (!(at >= 0.0 && at < static_cast<double>(pieces))) {
        return fluid_.temperature_c(enthalpy_j_kg);
    }
    const auto piece = static_cast<std::size_t>(at);
    const double x = at - static_cast<double>(piece);
    const auto& a = knots_[piece];
    const auto& b = knots_[piece + 1];
    const double rise = b.temperature_c - a.temperature_c;
    const double bend = x * (1.0 - x);
    return a.temperature_c + x * rise + bend * ((1.0 - x) * (a.slope_k - rise) - x * (b.slope_k - rise));
}

}  // namespace nuanshu::network
