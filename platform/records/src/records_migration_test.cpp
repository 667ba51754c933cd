#include <algorithm>

#include <gtest/gtest.h>

#include "platform/records/src/records_fixture_for_tests.h"

namespace nuanshu::records {
namespace {

class RecordsMigration : public AnyRecords {};
NUANSHU_ON_BOTH_DATABASES(RecordsMigration);

TEST_P(RecordsMigration, new_types_and_fields_appear_by_themselves) {
    add(station("xc.a", "A"));
    auto types = heating_types();
    types[0].fields.push_back({.name = "design_flow", .kind = FieldKind::number, .default_value = "2.5", .line = 7});
    types[0].fields.push_back({.name = "remark", .kind = FieldKind::text});
    types.push_back({.name = "valve", .file = "types/valve.yaml"});
    open(types);
    const auto old = value_or_throw(records_->get("station", "xc.a"));
    EXPECT_EQ(old.fields.at("design_flow"), FieldValue(2.5));
    EXPECT_EQ(old.fields.at("remark"), FieldValue());
    EXPECT_EQ(old.version, 1);
    Record valve;
    valve.type = "valve";
    valve.code = "xc.a.v1";
    add(valve);
    open(types);
    EXPECT_EQ(value_or_throw(records_->type_of("xc.a.v1")), "valve");
}

TEST_P(RecordsMigration, a_new_required_field_needs_a_default_once_there_are_records) {
    auto types = heating_types();
    types[0].fields.push_back({.name = "design_flow", .kind = FieldKind::number, .required = true, .line = 42});
    EXPECT_TRUE(try_open(types)) << "no records yet";
    open(types);
    auto record = station("xc.a", "A");
    record.fields["design_flow"] = 1.0;
    add(record);
    types[0].fields.push_back({.name = "loops_max", .kind = FieldKind::integer, .required = true, .line = 43});
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    EXPECT_NE(refused.error().what.find("types/station.yaml:43"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("default"), std::string::npos) << refused.error().what;
}

TEST_P(RecordsMigration, a_field_with_data_is_not_dropped_and_the_way_out_works) {
    auto record = station("xc.a", "A");
    record.fields["status"] = "running";
    add(record);
    auto types = heating_types();
    std::erase_if(types[0].fields, [](const Field& field) { return field.name == "status"; });
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    for (const char* wanted :
         {"types/station.yaml", "fields.status", "1 records hold a value", "declare it again", "null"}) {
        EXPECT_NE(refused.error().what.find(wanted), std::string::npos) << wanted << " in " << refused.error().what;
    }
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).fields.at("status"), FieldValue("running"));
    ASSERT_TRUE(set("xc.a", "status", {}));
    EXPECT_TRUE(try_open(types));
    open(types);
    EXPECT_FALSE(value_or_throw(records_->get("station", "xc.a")).fields.contains("status"));
}

TEST_P(RecordsMigration, a_kind_changes_only_while_the_column_is_empty) {
    auto record = station("xc.a", "A");
    record.fields["floors"] = std::int64_t{3};
    add(record);
    auto types = heating_types();
    auto& floors = *std::find_if(types[0].fields.begin(), types[0].fields.end(),
                                 [](const Field& field) { return field.name == "floors"; });
    floors.kind = FieldKind::text;
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("was `integer` and is now `text`"), std::string::npos) << refused.error().what;
    ASSERT_TRUE(set("xc.a", "floors", {}));
    open(types);
    EXPECT_EQ(value_or_throw(set("xc.a", "floors", "three")).fields.at("floors"), FieldValue("three"));
}

TEST_P(RecordsMigration, all_that_stands_in_the_way_is_told_at_once_and_nothing_is_done) {
    auto record = station("xc.a", "A");
    record.fields = {{"floors", std::int64_t{3}}, {"status", "running"}};
    add(record);
    auto types = heating_types();
    std::erase_if(types[0].fields, [](const Field& field) { return field.name == "status" || field.name == "floors"; });
    types[0].fields.push_back({.name = "brand_new", .kind = FieldKind::text});
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("fields.status"), std::string::npos);
    EXPECT_NE(refused.error().what.find("fields.floors"), std::string::npos);
    open(heating_types());
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).fields.at("floors"), FieldValue(std::int64_t{3}));
}

TEST_P(RecordsMigration, unique_can_be_switched_on_and_off) {
    auto types = heating_types();
    auto& serial = *std::find_if(types[0].fields.begin(), types[0].fields.end(),
                                 [](const Field& field) { return field.name == "serial"; });
    serial.unique = false;
    open(types);
    for (const char* code : {"xc.a", "xc.b"}) {
        auto record = station(code, code);
        record.fields["serial"] = "S-1";
        add(record);
    }
    const auto refused = try_open(heating_types());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("is now unique"), std::string::npos) << refused.error().what;
    ASSERT_TRUE(set("xc.b", "serial", "S-2"));
    open(heating_types());
    EXPECT_EQ(set("xc.b", "serial", "S-1").error().code, ErrorCode::conflict);
}

TEST_P(RecordsMigration, a_type_that_goes_keeps_its_records_for_its_return) {
    add(station("xc.a", "A"));
    auto types = heating_types();
    types.erase(types.begin());
    open(types);
    EXPECT_EQ(records_->type_of("xc.a").error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->create(source("xc.a", "A")).error().code, ErrorCode::conflict) << "its code stays taken";
    open(heating_types());
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).title, "A");
}

TEST_P(RecordsMigration, very_long_names_make_tables_and_indexes_too) {
    const std::string long_type(48, 't');
    Type type{.name = long_type, .file = "types/long.yaml"};
    for (const char last : {'a', 'b'}) {
        type.fields.push_back({.name = std::string(62, 'f') + last, .kind = FieldKind::text, .unique = true});
    }
    auto types = heating_types();
    types.push_back(type);
    open(types);
    open(types);
    for (const char* code : {"xc.a", "xc.b"}) {
        Record record;
        record.type = long_type;
        record.code = code;
        record.fields[type.fields[1].name] = "same";
        EXPECT_EQ(records_->create(record).has_value(), std::string(code) == "xc.a");
    }
}

}  // namespace
}  // namespace nuanshu::records
