#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "engines/network/read.h"
#include "engines/network/src/geojson_lines.h"

namespace nuanshu::network {
namespace {

namespace json = boost::json;

constexpr std::size_t faults_max = 1000, notes_max = 1000;
constexpr double earth_radius_m = 6371008.8;
constexpr double degree = 3.14159265358979323846 / 180;

class GeoJsonReader {
 public:
    GeoJsonReader(const std::string& file, const GeoJsonSettings& settings) : file_(file), settings_(settings) {}

    Reading read(std::string_view text) {
        boost::system::error_code error;
        const auto document = json::parse(text, error);
        const auto* object = error ? nullptr : document.if_object();
        const auto* features = object == nullptr ? nullptr : object->if_contains("features");
        if (features == nullptr || !features->is_array()) {
            fault("features",
                  error ? fmt::format("is no JSON: {}", error.message()) : "is missing; a FeatureCollection has it");
            return std::move(result_);
        }
        features_ = &features->get_array();
        for (std::size_t i = 0; i < features_->size(); ++i) {
            read_feature(i);
        }
        if (result_.faults.empty() && lines_.empty()) {
            fault("features", "there is no LineString among them; pipes are lines");
        }
        if (result_.faults.empty()) {
            build();
        }
        return std::move(result_);
    }

 private:
    struct Mark {
        MapPoint place;
        std::size_t feature = 0;
    };

    Network& net() { return result_.network; }
    void fault(std::string field, std::string text) {
        if (result_.faults.size() < faults_max) {
            result_.faults.push_back({file_, 0, std::move(field), std::move(text)});
        }
    }
    void note(std::string field, std::string text) {
        if (result_.notes.size() < notes_max) {
            result_.notes.push_back({file_, 0, std::move(field), std::move(text)});
        }
    }

    const json::object* member(std::size_t feature, std::string_view name) const {
        const auto* object = (*features_)[feature].if_object();
        const auto* value = object == nullptr ? nullptr : object->if_contains(name);
        return value == nullptr ? nullptr : value->if_object();
    }
    const json::value* property(std::size_t feature, const std::string& name) const {
        const auto* properties = member(feature, "properties");
        return properties == nullptr || name.empty() ? nullptr : properties->if_contains(name);
    }
    double number(std::size_t feature, const std::string& name, double absent) {
        const auto* value = property(feature, name);
        if (value == nullptr || value->is_null()) {
            return absent;
        }
        if (!value->is_number()) {
            fault(fmt::format("features.{}.properties.{}", feature, name), "is no number");
            return absent;
        }
        return value->to_number<double>();
    }
    std::string text(std::size_t feature, const std::string& name) const {
        const auto* value = property(feature, name);
        if (value == nullptr || value->is_null()) {
            return "";
        }
        return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    }

    void read_feature(std::size_t i) {
        const auto* geometry = member(i, "geometry");
        const auto* type = geometry == nullptr ? nullptr : geometry->if_contains("type");
        const auto* coordinates = geometry == nullptr ? nullptr : geometry->if_contains("coordinates");
        if (type == nullptr || !type->is_string() || coordinates == nullptr || !coordinates->is_array()) {
            note(fmt::format("features.{}", i), "has no geometry with coordinates; left out");
            return;
        }
        const std::string_view kind(type->get_string());
        if (kind == "LineString") {
            read_line(i, coordinates->get_array());
        } else if (kind == "MultiLineString") {
            for (const auto& part : coordinates->get_array()) {
                if (part.is_array()) {
                    read_line(i, part.get_array());
                }
            }
        } else if (kind == "Point") {
            if (const auto place = read_place(i, *coordinates)) {
                marks_.push_back({*place, i});
            }
        } else {
            note(fmt::format("features.{}", i),
                 fmt::format("{} is left out; pipes are lines, nodes are points", kind.substr(0, 40)));
        }
    }
    void read_line(std::size_t feature, const json::array& coordinates) {
        MapLine line{{}, static_cast<std::int32_t>(feature)};
        for (const auto& position : coordinates) {
            if (const auto place = read_place(feature, position)) {
                line.points.push_back(*place);
            }
        }
        if (line.points.size() >= 2) {
            lines_.push_back(std::move(line));
        } else {
            note(fmt::format("features.{}", feature), "is a line of fewer than two points; left out");
        }
    }
    std::optional<MapPoint> read_place(std::size_t feature, const json::value& position) {
        const auto* pair = position.if_array();
        if (pair == nullptr || pair->size() < 2 || !(*pair)[0].is_number() || !(*pair)[1].is_number()) {
            fault(fmt::format("features.{}.geometry.coordinates", feature), "a position is [x, y]");
            return std::nullopt;
        }
        const MapPoint place{(*pair)[0].to_number<double>(), (*pair)[1].to_number<double>()};
        if (!(std::abs(place.x_m) <= 1e9 && std::abs(place.y_m) <= 1e9)) {
            fault(fmt::format("features.{}.geometry.coordinates", feature), "a position is farther than 1e9 away");
            return std::nullopt;
        }
        degrees_ = degrees_ && std::abs(place.x_m) <= 180.0 && std::abs(place.y_m) <= 90.0;
        return place;
    }

    void build() {
        set_projection();
        for (auto& line : lines_) {
            std::transform(line.points.begin(), line.points.end(), line.points.begin(),
                           [this](MapPoint point) { return projected(point); });
        }
        if (settings_.split_crossings) {
            lines_ = split_at(lines_, meetings_of(lines_, settings_.snap_m), settings_.snap_m);
        }
        add_pipes();
        name_nodes();
        if (!settings_.split_crossings) {
            report_meetings();
        }
        report_duplicates();
        report_parts();
    }

    /// Degrees become metres on a plane that touches the earth at the first point; over a city that is exact to 1e-4.
    void set_projection() {
        origin_ = lines_.front().points.front();
        scale_x_m_ = degrees_ ? earth_radius_m * degree * std::cos(origin_.y_m * degree) : 1.0;
        scale_y_m_ = degrees_ ? earth_radius_m * degree : 1.0;
        origin_ = degrees_ ? origin_ : MapPoint{};
    }
    MapPoint projected(MapPoint point) const {
        return {(point.x_m - origin_.x_m) * scale_x_m_, (point.y_m - origin_.y_m) * scale_y_m_};
    }
    MapPoint on_map(MapPoint point) const {
        return {point.x_m / scale_x_m_ + origin_.x_m, point.y_m / scale_y_m_ + origin_.y_m};
    }

    void add_pipes() {
        std::map<std::int32_t, int> parts_of_feature;
        for (const auto& line : lines_) {
            ++parts_of_feature[line.feature];
        }
        std::map<std::int32_t, int> part;
        for (const auto& line : lines_) {
            const auto feature = static_cast<std::size_t>(line.feature);
            Pipe pipe{.from = joints_.at(line.points.front()), .to = joints_.at(line.points.back())};
            const bool whole = parts_of_feature[line.feature] == 1;
            pipe.id = unique(text(feature, settings_.id_field), "p", feature, whole ? 0 : ++part[line.feature]);
            if (pipe.from == pipe.to) {
                note(pipe.id, "begins and ends at the same place; left out");
                continue;
            }
            pipe.length_m = whole ? number(feature, settings_.length_field, line.length_m()) : line.length_m();
            pipe.inner_diameter_m =
                number(feature, settings_.diameter_field, settings_.default_diameter_m / settings_.diameter_unit_m) *
                settings_.diameter_unit_m;
            pipe.roughness_m = number(feature, settings_.roughness_field, pipe.roughness_m);
            net().pipes.push_back(std::move(pipe));
        }
        for (const auto& place : joints_.places()) {
            const auto on = on_map(place);
            net().nodes.push_back({.x = on.x_m, .y = on.y_m});
        }
    }
    std::string unique(std::string id, std::string_view letter, std::size_t feature, int part) {
        id = id.empty() ? fmt::format("{}{}", letter, feature) : id;
        id += part > 0 ? fmt::format("-{}", part) : "";
        if (!ids_.insert(id).second) {
            id = fmt::format("{}#{}", id, feature);
            ids_.insert(id);
        }
        return id;
    }

    /// Points of the file name the nodes they lie on.
    void name_nodes() {
        ids_.clear();
        for (const auto& mark : marks_) {
            const auto joint = joints_.find(projected(mark.place));
            if (joint < 0) {
                note(text(mark.feature, settings_.id_field), "is a point on no end of a line; left out");
                continue;
            }
            auto& node = net().nodes[static_cast<std::size_t>(joint)];
            node.id = unique(text(mark.feature, settings_.id_field), "n", mark.feature, 0);
            node.elevation_m = number(mark.feature, settings_.elevation_field, 0.0);
            const auto side = text(mark.feature, settings_.side_field);
            node.side = side == "supply" ? Side::supply : side == "return" ? Side::return_side : Side::unknown;
        }
        for (std::size_t i = 0; i < net().nodes.size(); ++i) {
            if (net().nodes[i].id.empty()) {
                net().nodes[i].id = unique("", "n", i, 0);
            }
        }
    }

    std::string name_of(std::int32_t line) const {
        const auto feature = static_cast<std::size_t>(lines_[static_cast<std::size_t>(line)].feature);
        const auto id = text(feature, settings_.id_field);
        return id.empty() ? fmt::format("p{}", feature) : id;
    }
    void report_meetings() {
        constexpr double reach_snaps = 4.0;
        std::size_t crossings = 0;
        for (const auto& meeting : meetings_of(lines_, reach_snaps * settings_.snap_m)) {
            if (meeting.touching) {
                const auto on = on_map(meeting.place);
                note(name_of(meeting.second),
                     fmt::format("ends beside line {} at [{:.7g}, {:.7g}] and is not joined with it; "
                                 "split crossings, or give the line a vertex end there",
                                 name_of(meeting.first), on.x_m, on.y_m));
            } else {
                ++crossings;
            }
        }
        if (crossings > 0) {
            note("", fmt::format("{} crossings of lines are not joined; split crossings joins them", crossings));
        }
    }
    void report_duplicates() {
        std::map<std::pair<NodeIndex, NodeIndex>, const Pipe*> seen;
        for (const auto& pipe : net().pipes) {
            const auto [at, added] = seen.emplace(std::minmax(pipe.from, pipe.to), &pipe);
            if (!added && std::abs(at->second->length_m - pipe.length_m) < 0.01 * pipe.length_m) {
                note(pipe.id, fmt::format("lies on pipe {}, with the same ends and length; is one of them a duplicate?",
                                          at->second->id));
            }
        }
    }
    void report_parts() {
        std::vector<NodeIndex> parent(net().nodes.size());
        std::iota(parent.begin(), parent.end(), NodeIndex{0});
        const auto root = [&](NodeIndex node) {
            while (parent[static_cast<std::size_t>(node)] != node) {
                node = parent[static_cast<std::size_t>(node)] =
                    parent[static_cast<std::size_t>(parent[static_cast<std::size_t>(node)])];
            }
            return node;
        };
        for (const auto& pipe : net().pipes) {
            parent[static_cast<std::size_t>(root(pipe.from))] = root(pipe.to);
        }
        std::map<NodeIndex, std::pair<std::size_t, NodeIndex>> parts;  // size and first node
        for (NodeIndex i = 0; i < static_cast<NodeIndex>(parent.size()); ++i) {
            parts.try_emplace(root(i), 0, i).first->second.first++;
        }
        const auto largest = std::max_element(
            parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
        for (auto part = parts.begin(); part != parts.end(); ++part) {
            if (part != largest) {
                note(net().nodes[static_cast<std::size_t>(part->second.second)].id,
                     fmt::format("{} nodes hang together here and not with the other parts", part->second.first));
            }
        }
    }

    Reading result_;
    std::string file_;
    GeoJsonSettings settings_;
    const json::array* features_ = nullptr;
    std::vector<MapLine> lines_;
    std::vector<Mark> marks_;
    bool degrees_ = true;
    MapPoint origin_;
    double scale_x_m_ = 1.0, scale_y_m_ = 1.0;
    Joints joints_{settings_.snap_m};
    std::unordered_set<std::string> ids_;
};

}  // namespace

Reading read_geojson(std::string_view text, const std::string& file, const GeoJsonSettings& settings) {
    return GeoJsonReader(file, settings).read(text);
}

}  // namespace nuanshu::network
