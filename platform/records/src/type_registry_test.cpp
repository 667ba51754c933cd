#include <gtest/gtest.h>

#include "platform/records/src/heating_types_for_tests.h"
#include "platform/records/src/text.h"
#include "platform/records/type.h"

namespace nuanshu::records {
namespace {

std::string faults_of(std::vector<Type> types) {
    Diagnostics faults;
    TypeRegistry::create(std::move(types), faults);
    return to_string(faults);
}

Type with_field(Field field) {
    Type type{.name = "station", .file = "types/station.yaml"};
    type.fields.push_back(std::move(field));
    return type;
}

TEST(TypeRegistry, good_types_have_no_faults_and_are_found) {
    const auto registry = registry_of(heating_types());
    ASSERT_NE(registry.find("station"), nullptr);
    EXPECT_EQ(registry.find("station")->find_field("heated_area")->unit, "m2");
    EXPECT_EQ(registry.find("valve"), nullptr);
    EXPECT_EQ(registry.all().size(), 2U);
}

TEST(TypeRegistry, each_fault_is_told_with_file_and_line) {
    const std::vector<std::pair<Field, const char*>> cases = {
        {{.name = "Area", .line = 5}, "types/station.yaml:5 fields.Area: `Area` is no name"},
        {{.name = "version", .line = 5}, "every record has `version` anyway"},
        {{.name = "a", .kind = FieldKind::number, .minimum = 2.0, .maximum = 1.0}, "2 is above the maximum 1"},
        {{.name = "a", .length_max = 0}, "wanted 1"},
        {{.name = "a", .kind = FieldKind::choice}, "a choice needs at least one"},
        {{.name = "a", .kind = FieldKind::choice, .choices = {{"x", {}}, {"x", {}}}}, "`x` stands there twice"},
        {{.name = "a", .kind = FieldKind::link, .link_type = "staton"},
         "there is no type `staton`; did you mean `station`?"},
        {{.name = "a", .kind = FieldKind::number, .default_value = "ten"}, "`ten` is not a number"},
        {{.name = "a", .kind = FieldKind::integer, .default_value = "5", .maximum = 4.0}, "5 is above 4"},
        {{.name = "a", .kind = FieldKind::boolean, .default_value = "yes"}, "`yes` is not true or false"},
        {{.name = "a", .kind = FieldKind::date, .default_value = "2026-13-01"}, "is not a date"},
        {{.name = "a", .kind = FieldKind::date_time, .default_value = "today"}, "`today`"},
    };
    for (const auto& [field, wanted] : cases) {
        EXPECT_NE(faults_of({with_field(field)}).find(wanted), std::string::npos) << faults_of({with_field(field)});
    }
}

TEST(TypeRegistry, names_are_used_once) {
    auto types = heating_types();
    types[0].fields.push_back(types[0].fields[0]);
    types.push_back({.name = "station", .file = "other/station.yaml"});
    const auto faults = faults_of(types);
    EXPECT_NE(faults.find("fields.heated_area: is declared twice"), std::string::npos) << faults;
    EXPECT_NE(faults.find("other/station.yaml"), std::string::npos) << faults;
}

TEST(TypeRegistry, points_and_commands_are_checked) {
    Type type{.name = "station", .file = "types/station.yaml"};
    type.points = {{.name = "valve", .minimum = 0.0, .maximum = 100.0, .line = 8},
                   {.name = "flow", .minimum = 5.0, .maximum = 5.0, .low_limit = 3.0, .high_limit = 2.0, .line = 9}};
    type.points[0].command =
        CommandRules{.maximum = 100.0, .interlock = "pump_running && value <", .read_back = "valve_position"};
    auto faults = faults_of({type});
    EXPECT_NE(faults.find("types/station.yaml:8 points.valve.command.interlock: column"), std::string::npos) << faults;
    EXPECT_NE(faults.find("read_back: the type has no point `valve_position`"), std::string::npos) << faults;
    EXPECT_NE(faults.find("types/station.yaml:9 points.flow.minimum: 5 is not below the maximum 5"), std::string::npos)
        << faults;
    EXPECT_NE(faults.find("low_limit: 3 is not below"), std::string::npos) << faults;
    type.points[0].command->interlock = "value < flow && parent.open && pump_running";
    faults = faults_of({type});
    EXPECT_NE(faults.find("`pump_running` is neither"), std::string::npos) << faults;
    EXPECT_EQ(faults.find("parent.open"), std::string::npos) << faults;
}

TEST(TypeRegistry, a_device_names_fields_that_are_there) {
    Type type = with_field({.name = "driver"});
    type.device = DeviceFacet{.driver = "driver", .settings = "settings", .profile = "", .serves = ""};
    EXPECT_NE(faults_of({type}).find("device.settings: the type has no field `settings`"), std::string::npos)
        << faults_of({type});
}

TEST(RecordCode, is_labels_joined_by_dots) {
    for (const char* good : {"a", "xc.s01.n1.h023", "a-b_c.0", "0"}) {
        EXPECT_TRUE(is_record_code(good)) << good;
    }
    EXPECT_TRUE(is_record_code(std::string(200, 'a')));
    for (const std::string& wrong :
         {std::string(""), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"),
          std::string("A"), std::string("a b"), std::string("a/b"), std::string("暖"), std::string(201, 'a'),
          std::string("a\0b", 3), std::string("a'b")}) {
        EXPECT_FALSE(is_record_code(wrong)) << wrong;
    }
}

TEST(RecordCode, the_parent_is_what_stands_before_the_last_dot) {
    EXPECT_EQ(parent_code("xc.s01.n1"), "xc.s01");
    EXPECT_EQ(parent_code("xc"), "");
}

TEST(FieldKind, names_lead_back) {
    for (int i = 0; i <= static_cast<int>(FieldKind::json); ++i) {
        EXPECT_EQ(field_kind_named(to_string(static_cast<FieldKind>(i))), static_cast<FieldKind>(i));
    }
    EXPECT_EQ(field_kind_named("blob"), std::nullopt);
}

TEST(Text, utf8_is_checked_as_rfc_3629_says) {
    EXPECT_EQ(utf8_length("a暖😀"), 3U);
    for (const char* wrong : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                              "\xf4\x90\x80\x80", "\xf5", "\xe6\x9a", "\xff"}) {
        EXPECT_EQ(utf8_length(wrong), std::nullopt) << wrong;
    }
    EXPECT_EQ(shortened("暖暖暖", 2), "暖暖…");
}

}  // namespace
}  // namespace nuanshu::records
