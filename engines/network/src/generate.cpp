#include "engines/network/generate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engines/network/src/fluid.h"
#include "engines/network/src/streets.h"

namespace nuanshu::network {
namespace {

constexpr double pi = 3.14159265358979323846;

/// Inner diameters of EN 253 steel service pipe, DN 25 to DN 1200, and larger ones to match.
constexpr std::array<double, 25> steel_pipes_m = {
    0.0285, 0.0372, 0.0431, 0.0545, 0.0703, 0.0825, 0.1071, 0.1325, 0.1603, 0.2101, 0.2630, 0.3127, 0.3444,
    0.3938, 0.4446, 0.4954, 0.5958, 0.6950, 0.7954, 0.8940, 0.9940, 1.1940, 1.3940, 1.5920, 1.9880};
constexpr double velocity_max_m_s = 2.5;
constexpr double roughness_m = 2e-4;
constexpr double consumers_a_corner = 4.0;
constexpr double station_pressure_pa = 1e5;  ///< what the last station has left
constexpr double held_pressure_pa = 3.5e5;
constexpr double heat_min_w = 20e3, heat_span = 100.0;  ///< 20 kW … 2 MW

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

std::string id_of_number(std::string_view kind, std::int32_t number) {
    return std::string(kind) + std::to_string(number);
}

/// Friction of a rough pipe per metre, by Altshul's formula: good to some per cent, enough to choose diameters.
double gradient_pa_m(double mass_flow_kg_s, double diameter_m, double density_kg_m3) {
    const double velocity = mass_flow_kg_s / (density_kg_m3 * pi / 4 * diameter_m * diameter_m);
    const double friction = 0.11 * std::pow(roughness_m / diameter_m, 0.25);
    return friction / diameter_m * density_kg_m3 * velocity * velocity / 2;
}

double diameter_m_for(double mass_flow_kg_s, double gradient_max_pa_m, double density_kg_m3) {
    for (const double diameter_m : steel_pipes_m) {
        const double velocity = mass_flow_kg_s / (density_kg_m3 * pi / 4 * diameter_m * diameter_m);
        if (velocity <= velocity_max_m_s &&
            gradient_pa_m(mass_flow_kg_s, diameter_m, density_kg_m3) <= gradient_max_pa_m) {
            return diameter_m;
        }
    }
    return std::min(4.9, 1.05 * std::sqrt(mass_flow_kg_s / (density_kg_m3 * pi / 4 * velocity_max_m_s)));
}

struct House {
    std::int32_t corner = 0;
    double heat_w = 0.0;
    double mass_flow_kg_s = 0.0;
    double length_m = 0.0;
};

class City {
 public:
    explicit City(const GenerateSettings& settings) : settings_(settings), dice_(settings.seed) {
        settings_.consumers = std::clamp(settings.consumers, 1, 1'000'000);
        settings_.sources = std::clamp(settings.sources, 1, 100);
        settings_.loops = std::max(settings.loops, 0);
        const FluidProperties water{Fluid{}};
        density_kg_m3_ = water.density_kg_m3(settings.supply_temperature_c);
        enthalpy_drop_j_kg_ = std::max(4e3, water.enthalpy_j_kg(settings.supply_temperature_c) -
                                                water.enthalpy_j_kg(settings.return_temperature_c));
        // Large cities have more small connections: otherwise no pipe could carry their heat from one source.
        smallness_ = std::max(2.0, std::pow(settings_.consumers / 2000.0, 0.6));
        spacing_m_ = 250.0 / std::sqrt(smallness_);
    }

    Network build() {
        const auto corners = static_cast<std::int32_t>(std::ceil(settings_.consumers / consumers_a_corner));
        streets_ = lay_streets({.corners = corners, .sources = settings_.sources, .spacing_m = spacing_m_}, dice_);
        place_houses();
        size_mains();
        network_.title = "generated city: " + std::to_string(settings_.consumers) + " consumers, seed " +
                         std::to_string(settings_.seed);
        network_.ambient_temperature_c = 5.0;
        add_corner_nodes();
        add_mains();
        add_rings();
        add_sources();
        add_houses();
        return std::move(network_);
    }

 private:
    void place_houses() {
        const auto corners = static_cast<std::int32_t>(streets_.corners.size());
        houses_.resize(at(settings_.consumers));
        for (std::int32_t i = 0; i < settings_.consumers; ++i) {
            auto& house = houses_[at(i)];
            house.corner = i % corners;
            house.heat_w = std::round(heat_min_w * std::pow(heat_span, std::pow(dice_.between(0, 1), smallness_)));
            house.mass_flow_kg_s = house.heat_w / enthalpy_drop_j_kg_;
            house.length_m = std::round(10 * spacing_m_ * dice_.between(0.15, 0.45)) / 10;
        }
    }

    /// Flows add up towards the source; the longest way decides how much a metre may cost.
    void size_mains() {
        flow_kg_s_.assign(streets_.corners.size(), 0.0);
        houses_behind_.assign(streets_.corners.size(), 0);
        for (const auto& house : houses_) {
            flow_kg_s_[at(house.corner)] += house.mass_flow_kg_s;
            ++houses_behind_[at(house.corner)];
        }
        double longest_m = 1.0;
        for (auto i = streets_.outward.rbegin(); i != streets_.outward.rend(); ++i) {
            const auto& corner = streets_.corners[at(*i)];
            longest_m = std::max(longest_m, corner.way_m);
            if (corner.parent >= 0) {
                flow_kg_s_[at(corner.parent)] += flow_kg_s_[at(*i)];
                houses_behind_[at(corner.parent)] += houses_behind_[at(*i)];
            }
        }
        main_gradient_pa_m_ = std::clamp(2.5e5 / longest_m, 30.0, 100.0);
        diameter_m_.assign(streets_.corners.size(), 0.0);
        drop_pa_.assign(streets_.corners.size(), 0.0);
        for (const auto i : streets_.outward) {
            const auto& corner = streets_.corners[at(i)];
            if (corner.parent >= 0) {
                diameter_m_[at(i)] = diameter_m_for(flow_kg_s_[at(i)], main_gradient_pa_m_, density_kg_m3_);
                drop_pa_[at(i)] =
                    drop_pa_[at(corner.parent)] +
                    gradient_pa_m(flow_kg_s_[at(i)], diameter_m_[at(i)], density_kg_m3_) * corner.length_m;
                drop_max_pa_ = std::max(drop_max_pa_, drop_pa_[at(i)]);
            }
        }
    }

    /// Gentle hills, so that pressures differ by less than 0.2 MPa over the city.
    double elevation_m(double x_m, double y_m) const {
        const double phase = static_cast<double>(settings_.seed % 97);
        return std::round(100 * (20 + 4 * std::sin(x_m / 900 + phase) + 4 * std::sin(y_m / 1300 + 2 * phase))) / 100;
    }

    NodeIndex add_node(std::string id, double x_m, double y_m, Side side) {
        const auto in_cm = [](double metres) { return std::round(metres * 100) / 100; };
        // The return lies beside the supply.
        const double beside_m = side == Side::return_side ? 0.8 : 0.0;
        network_.nodes.push_back({.id = std::move(id),
                                  .elevation_m = elevation_m(x_m, y_m),
                                  .x = in_cm(x_m + beside_m),
                                  .y = in_cm(y_m + beside_m),
                                  .side = side});
        return static_cast<NodeIndex>(network_.nodes.size() - 1);
    }

    /// Aged and damp foam in a jacket, the axis a metre and more under the street.
    static Insulation insulation_of(double diameter_m) {
        const double thickness_m = diameter_m < 0.1 ? 0.03 : diameter_m < 0.35 ? 0.04 : 0.05;
        return {.layers = {{.thickness_m = thickness_m, .conductivity_w_mk = 0.07}},
                .burial_depth_m = std::round(100 * (1.0 + diameter_m / 2 + thickness_m)) / 100,
                .ground_conductivity_w_mk = 1.5};
    }

    void add_pipe(std::string id, NodeIndex from, NodeIndex to, double length_m, double diameter_m) {
        constexpr double steel_j_m3k = 3.6e6;
        const double wall_m = 0.003 + diameter_m / 150;
        network_.pipes.push_back(
            {.id = std::move(id),
             .from = from,
             .to = to,
             .length_m = std::round(length_m * 100) / 100,
             .inner_diameter_m = diameter_m,
             .roughness_m = roughness_m,
             .minor_loss = 0.5,
             .insulation = insulation_of(diameter_m),
             .wall_heat_capacity_j_mk = std::round(pi * (diameter_m + wall_m) * wall_m * steel_j_m3k)});
    }

    void add_corner_nodes() {
        supply_.resize(streets_.corners.size());
        return_.resize(streets_.corners.size());
        network_.nodes.reserve(houses_.size() * 3);
        network_.pipes.reserve(houses_.size() * 3);
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(streets_.corners.size()); ++i) {
            const auto& corner = streets_.corners[at(i)];
            supply_[at(i)] = add_node(id_of_number("S", i), corner.x_m, corner.y_m, Side::supply);
            return_[at(i)] = add_node(id_of_number("R", i), corner.x_m, corner.y_m, Side::return_side);
        }
    }

    /// A branch begins with a valve, and a main has one every few corners.
    bool has_valve(std::int32_t i) const {
        const auto& corner = streets_.corners[at(i)];
        const bool branch = flow_kg_s_[at(i)] < 0.4 * flow_kg_s_[at(corner.parent)] && houses_behind_[at(i)] >= 6;
        const bool main = houses_behind_[at(i)] >= 60 && i % 3 == 0;
        return branch || main || streets_.corners[at(corner.parent)].parent < 0;
    }

    /// A shut-off valve beside `from`, on the way to `towards`; gives the node behind it.
    NodeIndex add_valve(std::string_view kind, std::int32_t number, NodeIndex from, const Corner& towards,
                        double diameter_m, Side side) {
        constexpr double share_of_way = 0.03;
        const auto& before = network_.nodes[at(from)];
        const double x_m = *before.x + (towards.x_m - *before.x) * share_of_way;
        const double y_m = *before.y + (towards.y_m - *before.y) * share_of_way;
        const auto letter = side == Side::supply ? "S" : "R";
        const auto behind = add_node(std::string(kind) + letter + "v" + std::to_string(number), x_m, y_m, side);
        const bool forward = side == Side::supply;
        network_.valves.push_back({.id = std::string(kind) + letter + std::to_string(number),
                                   .from = forward ? from : behind,
                                   .to = forward ? behind : from,
                                   .inner_diameter_m = diameter_m,
                                   .loss_coefficient = 0.3,
                                   .operable = dice_.between(0, 1) > 0.03});
        return behind;
    }

    void add_mains() {
        for (const auto i : streets_.outward) {
            const auto& corner = streets_.corners[at(i)];
            if (corner.parent < 0) {
                continue;
            }
            const double diameter_m = diameter_m_[at(i)];
            auto supply = supply_[at(corner.parent)], returned = return_[at(corner.parent)];
            if (has_valve(i)) {
                supply = add_valve("V", i, supply, corner, diameter_m, Side::supply);
                returned = add_valve("V", i, returned, corner, diameter_m, Side::return_side);
            }
            add_pipe(id_of_number("PS", i), supply, supply_[at(i)], corner.length_m, diameter_m);
            // Where a return pipe was replaced, it took another way round.
            const double detour = dice_.between(0, 1) < 0.1 ? dice_.between(1.02, 1.15) : 1.0;
            add_pipe(id_of_number("PR", i), return_[at(i)], returned, corner.length_m * detour, diameter_m);
        }
    }

    double diameter_at(std::int32_t corner) const {
        return diameter_m_[at(corner)] > 0.0 ? diameter_m_[at(corner)] : diameter_m_[at(streets_.outward.back())];
    }

    void add_ring(std::int32_t number, const SpareStreet& street) {
        const double diameter_m = std::max(0.0545, std::min(diameter_at(street.a), diameter_at(street.b)));
        const auto& towards = streets_.corners[at(street.b)];
        const auto supply = add_valve("L", number, supply_[at(street.a)], towards, diameter_m, Side::supply);
        const auto returned = add_valve("L", number, return_[at(street.a)], towards, diameter_m, Side::return_side);
        add_pipe(id_of_number("LS", number), supply, supply_[at(street.b)], street.length_m, diameter_m);
        add_pipe(id_of_number("LR", number), return_[at(street.b)], returned, street.length_m, diameter_m);
    }

    /// Rings close where the pipes are large. Ties between the parts of two sources come before.
    void add_rings() {
        auto& spare = streets_.spare;
        const auto smaller_flow = [&](const SpareStreet& street) {
            return std::min(flow_kg_s_[at(street.a)], flow_kg_s_[at(street.b)]);
        };
        std::stable_sort(spare.begin(), spare.end(),
                         [&](const SpareStreet& a, const SpareStreet& b) { return smaller_flow(a) > smaller_flow(b); });
        const auto tie_or_ring = [&](const SpareStreet& street) {
            return streets_.corners[at(street.a)].source != streets_.corners[at(street.b)].source;
        };
        const auto rings = std::stable_partition(spare.begin(), spare.end(), tie_or_ring);
        std::int32_t number = 0;
        number = add_ties(spare.begin(), rings, number);
        // Of twice as many candidates every other one, so that rings don't all lie around the source.
        const auto candidates = std::distance(rings, spare.end());
        const auto wanted = std::min<std::ptrdiff_t>(settings_.loops, candidates);
        const std::ptrdiff_t step = wanted > 0 && candidates >= 4 * wanted ? 4 : 1;
        for (std::ptrdiff_t i = 0; i < wanted; ++i) {
            add_ring(number++, *(rings + i * step));
        }
    }

    /// Two ties at the most between each pair of neighbours, so that all parts are one network.
    template <class Iterator>
    std::int32_t add_ties(Iterator begin, Iterator end, std::int32_t number) {
        std::vector<std::int32_t> ties(at(settings_.sources * settings_.sources), 0);
        for (auto street = begin; street != end; ++street) {
            const auto [a, b] =
                std::minmax(streets_.corners[at(street->a)].source, streets_.corners[at(street->b)].source);
            if (ties[at(a * settings_.sources + b)]++ < 2) {
                add_ring(number++, *street);
            }
        }
        return number;
    }

    /// Enough for the farthest station with the tenth more of flow that losses of heat on the way cost.
    double pressure_rise_pa() const { return std::round(2.6 * drop_max_pa_ + 2 * station_pressure_pa); }

    void add_sources() {
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(streets_.corners.size()); ++i) {
            if (streets_.corners[at(i)].parent >= 0) {
                continue;
            }
            const auto number = streets_.corners[at(i)].source;
            network_.sources.push_back({.id = id_of_number("Q", number + 1),
                                        .from = return_[at(i)],
                                        .to = supply_[at(i)],
                                        .pressure_rise_pa = pressure_rise_pa(),
                                        .supply_temperature_c = settings_.supply_temperature_c});
            if (number == 0) {
                network_.nodes[at(return_[at(i)])].held_pressure_pa = held_pressure_pa;
            }
        }
    }

    void add_houses() {
        network_.consumers.reserve(houses_.size());
        for (std::int32_t i = 0; i < settings_.consumers; ++i) {
            const auto& house = houses_[at(i)];
            const auto& corner = streets_.corners[at(house.corner)];
            const double angle = dice_.between(0, 2 * pi);
            const double x_m = corner.x_m + house.length_m * 0.9 * std::cos(angle);
            const double y_m = corner.y_m + house.length_m * 0.9 * std::sin(angle);
            const auto supply = add_node(id_of_number("cs", i), x_m, y_m, Side::supply);
            const auto returned = add_node(id_of_number("cr", i), x_m, y_m, Side::return_side);
            const double diameter_m = diameter_m_for(house.mass_flow_kg_s, 150.0, density_kg_m3_);
            add_pipe(id_of_number("hs", i), supply_[at(house.corner)], supply, house.length_m, diameter_m);
            add_pipe(id_of_number("hr", i), returned, return_[at(house.corner)], house.length_m, diameter_m);
            add_consumer(i, supply, returned, diameter_m);
        }
    }

    void add_consumer(std::int32_t number, NodeIndex supply, NodeIndex returned, double diameter_m) {
        const auto& house = houses_[at(number)];
        const double flow = std::round(house.mass_flow_kg_s * 1e5) / 1e5;
        Consumer consumer{.id = id_of_number("c", number),
                          .from = supply,
                          .to = returned,
                          .heat_w = house.heat_w,
                          .return_temperature_c = settings_.return_temperature_c,
                          .required_differential_pressure_pa = station_pressure_pa / 2,
                          .design_mass_flow_kg_s = flow};
        if (settings_.consumers_as == ConsumersAs::flow) {
            consumer.control = ConsumerControl::flow;
            consumer.mass_flow_kg_s = flow;
        } else if (settings_.consumers_as == ConsumersAs::valve) {
            consumer.control = ConsumerControl::valve;
            consumer.throttle = throttle_for(house, diameter_m);
        }
        network_.consumers.push_back(std::move(consumer));
    }

    /// A valve whose opening leaves about the design flow at the pressure that the design leaves here.
    Throttle throttle_for(const House& house, double diameter_m) const {
        const double available_pa =
            pressure_rise_pa() - 2.2 * drop_pa_[at(house.corner)] -
            2 * house.length_m * gradient_pa_m(house.mass_flow_kg_s, diameter_m, density_kg_m3_);
        const double left_bar = std::max(available_pa, station_pressure_pa) / 1e5;
        const double kv_m3_h =
            house.mass_flow_kg_s / density_kg_m3_ * 3600 * std::sqrt(density_kg_m3_ / 1000 / left_bar);
        constexpr std::array<double, 5> series = {1.0, 1.6, 2.5, 4.0, 6.3};
        double kvs_m3_h = 0.0;
        for (double decade = 0.1; kvs_m3_h == 0.0; decade *= 10) {
            for (const double value : series) {
                kvs_m3_h = kvs_m3_h == 0.0 && value * decade > 1.3 * kv_m3_h ? value * decade : kvs_m3_h;
            }
        }
        Throttle throttle{.kvs_m3_h = kvs_m3_h, .characteristic = Characteristic::equal_percentage};
        const double opening = 1 + std::log(kv_m3_h / kvs_m3_h) / std::log(throttle.rangeability);
        throttle.opening = std::round(1e4 * std::clamp(opening, 0.05, 1.0)) / 1e4;
        return throttle;
    }

    GenerateSettings settings_;
    Dice dice_;
    double density_kg_m3_ = 1000.0, enthalpy_drop_j_kg_ = 1.0;
    double smallness_ = 1.0, spacing_m_ = 100.0;
    double main_gradient_pa_m_ = 60.0, drop_max_pa_ = 0.0;
    Streets streets_;
    std::vector<House> houses_;
    std::vector<double> flow_kg_s_;            ///< in the street from each corner to its parent
    std::vector<std::int32_t> houses_behind_;  ///< that this street feeds
    std::vector<double> diameter_m_, drop_pa_;
    std::vector<NodeIndex> supply_, return_;
    Network network_;
};

}  // namespace

Network generate(const GenerateSettings& settings) {
    return City(settings).build();
}

}  // namespace nuanshu::network
