#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuanshu::sim {

/// Anything that behaves like a heating system: time passes, values can be read, set-points written. The virtual city
/// is one; the network engine will take its place behind the same interface. Values are in the unit the point's type
/// declares. One thread only.
class Plant {
 public:
    virtual ~Plant() = default;

    /// Codes of all points the plant can be asked for ("xc.s01.n1.h001/primary_flow"), in a fixed order; their places
    /// are the `slot`s below.
    virtual const std::vector<std::string>& points() const = 0;

    /// Lets `seconds` of plant time pass.
    virtual void advance(double seconds) = 0;
    /// Plant time, UTC ms.
    virtual std::int64_t time_ms() const = 0;

    /// What really is, without any instrument's fault.
    virtual double true_value(std::size_t slot) const = 0;
    /// Sets a set-point. False when the slot is none.
    virtual bool write(std::size_t slot, double value) = 0;
};

}  // namespace nuanshu::sim
