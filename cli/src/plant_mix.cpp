#include "cli/src/plant_mix.h"

#include <array>
#include <cmath>

#include <fmt/core.h>

namespace nuanshu::cli {

std::string PlantPoint::code(std::size_t number) {
    constexpr std::array<const char*, 5> names{"supply_temperature", "pressure", "flow", "heat", "pump_running"};
    return fmt::format("xc.s01.n1.h{:04}/{}", number / names.size() + 1, names[number % names.size()]);
}

std::int64_t PlantPoint::step(std::int64_t most) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * most + 1)) - most;
}

double PlantPoint::next() {
    switch (kind_) {
        case 0:
            level_ += step(1);
            return static_cast<double>(level_) / 10;
        case 1:
            return std::round((0.6 + 0.01 * noise_(random_)) * 1e9) / 1e9;
        case 2:
            level_ += step(8);
            return static_cast<double>(level_) / 100;
        case 3:
            level_ += 40 + step(6);
            return static_cast<double>(level_) / 1000;
        default:
            state_ ^= random_() % 200 == 0 ? 1 : 0;
            return static_cast<double>(state_);
    }
}

}  // namespace nuanshu::cli
