#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "engines/network/network.h"

/// Networks from text: our own JSON, EPANET's .inp, pandapipes' JSON and GeoJSON lines. All readers are pure: the text
/// comes from the caller, the file's name is only for messages. They find all faults, not the first; with faults, the
/// network is not to be used. What they leave out of a file and why stands in `notes`. Readers check what they need for
/// reading; validate() checks the rest.
namespace nuanshu::network {

struct Reading {
    Network network;
    Diagnostics faults;
    Diagnostics notes;
};

/// Our own form: network.schema.json; fields named and measured as in network.h, links name their nodes by id, absent
/// fields have the struct's defaults. Unknown fields are faults. At most 2 GiB.
Reading read_json(std::string_view text, const std::string& file);

/// EPANET 2's input file, its hydraulic part at the first moment: junctions, reservoirs, tanks (they hold their first
/// level), pipes, pumps, valves, demands, emitters, status, curves and options. Units become ours; gravity is EPANET's
/// 32.2 ft/s². Faults carry the line. Patterns, controls, rules, quality and the like are left out, with a note where
/// that matters. Refused, with the reason: general purpose valves, Chezy-Manning, emitter exponents other than 0.5.
Reading read_epanet(std::string_view text, const std::string& file);

struct PandapipesSettings {
    /// pandapipes' files don't say with which friction they are solved; its default is "nikuradse".
    Friction friction = Friction::nikuradse;
};

/// A pandapipes net as its to_json() writes it, of water or another liquid with constant properties.
Reading read_pandapipes(std::string_view text, const std::string& file, const PandapipesSettings& settings = {});

struct GeoJsonSettings {
    double snap_m = 0.5;  ///< ends of lines nearer to each other than this are one node
    /// Lines are joined where they cross and where one ends beside another; otherwise that is only noted.
    bool split_crossings = false;
    /// Property names of the file; an absent property or an empty name gives the default.
    std::string id_field = "id", diameter_field = "inner_diameter_m", length_field = "length_m",
                roughness_field = "roughness_m", elevation_field = "elevation_m", side_field = "side";
    double diameter_unit_m = 1.0;  ///< 0.001 where diameters are in millimetres
    double default_diameter_m = 0.2;
};

/// A FeatureCollection of LineStrings (pipes) and Points (ids and elevations of nodes). Coordinates in degrees
/// (EPSG:4326) or in metres of any plane; degrees are told by their size. A note for each end that lies alone near
/// another line, for each line that lies twice, and for each part that is not connected with the largest.
Reading read_geojson(std::string_view text, const std::string& file, const GeoJsonSettings& settings = {});

/// The JSON Schema (draft 7) of that form; engines/network/network.schema.json is this text.
std::string json_schema();

}  // namespace nuanshu::network
