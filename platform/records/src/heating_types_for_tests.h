#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "platform/records/records.h"

namespace nuanshu::records {

/// A station with a field of every kind, and the heat source it links to.
inline std::vector<Type> heating_types() {
    Type station{.name = "station",
                 .title = {"换热站", "station"},
                 .geometry = GeometryKind::point,
                 .file = "types/station.yaml"};
    station.fields = {
        {.name = "heated_area", .kind = FieldKind::number, .unit = "m2", .minimum = 0.0, .maximum = 1e7, .line = 5},
        {.name = "floors", .kind = FieldKind::integer, .line = 6},
        {.name = "automatic", .kind = FieldKind::boolean, .line = 7},
        {.name = "installed_on", .kind = FieldKind::date, .line = 8},
        {.name = "inspected_at", .kind = FieldKind::date_time, .line = 9},
        {.name = "status",
         .kind = FieldKind::choice,
         .choices = {{"running", {}}, {"stopped", {}}, {"repair", {}}},
         .line = 10},
        {.name = "source", .kind = FieldKind::link, .link_type = "heat_source", .line = 11},
        {.name = "serial", .kind = FieldKind::text, .unique = true, .length_max = 30, .line = 12},
        {.name = "notes", .kind = FieldKind::long_text, .line = 13},
        {.name = "settings", .kind = FieldKind::json, .line = 14},
        {.name = "loops", .kind = FieldKind::integer, .default_value = "1", .line = 15},
    };
    Type source{.name = "heat_source", .title = {"热源", "heat source"}, .file = "types/heat_source.yaml"};
    source.fields = {{.name = "fuel", .kind = FieldKind::text, .required = true, .line = 4}};
    return {std::move(station), std::move(source)};
}

inline TypeRegistry registry_of(std::vector<Type> types) {
    Diagnostics faults;
    auto registry = TypeRegistry::create(std::move(types), faults);
    EXPECT_TRUE(faults.empty()) << to_string(faults);
    return registry;
}

inline Record station(std::string code, std::string title) {
    Record record;
    record.type = "station";
    record.code = std::move(code);
    record.title = std::move(title);
    return record;
}

inline Record source(std::string code, std::string title) {
    Record record = station(std::move(code), std::move(title));
    record.type = "heat_source";
    record.fields["fuel"] = "gas";
    return record;
}

}  // namespace nuanshu::records
