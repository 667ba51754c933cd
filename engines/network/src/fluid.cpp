#include "engines/network/src/fluid.h"

#include <algorithm>
#include <array>
#include <cmath>

/// Polynomials of degree 8 in x = (t − 100 °C) / 100 K, by Chebyshev projection of IAPWS-IF97 region 1 at 1 MPa (from
/// 180 to 200 °C its continuation into the metastable liquid) and of IAPWS R12-08 at those densities. Largest relative
/// errors over 0 … 200 °C against the formulations: density 3e-6, enthalpy 4e-5, heat capacity 6e-5, viscosity 3e-5;
/// fluid_test.cpp measures them. Water itself leaves that line by up to 1e-3 a MPa.
namespace nuanshu::network {
namespace {

using Polynomial = std::array<double, 9>;

constexpr Polynomial density_kg_m3_of_x = {958.7744120001923,    -71.8683189174055,  -22.854119706620793,
                                           2.868103293800374,    -3.002626374979968, 0.12368719034685682,
                                           0.012020712314210868, 0.8453798459770496, -0.6570318165090612};
/// 1 / dynamic viscosity: nearly straight over temperature, so that a polynomial fits it far better than viscosity.
constexpr Polynomial fluidity_of_x = {3548.269281628613,  3721.283911419625,   393.97871986771,
                                      -325.4950174142822, 65.59047841812713,   50.3830181730267,
                                      -16.01671083567294, -6.5481661288595205, 6.52894738467694};
constexpr Polynomial heat_capacity_of_x = {4214.63111114069,    127.36655586765502,  105.49974910924396,
                                           3.587645374189833,   42.45562443139704,   51.018586292469536,
                                           -50.020754194029905, -40.636116109506474, 43.48719619147232};

constexpr double temperature_max_c = 200.0;

constexpr double at(const Polynomial& polynomial, double x) {
    double sum = 0.0;
    for (auto term = polynomial.rbegin(); term != polynomial.rend(); ++term) {
        sum = sum * x + *term;
    }
    return sum;
}

/// Coefficients of ∫ heat_capacity dt from x = 0, in J/kg, over 100 K · x.
constexpr Polynomial heat_integral_of_x = [] {
    Polynomial integral = heat_capacity_of_x;
    for (std::size_t k = 0; k < integral.size(); ++k) {
        integral[k] *= 100.0 / static_cast<double>(k + 1);
    }
    return integral;
}();

constexpr double heat_integral(double x) {
    return x * at(heat_integral_of_x, x);
}

constexpr double heat_integral_at_zero = heat_integral(-1.0);

double in_range(double temperature_c) {
    return std::clamp(temperature_c, 0.0, temperature_max_c);
}

double x_of(double temperature_c) {
    return (in_range(temperature_c) - 100.0) / 100.0;
}

}  // namespace

double FluidProperties::density_kg_m3(double temperature_c) const {
    return fluid_.constant ? fluid_.density_kg_m3 : at(density_kg_m3_of_x, x_of(temperature_c));
}

double FluidProperties::dynamic_viscosity_pa_s(double temperature_c) const {
    return fluid_.constant ? fluid_.kinematic_viscosity_m2_s * fluid_.density_kg_m3
                           : 1.0 / at(fluidity_of_x, x_of(temperature_c));
}

double FluidProperties::specific_heat_j_kgk(double temperature_c) const {
    return fluid_.constant ? fluid_.specific_heat_j_kgk : at(heat_capacity_of_x, x_of(temperature_c));
}

double FluidProperties::enthalpy_j_kg(double temperature_c) const {
    if (fluid_.constant) {
        return fluid_.specific_heat_j_kgk * temperature_c;
    }
    const double x = x_of(temperature_c);
    const double beyond_k = temperature_c - in_range(temperature_c);
    return heat_integral(x) - heat_integral_at_zero + beyond_k * at(heat_capacity_of_x, x);
}

double FluidProperties::temperature_c(double enthalpy_j_kg) const {
    if (fluid_.constant) {
        return enthalpy_j_kg / fluid_.specific_heat_j_kgk;
    }
    double temperature = enthalpy_j_kg / 4250.0;
    for (int step = 0; step < 8; ++step) {
        const double miss_j_kg = this->enthalpy_j_kg(temperature) - enthalpy_j_kg;
        const double change_k = miss_j_kg / specific_heat_j_kgk(temperature);
        temperature -= change_k;
        if (std::abs(change_k) < 1e-6) {  // the next change would be far below 1e-9: Newton's steps square their error
            break;
        }
    }
    return temperature;
}

double vapour_pressure_pa(double temperature_c) {
    const double t = temperature_c + 273.15;
    const double theta = t - 0.23855557567849 / (t - 0.65017534844798e3);
    const double a = theta * theta + 0.11670521452767e4 * theta - 0.72421316703206e6;
    const double b = -0.17073846940092e2 * theta * theta + 0.12020824702470e5 * theta - 0.32325550322333e7;
    const double c = 0.14915108613530e2 * theta * theta - 0.48232657361591e4 * theta + 0.40511340542057e6;
    const double root = 2.0 * c / (-b + std::sqrt(b * b - 4.0 * a * c));
    return root * root * root * root * 1e6;
}

}  // namespace nuanshu::network
