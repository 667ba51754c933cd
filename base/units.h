#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu {

/// A conversion between two units: result = value · scale + offset. All of UDUNITS' conversions used here are of this
/// form.
struct UnitConversion {
    double scale = 1.0;
    double offset = 0.0;

    /// A scale of a tenth divides by ten, so that 368 tenths are 36.8 and not 36.800000000000004.
    double apply(double value) const {
        const double parts = std::nearbyint(1.0 / scale);
        const bool divides = parts > 1.0 && parts * scale == 1.0;
        return (divides ? value / parts : value * scale) + offset;
    }
    /// The conversion back. @pre scale is not 0
    UnitConversion inverse() const { return {1.0 / scale, -offset / scale}; }
};

/// Finds the conversion between two units as people in heating write them: "℃", "°C", "MPa", "m³/h", "t/h", "GJ", "kW",
/// "%", "Hz"; anything UDUNITS-2 knows works too. "" and "1" are dimensionless. Thread-safe (serialised). Errors:
/// invalid, when a unit is unknown or the two measure different things.
Result<UnitConversion> unit_conversion(std::string_view from, std::string_view to);

/// Whether UDUNITS, after our field spellings, knows the unit.
bool is_known_unit(std::string_view unit);

}  // namespace nuanshu
