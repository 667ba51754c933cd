#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "engines/network/network.h"

/// What meters say about a network at one moment.
namespace nuanshu::network {

enum class Measured : std::uint8_t {
    pressure_pa,               ///< at a node, over the atmosphere
    temperature_c,             ///< at a node
    inflow_kg_s,               ///< of make-up at a node that holds the pressure
    mass_flow_kg_s,            ///< through a pipe, pump, valve, source or consumer; positive from `from` to `to`
    differential_pressure_pa,  ///< p(from) − p(to) of such an element
};

/// "pressure_pa", …
std::string_view to_string(Measured quantity);

struct Measurement {
    std::string meter;  ///< what people call it
    Measured quantity = Measured::pressure_pa;
    Element element;
    double value = 0.0;
    double sigma = 0.0;  ///< standard deviation of its error, in its unit; positive
};

struct MeasurementReading {
    std::vector<Measurement> measurements;
    Diagnostics faults;  ///< with any, they are not to be used
};

/// CSV with the header `meter,element,id,quantity,value,sigma` in any order of columns; `meter` may be absent. Empty
/// lines and lines that begin with # are passed over. At most 1 000 000 rows.
MeasurementReading read_measurements(std::string_view text, const std::string& file, const Network& network);

/// What is wrong with measurements for this network; Diagnostic::line is the position of the measurement, from 1.
Diagnostics check_measurements(const std::vector<Measurement>& measurements, const Network& network);

}  // namespace nuanshu::network
