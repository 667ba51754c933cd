#pragma once

#include <vector>

#include "engines/network/measurement.h"
#include "engines/network/src/linearised.h"

namespace nuanshu::network {

/// What the meter would show in this state.
double shown(const Measurement& measurement, const Network& network, const Solution& solution);

/// λ of what the meter shows: its derivative by a boundary value b is −λ·∂F/∂b.
std::vector<double> adjoint_of(const Measurement& measurement, const Network& network, const Linearised& linearised);

/// −λ·∂F/∂b.
double along(const std::vector<double>& adjoint, const std::vector<ResidualEntry>& residual_derivative);

bool needs_heat(const std::vector<Measurement>& measurements);

}  // namespace nuanshu::network
