#pragma once

#include <future>
#include <string>
#include <thread>

#include "sim/run.h"

namespace nuanshu::sim {

/// Register maps as small as a test needs, with every area, coding and byte order somewhere.
std::vector<points::Profile> test_profiles();

/// Twelve stations with two houses each on ports of the system's choice.
CityOptions small_city_options();

/// A city in a thread of its own, stopped at the end.
class RunningCity {
 public:
    explicit RunningCity(CityOptions options = small_city_options());
    ~RunningCity();

    const CityReady& ready() const { return ready_; }
    int station_port(std::size_t station = 0) const { return ready_.endpoints.station_ports[station]; }
    /// The answer to a control line, or "error …".
    std::string ask(const std::string& line) const;
    double ask_number(const std::string& line) const { return std::stod(ask(line)); }

 private:
    CityReady ready_;
    std::future<Result<>> result_;
    std::jthread thread_;
};

/// Tries until it is true, for at most `seconds`; returns whether it became so.
template <class Condition>
bool becomes_true(Condition condition, double seconds = 20.0) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace nuanshu::sim
