#include <array>
#include <charconv>
#include <cmath>

#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

class GeoJsonWriter {
 public:
    GeoJsonWriter(const Network& network, const Solution* solution) : network_(network), solution_(solution) {}

    std::string write() {
        out_ = "{\"type\":\"FeatureCollection\",\"features\":[";
        for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
            add_node(i);
        }
        const auto none = [](std::size_t) {};
        add_links("pipe", network_.pipes, &Solution::pipes, [this](std::size_t i) {
            number("length_m", network_.pipes[i].length_m);
            number("inner_diameter_m", network_.pipes[i].inner_diameter_m);
            number("roughness_m", network_.pipes[i].roughness_m);
        });
        add_links("pump", network_.pumps, &Solution::pumps, none);
        add_links("valve", network_.valves, &Solution::valves, none);
        add_links("source", network_.sources, &Solution::sources, none);
        add_links("consumer", network_.consumers, &Solution::consumers,
                  [this](std::size_t i) { number("heat_w", network_.consumers[i].heat_w); });
        add_links("tank", network_.tanks, &Solution::tanks, none);
        return std::move(out_) + "]}\n";
    }

 private:
    void add_node(std::size_t i) {
        const auto& node = network_.nodes[i];
        if (!node.x || !node.y) {
            return;
        }
        begin("Point");
        position(node);
        properties("node", node.id);
        number("elevation_m", node.elevation_m);
        if (node.side != Side::unknown) {
            out_ += node.side == Side::supply ? ",\"side\":\"supply\"" : ",\"side\":\"return\"";
        }
        if (solution_ != nullptr) {
            number("pressure_pa", solution_->node_pressure_pa[i]);
            number("temperature_c", value(solution_->node_temperature_c, i));
        }
        out_ += "}}";
    }

    template <class Link, class Properties>
    void add_links(std::string_view kind, const std::vector<Link>& links, const LinkFlows Solution::*flows,
                   const Properties& own) {
        for (std::size_t i = 0; i < links.size(); ++i) {
            const auto& from = network_.nodes[static_cast<std::size_t>(links[i].from)];
            const auto& to = network_.nodes[static_cast<std::size_t>(links[i].to)];
            if (!from.x || !from.y || !to.x || !to.y) {
                continue;
            }
            begin("LineString");
            out_ += '[';
            position(from);
            out_ += ',';
            position(to);
            out_ += ']';
            properties(kind, links[i].id);
            own(i);
            if (solution_ != nullptr) {
                number("mass_flow_kg_s", value((solution_->*flows).mass_flow_kg_s, i));
                number("pressure_drop_pa", value((solution_->*flows).pressure_drop_pa, i));
            }
            out_ += "}}";
        }
    }

    static double value(const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? values[i] : std::nan("");
    }
    void begin(std::string_view geometry) {
        out_ += out_.back() == '[' ? "\n" : ",\n";
        out_ += "{\"type\":\"Feature\",\"geometry\":{\"type\":\"";
        out_ += geometry;
        out_ += "\",\"coordinates\":";
    }
    void properties(std::string_view kind, const std::string& id) {
        out_ += "},\"properties\":{\"kind\":\"";
        out_ += kind;
        out_ += "\",\"id\":\"";
        for (const char c : id) {
            if (c == '"' || c == '\\') {
                out_ += '\\';
            }
            out_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        out_ += '"';
    }
    void position(const Node& node) {
        out_ += '[';
        digits(*node.x);
        out_ += ',';
        digits(*node.y);
        out_ += ']';
    }
    void number(std::string_view name, double value) {
        if (std::isfinite(value)) {
            out_ += ",\"";
            out_ += name;
            out_ += "\":";
            digits(value);
        }
    }
    void digits(double value) {
        std::array<char, 32> buffer;
        out_.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value + 0.0).ptr);
    }

    const Network& network_;
    const Solution* solution_;
    std::string out_;
};

}  // namespace

std::string write_geojson(const Network& network, const Solution* solution) {
    return GeoJsonWriter(network, solution).write();
}

}  // namespace nuanshu::network
