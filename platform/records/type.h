#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"

namespace nuanshu::records {

/// A name for people. Chinese first; English complete.
struct Title {
    std::string zh;
    std::string en;
};

enum class FieldKind { text, long_text, integer, number, boolean, date, date_time, choice, link, json };
std::string_view to_string(FieldKind kind);
std::optional<FieldKind> field_kind_named(std::string_view name);

struct Choice {
    std::string value;
    Title title;
};

/// One field of a type; a column of its table. Built-in fields `code` and `title` are on every type and are not listed.
struct Field {
    std::string name;  ///< [a-z][a-z0-9_]*, at most 63
    Title title;
    FieldKind kind = FieldKind::text;
    std::string unit;  ///< for numbers
    bool required = false;
    bool unique = false;
    std::string default_value;  ///< as text, "" for none
    std::optional<double> minimum, maximum;
    std::optional<int> length_max;  ///< characters of text
    int decimals = 2;
    std::vector<Choice> choices;
    std::string link_type;  ///< for links: the type pointed to, "" for any; the value is the other record's code
    int line = 0;           ///< where it is declared, for messages
};

enum class GeometryKind { none, point, line, area };  ///< GeoJSON, WGS-84, kept in the built-in field `geometry`
std::string_view to_string(GeometryKind kind);

enum class PointKind { analog, state, counter };
std::string_view to_string(PointKind kind);

/// How a command to a point is checked and confirmed.
struct CommandRules {
    double minimum = 0.0;
    double maximum = 0.0;
    std::string interlock;   ///< expression that must be true; "" for none. Names: `value`, the record's own points,
                             ///< `parent.<point>`
    Title interlock_reason;  ///< shown when it is not
    std::string read_back;   ///< name of the point of the same record that must follow; "" for the point itself
    double tolerance = 0.0;  ///< |read back − asked| at most this
    std::int64_t within_ms = 10'000;  ///< … within this time
};

/// One point that every record of a type has.
struct PointType {
    std::string name;
    Title title;
    PointKind kind = PointKind::analog;
    std::string unit;
    int decimals = 1;
    std::optional<double> minimum,
        maximum;  ///< what the instrument can measure: the range rule; also the scale of bars
    std::optional<double> low_limit, high_limit;  ///< normal operation lies between; drawn as ticks
    std::optional<double> rate_per_s_max;
    std::optional<std::int64_t> frozen_after_ms;
    std::optional<double> hampel_threshold;
    std::optional<std::int64_t> expected_interval_ms;
    std::vector<Choice> states;  ///< for state points: "0", "1" …
    std::optional<CommandRules> command;
    int line = 0;
};

/// Says which fields make a record of this type a device that drivers talk to.
struct DeviceFacet {
    std::string driver, settings, profile, serves;
};

/// A kind of thing, as an app declares it in types/<name>.yaml.
struct Type {
    std::string name;
    std::string app;
    Title title;
    std::string icon;
    std::vector<Field> fields;
    GeometryKind geometry = GeometryKind::none;
    std::vector<PointType> points;
    std::optional<DeviceFacet> device;
    std::string file;  ///< where it came from

    const Field* find_field(std::string_view field_name) const;
    const PointType* find_point(std::string_view point_name) const;
};

/// All types of the process, fixed after start. Looked up by name.
class TypeRegistry {
 public:
    /// Checks what one file alone cannot know: names used twice, links to types that are not there, bad defaults.
    /// All faults are appended to `faults`; the registry is usable only if none were.
    static TypeRegistry create(std::vector<Type> types, Diagnostics& faults);

    const Type* find(std::string_view name) const;
    const std::vector<Type>& all() const { return types_; }

 private:
    std::vector<Type> types_;
};

/// Whether `code` is a record code: 1 … 200 bytes, labels [a-z0-9_-]+ joined by dots.
bool is_record_code(std::string_view code);
/// "xc.s01.n1.h023" → "xc.s01.n1"; "" for a root.
std::string_view parent_code(std::string_view code);

}  // namespace nuanshu::records
