// Whatever the bytes: a scenario, a table of measurements and a snapshot are read or refused, and what was read without
// faults is one that check_…() has nothing to say about.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engines/network/measurement.h"
#include "engines/network/simulate.h"
#include "engines/network/src/net_for_tests.h"
#include "engines/network/src/scenario_fields.h"

namespace nuanshu::network {
namespace {

Network small_net() {
    TestNet net;
    net.node("r0").held(3e5);
    net.source("plant", "r0", "s0");
    net.pipe("p1", "s0", "s1", 100.0, 0.1);
    net.pipe("p2", "r1", "r0", 100.0, 0.1);
    net.consumer("c1", "s1", "r1", 1e5);
    return net.take();
}

void check_readers(std::string_view text, const Network& network) {
    const auto scenario = read_scenario(text, "fuzz.json", network);
    if (scenario.faults.empty() && !check_scenario(scenario.scenario, network).empty()) {
        std::abort();
    }
    const auto meters = read_measurements(text, "fuzz.csv", network);
    if (meters.faults.empty() && !check_measurements(meters.measurements, network).empty()) {
        std::abort();
    }
}

}  // namespace
}  // namespace nuanshu::network

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu::network;
    static const Network network = small_net();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_readers(text, network);
    static auto simulation = nuanshu::value_or_throw(Simulation::create(network, {.duration_s = 3600.0}));
    static_cast<void>(simulation.restore(text).has_value());
    return 0;
}
