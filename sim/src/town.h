#pragma once

#include <cstddef>
#include <vector>

#include "sim/city.h"
#include "sim/src/random.h"

namespace nuanshu::sim {

/// Metres east and north of the city's middle.
struct Place {
    double east_m = 0.0, north_m = 0.0;
};

GeoPoint to_geo(const CityParameters& parameters, Place place);
double distance_m(Place a, Place b);

/// A block between streets, home of one quarter and its station.
struct Block {
    int column = 0, row = 0;
    Place middle, station;
};

/// Streets on a grid. Avenues run between each pair of columns of blocks and carry the branches of the network; the
/// trunk runs along the road in the middle, from the header in the west.
struct Town {
    int columns = 0, rows = 0;
    double block_width_m = 430.0, block_height_m = 330.0;
    std::vector<Block> blocks;  ///< one a station, from north-west, row by row; some cells are parks
    Place header, sources[3];

    double avenue_east_m(int avenue) const;
    double road_north_m() const;
    int trunk_row() const { return rows / 2; }
};

Town plan_town(const CityParameters& parameters, Random& random);

/// Joins the header and all stations with a tree of pipes; sets the stations' nodes. Diameters come later.
void lay_pipes(const Town& town, City& city);

/// From the sources to the header; outside the tree, for the map.
std::vector<Pipe> source_pipes(const Town& town, const City& city);

/// Chooses diameters for the design flows and the pressure difference the plant must hold. Then sizes each loop's valve
/// for the difference left at its station, and leaves its opening a little off, as a season's hand adjustments do: 0.8
/// … 1.25 of the design flow.
void size_network(City& city, Random& random);

}  // namespace nuanshu::sim
