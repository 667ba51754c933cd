#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/core.h>

#include "engines/network/read.h"
#include "engines/network/src/epanet_options.h"
#include "engines/network/src/epanet_sections.h"

namespace nuanshu::network {
namespace {

using epanet::Options;
using epanet::parse_number;
using epanet::Row;
using epanet::same_word;
using epanet::Section;
using epanet::Sections;
using Words = std::span<const std::string_view>;
using Index = std::unordered_map<std::string_view, std::int32_t>;

constexpr std::size_t faults_max = 1000;

class EpanetReader {
 public:
    EpanetReader(std::string_view text, const std::string& file)
        : file_(file), sections_(Sections::split(text, file, result_.faults)) {}

    Reading read() {
        if (!result_.faults.empty()) {
            return std::move(result_);
        }
        options_ = epanet::read_options(sections_, file_, result_.faults, result_.notes);
        set_fluid();
        reserve();
        read_title();
        gather_patterns();
        gather_curves();
        each_row(Section::junctions, 2, [this](Words words) { read_junction(words); });
        each_row(Section::reservoirs, 2, [this](Words words) { read_reservoir(words); });
        each_row(Section::tanks, 3, [this](Words words) { read_tank(words); });
        each_row(Section::demands, 2, [this](Words words) { read_demand(words); });
        each_row(Section::coordinates, 3, [this](Words words) { read_coordinates(words); });
        each_row(Section::emitters, 2, [this](Words words) { read_emitter(words); });
        each_row(Section::pipes, 6, [this](Words words) { read_pipe(words); });
        each_row(Section::pumps, 4, [this](Words words) { read_pump(words); });
        each_row(Section::valves, 6, [this](Words words) { read_valve(words); });
        each_row(Section::status, 2, [this](Words words) { read_status(words); });
        note_what_is_left_out();
        return std::move(result_);
    }

 private:
    Network& net() { return result_.network; }

    template <class Read>
    void each_row(Section section, std::size_t words_min, const Read& read) {
        for (const auto& row : sections_.rows(section)) {
            line_ = row.line;
            const auto words = sections_.words(row);
            if (words.size() < words_min) {
                fault(words.empty() ? "" : words[0],
                      fmt::format("has {} words; at least {} are wanted", words.size(), words_min));
            } else {
                read(words);
            }
        }
    }

    void fault(std::string_view field, std::string text) {
        if (result_.faults.size() < faults_max) {
            result_.faults.push_back({file_, line_, std::string(field.substr(0, 60)), std::move(text)});
        }
    }
    void note(std::string_view field, std::string text) {
        result_.notes.push_back({file_, line_, std::string(field), std::move(text)});
    }

    /// The number at `position`; `absent` where the row ends before or the word is "*".
    double number(Words words, std::size_t position, std::string_view what, double absent = 0.0) {
        if (position >= words.size() || words[position] == "*") {
            return absent;
        }
        double value = absent;
        if (!parse_number(words[position], value)) {
            fault(words[0], fmt::format("{}: `{}` is no number", what, words[position].substr(0, 40)));
        }
        return value;
    }
    double positive(Words words, std::size_t position, std::string_view what) {
        const double value = number(words, position, what, 1.0);
        if (value <= 0.0) {
            fault(words[0], fmt::format("{}: {} is not above 0", what, value));
            return 1.0;
        }
        return value;
    }
    double not_negative(Words words, std::size_t position, std::string_view what) {
        const double value = number(words, position, what);
        if (value < 0.0) {
            fault(words[0], fmt::format("{}: {} is below 0", what, value));
            return 0.0;
        }
        return value;
    }

    double minor_loss(Words words, std::size_t position, std::string_view what) {
        return not_negative(words, position, what) * epanet::minor_loss_scale;
    }

    void set_fluid() {
        net().fluid = {.constant = true,
                       .density_kg_m3 = options_.density_kg_m3,
                       .kinematic_viscosity_m2_s = options_.kinematic_viscosity_m2_s};
        net().friction = options_.friction;
        net().gravity_m_s2 = epanet::gravity_m_s2;
    }

    void reserve() {
        const auto nodes = sections_.rows(Section::junctions).size() + sections_.rows(Section::reservoirs).size() +
                           sections_.rows(Section::tanks).size();
        net().nodes.reserve(nodes);
        nodes_.reserve(nodes);
        net().pipes.reserve(sections_.rows(Section::pipes).size());
        net().valves.reserve(sections_.rows(Section::valves).size());
        links_.reserve(sections_.rows(Section::pipes).size() + sections_.rows(Section::valves).size());
    }

    void read_title() {
        for (const auto& row : sections_.rows(Section::title)) {
            for (const auto word : sections_.words(row)) {
                net().title += (net().title.empty() ? "" : " ") + std::string(word);
            }
            return;
        }
    }

    /// The first multiplier of each pattern: the one at the beginning.
    void gather_patterns() {
        each_row(Section::patterns, 2, [this](Words words) {
            if (const double first = number(words, 1, "multiplier", 1.0); patterns_.emplace(words[0], first).second) {
                patterns_vary_ = patterns_vary_ || words.size() > 2;
            }
        });
    }
    double first_of_pattern(std::string_view name) {
        if (name.empty()) {
            return 1.0;
        }
        if (const auto at = patterns_.find(name); at != patterns_.end()) {
            return at->second;
        }
        if (name != options_.default_pattern) {
            fault(name, "there is no such pattern in [PATTERNS]");
        }
        return 1.0;
    }
    std::string_view pattern_at(Words words, std::size_t position) const {
        return words.size() > position && words[position] != "*" ? words[position] : std::string_view();
    }

    void gather_curves() {
        each_row(Section::curves, 3, [this](Words words) {
            curves_[words[0]].push_back(
                {number(words, 1, "x") * options_.flow_m3_s, number(words, 2, "y") * options_.length_m});
        });
    }

    Node* add_node(std::string_view id, double elevation_m) {
        if (!nodes_.emplace(id, static_cast<std::int32_t>(net().nodes.size())).second) {
            fault(id, "is given twice; a node's id is its own");
            return nullptr;
        }
        net().nodes.push_back({.id = std::string(id), .elevation_m = elevation_m});
        return &net().nodes.back();
    }
    double demand_kg_s(Words words, std::size_t position) {
        const auto pattern = pattern_at(words, position + 1);
        return number(words, position, "demand") * options_.flow_m3_s * options_.density_kg_m3 *
               options_.demand_multiplier * first_of_pattern(pattern.empty() ? options_.default_pattern : pattern);
    }
    void read_junction(Words words) {
        if (auto* node = add_node(words[0], number(words, 1, "elevation") * options_.length_m)) {
            node->demand_kg_s = demand_kg_s(words, 2);
        }
    }
    void read_reservoir(Words words) {
        const double head_m = number(words, 1, "head") * options_.length_m * first_of_pattern(pattern_at(words, 2));
        if (auto* node = add_node(words[0], head_m)) {
            node->held_pressure_pa = 0.0;
        }
    }
    void read_tank(Words words) {
        if (auto* node = add_node(words[0], number(words, 1, "elevation") * options_.length_m)) {
            node->held_pressure_pa = options_.density_kg_m3 * epanet::gravity_m_s2 *
                                     not_negative(words, 2, "initial level") * options_.length_m;
        }
    }

    Node* node_named(std::string_view id) {
        const auto at = nodes_.find(id);
        if (at == nodes_.end()) {
            fault(id, "there is no such node in [JUNCTIONS], [RESERVOIRS] or [TANKS]");
            return nullptr;
        }
        return &net().nodes[static_cast<std::size_t>(at->second)];
    }
    /// Rows of [DEMANDS] take the place of the demand in [JUNCTIONS], and add up.
    void read_demand(Words words) {
        if (same_word(words[0], "MULTIPLY")) {
            return;
        }
        if (auto* node = node_named(words[0])) {
            const double demand = demand_kg_s(words, 1);
            node->demand_kg_s = demand + (demanded_.insert_or_assign(words[0], line_).second ? 0.0 : node->demand_kg_s);
        }
    }
    void read_coordinates(Words words) {
        const auto at = nodes_.find(words[0]);
        if (at != nodes_.end()) {
            auto& node = net().nodes[static_cast<std::size_t>(at->second)];
            node.x = number(words, 1, "x");
            node.y = number(words, 2, "y");
        }
    }
    /// Q = C·√p is our leak with Cd·A = ρ·C / √(2ρ), C for pascals.
    void read_emitter(Words words) {
        const double coefficient = not_negative(words, 1, "coefficient");
        if (coefficient > 0.0 && options_.emitter_exponent != 0.5) {
            fault(words[0],
                  fmt::format("an emitter with exponent {} is not done here; only 0.5", options_.emitter_exponent));
        } else if (const auto* node = node_named(words[0]); node != nullptr && coefficient > 0.0) {
            Leak leak{.id = std::string(words[0]), .node = nodes_.at(words[0])};
            const double flow_m3_s_at_1_pa = coefficient * options_.flow_m3_s / std::sqrt(options_.pressure_pa);
            leak.area_m2 = flow_m3_s_at_1_pa * std::sqrt(options_.density_kg_m3 / 2) / leak.discharge_coefficient;
            net().leaks.push_back(std::move(leak));
        }
    }

    struct Link {
        ElementKind kind;
        std::int32_t index;
    };
    /// Only a link that will be there is known to [STATUS].
    bool begin_link(Words words, ElementKind kind, std::size_t index) {
        const auto* from = node_named(words[1]);
        const auto* to = node_named(words[2]);
        if (links_.contains(words[0])) {
            fault(words[0], "is given twice; a link's id is its own");
            return false;
        }
        if (from != nullptr && from == to) {
            fault(words[0], fmt::format("begins and ends at node {}; join two nodes", words[1]));
        }
        const bool complete = from != nullptr && to != nullptr && from != to;
        if (complete) {
            links_.emplace(words[0], Link{kind, static_cast<std::int32_t>(index)});
        }
        return complete;
    }
    template <class Element>
    Element link(Words words) const {
        Element element;
        element.id = std::string(words[0]);
        element.from = nodes_.at(words[1]);
        element.to = nodes_.at(words[2]);
        return element;
    }

    void read_pipe(Words words) {
        if (!begin_link(words, ElementKind::pipe, net().pipes.size())) {
            return;
        }
        auto pipe = link<Pipe>(words);
        pipe.length_m = positive(words, 3, "length") * options_.length_m;
        pipe.inner_diameter_m = positive(words, 4, "diameter") * options_.diameter_m;
        if (options_.friction == Friction::hazen_williams) {
            pipe.hazen_williams = positive(words, 5, "roughness");
        } else {
            pipe.roughness_m = not_negative(words, 5, "roughness") * options_.roughness_m;
        }
        const bool status_follows =
            words.size() == 7 && std::isalpha(static_cast<unsigned char>(words[6].front())) != 0;
        pipe.minor_loss = status_follows ? 0.0 : minor_loss(words, 6, "minor loss");
        if (const auto status = words.size() > 6
                                    ? words[status_follows ? 6 : std::min<std::size_t>(7, words.size() - 1)]
                                    : std::string_view();
            status_follows || words.size() > 7) {
            set_pipe_status(pipe, status);
        }
        net().pipes.push_back(std::move(pipe));
    }
    void set_pipe_status(Pipe& pipe, std::string_view status) {
        if (same_word(status, "CV")) {
            pipe.check_valve = true;
        } else if (same_word(status, "CLOSED") || same_word(status, "OPEN")) {
            pipe.open = same_word(status, "OPEN");
        } else {
            fault(pipe.id, fmt::format("status: `{}` is none of Open, Closed and CV", status.substr(0, 40)));
        }
    }

    void read_pump(Words words) {
        if (!begin_link(words, ElementKind::pump, net().pumps.size())) {
            return;
        }
        auto pump = link<Pump>(words);
        for (std::size_t i = 3; i + 1 < words.size(); i += 2) {
            read_pump_word(pump, words, i);
        }
        if (pump.curve.points.empty()) {
            fault(pump.id, "has neither HEAD with a curve nor POWER");
        }
        pump.running = pump.speed > 0.0;
        net().pumps.push_back(std::move(pump));
    }
    void read_pump_word(Pump& pump, Words words, std::size_t at) {
        if (same_word(words[at], "HEAD")) {
            set_curve(pump, words[at + 1]);
        } else if (same_word(words[at], "POWER")) {
            set_power(pump, positive(words, at + 1, "power") * options_.power_w);
        } else if (same_word(words[at], "SPEED")) {
            pump.speed = not_negative(words, at + 1, "speed");
        } else if (same_word(words[at], "PATTERN")) {
            pump.speed = first_of_pattern(words[at + 1]);
        } else {
            fault(pump.id, fmt::format("`{}` is none of HEAD, POWER, SPEED and PATTERN", words[at].substr(0, 40)));
        }
    }
    /// One point stands for a curve through 4/3 of its head at no flow and no head at twice its flow, as EPANET has it.
    void set_curve(Pump& pump, std::string_view name) {
        const auto at = curves_.find(name);
        if (at == curves_.end()) {
            fault(pump.id, fmt::format("there is no curve `{}` in [CURVES]", name.substr(0, 40)));
            pump.curve.points = {{0, 1}, {1, 0}};
            return;
        }
        pump.curve.points = at->second;
        if (pump.curve.points.size() == 1) {
            const auto only = pump.curve.points[0];
            pump.curve.points = {{0, only.head_m * 4 / 3}, only, {2 * only.volume_flow_m3_s, 0}};
        }
        const bool power = pump.curve.points.size() == 3 && pump.curve.points[0].volume_flow_m3_s == 0.0;
        pump.curve.form = power ? PumpCurve::Form::power : PumpCurve::Form::points;
    }
    /// H·Q = P/(62.4 lb/ft³) as 400 points, which straight lines join to 5e-5.
    void set_power(Pump& pump, double power_w) {
        constexpr double head_max_m = 1000, head_min_m = 0.4, step = 1.02;
        const double head_by_flow = power_w / 745.7 * 8.814 * foot_to_the_fourth_m4;
        for (double head_m = head_max_m; head_m > head_min_m; head_m /= step) {
            pump.curve.points.push_back({head_by_flow / head_m, head_m});
        }
        note(pump.id, fmt::format("its constant power of {} kW became a curve between {} and {} m of head",
                                  power_w / 1000, head_min_m, head_max_m));
    }

    void read_valve(Words words) {
        if (!begin_link(words, ElementKind::valve, net().valves.size())) {
            return;
        }
        auto valve = link<Valve>(words);
        valve.inner_diameter_m = positive(words, 3, "diameter") * options_.diameter_m;
        valve.loss_coefficient = minor_loss(words, 6, "minor loss");
        const auto type = words[4];
        if (same_word(type, "PRV") || same_word(type, "PSV") || same_word(type, "PBV")) {
            valve.kind = same_word(type, "PRV")   ? ValveKind::pressure_reducing
                         : same_word(type, "PSV") ? ValveKind::pressure_sustaining
                                                  : ValveKind::pressure_breaker;
            valve.set_pressure_pa = number(words, 5, "setting") * options_.pressure_pa;
        } else if (same_word(type, "FCV")) {
            valve.kind = ValveKind::flow_control;
            valve.set_mass_flow_kg_s = not_negative(words, 5, "setting") * options_.flow_m3_s * options_.density_kg_m3;
        } else if (same_word(type, "TCV")) {
            valve.kind = ValveKind::throttle;
            // EPANET takes the minor loss of a throttle only while it stands fully open.
            open_losses_.emplace(words[0], valve.loss_coefficient);
            valve.loss_coefficient = minor_loss(words, 5, "setting");
        } else {
            fault(valve.id,
                  fmt::format("a valve of type `{}` is not done here; PRV, PSV, PBV, FCV or TCV", type.substr(0, 40)));
        }
        net().valves.push_back(std::move(valve));
    }

    void read_status(Words words) {
        const auto at = links_.find(words[0]);
        if (at == links_.end()) {
            fault(words[0], "there is no such pipe, pump or valve");
            return;
        }
        const auto index = static_cast<std::size_t>(at->second.index);
        double setting = 0.0;
        const bool open = same_word(words[1], "OPEN") || same_word(words[1], "ACTIVE");
        if (!open && !same_word(words[1], "CLOSED") && !parse_number(words[1], setting)) {
            fault(words[0], fmt::format("`{}` is none of Open, Closed, Active and a setting", words[1].substr(0, 40)));
        } else if (at->second.kind == ElementKind::pipe) {
            net().pipes.at(index).open = open;
        } else if (at->second.kind == ElementKind::pump) {
            set_pump_status(net().pumps.at(index), words[1], open, setting);
        } else {
            set_valve_status(net().valves.at(index), words, open, setting);
        }
    }
    static void set_pump_status(Pump& pump, std::string_view word, bool open, double setting) {
        const bool closed = same_word(word, "CLOSED");
        pump.speed = open || closed ? pump.speed : setting;
        pump.running = !closed && pump.speed > 0.0;
    }
    void set_valve_status(Valve& valve, Words words, bool open, double setting) {
        if (same_word(words[1], "CLOSED")) {
            valve.open = false;
        } else if (same_word(words[1], "OPEN")) {
            if (const auto loss = open_losses_.find(words[0]); loss != open_losses_.end()) {
                valve.loss_coefficient = loss->second;
            }
            valve.kind = ValveKind::throttle;
        } else if (!open && valve.kind == ValveKind::throttle) {
            valve.loss_coefficient = setting * epanet::minor_loss_scale;
        } else if (!open && valve.kind == ValveKind::flow_control) {
            valve.set_mass_flow_kg_s = setting * options_.flow_m3_s * options_.density_kg_m3;
        } else if (!open) {
            valve.set_pressure_pa = setting * options_.pressure_pa;
        }
    }

    void note_what_is_left_out() {
        line_ = 0;
        if (patterns_vary_) {
            note("PATTERNS", "only the first value of each counts: this is the first moment");
        }
        if (!sections_.rows(Section::controls).empty() || !sections_.rows(Section::rules).empty()) {
            note("CONTROLS", "controls and rules are left out");
        }
        if (!sections_.rows(Section::tanks).empty()) {
            note("TANKS", "tanks hold their first level");
        }
    }

    static constexpr double foot_to_the_fourth_m4 = epanet::foot_m * epanet::foot_m * epanet::foot_m * epanet::foot_m;

    Reading result_;
    std::string file_;
    Sections sections_;
    Options options_;
    int line_ = 0;
    bool patterns_vary_ = false;
    Index nodes_;
    std::unordered_map<std::string_view, Link> links_;
    std::unordered_map<std::string_view, double> patterns_, open_losses_;
    std::unordered_map<std::string_view, int> demanded_;
    std::unordered_map<std::string_view, std::vector<PumpCurve::Point>> curves_;
};

}  // namespace

Reading read_epanet(std::string_view text, const std::string& file) {
    return EpanetReader(text, file).read();
}

}  // namespace nuanshu::network
