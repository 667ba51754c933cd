#pragma once

#include <vector>

#include "engines/network/src/fluid.h"

namespace nuanshu::network {

/// Temperature by enthalpy from a table: cubic pieces with the right value and slope at every 2.7 K, in error by less
/// than 1e-7 K. For loops over all nodes; FluidProperties solves for it instead.
class EnthalpyTable {
 public:
    explicit EnthalpyTable(const FluidProperties& fluid);

    double temperature_c(double enthalpy_j_kg) const;
    double enthalpy_j_kg(double temperature_c) const { return fluid_.enthalpy_j_kg(temperature_c); }
    double specific_heat_j_kgk(double temperature_c) const { return fluid_.specific_heat_j_kgk(temperature_c); }
    const FluidProperties& fluid() const { return fluid_; }

 private:
    struct Knot {
        double temperature_c = 0.0;
        double slope_k = 0.0;  ///< over one piece
    };
    FluidProperties fluid_;
    double piece_j_kg_ = 1.0;
    std::vector<Knot> knots_;
};

}  // namespace nuanshu::network
