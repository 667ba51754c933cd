#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engines/network/src/fluid.h"
#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr std::string_view header =
    "kind,id,from,to,mass_flow_kg_s,velocity_m_s,pressure_drop_pa,from_temperature_c,to_temperature_c,pressure_pa,head_"
    "m,"
    "temperature_c,inflow_kg_s,heat_w,status\n";
constexpr std::array<std::string_view, 3> status_words = {"closed", "open", "active"};

/// What was not solved, e.g. heat, has no values.
double value_of(const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? values[i] : std::numeric_limits<double>::quiet_NaN();
}

/// Writes cells from left to right; each row ends with the header's last column.
class Table {
 public:
    Table(const Network& network, const Solution& solution) : network_(network), solution_(solution) {
        out_.reserve(header.size() + (network.nodes.size() + network.pipes.size()) * 150);
        out_ = header;
    }

    void add_nodes() {
        for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
            begin("node", network_.nodes[i].id);
            skip(7);
            number(solution_.node_pressure_pa[i]);
            number(solution_.head_m(network_, static_cast<NodeIndex>(i)));
            number(value_of(solution_.node_temperature_c, i));
            number(value_of(solution_.node_inflow_kg_s, i));
            skip(2);
            end();
        }
    }

    /// `heat_w` and `status` of a link, where there is one: functions of its position that write or skip a cell.
    template <class Link, class Diameter, class Heat, class Status>
    void add_links(std::string_view kind, const std::vector<Link>& links, const LinkFlows& flows,
                   const Diameter& diameter, const Heat& heat, const Status& status) {
        for (std::size_t i = 0; i < links.size(); ++i) {
            begin(kind, links[i].id);
            text(network_.nodes[static_cast<std::size_t>(links[i].from)].id);
            text(network_.nodes[static_cast<std::size_t>(links[i].to)].id);
            number(value_of(flows.mass_flow_kg_s, i));
            velocity(value_of(flows.mass_flow_kg_s, i), diameter(links[i]), value_of(flows.from_temperature_c, i));
            number(value_of(flows.pressure_drop_pa, i));
            number(value_of(flows.from_temperature_c, i));
            number(value_of(flows.to_temperature_c, i));
            skip(4);
            heat(*this, i);
            status(*this, i);
            end();
        }
    }

    void add_leaks() {
        for (std::size_t i = 0; i < network_.leaks.size(); ++i) {
            begin("leak", network_.leaks[i].id);
            skip(2);
            number(value_of(solution_.leak_mass_flow_kg_s, i));
            skip(10);
            end();
        }
    }

    void number(double value) {
        if (std::isfinite(value)) {
            std::array<char, 32> digits;
            const auto last = std::to_chars(digits.data(), digits.data() + digits.size(), value + 0.0).ptr;
            out_.append(digits.data(), last);
        }
        out_ += ',';
    }
    void text(std::string_view cell) {
        if (cell.find_first_of(",\"\n\r") == std::string_view::npos) {
            out_ += cell;
        } else {
            out_ += '"';
            for (const char c : cell) {
                out_ += c == '"' ? "\"\"" : std::string(1, c);
            }
            out_ += '"';
        }
        out_ += ',';
    }
    void skip(int cells) { out_.append(static_cast<std::size_t>(cells), ','); }
    std::string take() { return std::move(out_); }

 private:
    void begin(std::string_view kind, const std::string& id) {
        text(kind);
        text(id);
    }
    void end() { out_.back() = '\n'; }
    void velocity(double mass_flow_kg_s, double diameter_m, double temperature_c) {
        if (diameter_m > 0.0 && (water_.constant() || std::isfinite(temperature_c))) {
            number(mass_flow_kg_s / (water_.density_kg_m3(temperature_c) * pi / 4 * diameter_m * diameter_m));
        } else {
            skip(1);
        }
    }

    const Network& network_;
    const Solution& solution_;
    FluidProperties water_{network_.fluid};
    std::string out_;
};

}  // namespace

std::string write_solution_csv(const Network& network, const Solution& solution) {
    Table table(network, solution);
    const auto skipped = [](Table& row, std::size_t) { row.skip(1); };
    const auto no_diameter = [](const auto&) { return 0.0; };
    const auto own_diameter = [](const auto& link) { return link.inner_diameter_m; };
    const auto numbers = [](const std::vector<double>& values) {
        return [&values](Table& row, std::size_t i) { row.number(value_of(values, i)); };
    };
    table.add_nodes();
    table.add_links("pipe", network.pipes, solution.pipes, own_diameter, numbers(solution.pipe_heat_loss_w), skipped);
    table.add_links("pump", network.pumps, solution.pumps, no_diameter, skipped, skipped);
    table.add_links("valve", network.valves, solution.valves, own_diameter, skipped, [&](Table& row, std::size_t i) {
        row.text(status_words[static_cast<std::size_t>(solution.valve_status[i])]);
    });
    table.add_links("source", network.sources, solution.sources, no_diameter, numbers(solution.source_heat_w), skipped);
    table.add_links("consumer", network.consumers, solution.consumers, no_diameter, numbers(solution.consumer_heat_w),
                    skipped);
    table.add_leaks();
    table.add_links("tank", network.tanks, solution.tanks, no_diameter, skipped, skipped);
    return table.take();
}

}  // namespace nuanshu::network
