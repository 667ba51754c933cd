#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "engines/network/read.h"

/// pandapipes' to_json(): an object `_object` whose members are tables. A table is a pandas frame of orientation
/// "split", written as text once more: {"columns": […], "index": […], "data": [[…], …]}.
namespace nuanshu::network {
namespace {

namespace json = boost::json;

constexpr double pi = 3.14159265358979323846;
constexpr double zero_celsius_k = 273.15;
constexpr double pandapipes_gravity_m_s2 = 9.81;
constexpr std::size_t faults_max = 1000;

/// The value itself, or what its text holds when it is JSON once more.
json::value unwrapped(const json::value* value) {
    if (value == nullptr) {
        return nullptr;
    }
    if (const auto* text = value->if_string()) {
        boost::system::error_code error;
        auto inner = json::parse(*text, error);
        return error ? json::value(nullptr) : inner;
    }
    return *value;
}

/// Member `_object` of member `name`.
json::value object_of(const json::object& parent, std::string_view name) {
    const auto* member = parent.if_contains(name);
    const auto* holder = member == nullptr ? nullptr : member->if_object();
    return holder == nullptr ? json::value(nullptr) : unwrapped(holder->if_contains("_object"));
}

struct Row {
    std::string_view table;
    std::size_t number = 0;
    std::int64_t index = 0;
    const json::array* cells = nullptr;
    const std::unordered_map<std::string, std::size_t>* columns = nullptr;

    const json::value* cell(const std::string& column) const {
        const auto at = columns->find(column);
        return at == columns->end() || at->second >= cells->size() ? nullptr : &(*cells)[at->second];
    }
};

class PandapipesReader {
 public:
    PandapipesReader(const std::string& file, const PandapipesSettings& settings) : file_(file), settings_(settings) {}

    Reading read(std::string_view text) {
        boost::system::error_code error;
        const auto document = json::parse(text, error);
        const auto* outer = error ? nullptr : document.if_object();
        const auto inner = outer == nullptr ? json::value(nullptr) : unwrapped(outer->if_contains("_object"));
        if (!inner.is_object()) {
            fault("_object",
                  error ? fmt::format("is no JSON: {}", error.message()) : "is no pandapipes net: it has no tables");
            return std::move(result_);
        }
        net_ = &inner.get_object();
        read_fluid();
        read_tables();
        return std::move(result_);
    }

 private:
    Network& net() { return result_.network; }
    void fault(std::string field, std::string text) {
        if (result_.faults.size() < faults_max) {
            result_.faults.push_back({file_, 0, std::move(field), std::move(text)});
        }
    }
    static std::string place(const Row& row, std::string_view column) {
        return fmt::format("{}.{}.{}", row.table, row.index, column);
    }

    double property(const json::object& properties, std::string_view name) {
        const auto object = object_of(properties, name);
        const auto* value = object.is_object() ? object.get_object().if_contains("value") : nullptr;
        if (value == nullptr || !value->is_number()) {
            fault(fmt::format("fluid.{}", name), "is no constant; only fluids with constant properties are read");
            return 1.0;
        }
        return value->to_number<double>();
    }
    void read_fluid() {
        const auto fluid = object_of(*net_, "fluid");
        const auto* properties = fluid.is_object() ? fluid.get_object().if_contains("all_properties") : nullptr;
        if (properties == nullptr || !properties->is_object()) {
            fault("fluid", "is missing, or has no all_properties");
            return;
        }
        const auto* gas = fluid.get_object().if_contains("is_gas");
        if (gas != nullptr && gas->is_bool() && gas->get_bool()) {
            fault("fluid.is_gas", "gases are not done here; water or another liquid");
        }
        auto& ours = net().fluid;
        ours.constant = true;
        ours.density_kg_m3 = property(properties->get_object(), "density");
        ours.kinematic_viscosity_m2_s = property(properties->get_object(), "viscosity") / ours.density_kg_m3;
        const double heat_capacity = property(properties->get_object(), "heat_capacity");
        ours.specific_heat_j_kgk = heat_capacity < 100.0 ? heat_capacity * 1000.0 : heat_capacity;  // some write kJ
        net().friction = settings_.friction;
        net().gravity_m_s2 = pandapipes_gravity_m_s2;
    }

    void read_tables() {
        each_row("junction", [this](const Row& row) { read_junction(row); });
        each_row("junction_geodata", [this](const Row& row) { read_place(row); });
        each_row("ext_grid", [this](const Row& row) { read_ext_grid(row); });
        each_row("sink", [this](const Row& row) { read_demand(row, 1.0); });
        each_row("source", [this](const Row& row) { read_demand(row, -1.0); });
        each_row("pipe", [this](const Row& row) { read_pipe(row); });
        each_row("valve", [this](const Row& row) { read_valve(row); });
        each_row("pump", [this](const Row& row) { read_pump(row); });
        for (const auto* name : {"heat_exchanger", "heat_consumer", "circ_pump_pressure", "circ_pump_mass",
                                 "mass_storage", "press_control", "flow_control", "compressor", "valve_pipe"}) {
            std::size_t rows = 0;
            each_row(name, [&](const Row&) { ++rows; });
            if (rows > 0) {
                fault(name, fmt::format("{} rows of this table are not done here", rows));
            }
        }
    }

    /// Calls `read` for each row of a table that is in service; a table that is not there has none.
    template <class Read>
    void each_row(std::string_view table, const Read& read) {
        const auto frame = object_of(*net_, table);
        if (!frame.is_object()) {
            return;
        }
        const auto* columns = frame.get_object().if_contains("columns");
        const auto* index = frame.get_object().if_contains("index");
        const auto* data = frame.get_object().if_contains("data");
        if (columns == nullptr || index == nullptr || data == nullptr || !columns->is_array() || !index->is_array() ||
            !data->is_array() || index->get_array().size() != data->get_array().size()) {
            fault(std::string(table), "is no frame of orientation `split`: columns, index and data");
            return;
        }
        std::unordered_map<std::string, std::size_t> positions;
        for (const auto& column : columns->get_array()) {
            positions.emplace(column.is_string() ? std::string(column.get_string()) : std::string(), positions.size());
        }
        for (std::size_t i = 0; i < data->get_array().size(); ++i) {
            const auto& number = index->get_array()[i];
            const auto* cells = data->get_array()[i].if_array();
            if (cells == nullptr || !number.is_int64()) {
                fault(fmt::format("{}.{}", table, i), "is no row with a number");
                continue;
            }
            const Row row{table, i, number.get_int64(), cells, &positions};
            if (flag(row, "in_service", true)) {
                read(row);
            }
        }
    }

    static bool flag(const Row& row, const std::string& column, bool absent) {
        const auto* cell = row.cell(column);
        return cell != nullptr && cell->is_bool() ? cell->get_bool() : absent;
    }
    static std::string text(const Row& row, const std::string& column) {
        const auto* cell = row.cell(column);
        return cell != nullptr && cell->is_string() ? std::string(cell->get_string()) : std::string();
    }
    static bool has_number(const Row& row, const std::string& column) {
        const auto* cell = row.cell(column);
        return cell != nullptr && cell->is_number();
    }
    double number(const Row& row, const std::string& column, double absent = 0.0) {
        const auto* cell = row.cell(column);
        if (cell == nullptr || cell->is_null()) {
            return absent;
        }
        if (!cell->is_number()) {
            fault(place(row, column), "is no number");
            return absent;
        }
        return cell->to_number<double>();
    }
    NodeIndex junction(const Row& row, const std::string& column) {
        const auto* cell = row.cell(column);
        const auto at = cell != nullptr && cell->is_int64() ? junctions_.find(cell->get_int64()) : junctions_.end();
        if (at == junctions_.end()) {
            fault(place(row, column), "there is no such junction in service");
            return -1;
        }
        return at->second;
    }

    void read_junction(const Row& row) {
        junctions_.emplace(row.index, static_cast<NodeIndex>(net().nodes.size()));
        net().nodes.push_back({.id = fmt::format("j{}", row.index),
                               .elevation_m = number(row, "height_m"),
                               .inflow_temperature_c = number(row, "tfluid_k", zero_celsius_k + 20) - zero_celsius_k});
    }
    void read_place(const Row& row) {
        if (const auto at = junctions_.find(row.index); at != junctions_.end()) {
            auto& node = net().nodes[static_cast<std::size_t>(at->second)];
            node.x = number(row, "x");
            node.y = number(row, "y");
        }
    }
    void read_ext_grid(const Row& row) {
        const auto node = junction(row, "junction");
        if (node < 0) {
            return;
        }
        auto& held = net().nodes[static_cast<std::size_t>(node)];
        const auto type = text(row, "type");
        if (type.find('p') != std::string::npos || type.empty()) {
            held.held_pressure_pa = number(row, "p_bar") * 1e5;
        }
        held.inflow_temperature_c = number(row, "t_k", zero_celsius_k + 20) - zero_celsius_k;
    }
    void read_demand(const Row& row, double sign) {
        if (const auto node = junction(row, "junction"); node >= 0) {
            net().nodes[static_cast<std::size_t>(node)].demand_kg_s +=
                sign * number(row, "mdot_kg_per_s") * number(row, "scaling", 1.0);
        }
    }

    template <class Link>
    bool begin(const Row& row, char letter, Link& link) {
        link.id = fmt::format("{}{}", letter, row.index);
        link.from = junction(row, "from_junction");
        link.to = junction(row, "to_junction");
        return link.from >= 0 && link.to >= 0;
    }
    double diameter_m(const Row& row) {
        return has_number(row, "diameter_m") ? number(row, "diameter_m") : number(row, "inner_diameter_mm") / 1000;
    }
    void read_pipe(const Row& row) {
        Pipe pipe;
        if (!begin(row, 'p', pipe)) {
            return;
        }
        pipe.length_m = number(row, "length_km") * 1000;
        pipe.inner_diameter_m = diameter_m(row);
        pipe.roughness_m = number(row, "k_mm") / 1000;
        pipe.minor_loss = number(row, "loss_coefficient");
        const auto* transfer = has_number(row, "u_w_per_m2k") ? "u_w_per_m2k" : "alpha_w_per_m2k";
        pipe.insulation.u_value_w_mk = number(row, transfer) * pi * pipe.inner_diameter_m;
        pipe.ambient_temperature_c = number(row, "text_k", zero_celsius_k + 20) - zero_celsius_k;
        if (number(row, "qext_w") != 0.0) {
            fault(place(row, "qext_w"), "heat put into a pipe is not done here; 0");
        }
        net().pipes.push_back(std::move(pipe));
    }
    void read_valve(const Row& row) {
        Valve valve{.kind = ValveKind::throttle};
        if (begin(row, 'v', valve)) {
            valve.inner_diameter_m = diameter_m(row);
            valve.loss_coefficient = number(row, "loss_coefficient");
            valve.open = flag(row, "opened", true);
            net().valves.push_back(std::move(valve));
        }
    }

    /// Coefficients of the standard type, highest power first: bar over m³/h.
    std::vector<double> pump_coefficients(const std::string& type) {
        std::vector<double> found;
        const auto* types = net_->if_contains("std_type");
        const auto* pumps = types != nullptr && types->is_object() ? types->get_object().if_contains("pump") : nullptr;
        if (pumps == nullptr || !pumps->is_object()) {
            return found;
        }
        const auto pump = object_of(pumps->get_object(), type);
        const auto numbers = pump.is_object() ? object_of(pump.get_object(), "reg_par") : json::value(nullptr);
        if (numbers.is_array()) {
            for (const auto& number : numbers.get_array()) {
                found.push_back(number.is_number() ? number.to_number<double>() : 0.0);
            }
        }
        return found;
    }
    void read_pump(const Row& row) {
        Pump pump;
        if (!begin(row, 'u', pump)) {
            return;
        }
        auto coefficients = pump_coefficients(text(row, "std_type"));
        if (coefficients.empty()) {
            fault(place(row, "std_type"), "there is no such standard type of pumps");
            return;
        }
        std::reverse(coefficients.begin(), coefficients.end());
        const double head_m_a_bar = 1e5 / (net().fluid.density_kg_m3 * net().gravity_m_s2);
        double hour_s = 1.0;
        for (double& coefficient : coefficients) {
            coefficient *= head_m_a_bar * hour_s;
            hour_s *= 3600.0;
        }
        pump.curve = {.form = PumpCurve::Form::polynomial, .coefficients = std::move(coefficients)};
        net().pumps.push_back(std::move(pump));
    }

    Reading result_;
    std::string file_;
    PandapipesSettings settings_;
    const json::object* net_ = nullptr;
    std::unordered_map<std::int64_t, NodeIndex> junctions_;
};

}  // namespace

Reading read_pandapipes(std::string_view text, const std::string& file, const PandapipesSettings& settings) {
    return PandapipesReader(file, settings).read(text);
}

}  // namespace nuanshu::network
