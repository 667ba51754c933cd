#include "engines/network/src/pump_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuanshu::network {
namespace {

/// H = h0 − a·Q^b through three points, the first at zero flow.
struct PowerCurve {
    double shut_off_head_m, scale, exponent;
};

PowerCurve power_curve(const PumpCurve& curve) {
    const auto& p = curve.points;
    const double exponent = std::log((p[0].head_m - p[2].head_m) / (p[0].head_m - p[1].head_m)) /
                            std::log(p[2].volume_flow_m3_s / p[1].volume_flow_m3_s);
    return {p[0].head_m, (p[0].head_m - p[1].head_m) / std::pow(p[1].volume_flow_m3_s, exponent), exponent};
}

/// Head and its derivative by the volume flow.
struct Head {
    double head_m, derivative;
};

Head head_on_line(const PumpCurve::Point& a, const PumpCurve::Point& b, double flow) {
    const double slope = (b.head_m - a.head_m) / (b.volume_flow_m3_s - a.volume_flow_m3_s);
    return {a.head_m + slope * (flow - a.volume_flow_m3_s), slope};
}

Head head_of_points(const std::vector<PumpCurve::Point>& points, double flow) {
    if (points.size() == 1) {
        return {points.front().head_m, 0.0};
    }
    std::size_t segment = 1;
    while (segment + 1 < points.size() && flow > points[segment].volume_flow_m3_s) {
        ++segment;
    }
    return head_on_line(points[segment - 1], points[segment], flow);
}

Head head_of_polynomial(const std::vector<double>& coefficients, double flow) {
    Head head{0.0, 0.0};
    for (auto k = coefficients.size(); k-- > 0;) {
        head.derivative = head.derivative * flow + head.head_m;
        head.head_m = head.head_m * flow + coefficients[k];
    }
    return head;
}

Head head_of(const PumpCurve& curve, double flow) {
    switch (curve.form) {
        case PumpCurve::Form::points:
            return head_of_points(curve.points, flow);
        case PumpCurve::Form::polynomial:
            return head_of_polynomial(curve.coefficients, flow);
        case PumpCurve::Form::power:
            break;
    }
    const auto power = power_curve(curve);
    const double fall = power.scale * std::pow(flow, power.exponent);
    return {power.shut_off_head_m - fall, flow > 0.0 ? -power.exponent * fall / flow : 0.0};
}

}  // namespace

PumpRise pump_rise(const PumpCurve& curve, double speed, double mass_flow_kg_s, double density_kg_m3,
                   double gravity_m_s2) {
    const double flow = std::max(mass_flow_kg_s, 0.0) / density_kg_m3;
    const auto head = head_of(curve, flow / speed);
    const double weight = density_kg_m3 * gravity_m_s2;
    return {weight * speed * speed * head.head_m,
            mass_flow_kg_s > 0.0 ? gravity_m_s2 * speed * std::min(head.derivative, 0.0) : 0.0};
}

double curve_end_m3_s(const PumpCurve& curve, double speed) {
    if (curve.form == PumpCurve::Form::polynomial || curve.points.empty()) {
        return std::numeric_limits<double>::infinity();
    }
    return curve.points.back().volume_flow_m3_s * speed;
}

}  // namespace nuanshu::network
