#include "sim/src/town.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace nuanshu::sim {

namespace {

constexpr double earth_radius_m = 6'371'008.8;

struct Cell {
    int column, row;
};

/// Takes `surplus` cells out: parks, a hospital, a lake.
std::vector<Cell> choose_cells(int columns, int rows, int wanted, Random& random) {
    std::vector<Cell> cells;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            cells.push_back({column, row});
        }
    }
    while (static_cast<int>(cells.size()) > wanted) {
        cells.erase(cells.begin() + random.whole(0, static_cast<int>(cells.size()) - 1));
    }
    return cells;
}

/// The station stands at the side of its block that faces the avenue.
Block make_block(const Town& town, Cell cell, Random& random) {
    const Place middle{(cell.column - (town.columns - 1) / 2.0) * town.block_width_m,
                       ((town.rows - 1) / 2.0 - cell.row) * town.block_height_m};
    const double side = cell.column % 2 == 0 ? 1.0 : -1.0;
    const Place station{middle.east_m + side * town.block_width_m * random.between(0.36, 0.42),
                        middle.north_m + town.block_height_m * random.between(-0.2, 0.2)};
    return {cell.column, cell.row, middle, station};
}

}  // namespace

GeoPoint to_geo(const CityParameters& parameters, Place place) {
    constexpr double degree = 180.0 / std::numbers::pi;
    const double latitude = parameters.latitude_deg + place.north_m / earth_radius_m * degree;
    const double shrink = std::cos(parameters.latitude_deg / degree);
    return {parameters.longitude_deg + place.east_m / (earth_radius_m * shrink) * degree, latitude};
}

double distance_m(Place a, Place b) {
    return std::hypot(a.east_m - b.east_m, a.north_m - b.north_m);
}

double Town::avenue_east_m(int avenue) const {
    return (2.0 * avenue + 0.5 - (columns - 1) / 2.0) * block_width_m;
}

double Town::road_north_m() const {
    return ((rows - 1) / 2.0 - trunk_row() + 0.5) * block_height_m;
}

Town plan_town(const CityParameters& parameters, Random& random) {
    const double crowding = std::max(1.0, std::sqrt(parameters.buildings / (12.0 * parameters.stations)));
    Town town;
    town.block_width_m *= crowding;
    town.block_height_m *= crowding;
    const int cells = parameters.stations + parameters.stations / 12;
    town.columns = std::max(1, static_cast<int>(std::ceil(std::sqrt(cells))));
    town.rows = (cells + town.columns - 1) / town.columns;
    for (const Cell cell : choose_cells(town.columns, town.rows, parameters.stations, random)) {
        town.blocks.push_back(make_block(town, cell, random));
    }
    const double west_m = -0.5 * town.columns * town.block_width_m;
    const double road_m = town.road_north_m();
    town.header = {west_m - 450.0, road_m};
    town.sources[0] = {west_m - 1400.0, road_m + 60.0};
    town.sources[1] = {west_m - 620.0, road_m + 520.0};
    town.sources[2] = {west_m - 700.0, road_m - 480.0};
    return town;
}

}  // namespace nuanshu::sim
