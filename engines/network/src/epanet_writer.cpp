#include <algorithm>
#include <cctype>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "engines/network/src/epanet_options.h"
#include "engines/network/src/fluid.h"
#include "engines/network/write.h"

/// A net as EPANET can hold it, in litres a second and metres. What EPANET has no word for becomes what comes nearest,
/// and a note says so: a source that raises the pressure of the node that holds it is a reservoir, any other a pump
/// with a nearly flat curve; a consumer with a flow is a demand on one side and an inflow on the other; one with a
/// valve is a throttle valve.
namespace nuanshu::network {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double litres_a_m3 = 1000.0;
constexpr std::size_t id_length_max = 31;

/// Ids as EPANET takes them: short, without blanks and quotes, each once.
class Ids {
 public:
    std::string of(const std::string& id) {
        std::string name = id.substr(0, id_length_max);
        std::replace_if(
            name.begin(), name.end(),
            [](unsigned char c) { return std::isspace(c) || c == '"' || c == ';' || c == ','; }, '_');
        for (int number = 2; !taken_.insert(name).second; ++number) {
            const auto suffix = "_" + std::to_string(number);
            name = id.substr(0, id_length_max - suffix.size()) + suffix;
        }
        return name;
    }

 private:
    std::unordered_set<std::string> taken_;
};

class EpanetWriter {
 public:
    EpanetWriter(const Network& network, Diagnostics& notes) : network_(network), notes_(notes), water_(network.fluid) {
        temperature_c_ = 60.0;
        density_kg_m3_ = water_.density_kg_m3(temperature_c_);
        weight_pa_m_ = density_kg_m3_ * epanet::gravity_m_s2;
        demand_kg_s_.reserve(network.nodes.size());
        for (const auto& node : network.nodes) {
            demand_kg_s_.push_back(node.demand_kg_s);
            held_pressure_pa_.push_back(node.held_pressure_pa);
            node_ids_.push_back(ids_.of(node.id));
        }
    }

    std::string write() {
        add_sources();
        add_consumers();
        add_pumps();
        add_valves();
        add_tanks();
        std::string text = fmt::format("[TITLE]\n{}\n\n", network_.title);
        add_nodes(text);
        add_pipes(text);
        text += "\n[PUMPS]\n" + pumps_ + "\n[VALVES]\n" + valves_ + "\n[STATUS]\n" + status_ + "\n[CURVES]\n" + curves_;
        add_emitters(text);
        add_options(text);
        add_coordinates(text);
        return text + "\n[END]\n";
    }

 private:
    static std::size_t at(NodeIndex node) { return static_cast<std::size_t>(node); }
    void note(std::string field, std::string text) {
        if (noted_.insert(text).second) {
            notes_.push_back({"", 0, std::move(field), std::move(text)});
        }
    }
    double litres_s(double mass_flow_kg_s) const { return mass_flow_kg_s / density_kg_m3_ * litres_a_m3; }
    template <class Link>
    void take_flow(const Link& link, double mass_flow_kg_s) {
        demand_kg_s_[at(link.from)] += mass_flow_kg_s;
        demand_kg_s_[at(link.to)] -= mass_flow_kg_s;
    }
    template <class Link>
    std::string ends(const Link& link) const {
        return node_ids_[at(link.from)] + " " + node_ids_[at(link.to)];
    }

    void add_nodes(std::string& text) {
        std::string reservoirs;
        text += "[JUNCTIONS]\n";
        for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
            const auto& node = network_.nodes[i];
            if (held_pressure_pa_[i]) {
                fmt::format_to(std::back_inserter(reservoirs), "{} {}\n", node_ids_[i],
                               node.elevation_m + *held_pressure_pa_[i] / weight_pa_m_);
            } else {
                fmt::format_to(std::back_inserter(text), "{} {} {}\n", node_ids_[i], node.elevation_m,
                               litres_s(demand_kg_s_[i]));
            }
        }
        text += "\n[RESERVOIRS]\n" + reservoirs;
    }

    void add_pipes(std::string& text) {
        const bool hazen_williams = network_.friction == Friction::hazen_williams;
        text += "\n[PIPES]\n";
        for (const auto& pipe : network_.pipes) {
            const auto* status = !pipe.open ? "Closed" : pipe.check_valve ? "CV" : "Open";
            fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {}\n", ids_of_links_.of(pipe.id), ends(pipe),
                           pipe.length_m, pipe.inner_diameter_m * 1e3,
                           hazen_williams ? pipe.hazen_williams : pipe.roughness_m * 1e3,
                           pipe.minor_loss / epanet::minor_loss_scale, status);
        }
    }

    void add_curve(const std::string& name, const PumpCurve& curve) {
        if (curve.form != PumpCurve::Form::polynomial) {
            for (const auto& point : curve.points) {
                add_point(name, point.volume_flow_m3_s, point.head_m);
            }
            return;
        }
        const auto head_m = [&](double flow) {
            double head = 0.0;
            for (auto c = curve.coefficients.rbegin(); c != curve.coefficients.rend(); ++c) {
                head = head * flow + *c;
            }
            return head;
        };
        double last_m = head_m(0.0);
        add_point(name, 0.0, last_m);
        for (double flow = 1e-4; flow < 100 && last_m > 0.0; flow *= 1.15) {
            if (const double next_m = head_m(flow); next_m < last_m) {
                add_point(name, flow, next_m);
                last_m = next_m;
            }
        }
    }
    void add_point(const std::string& name, double flow_m3_s, double head_m) {
        fmt::format_to(std::back_inserter(curves_), "{} {} {}\n", name, flow_m3_s * litres_a_m3, head_m);
    }

    template <class Link>
    void add_pump(const Link& link, const PumpCurve& curve, double speed, bool running) {
        const auto id = ids_of_links_.of(link.id);
        fmt::format_to(std::back_inserter(pumps_), "{} {} HEAD {}{}\n", id, ends(link), id,
                       speed == 1.0 ? "" : fmt::format(" SPEED {}", speed));
        add_curve(id, curve);
        if (!running) {
            status_ += id + " Closed\n";
        }
    }
    /// Falls by a millimetre over any flow there can be.
    template <class Link>
    void add_flat_pump(const Link& link, double pressure_rise_pa, bool running) {
        const double head_m = pressure_rise_pa / weight_pa_m_;
        add_pump(link, {.points = {{0.0, head_m + 1e-3}, {50.0, head_m}, {100.0, head_m - 1e-3}}}, 1.0, running);
        note(link.id, "constant pressure rises became pumps with nearly flat curves");
    }

    void add_sources() {
        for (const auto& source : network_.sources) {
            const auto& held = network_.nodes[at(source.from)].held_pressure_pa;
            if (!source.running) {
                continue;
            }
            if (source.control == SourceControl::flow) {
                take_flow(source, source.mass_flow_kg_s);
            } else if (source.control == SourceControl::pressure_rise && held) {
                hold_supply(source, *held);
            } else if (source.control == SourceControl::pump_curve) {
                add_pump(source, source.curve, source.speed, true);
            } else if (source.control == SourceControl::pressure_rise) {
                add_flat_pump(source, source.pressure_rise_pa, true);
            } else {
                note(source.id, "passive sources are left out");
            }
        }
    }
    /// Between two reservoirs EPANET needs no pump: the one takes what the other gives.
    void hold_supply(const Source& source, double held_pa) {
        const double rise_m = network_.nodes[at(source.to)].elevation_m - network_.nodes[at(source.from)].elevation_m;
        held_pressure_pa_[at(source.to)] = held_pa + source.pressure_rise_pa - rise_m * weight_pa_m_;
    }

    double flow_asked_kg_s(const Consumer& consumer) {
        if (consumer.control == ConsumerControl::flow) {
            return consumer.mass_flow_kg_s;
        }
        note(consumer.id, "consumers that ask for heat draw their design flow");
        return consumer.design_mass_flow_kg_s > 0.0 ? consumer.design_mass_flow_kg_s
                                                    : consumer.heat_w / (4186.8 * 50.0);
    }
    void add_consumers() {
        for (const auto& consumer : network_.consumers) {
            if (consumer.open && consumer.control == ConsumerControl::valve) {
                constexpr double diameter_m = 0.025;
                add_throttle(
                    ids_of_links_.of(consumer.id), ends(consumer), diameter_m,
                    loss_of(consumer.throttle, diameter_m) + loss_of(consumer.loss_coefficient_pa_s2_kg2, diameter_m));
            } else if (consumer.open) {
                take_flow(consumer, flow_asked_kg_s(consumer));
            }
        }
    }

    void add_pumps() {
        for (const auto& pump : network_.pumps) {
            if (pump.control == PumpControl::flow) {
                take_flow(pump, pump.running ? pump.mass_flow_kg_s : 0.0);
            } else if (pump.control == PumpControl::pressure_rise) {
                add_flat_pump(pump, pump.pressure_rise_pa, pump.running);
            } else {
                add_pump(pump, pump.curve, pump.speed, pump.running);
            }
        }
    }

    static double area_m2(double diameter_m) { return pi / 4 * diameter_m * diameter_m; }
    /// ζ on the diameter for a Kv: 10⁵·(3600·V/Kv)²·ρ/1000 = ζ·ρ/2·(V/A)².
    static double loss_of(const Throttle& throttle, double diameter_m) {
        const double kv_m3_h = throttle.kvs_m3_h * share_of(throttle);
        const double ratio = 3600 * area_m2(diameter_m) / std::max(kv_m3_h, 1e-9);
        return 200 * ratio * ratio;
    }
    /// k·G² at 1 000 kg/m³.
    static double loss_of(double coefficient_pa_s2_kg2, double diameter_m) {
        const double mass_flow_kg_s_at_1_m_s = 1000 * area_m2(diameter_m);
        return coefficient_pa_s2_kg2 * mass_flow_kg_s_at_1_m_s * mass_flow_kg_s_at_1_m_s / 500;
    }
    static double share_of(const Throttle& throttle) {
        switch (throttle.characteristic) {
            case Characteristic::linear:
                return throttle.opening;
            case Characteristic::equal_percentage:
                return throttle.opening > 0.0 ? std::pow(throttle.rangeability, throttle.opening - 1) : 0.0;
            case Characteristic::quick_opening:
                return std::sqrt(throttle.opening);
        }
        return throttle.opening;
    }

    void add_valve(const std::string& id, const std::string& between, double diameter_m, const char* type,
                   double setting, double loss) {
        fmt::format_to(std::back_inserter(valves_), "{} {} {} {} {} {}\n", id, between, diameter_m * 1e3, type, setting,
                       loss / epanet::minor_loss_scale);
    }
    void add_throttle(const std::string& id, const std::string& between, double diameter_m, double loss) {
        add_valve(id, between, diameter_m, "TCV", loss / epanet::minor_loss_scale, 0.0);
    }
    void add_valves() {
        for (const auto& valve : network_.valves) {
            const auto id = ids_of_links_.of(valve.id);
            const double diameter_m = valve.inner_diameter_m > 0.0 ? valve.inner_diameter_m : 0.1;
            const double loss =
                valve.throttle.kvs_m3_h > 0.0 ? loss_of(valve.throttle, diameter_m) : valve.loss_coefficient;
            add_valve_of_kind(valve, id, diameter_m, loss);
            if (!valve.open) {
                status_ += id + " Closed\n";
            }
        }
    }
    void add_valve_of_kind(const Valve& valve, const std::string& id, double diameter_m, double loss) {
        const double setting_m = valve.set_pressure_pa / (1000 * epanet::gravity_m_s2);
        switch (valve.kind) {
            case ValveKind::pressure_reducing:
                return add_valve(id, ends(valve), diameter_m, "PRV", setting_m, loss);
            case ValveKind::pressure_sustaining:
                return add_valve(id, ends(valve), diameter_m, "PSV", setting_m, loss);
            case ValveKind::pressure_breaker:
                return add_valve(id, ends(valve), diameter_m, "PBV", setting_m, loss);
            case ValveKind::flow_control:
                return add_valve(id, ends(valve), diameter_m, "FCV", litres_s(valve.set_mass_flow_kg_s), loss);
            case ValveKind::check:
            case ValveKind::differential_pressure:
                note(valve.id, fmt::format("{} valves became open throttles",
                                           valve.kind == ValveKind::check ? "check" : "differential pressure"));
                [[fallthrough]];
            case ValveKind::shut_off:
            case ValveKind::throttle:
                return add_throttle(id, ends(valve), diameter_m, loss);
        }
    }

    void add_tanks() {
        for (const auto& tank : network_.tanks) {
            take_flow(tank, tank.charge_mass_flow_kg_s);
        }
    }

    /// Q = C·√h with h in metres of EPANET's gauge.
    void add_emitters(std::string& text) {
        text += "\n[EMITTERS]\n";
        for (const auto& leak : network_.leaks) {
            if (leak.node < 0) {
                note(leak.id, "leaks on pipes are left out");
                continue;
            }
            const double flow_m3_s =
                leak.discharge_coefficient * leak.area_m2 * std::sqrt(2 * 1000 * epanet::gravity_m_s2 / density_kg_m3_);
            fmt::format_to(std::back_inserter(text), "{} {}\n", node_ids_[at(leak.node)], flow_m3_s * litres_a_m3);
        }
    }

    void add_options(std::string& text) {
        if (network_.friction != Friction::hazen_williams && network_.friction != Friction::swamee_jain) {
            note("friction", "EPANET has Swamee-Jain's formula for it");
        }
        const double viscosity_m2_s = water_.dynamic_viscosity_pa_s(temperature_c_) / density_kg_m3_;
        text += fmt::format(
            "\n[OPTIONS]\nUnits LPS\nHeadloss {}\nViscosity {}\nSpecific Gravity {}\nEmitter Exponent 0.5\n"
            "Trials 200\nAccuracy 0.0000001\n\n[TIMES]\nDuration 0\n\n[REPORT]\nStatus No\nSummary No\n",
            network_.friction == Friction::hazen_williams ? "H-W" : "D-W",
            viscosity_m2_s / epanet::reference_viscosity_m2_s, density_kg_m3_ / 1000);
    }

    void add_coordinates(std::string& text) const {
        text += "\n[COORDINATES]\n";
        for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
            if (const auto& node = network_.nodes[i]; node.x && node.y) {
                fmt::format_to(std::back_inserter(text), "{} {} {}\n", node_ids_[i], *node.x, *node.y);
            }
        }
    }

    const Network& network_;
    Diagnostics& notes_;
    FluidProperties water_;
    double temperature_c_ = 0.0, density_kg_m3_ = 0.0, weight_pa_m_ = 0.0;
    Ids ids_, ids_of_links_;
    std::vector<std::string> node_ids_;
    std::vector<double> demand_kg_s_;
    std::vector<std::optional<double>> held_pressure_pa_;
    std::string pumps_, valves_, status_, curves_;
    std::unordered_set<std::string> noted_;
};

}  // namespace

std::string write_epanet(const Network& network, Diagnostics& notes) {
    return EpanetWriter(network, notes).write();
}

}  // namespace nuanshu::network
