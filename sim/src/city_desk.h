#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/src/plc_face.h"

namespace nuanshu::sim {

/// The instructor's desk: lines of text that make instruments and devices fail, and tell the truth behind a reading.
///
///   fault add frozen|drift|spike|offset <point> [size]     drift: per hour of wall time
///   fault clear <point>|all        fault list
///   silent <device> on|off         cut <device> on|off     plc1 of stations and sources, bm1 of stations, rooms of the
///   company truth <point>   measured <point>   write <point> <value> speed [0.1 … 600]   status   help
///
/// Each is answered by one line, `ok …` or `error …`.
class CityDesk {
 public:
    CityDesk(const CityView& view, Instruments& instruments, double& speed, std::vector<DeviceFace*> devices);

    std::string answer(std::string_view line);

 private:
    using Words = std::vector<std::string>;

    Result<std::string> carry_out(const Words& words);
    Result<std::string> fault(const Words& words);
    Result<std::string> add_fault(const Words& words);
    Result<std::string> clear_fault(const std::string& point);
    std::string list_faults() const;
    Result<std::string> set_device(const Words& words);
    Result<std::string> set_speed(const Words& words);
    Result<std::string> write(const Words& words);
    Result<std::size_t> slot_of(const std::string& point) const;
    std::string status() const;

    const CityView& view_;
    Instruments& instruments_;
    double& speed_;
    std::vector<DeviceFace*> devices_;
};

}  // namespace nuanshu::sim
