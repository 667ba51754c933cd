#include "engines/network/estimate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "engines/network/src/cholesky.h"
#include "engines/network/src/measurement_model.h"

// Unknown are x = (flow of each consumer, logarithm of each roughness group's factor), known beforehand as x₀ with a
// diagonal covariance P. A meter of a consumer's own flow only sharpens x₀ and P there. All other meters z = h(x) +
// noise of covariance R enter by the rows H = ∂h/∂x, one adjoint solution of the linearised network each. Gauss–Newton
// in the space of meters, which are few beside consumers:
//
//   S = H·P·Hᵀ + R,  ν = z − h(x) − H·(x₀ − x),  x ← x₀ + P·Hᵀ·S⁻¹·ν
//
// with half steps while the sum of squares does not fall. At its end C = P − P·Hᵀ·S⁻¹·H·P is the covariance of x, and
// R·S⁻¹·R that of the residuals, so that a meter's normalised residual is (S⁻¹ν)ᵢ / √(S⁻¹)ᵢᵢ.

namespace nuanshu::network {
namespace {

constexpr std::size_t rows_max = 4000;
constexpr double checkable_share = 0.01;   ///< of a meter's variance that others can tell from it
constexpr double determined_share = 0.25;  ///< of the variance known beforehand that may be left
constexpr double factor_ln_max = 4.0;
constexpr int halvings_max = 12;

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

/// One scalar that is known beforehand.
struct Prior {
    double mean = 0.0;
    double variance = 1.0;

    void sharpen(double value, double sigma) {
        const double gain = variance / (variance + sigma * sigma);
        mean += gain * (value - mean);
        variance *= 1.0 - gain;
    }
};

bool is_direct(const Measurement& one) {
    return one.element.kind == ElementKind::consumer && one.quantity == Measured::mass_flow_kg_s;
}

tl::unexpected<Error> unsolved(const Network& network, const Solution& solution) {
    return fail(ErrorCode::exhausted, "state estimation", "the network has no solution: {}",
                solution.findings.empty() ? "it did not converge" : sentence(network, solution.findings.front()));
}

class Estimator {
 public:
    Estimator(const Network& network, const std::vector<Measurement>& measurements, const EstimateSettings& settings)
        : described_(network),
          measurements_(measurements),
          settings_(settings),
          physics_(needs_heat(measurements) ? Physics::hydraulics_and_heat : Physics::hydraulics) {
        result_.network = network;
        result_.meters.resize(measurements.size());
        for (const auto group : settings.roughness_group) {
            groups_ = std::max(groups_, at(group + 1));
        }
    }

    Result<Estimate> run() {
        NUANSHU_TRY_VOID(begin());
        for (int removed = 0;; ++removed) {
            NUANSHU_TRY_VOID(find_least_squares());
            judge_meters();
            const auto worst = worst_meter();
            if (!worst || removed == settings_.bad_meters_max) {
                break;
            }
            result_.meters[*worst].bad = true;
            result_.bad_meters.push_back(static_cast<std::int32_t>(*worst));
        }
        report();
        return std::move(result_);
    }

 private:
    std::size_t consumers() const { return described_.consumers.size(); }
    std::size_t unknowns() const { return consumers() + groups_; }

    /// The described state, around which consumers' flows are known beforehand.
    Result<> begin() {
        auto start = solver_.solve(described_, settings_.solve);
        if (!start.converged) {
            return unsolved(described_, start);
        }
        described_prior_.resize(unknowns());
        for (std::size_t i = 0; i < consumers(); ++i) {
            auto& consumer = result_.network.consumers[i];
            const double flow = start.consumers.mass_flow_kg_s[i];
            const double sigma =
                std::max(settings_.demand_sigma_share * std::abs(flow), settings_.demand_sigma_least_kg_s);
            described_prior_[i] = {flow, consumer.open ? sigma * sigma : 0.0};
            consumer.control = ConsumerControl::flow;
            consumer.mass_flow_kg_s = flow;
        }
        for (std::size_t group = 0; group < groups_; ++group) {
            described_prior_[consumers() + group] = {0.0, settings_.roughness_ln_sigma * settings_.roughness_ln_sigma};
        }
        x_.resize(unknowns());
        std::transform(described_prior_.begin(), described_prior_.end(), x_.begin(),
                       [](const Prior& prior) { return prior.mean; });
        return solve_at(x_);
    }

    void sort_meters() {
        prior_ = described_prior_;
        rows_.clear();
        for (std::size_t i = 0; i < measurements_.size(); ++i) {
            const auto& one = measurements_[i];
            if (result_.meters[i].bad) {
                continue;
            }
            if (is_direct(one)) {
                prior_[at(one.element.index)].sharpen(one.value, one.sigma);
            } else {
                rows_.push_back(i);
            }
        }
    }

    void put(std::span<const double> x) {
        for (std::size_t i = 0; i < consumers(); ++i) {
            result_.network.consumers[i].mass_flow_kg_s = x[i];
        }
        for (std::size_t i = 0; i < settings_.roughness_group.size(); ++i) {
            if (settings_.roughness_group[i] >= 0) {
                const double factor = std::exp(x[consumers() + at(settings_.roughness_group[i])]);
                result_.network.pipes[i].roughness_m = described_.pipes[i].roughness_m * factor;
            }
        }
    }

    Result<> solve_at(std::span<const double> x) {
        put(x);
        auto solution = solver_.solve(result_.network, settings_.solve);
        if (!solution.converged) {
            return unsolved(result_.network, solution);
        }
        result_.solution = std::move(solution);
        return {};
    }

    double miss_of(std::size_t meter) const {
        const auto& one = measurements_[meter];
        return one.value - shown(one, result_.network, result_.solution);
    }

    double objective_at(std::span<const double> x) const {
        double sum = 0.0;
        for (const auto meter : rows_) {
            sum += std::pow(miss_of(meter) / measurements_[meter].sigma, 2);
        }
        for (std::size_t i = 0; i < unknowns(); ++i) {
            sum += prior_[i].variance > 0.0 ? std::pow(x[i] - prior_[i].mean, 2) / prior_[i].variance : 0.0;
        }
        return sum;
    }

    /// H at the present state.
    Result<> linearise() {
        NUANSHU_TRY(const auto linear, Linearised::create(result_.network, result_.solution, physics_));
        std::vector<std::vector<ResidualEntry>> columns(unknowns());
        for (std::size_t i = 0; i < consumers(); ++i) {
            columns[i] = linear.residual_derivative(
                result_.network, {BoundaryKind::consumer_mass_flow_kg_s, static_cast<std::int32_t>(i)});
        }
        for (std::size_t i = 0; i < settings_.roughness_group.size(); ++i) {
            add_roughness(linear, i, columns);
        }
        h_.assign(rows_.size() * unknowns(), 0.0);
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const auto adjoint = adjoint_of(measurements_[rows_[row]], result_.network, linear);
            for (std::size_t i = 0; i < unknowns(); ++i) {
                h_[row * unknowns() + i] = along(adjoint, columns[i]);
            }
        }
        return {};
    }

    /// ∂/∂ln(factor) = roughness · ∂/∂roughness, summed over the group.
    void add_roughness(const Linearised& linear, std::size_t pipe, std::vector<std::vector<ResidualEntry>>& columns) {
        const auto group = settings_.roughness_group[pipe];
        if (group < 0) {
            return;
        }
        auto entries = linear.residual_derivative(result_.network,
                                                  {BoundaryKind::pipe_roughness_m, static_cast<std::int32_t>(pipe)});
        for (auto& entry : entries) {
            entry.value *= result_.network.pipes[pipe].roughness_m;
            columns[consumers() + at(group)].push_back(entry);
        }
    }

    std::span<const double> h_row(std::size_t row) const { return std::span(h_).subspan(row * unknowns(), unknowns()); }

    bool factor_innovation() {
        const auto m = rows_.size(), n = unknowns();
        std::vector<double> s(m * m, 0.0), weighted(n);
        for (std::size_t i = 0; i < m; ++i) {
            const auto row = h_row(i);
            for (std::size_t k = 0; k < n; ++k) {
                weighted[k] = row[k] * prior_[k].variance;
            }
            for (std::size_t j = 0; j <= i; ++j) {
                s[i * m + j] = std::inner_product(weighted.begin(), weighted.end(), h_row(j).begin(), 0.0);
            }
            s[i * m + i] += std::pow(measurements_[rows_[i]].sigma, 2);
        }
        innovation_ = Cholesky::factor(std::move(s), m);
        return innovation_.has_value();
    }

    /// S⁻¹ν at the present state.
    std::vector<double> weighted_innovation() const {
        std::vector<double> nu(rows_.size());
        for (std::size_t i = 0; i < nu.size(); ++i) {
            nu[i] = miss_of(rows_[i]);
            const auto row = h_row(i);
            for (std::size_t k = 0; k < unknowns(); ++k) {
                nu[i] -= row[k] * (prior_[k].mean - x_[k]);
            }
        }
        innovation_->solve(nu);
        return nu;
    }

    std::vector<double> next_x() const {
        const auto weights = weighted_innovation();
        std::vector<double> next(unknowns());
        for (std::size_t k = 0; k < next.size(); ++k) {
            double sum = 0.0;
            for (std::size_t i = 0; i < rows_.size(); ++i) {
                sum += h_[i * unknowns() + k] * weights[i];
            }
            next[k] = bounded(k, prior_[k].mean + prior_[k].variance * sum);
        }
        return next;
    }

    double bounded(std::size_t unknown, double value) const {
        return unknown < consumers() ? std::max(value, 0.0) : std::clamp(value, -factor_ln_max, factor_ln_max);
    }

    Result<> find_least_squares() {
        sort_meters();
        if (rows_.size() > rows_max) {
            return fail(ErrorCode::exhausted, "state estimation",
                        "{} meters besides consumers' flows; at most {} can be taken", rows_.size(), rows_max);
        }
        result_.converged = false;
        for (int round = 0; round < settings_.iterations_max; ++round) {
            ++result_.iterations;
            NUANSHU_TRY_VOID(linearise());
            if (!factor_innovation()) {
                return fail(ErrorCode::internal, "state estimation", "the meters' covariance is not positive definite");
            }
            NUANSHU_TRY(const bool settled, advance());
            if (settled) {
                result_.converged = true;
                break;
            }
        }
        return {};
    }

    /// One step, halved while it does not help. @return whether nothing moves any more
    Result<bool> advance() {
        const auto before = x_;
        const double objective_before = objective_at(x_);
        const auto aim = next_x();
        double share = 1.0;
        for (int halving = 0; halving < halvings_max; ++halving, share *= 0.5) {
            for (std::size_t i = 0; i < x_.size(); ++i) {
                x_[i] = std::lerp(before[i], aim[i], share);
            }
            const auto solved = solve_at(x_);
            if (solved && objective_at(x_) <= objective_before * (1.0 + 1e-9) + 1e-9) {
                return largest_move(before) < settings_.tolerance;
            }
        }
        x_ = before;
        NUANSHU_TRY_VOID(solve_at(x_));
        return true;
    }

    double largest_move(std::span<const double> before) const {
        double largest = 0.0;
        for (std::size_t i = 0; i < x_.size(); ++i) {
            if (prior_[i].variance > 0.0) {
                largest = std::max(largest, std::abs(x_[i] - before[i]) / std::sqrt(prior_[i].variance));
            }
        }
        return largest;
    }

    /// C's diagonal: what is left of P.
    void find_variances() {
        variance_.resize(unknowns());
        std::vector<double> column(rows_.size());
        for (std::size_t k = 0; k < unknowns(); ++k) {
            for (std::size_t i = 0; i < rows_.size(); ++i) {
                column[i] = h_[i * unknowns() + k];
            }
            innovation_->solve_lower(column);
            const double told = std::inner_product(column.begin(), column.end(), column.begin(), 0.0);
            variance_[k] = std::max(prior_[k].variance * (1.0 - prior_[k].variance * told), 0.0);
        }
    }

    void judge_meters() {
        find_variances();
        const auto weights = weighted_innovation();
        const auto diagonal = innovation_->inverse_diagonal();
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            auto& meter = result_.meters[rows_[i]];
            meter.normalised_residual = weights[i] / std::sqrt(diagonal[i]);
            meter.checkable = std::pow(measurements_[rows_[i]].sigma, 2) * diagonal[i] > checkable_share;
        }
        for (std::size_t i = 0; i < measurements_.size(); ++i) {
            if (is_direct(measurements_[i]) && !result_.meters[i].bad) {
                judge_direct(measurements_[i], result_.meters[i]);
            }
        }
    }

    void judge_direct(const Measurement& one, MeterEstimate& meter) const {
        const auto consumer = at(one.element.index);
        const double own = one.sigma * one.sigma;
        const double left = own - variance_[consumer];
        meter.checkable = left > checkable_share * own;
        meter.normalised_residual = meter.checkable ? (one.value - x_[consumer]) / std::sqrt(left) : 0.0;
    }

    std::optional<std::size_t> worst_meter() const {
        std::optional<std::size_t> worst;
        double largest = settings_.bad_residual;
        for (std::size_t i = 0; i < result_.meters.size(); ++i) {
            const auto& meter = result_.meters[i];
            if (!meter.bad && meter.checkable && std::abs(meter.normalised_residual) > largest) {
                largest = std::abs(meter.normalised_residual);
                worst = i;
            }
        }
        return worst;
    }

    void report() {
        for (std::size_t i = 0; i < consumers(); ++i) {
            result_.demands.push_back({x_[i], std::sqrt(variance_[i]), determined(i)});
        }
        for (std::size_t i = consumers(); i < unknowns(); ++i) {
            result_.roughness.push_back({std::exp(x_[i]), std::sqrt(variance_[i]), determined(i)});
        }
        result_.objective = 0.0;
        for (std::size_t i = 0; i < measurements_.size(); ++i) {
            auto& meter = result_.meters[i];
            meter.estimated = shown(measurements_[i], result_.network, result_.solution);
            if (!meter.bad) {
                ++result_.degrees_of_freedom;
                result_.objective += std::pow((measurements_[i].value - meter.estimated) / measurements_[i].sigma, 2);
            }
        }
        for (std::size_t i = 0; i < unknowns(); ++i) {
            const auto& known = described_prior_[i];
            result_.objective += known.variance > 0.0 ? std::pow(x_[i] - known.mean, 2) / known.variance : 0.0;
        }
    }

    bool determined(std::size_t unknown) const {
        return variance_[unknown] <= determined_share * described_prior_[unknown].variance;
    }

    const Network& described_;
    const std::vector<Measurement>& measurements_;
    const EstimateSettings& settings_;
    Physics physics_;
    Solver solver_;
    Estimate result_;
    std::size_t groups_ = 0;
    std::vector<Prior> described_prior_, prior_;  ///< before and after consumers' own meters
    std::vector<std::size_t> rows_;               ///< meters in use that are no consumer's own
    std::vector<double> x_, h_, variance_;
    std::optional<Cholesky> innovation_;
};

Result<> check(const Network& network, const std::vector<Measurement>& measurements, const EstimateSettings& settings) {
    if (const auto faults = check_measurements(measurements, network); !faults.empty()) {
        return fail(ErrorCode::invalid, fmt::format("measurement {} {}", faults.front().line, faults.front().field),
                    "{}", faults.front().text);
    }
    const auto& groups = settings.roughness_group;
    if (!groups.empty() && groups.size() != network.pipes.size()) {
        return fail(ErrorCode::invalid, "roughness_group", "{} groups for {} pipes; one each is wanted", groups.size(),
                    network.pipes.size());
    }
    return {};
}

}  // namespace

Result<Estimate> estimate(const Network& network, const std::vector<Measurement>& measurements,
                          const EstimateSettings& settings) {
    NUANSHU_TRY_VOID(check(network, measurements, settings));
    return Estimator(network, measurements, settings).run();
}

}  // namespace nuanshu::network
