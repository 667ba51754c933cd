#include "engines/network/leak_location.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "engines/network/src/cholesky.h"
#include "engines/network/src/measurement_model.h"

// Meters z differ from what the network without a leak would show by ν = z − h. Their covariance is that of the meters
// and of what is not known about consumers' flows, S = R + D·P·Dᵀ with D = ∂h/∂flows. A leak of q kg/s at node n
// moves them by s·q, s = ∂h/∂demand: one adjoint solution of the linearised network for each meter gives s for
// all nodes at once. With whitened s and ν (both through the inverse of S's Cholesky factor) the likeliest leak of a
// pipe is q = s·ν / s·s, it explains ½(s·ν)²/(s·s) of the logarithm of the likelihood, and the pipe's probability is
// proportional to its length times e to that. For the best pipes the network is solved again with the leak, and what
// remains of ν corrects q and the likelihood.

namespace nuanshu::network {
namespace {

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

constexpr int refining_rounds_max = 8;
constexpr double settled_share = 0.05;  ///< of the leak's standard deviation

/// Which nodes belong together.
class Sets {
 public:
    explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }
    std::int32_t find(std::int32_t node) {
        while (parent_[at(node)] != node) {
            node = parent_[at(node)] = parent_[at(parent_[at(node)])];
        }
        return node;
    }
    void join(std::int32_t a, std::int32_t b) { parent_[at(find(a))] = find(b); }

 private:
    std::vector<std::int32_t> parent_;
};

bool says_pressure(const Measurement& one) {
    return one.quantity == Measured::pressure_pa || one.quantity == Measured::differential_pressure_pa;
}

tl::unexpected<Error> unsolved(const Network& network, const Solution& solution) {
    return fail(ErrorCode::exhausted, "leak location", "the network has no solution: {}",
                solution.findings.empty() ? "it did not converge" : sentence(network, solution.findings.front()));
}

/// A pipe as a suspect.
struct Suspect {
    std::int32_t pipe = 0;
    double leak_kg_s = 0.0;
    double sigma_kg_s = 0.0;
    double gain = 0.0;  ///< of the logarithm of the likelihood, over no leak
};

class Locator {
 public:
    Locator(const Network& network, const std::vector<Measurement>& measurements, const LeakLocationSettings& settings)
        : network_(network), settings_(settings) {
        std::copy_if(measurements.begin(), measurements.end(), std::back_inserter(meters_),
                     [](const Measurement& one) { return one.quantity != Measured::temperature_c; });
    }

    Result<LeakLocation> run() {
        NUANSHU_TRY_VOID(solve_without_leak());
        NUANSHU_TRY_VOID(find_patterns());
        suspect_all();
        by_gain();
        refine();
        by_gain();
        return report();
    }

 private:
    Result<> solve_without_leak() {
        solution_ = solver_.solve(network_, settings_.solve);
        if (!solution_.converged) {
            return unsolved(network_, solution_);
        }
        for (std::size_t i = 0; i < network_.consumers.size(); ++i) {
            network_.consumers[i].control = ConsumerControl::flow;
            network_.consumers[i].mass_flow_kg_s = solution_.consumers.mass_flow_kg_s[i];
        }
        solution_ = solver_.solve(network_, settings_.solve);
        return solution_.converged ? Result<>() : unsolved(network_, solution_);
    }

    /// Whitened patterns of all nodes and the whitened misses.
    Result<> find_patterns() {
        NUANSHU_TRY(const auto linear, Linearised::create(network_, solution_, Physics::hydraulics));
        const auto m = meters_.size(), nodes = network_.nodes.size();
        std::vector<std::vector<double>> adjoints;
        for (const auto& meter : meters_) {
            adjoints.push_back(adjoint_of(meter, network_, linear));
        }
        NUANSHU_TRY_VOID(find_covariance(linear, adjoints));
        patterns_.resize(nodes * m);
        for (std::size_t node = 0; node < nodes; ++node) {
            const auto entries =
                linear.residual_derivative(network_, {BoundaryKind::node_demand_kg_s, static_cast<std::int32_t>(node)});
            for (std::size_t i = 0; i < m; ++i) {
                patterns_[node * m + i] = along(adjoints[i], entries);
            }
            covariance_->solve_lower(std::span(patterns_).subspan(node * m, m));
        }
        miss_ = whitened_misses(solution_);
        return {};
    }

    Result<> find_covariance(const Linearised& linear, const std::vector<std::vector<double>>& adjoints) {
        const auto m = meters_.size();
        std::vector<double> rows(m * m, 0.0), column(m);
        for (std::size_t i = 0; i < m; ++i) {
            rows[i * m + i] = meters_[i].sigma * meters_[i].sigma;
        }
        for (std::size_t consumer = 0; consumer < network_.consumers.size(); ++consumer) {
            const double sigma = settings_.demand_sigma_share * std::abs(network_.consumers[consumer].mass_flow_kg_s);
            if (sigma <= 0.0) {
                continue;
            }
            const auto entries = linear.residual_derivative(
                network_, {BoundaryKind::consumer_mass_flow_kg_s, static_cast<std::int32_t>(consumer)});
            for (std::size_t i = 0; i < m; ++i) {
                column[i] = sigma * along(adjoints[i], entries);
                for (std::size_t j = 0; j <= i; ++j) {
                    rows[i * m + j] += column[i] * column[j];
                }
            }
        }
        covariance_ = Cholesky::factor(std::move(rows), m);
        if (!covariance_) {
            return fail(ErrorCode::internal, "leak location", "the meters' covariance is not positive definite");
        }
        return {};
    }

    std::vector<double> whitened_misses(const Solution& solution) const {
        std::vector<double> miss(meters_.size());
        for (std::size_t i = 0; i < miss.size(); ++i) {
            miss[i] = meters_[i].value - shown(meters_[i], network_, solution);
        }
        covariance_->solve_lower(miss);
        return miss;
    }

    std::vector<double> pattern_of(const Pipe& pipe) const {
        const auto m = meters_.size();
        std::vector<double> pattern(m);
        for (std::size_t i = 0; i < m; ++i) {
            pattern[i] = 0.5 * (patterns_[at(pipe.from) * m + i] + patterns_[at(pipe.to) * m + i]);
        }
        return pattern;
    }

    bool has_water(const Pipe& pipe) const {
        return pipe.open && std::isfinite(solution_.node_pressure_pa[at(pipe.from)]) &&
               std::isfinite(solution_.node_pressure_pa[at(pipe.to)]);
    }

    void suspect_all() {
        for (std::size_t i = 0; i < network_.pipes.size(); ++i) {
            if (!has_water(network_.pipes[i])) {
                continue;
            }
            Suspect suspect{.pipe = static_cast<std::int32_t>(i)};
            const auto pattern = pattern_of(network_.pipes[i]);
            const double strength = dot(pattern, pattern);
            const double match = dot(pattern, miss_);
            if (strength > 0.0) {
                suspect.sigma_kg_s = 1.0 / std::sqrt(strength);
            }
            if (strength > 0.0 && match > 0.0) {
                suspect.leak_kg_s = match / strength;
                suspect.gain = 0.5 * match * match / strength;
            }
            suspects_.push_back(suspect);
        }
    }

    double log_weight(const Suspect& suspect) const {
        return suspect.gain + std::log(std::max(network_.pipes[at(suspect.pipe)].length_m, 1e-3));
    }

    void by_gain() {
        std::stable_sort(suspects_.begin(), suspects_.end(),
                         [&](const Suspect& a, const Suspect& b) { return log_weight(a) > log_weight(b); });
    }

    /// Solves the network with the best suspects' leaks.
    void refine() {
        const auto count = std::min(suspects_.size(), static_cast<std::size_t>(std::max(settings_.refined, 0)));
        for (std::size_t i = 0; i < count; ++i) {
            if (suspects_[i].leak_kg_s > 0.0) {
                refine(suspects_[i]);
            }
        }
    }

    /// A few Gauss–Newton steps for the leak's flow, with the pattern between the last two flows: a leak many times the
    /// flow of its own service pipe is far from linear. The best flow seen counts; without a solution the linear answer
    /// stands.
    void refine(Suspect& suspect) {
        const auto& pipe = network_.pipes[at(suspect.pipe)];
        double before_kg_s = 0.0, leak_kg_s = suspect.leak_kg_s;
        auto left_before = miss_;
        for (int round = 0; round < refining_rounds_max; ++round) {
            auto left = misses_with_leak(pipe, leak_kg_s);
            if (!left) {
                return;
            }
            const double gain = 0.5 * (dot(miss_, miss_) - dot(*left, *left));
            if (round == 0 || gain > suspect.gain) {
                suspect.gain = gain;
                suspect.leak_kg_s = leak_kg_s;
            }
            const double correction = secant_step(left_before, *left, leak_kg_s - before_kg_s);
            before_kg_s = leak_kg_s;
            left_before = std::move(*left);
            leak_kg_s = std::max(leak_kg_s + correction, 0.1 * leak_kg_s);
            if (std::abs(leak_kg_s - before_kg_s) < settled_share * suspect.sigma_kg_s) {
                return;
            }
        }
    }

    static double secant_step(std::span<const double> before, std::span<const double> left, double change_kg_s) {
        double match = 0.0, strength = 0.0;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const double pattern = (before[i] - left[i]) / change_kg_s;
            match += pattern * left[i];
            strength += pattern * pattern;
        }
        return strength > 0.0 ? match / strength : 0.0;
    }

    std::optional<std::vector<double>> misses_with_leak(const Pipe& pipe, double leak_kg_s) {
        auto& from = network_.nodes[at(pipe.from)].demand_kg_s;
        auto& to = network_.nodes[at(pipe.to)].demand_kg_s;
        const double from_before = from, to_before = to;
        from += 0.5 * leak_kg_s;
        to += 0.5 * leak_kg_s;
        const auto solution = solver_.solve(network_, settings_.solve);
        from = from_before;
        to = to_before;
        return solution.converged ? std::optional(whitened_misses(solution)) : std::nullopt;
    }

    LeakLocation report() {
        LeakLocation result;
        double total = 0.0, best_gain = 0.0;
        const double top = suspects_.empty() ? 0.0 : log_weight(suspects_.front());
        for (const auto& suspect : suspects_) {
            const double weight = std::exp(log_weight(suspect) - top);
            total += weight;
            best_gain = std::max(best_gain, suspect.gain);
            result.pipes.push_back({suspect.pipe, weight, suspect.leak_kg_s, suspect.sigma_kg_s});
        }
        for (auto& pipe : result.pipes) {
            pipe.probability /= total;
        }
        result.significance = std::sqrt(2.0 * best_gain);
        add_segments(result);
        return result;
    }

    void add_segments(LeakLocation& result) {
        Sets sets(network_.nodes.size());
        for (const auto& pipe : network_.pipes) {
            if (pipe.open) {
                sets.join(pipe.from, pipe.to);
            }
        }
        for (const auto& valve : network_.valves) {
            if (!valve.operable) {
                sets.join(valve.from, valve.to);
            }
        }
        std::vector<std::int32_t> segment_of(network_.nodes.size(), -1);
        for (const auto& pipe : result.pipes) {
            auto& segment = segment_of[at(sets.find(network_.pipes[at(pipe.pipe)].from))];
            if (segment < 0) {
                segment = static_cast<std::int32_t>(result.segments.size());
                result.segments.push_back({{}, 0.0, pipe.leak_kg_s});
            }
            result.segments[at(segment)].pipes.push_back(pipe.pipe);
            result.segments[at(segment)].probability += pipe.probability;
        }
        std::stable_sort(result.segments.begin(), result.segments.end(),
                         [](const LeakSegment& a, const LeakSegment& b) { return a.probability > b.probability; });
    }

    Network network_;
    LeakLocationSettings settings_;
    std::vector<Measurement> meters_;
    Solver solver_;
    Solution solution_;
    std::optional<Cholesky> covariance_;
    std::vector<double> patterns_;  ///< by node, then meter
    std::vector<double> miss_;
    std::vector<Suspect> suspects_;
};

}  // namespace

Result<LeakLocation> locate_leak(const Network& network, const std::vector<Measurement>& measurements,
                                 const LeakLocationSettings& settings) {
    if (const auto faults = check_measurements(measurements, network); !faults.empty()) {
        return fail(ErrorCode::invalid, fmt::format("measurement {} {}", faults.front().line, faults.front().field),
                    "{}", faults.front().text);
    }
    if (std::none_of(measurements.begin(), measurements.end(), says_pressure)) {
        return fail(ErrorCode::invalid, "measurements",
                    "no pressure among them; a leak is found by where pressures fall");
    }
    return Locator(network, measurements, settings).run();
}

}  // namespace nuanshu::network
