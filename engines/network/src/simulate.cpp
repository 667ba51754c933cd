#include "engines/network/simulate.h"

#include <cmath>

#include "engines/network/src/simulation_state.h"

namespace nuanshu::network {
namespace {

constexpr std::int64_t progress_every_steps = 10;

std::int64_t steps_of(const Scenario& scenario) {
    return static_cast<std::int64_t>(std::ceil(scenario.duration_s / scenario.step_s - 1e-9));
}

}  // namespace

double HeatAccount::error() const {
    const double turned_over =
        std::abs(sources_j) + std::abs(consumers_j) + std::abs(losses_j) + std::abs(inflow_j) + std::abs(outflow_j);
    const double miss = sources_j + inflow_j - consumers_j - losses_j - outflow_j - stored_j;
    return turned_over > 0.0 ? miss / turned_over : 0.0;
}

Simulation::Simulation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;
Simulation& Simulation::operator=(Simulation&&) noexcept = default;

Result<Simulation> Simulation::create(Network network, Scenario scenario, SimulationSettings settings) {
    if (const auto faults = check_scenario(scenario, network); !faults.empty()) {
        return fail(ErrorCode::invalid, faults.front().field, "{}", faults.front().text);
    }
    auto state = std::make_unique<State>(std::move(network), std::move(scenario), settings);
    NUANSHU_TRY_VOID(state->start());
    return Simulation(std::move(state));
}

Result<> Simulation::step() {
    return state_->step();
}

bool Simulation::done() const {
    return state_->steps >= steps_of(state_->scenario);
}

double Simulation::time_s() const {
    return static_cast<double>(state_->steps) * state_->scenario.step_s;
}

const Scenario& Simulation::scenario() const {
    return state_->scenario;
}

HeatAccount Simulation::account() const {
    return state_->account();
}

Solution Simulation::solution() const {
    return state_->solution();
}

std::span<const Finding> Simulation::findings() const {
    return state_->hydraulics.findings;
}

int Simulation::hydraulic_solves() const {
    return state_->hydraulic_solves;
}

std::size_t Simulation::parcels() const {
    return state_->volumes.parcels();
}

Result<> run_scenario(Simulation& simulation, const OutputRow& row, const Progress& progress, std::stop_token stop) {
    const auto& scenario = simulation.scenario();
    std::vector<double> values(scenario.outputs.size());
    const auto give_row = [&] {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = simulation.value(scenario.outputs[i]);
        }
        row(simulation.time_s(), values);
    };
    const auto first = static_cast<std::int64_t>(std::llround(simulation.time_s() / scenario.step_s));
    for (std::int64_t step = first; !simulation.done(); ++step) {
        if (step % scenario.output_every_steps == 0) {
            give_row();
        }
        if (stop.stop_requested()) {
            return fail(ErrorCode::cancelled, fmt::format("{:.0f} s", simulation.time_s()), "asked to stop");
        }
        NUANSHU_TRY_VOID(simulation.step());
        if (progress && step % progress_every_steps == 0) {
            progress(simulation.time_s() / scenario.duration_s);
        }
    }
    give_row();
    return {};
}

}  // namespace nuanshu::network
