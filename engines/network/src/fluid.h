#pragma once

#include "engines/network/network.h"

namespace nuanshu::network {

/// Properties of the water in the pipes by its temperature, 0 … 200 °C, at about 1 MPa (their change with pressure is
/// under 0.1 %).
///
/// Density and enthalpy: polynomials through IAPWS-IF97 region 1; viscosity: IAPWS 2008 along the same line; both to
/// the errors stated in fluid.cpp. A constant fluid has its constants. Outside the range the nearest end counts.
class FluidProperties {
 public:
    explicit FluidProperties(const Fluid& fluid) : fluid_(fluid) {}

    double density_kg_m3(double temperature_c) const;
    double dynamic_viscosity_pa_s(double temperature_c) const;
    double specific_heat_j_kgk(double temperature_c) const;
    /// Zero at 0 °C; its derivative is specific_heat_j_kgk().
    double enthalpy_j_kg(double temperature_c) const;
    /// Inverse of enthalpy_j_kg(), to 1e-9 K.
    double temperature_c(double enthalpy_j_kg) const;
    bool constant() const { return fluid_.constant; }

 private:
    Fluid fluid_;
};

/// Pressure at which water of this temperature boils, absolute (IAPWS-IF97 region 4).
double vapour_pressure_pa(double temperature_c);

}  // namespace nuanshu::network
