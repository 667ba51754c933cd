#include "engines/network/src/fluid.h"

#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

/// The published formulations themselves, term by term, against which the engine's polynomials are measured.
namespace nuanshu::network {
namespace {

struct Term {
    int i, j;
    double n;
};

constexpr double gas_constant_j_kgk = 461.526;

/// IAPWS-IF97, table 2: the dimensionless Gibbs energy of region 1.
constexpr Term region_1[] = {
    {0, -2, 0.14632971213167},       {0, -1, -0.84548187169114},       {0, 0, -0.37563603672040e1},
    {0, 1, 0.33855169168385e1},      {0, 2, -0.95791963387872},        {0, 3, 0.15772038513228},
    {0, 4, -0.16616417199501e-1},    {0, 5, 0.81214629983568e-3},      {1, -9, 0.28319080123804e-3},
    {1, -7, -0.60706301565874e-3},   {1, -1, -0.18990068218419e-1},    {1, 0, -0.32529748770505e-1},
    {1, 1, -0.21841717175414e-1},    {1, 3, -0.52838357969930e-4},     {2, -3, -0.47184321073267e-3},
    {2, 0, -0.30001780793026e-3},    {2, 1, 0.47661393906987e-4},      {2, 3, -0.44141845330846e-5},
    {2, 17, -0.72694996297594e-15},  {3, -4, -0.31679644845054e-4},    {3, 0, -0.28270797985312e-5},
    {3, 6, -0.85205128120103e-9},    {4, -5, -0.22425281908000e-5},    {4, -2, -0.65171222895601e-6},
    {4, 10, -0.14341729937924e-12},  {5, -8, -0.40516996860117e-6},    {8, -11, -0.12734301741641e-8},
    {8, -6, -0.17424871230634e-9},   {21, -29, -0.68762131295531e-18}, {23, -31, 0.14478307828521e-19},
    {29, -38, 0.26335781662795e-22}, {30, -39, -0.11947622640071e-22}, {31, -40, 0.18228094581404e-23},
    {32, -41, -0.93537087292458e-25}};

struct State {
    double volume_m3_kg, enthalpy_j_kg, heat_capacity_j_kgk;
};

State published_state(double temperature_k, double pressure_pa) {
    const double pi = pressure_pa / 16.53e6;
    const double tau = 1386.0 / temperature_k;
    double by_pi = 0.0, by_tau = 0.0, by_tau_twice = 0.0;
    for (const auto& [i, j, n] : region_1) {
        const double a = std::pow(7.1 - pi, i), b = std::pow(tau - 1.222, j);
        by_pi -= n * i * a / (7.1 - pi) * b;
        by_tau += n * a * j * b / (tau - 1.222);
        by_tau_twice += n * a * j * (j - 1) * b / ((tau - 1.222) * (tau - 1.222));
    }
    return {pi * by_pi * gas_constant_j_kgk * temperature_k / pressure_pa,
            tau * by_tau * gas_constant_j_kgk * temperature_k, -tau * tau * by_tau_twice * gas_constant_j_kgk};
}

/// IAPWS R12-08, table 2.
constexpr Term viscosity_terms[] = {{0, 0, 5.20094e-1},  {1, 0, 8.50895e-2},  {2, 0, -1.08374},    {3, 0, -2.89555e-1},
                                    {0, 1, 2.22531e-1},  {1, 1, 9.99115e-1},  {2, 1, 1.88797},     {3, 1, 1.26613},
                                    {5, 1, 1.20573e-1},  {0, 2, -2.81378e-1}, {1, 2, -9.06851e-1}, {2, 2, -7.72479e-1},
                                    {3, 2, -4.89837e-1}, {4, 2, -2.57040e-1}, {0, 3, 1.61913e-1},  {1, 3, 2.57399e-1},
                                    {0, 4, -3.25372e-2}, {3, 4, 6.98452e-2},  {4, 5, 8.72102e-3},  {3, 6, -4.35673e-3},
                                    {5, 6, -5.93264e-4}};

double published_viscosity(double temperature_k, double density_kg_m3) {
    const double t = temperature_k / 647.096;
    const double dilute = 100.0 * std::sqrt(t) / (1.67752 + 2.20462 / t + 0.6366564 / (t * t) - 0.241605 / (t * t * t));
    double sum = 0.0;
    for (const auto& [i, j, h] : viscosity_terms) {
        sum += h * std::pow(1.0 / t - 1.0, i) * std::pow(density_kg_m3 / 322.0 - 1.0, j);
    }
    return dilute * std::exp(density_kg_m3 / 322.0 * sum) * 1e-6;
}

constexpr double line_pressure_pa = 1e6;

State on_the_line(double temperature_c) {
    return published_state(temperature_c + 273.15, line_pressure_pa);
}

void check_relative(double value, double expected, double share) {
    EXPECT_NEAR(value, expected, share * std::abs(expected));
}

/// Calls `check` at every half degree from 0 to 200 °C.
template <class Check>
void at_every_temperature(const Check& check) {
    for (int half = 0; half <= 400; ++half) {
        check(half / 2.0);
    }
}

const FluidProperties water{Fluid{}};

TEST(PublishedWater, gives_the_verification_values_of_its_standards) {
    check_relative(published_state(300, 3e6).volume_m3_kg, 0.100215168e-2, 1e-8);
    check_relative(published_state(300, 3e6).enthalpy_j_kg, 0.115331273e6, 1e-8);
    check_relative(published_state(300, 3e6).heat_capacity_j_kgk, 0.417301218e4, 1e-8);
    check_relative(published_state(300, 80e6).volume_m3_kg, 0.971180894e-3, 1e-8);
    check_relative(published_state(300, 80e6).enthalpy_j_kg, 0.184142828e6, 1e-8);
    check_relative(published_state(500, 3e6).volume_m3_kg, 0.120241800e-2, 1e-8);
    check_relative(published_state(500, 3e6).enthalpy_j_kg, 0.975542239e6, 1e-8);
    check_relative(published_state(500, 3e6).heat_capacity_j_kgk, 0.465580682e4, 1e-8);
    check_relative(published_viscosity(298.15, 998), 889.735100e-6, 1e-8);
    check_relative(published_viscosity(373.15, 1000), 307.883622e-6, 1e-8);
}

TEST(FluidProperties, density_is_the_published_one_within_5e_6) {
    at_every_temperature(
        [](double t) { check_relative(water.density_kg_m3(t), 1.0 / on_the_line(t).volume_m3_kg, 5e-6); });
}

TEST(FluidProperties, enthalpy_is_the_published_one_within_5e_5) {
    const double zero = on_the_line(0).enthalpy_j_kg;
    EXPECT_NEAR(water.enthalpy_j_kg(0), 0.0, 1e-9);
    for (int t = 1; t <= 200; ++t) {
        check_relative(water.enthalpy_j_kg(t), on_the_line(t).enthalpy_j_kg - zero, 5e-5);
    }
}

TEST(FluidProperties, heat_capacity_is_the_published_one_within_1e_4) {
    at_every_temperature(
        [](double t) { check_relative(water.specific_heat_j_kgk(t), on_the_line(t).heat_capacity_j_kgk, 1e-4); });
}

TEST(FluidProperties, viscosity_is_the_published_one_within_5e_5) {
    at_every_temperature([](double t) {
        check_relative(water.dynamic_viscosity_pa_s(t),
                       published_viscosity(t + 273.15, 1.0 / on_the_line(t).volume_m3_kg), 5e-5);
    });
}

TEST(FluidProperties, heat_capacity_is_the_slope_of_enthalpy) {
    for (int t = 1; t < 200; ++t) {
        const double slope = (water.enthalpy_j_kg(t + 1e-3) - water.enthalpy_j_kg(t - 1e-3)) / 2e-3;
        check_relative(water.specific_heat_j_kgk(t), slope, 1e-7);
    }
}

TEST(FluidProperties, temperature_is_the_inverse_of_enthalpy) {
    at_every_temperature([](double t) { EXPECT_NEAR(water.temperature_c(water.enthalpy_j_kg(t)), t, 1e-9); });
}

TEST(FluidProperties, beyond_the_range_the_nearest_end_counts) {
    EXPECT_EQ(water.density_kg_m3(-5), water.density_kg_m3(0));
    EXPECT_EQ(water.dynamic_viscosity_pa_s(250), water.dynamic_viscosity_pa_s(200));
    EXPECT_EQ(water.specific_heat_j_kgk(250), water.specific_heat_j_kgk(200));
    EXPECT_NEAR(water.temperature_c(water.enthalpy_j_kg(230)), 230, 1e-9);
    EXPECT_NEAR(water.temperature_c(water.enthalpy_j_kg(-10)), -10, 1e-9);
}

TEST(FluidProperties, a_constant_fluid_has_its_constants) {
    const FluidProperties oil{
        {.constant = true, .density_kg_m3 = 900, .kinematic_viscosity_m2_s = 2e-6, .specific_heat_j_kgk = 2000}};
    EXPECT_TRUE(oil.constant());
    EXPECT_EQ(oil.density_kg_m3(80), 900);
    EXPECT_DOUBLE_EQ(oil.dynamic_viscosity_pa_s(80), 1.8e-3);
    EXPECT_EQ(oil.enthalpy_j_kg(50), 100'000);
    EXPECT_EQ(oil.temperature_c(100'000), 50);
}

TEST(VapourPressure, gives_the_verification_values_of_if97_region_4) {
    check_relative(vapour_pressure_pa(300 - 273.15), 0.353658941e4, 1e-8);
    check_relative(vapour_pressure_pa(500 - 273.15), 0.263889776e7, 1e-8);
    check_relative(vapour_pressure_pa(99.97), 101325, 1e-3);
}

}  // namespace
}  // namespace nuanshu::network
