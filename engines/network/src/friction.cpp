#include "engines/network/src/friction.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

/// A hot loop in several versions: for any x86-64, for AVX2 and for AVX-512; the loader picks. What the loop calls must
/// be inlined to share its version.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NUANSHU_VECTOR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define NUANSHU_VECTOR_CLONES
#endif
#define NUANSHU_INLINE __attribute__((always_inline)) inline

namespace nuanshu::network {
namespace {

constexpr double laminar_end = 2000.0;
constexpr double turbulent_begin = 4000.0;
constexpr double hazen_williams_exponent = 1.852;
constexpr double log_scale = 2.0 / std::numbers::ln10;           ///< −2·lg(y) = −log_scale·ln(y)
constexpr std::uint64_t half_root_bits = 0x3fe6a09e667f3bcdULL;  ///< √½
constexpr std::uint64_t mantissa_mask = 0xfffffffffffffULL;
constexpr std::uint64_t two_to_52_bits = 0x4330000000000000ULL;

constexpr double inverse_factorial[] = {1.0,         1.0,          1.0 / 2,       1.0 / 6,
                                        1.0 / 24,    1.0 / 120,    1.0 / 720,     1.0 / 5040,
                                        1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800};

/// A whole number below 2^52 as a double, without an instruction that AVX2 lacks.
NUANSHU_INLINE double to_double(std::uint64_t whole) {
    return std::bit_cast<double>(two_to_52_bits | whole) - 0x1p52;
}

/// ln(y) of a positive normal y to about 1e-15, in a form that compilers turn into vector code:
/// y = 2^e·m with m in [√½, √2); ln m = 2·artanh(s), s = (m − 1)/(m + 1), |s| < 0.172.
NUANSHU_INLINE double fast_log(double y) {
    const auto shifted = std::bit_cast<std::uint64_t>(y) - half_root_bits;
    const double exponent = to_double((shifted + (1024ULL << 52)) >> 52) - 1024.0;
    const double mantissa = std::bit_cast<double>((shifted & mantissa_mask) + half_root_bits);
    const double s = (mantissa - 1.0) / (mantissa + 1.0);
    const double z = s * s;
    double sum = 1.0 / 17.0;
    sum = sum * z + 1.0 / 15.0;
    sum = sum * z + 1.0 / 13.0;
    sum = sum * z + 1.0 / 11.0;
    sum = sum * z + 1.0 / 9.0;
    sum = sum * z + 1.0 / 7.0;
    sum = sum * z + 1.0 / 5.0;
    sum = sum * z + 1.0 / 3.0;
    sum = sum * z + 1.0;
    return exponent * std::numbers::ln2 + 2.0 * s * sum;
}

/// e^x for |x| < 700 to about 2e-16: 2^n·e^r with |r| < 0.35, e^r by its series.
NUANSHU_INLINE double fast_exp(double x) {
    constexpr double magic = 0x1.8p52;  // pushes the whole part into the lowest bits
    const double shifted = x * std::numbers::log2e + magic;
    const double r = x - (shifted - magic) * std::numbers::ln2;
    double sum = 1.0 / 479001600.0;
    for (int n = 11; n >= 0; --n) {
        sum = sum * r + inverse_factorial[n];
    }
    return sum * std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
}

/// log2(y) to 0.09: the exponent, and the mantissa as its own logarithm.
NUANSHU_INLINE double rough_log2(double y) {
    const auto bits = std::bit_cast<std::uint64_t>(y);
    const double mantissa = std::bit_cast<double>((bits & mantissa_mask) | std::bit_cast<std::uint64_t>(1.0));
    return to_double(bits >> 52) - 1023.0 + (mantissa - 1.0) + 0.043;
}

NUANSHU_INLINE FrictionFactor colebrook_white(double reynolds, double relative_roughness) {
    const double a = relative_roughness * (1.0 / 3.71);
    const double b = 2.51 / reynolds;
    double x = -2.0 / std::numbers::log2e / std::numbers::ln10 * rough_log2(a + 8.0 * b);
    for (int step = 0; step < 2; ++step) {
        const double y = a + b * x;
        const double ratio = b / y;
        const double miss = x + log_scale * fast_log(y);
        const double first = 1.0 + log_scale * ratio;
        const double second = -log_scale * ratio * ratio;
        x -= miss / (first - 0.5 * miss * second / first);
    }
    const double ratio = b / (a + b * x);
    return {1.0 / (x * x), -2.0 * log_scale * ratio / (1.0 + log_scale * ratio)};
}

/// Swamee and Jain, 1976: λ = 1/(2·lg(k/3.7d + 5.74/Re^0.9))².
NUANSHU_INLINE FrictionFactor swamee_jain(double reynolds, double relative_roughness) {
    const double smooth = 5.74 * fast_exp(-0.9 * fast_log(reynolds));
    const double y = relative_roughness * (1.0 / 3.7) + smooth;
    const double x = -log_scale * fast_log(y);
    return {1.0 / (x * x), -1.8 * log_scale * smooth / (y * x)};
}

FrictionFactor laminar(double reynolds) {
    return {64.0 / reynolds, -1.0};
}

/// Prandtl and Nikuradse's rough limit on top of the laminar factor.
FrictionFactor nikuradse(double reynolds, double relative_roughness) {
    const double rough = std::pow(1.14 - 2.0 * std::log10(relative_roughness), -2.0);
    const double lambda = 64.0 / reynolds + rough;
    return {lambda, -64.0 / reynolds / lambda};
}

FrictionFactor swamee_jain_everywhere(double reynolds, double relative_roughness) {
    const double smooth = 5.74 / std::pow(reynolds, 0.9);
    const double y = relative_roughness / 3.7 + smooth;
    const double logarithm = std::log(y);
    return {1.325 / (logarithm * logarithm), 1.8 * smooth / (y * logarithm)};
}

FrictionFactor turbulent(Friction friction, double reynolds, double relative_roughness) {
    return friction == Friction::swamee_jain ? swamee_jain(reynolds, relative_roughness)
                                             : colebrook_white(reynolds, relative_roughness);
}

/// The cubic between the laminar end (λ 0.032, slope −0.032 per R) and the turbulent formula at R = 2; R = Re/2 000.
FrictionFactor transitional(Friction friction, double reynolds, double relative_roughness) {
    const auto end = turbulent(friction, turbulent_begin, relative_roughness);
    const double slope_begin = -0.032;
    const double slope_end = end.slope * end.lambda / 2.0;
    const double rise = end.lambda - 0.032;
    const double quadratic = 3.0 * rise - 2.0 * slope_begin - slope_end;
    const double cubic = slope_begin + slope_end - 2.0 * rise;
    const double t = reynolds / laminar_end - 1.0;
    const double lambda = 0.032 + t * (slope_begin + t * (quadratic + t * cubic));
    const double derivative = slope_begin + t * (2.0 * quadratic + 3.0 * t * cubic);
    return {lambda, derivative * (t + 1.0) / lambda};
}

bool has_laminar_part(Friction friction) {
    return friction == Friction::colebrook_white || friction == Friction::swamee_jain;
}

/// Δp and its derivative of one resistance.
NUANSHU_INLINE void set_drop(double flow, FrictionFactor factor, double friction_scale, double minor_scale,
                             double& drop, double& derivative) {
    const double share = factor.lambda * friction_scale;
    const double magnitude = std::fabs(flow);
    drop = (share + minor_scale) * flow * magnitude;
    derivative = magnitude * (2.0 * (share + minor_scale) + share * factor.slope);
}

/// What a turbulent loop reads and writes, as plain arrays.
struct Arrays {
    const double* reynolds_per_flow;
    const double* relative_roughness;
    const double* friction_scale;
    const double* minor_scale;
    const double* flows;
    double* drops;
    double* derivatives;
};

/// All as if turbulent. @tparam formula inlined into the loop, so that it becomes vector code
template <FrictionFactor (*formula)(double, double)>
NUANSHU_INLINE void evaluate_turbulent(std::size_t count, Arrays arrays) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) {
        const double reynolds = std::max(arrays.reynolds_per_flow[i] * std::fabs(arrays.flows[i]), turbulent_begin);
        const auto factor = formula(reynolds, arrays.relative_roughness[i]);
        set_drop(arrays.flows[i], factor, arrays.friction_scale[i], arrays.minor_scale[i], arrays.drops[i],
                 arrays.derivatives[i]);
    }
}

NUANSHU_VECTOR_CLONES void evaluate_colebrook_white(std::size_t count, Arrays arrays) {
    evaluate_turbulent<colebrook_white>(count, arrays);
}

NUANSHU_VECTOR_CLONES void evaluate_swamee_jain(std::size_t count, Arrays arrays) {
    evaluate_turbulent<swamee_jain>(count, arrays);
}

void evaluate_any(Friction friction, const Resistances& resistances, std::size_t begin, std::span<const double> flows,
                  std::span<double> drops, std::span<double> derivatives) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        const auto at = begin + i;
        const double reynolds = std::max(resistances.reynolds_per_flow[at] * std::fabs(flows[i]), 1e-6);
        const auto factor = resistances.friction_scale[at] > 0.0
                                ? friction_factor(friction, reynolds, resistances.relative_roughness[at])
                                : FrictionFactor{};
        set_drop(flows[i], factor, resistances.friction_scale[at], resistances.minor_scale[at], drops[i],
                 derivatives[i]);
    }
}

/// The turbulent loop has treated slow flow as if it were at Re 4 000; this puts it right.
void mend_slow_flow(Friction friction, const Resistances& resistances, std::size_t begin, std::span<const double> flows,
                    std::span<double> drops, std::span<double> derivatives) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        const auto at = begin + i;
        const double reynolds = resistances.reynolds_per_flow[at] * std::fabs(flows[i]);
        if (reynolds >= turbulent_begin || resistances.friction_scale[at] == 0.0) {
            continue;
        }
        if (reynolds > laminar_end) {
            const auto factor = transitional(friction, reynolds, resistances.relative_roughness[at]);
            set_drop(flows[i], factor, resistances.friction_scale[at], resistances.minor_scale[at], drops[i],
                     derivatives[i]);
        } else {
            const double linear = 64.0 / resistances.reynolds_per_flow[at] * resistances.friction_scale[at];
            const double minor = resistances.minor_scale[at] * std::fabs(flows[i]);
            drops[i] = (linear + minor) * flows[i];
            derivatives[i] = linear + 2.0 * minor;
        }
    }
}

void evaluate_hazen_williams(const Resistances& resistances, std::size_t begin, std::span<const double> flows,
                             std::span<double> drops, std::span<double> derivatives) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        const double magnitude = std::fabs(flows[i]);
        const double friction =
            resistances.friction_scale[begin + i] * std::pow(magnitude, hazen_williams_exponent - 1.0);
        const double minor = resistances.minor_scale[begin + i] * magnitude;
        drops[i] = (friction + minor) * flows[i];
        derivatives[i] = hazen_williams_exponent * friction + 2.0 * minor;
    }
}

}  // namespace

FrictionFactor friction_factor(Friction friction, double reynolds, double relative_roughness) {
    if (has_laminar_part(friction) && reynolds <= laminar_end) {
        return laminar(reynolds);
    }
    if (has_laminar_part(friction) && reynolds < turbulent_begin) {
        return transitional(friction, reynolds, relative_roughness);
    }
    switch (friction) {
        case Friction::swamee_jain_all:
            return swamee_jain_everywhere(reynolds, relative_roughness);
        case Friction::nikuradse:
            return nikuradse(reynolds, relative_roughness);
        default:
            return turbulent(friction, reynolds, relative_roughness);
    }
}

void Resistances::resize(std::size_t count) {
    reynolds_per_flow.resize(count);
    relative_roughness.resize(count);
    friction_scale.resize(count);
    minor_scale.resize(count);
}

void evaluate(Friction friction, const Resistances& resistances, std::size_t begin, std::span<const double> flows_kg_s,
              std::span<double> drop_pa, std::span<double> derivative) {
    if (friction == Friction::hazen_williams) {
        evaluate_hazen_williams(resistances, begin, flows_kg_s, drop_pa, derivative);
    } else if (has_laminar_part(friction)) {
        const Arrays arrays{&resistances.reynolds_per_flow[begin],
                            &resistances.relative_roughness[begin],
                            &resistances.friction_scale[begin],
                            &resistances.minor_scale[begin],
                            flows_kg_s.data(),
                            drop_pa.data(),
                            derivative.data()};
        const auto loop = friction == Friction::colebrook_white ? evaluate_colebrook_white : evaluate_swamee_jain;
        loop(flows_kg_s.size(), arrays);
        mend_slow_flow(friction, resistances, begin, flows_kg_s, drop_pa, derivative);
    } else {
        evaluate_any(friction, resistances, begin, flows_kg_s, drop_pa, derivative);
    }
}

}  // namespace nuanshu::network
