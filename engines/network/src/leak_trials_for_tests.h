#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "engines/network/generate.h"
#include "engines/network/leak_location.h"
#include "engines/network/src/measurement_model.h"

/// Leaks put into a generated city, and what its meters then show.
namespace nuanshu::network {

struct LeakTrialSettings {
    std::int32_t consumers = 200;
    double leak_share = 0.01;            ///< of the circulating flow
    double pressure_sigma_pa = 200.0;    ///< of a pressure, after averaging
    double make_up_sigma_share = 0.002;  ///< of the circulating flow
    double demand_sigma_share = 0.005;   ///< by which consumers really differ from what is known of them
    int every_station = 4;               ///< has its supply and return pressure metered
};

/// How a found ranking compares with the truth.
struct LeakTrial {
    std::size_t segment_rank = 0;  ///< from 0
    double true_kg_s = 0.0, found_kg_s = 0.0;
    double significance = 0.0;
};

class LeakCity {
 public:
    LeakCity(const LeakTrialSettings& settings, unsigned seed)
        : settings_(settings),
          random_(seed),
          described_(generate({.consumers = settings.consumers,
                               .seed = seed % 5 + 1,
                               .loops = settings.consumers / 20,
                               .consumers_as = ConsumersAs::flow})) {}

    LeakTrial run() {
        const auto pipe = any_pipe();
        auto real = described_;
        double circulating = 0.0;
        for (auto& consumer : real.consumers) {
            consumer.mass_flow_kg_s *= 1.0 + settings_.demand_sigma_share * normal_(random_);
            circulating += consumer.mass_flow_kg_s;
        }
        LeakTrial trial{.true_kg_s = settings_.leak_share * circulating};
        const auto& leaking = real.pipes[pipe];
        real.nodes[static_cast<std::size_t>(leaking.from)].demand_kg_s += 0.5 * trial.true_kg_s;
        real.nodes[static_cast<std::size_t>(leaking.to)].demand_kg_s += 0.5 * trial.true_kg_s;
        const auto found = value_or_throw(locate_leak(described_, meters_of(real, circulating),
                                                      {.demand_sigma_share = settings_.demand_sigma_share}));
        trial.significance = found.significance;
        trial.found_kg_s = found.pipes.front().leak_kg_s;
        trial.segment_rank = rank_of(found, static_cast<std::int32_t>(pipe));
        return trial;
    }

 private:
    /// Longer pipes leak more often.
    std::size_t any_pipe() {
        std::vector<double> length;
        for (const auto& pipe : described_.pipes) {
            length.push_back(pipe.length_m);
        }
        return std::discrete_distribution<std::size_t>(length.begin(), length.end())(random_);
    }

    std::vector<Measurement> meters_of(const Network& real, double circulating) {
        const auto state = solve(real);
        std::vector<Measurement> meters;
        const auto add = [&](Measured quantity, Element element, double sigma) {
            Measurement one{.meter = "m", .quantity = quantity, .element = element, .value = 0.0, .sigma = sigma};
            one.value = shown(one, real, state) + sigma * normal_(random_);
            meters.push_back(one);
        };
        for (std::size_t i = 0; i < real.consumers.size(); i += static_cast<std::size_t>(settings_.every_station)) {
            add(Measured::pressure_pa, {ElementKind::node, real.consumers[i].from}, settings_.pressure_sigma_pa);
            add(Measured::pressure_pa, {ElementKind::node, real.consumers[i].to}, settings_.pressure_sigma_pa);
        }
        for (std::size_t i = 0; i < real.nodes.size(); ++i) {
            if (real.nodes[i].held_pressure_pa) {
                add(Measured::inflow_kg_s, {ElementKind::node, static_cast<std::int32_t>(i)},
                    settings_.make_up_sigma_share * circulating);
            }
        }
        return meters;
    }

    static std::size_t rank_of(const LeakLocation& found, std::int32_t pipe) {
        const auto at = std::find_if(found.segments.begin(), found.segments.end(), [&](const LeakSegment& segment) {
            return std::find(segment.pipes.begin(), segment.pipes.end(), pipe) != segment.pipes.end();
        });
        return static_cast<std::size_t>(at - found.segments.begin());
    }

    LeakTrialSettings settings_;
    std::mt19937 random_;
    std::normal_distribution<double> normal_;
    Network described_;
};

}  // namespace nuanshu::network
