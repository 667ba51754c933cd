#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "platform/records/json.h"
#include "platform/records/src/geometry.h"
#include "platform/records/src/heating_types_for_tests.h"
#include "platform/records/src/json_value.h"

namespace nuanshu::records {
namespace {

std::string compact(std::string_view json) {
    std::string out;
    write_json(value_or_throw(parse_json(json)), out);
    return out;
}

TEST(Json, a_value_comes_back_as_it_went) {
    for (const char* json :
         {"null", "true", "[]", "{}", R"({"a":[1,-2.5,"x",{"b":null}],"":false})", R"("\"\\\u0001暖")",
          "9223372036854775807", "-9223372036854775808", "0.1", "1e+300", "\"\""}) {
        EXPECT_EQ(compact(json), json);
    }
    EXPECT_EQ(compact(" { \"a\" : [ 1 , 2 ] } \n"), R"({"a":[1,2]})");
    EXPECT_EQ(compact(R"("\u6696\ud83d\ude00\/")"), "\"暖😀/\"");
}

TEST(Json, any_double_comes_back_exactly) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) {
            continue;
        }
        std::string text;
        write_json_number(number, text);
        const auto parsed = value_or_throw(parse_json(text));
        const auto* integer = parsed.as<std::int64_t>();
        EXPECT_EQ(integer == nullptr ? *parsed.as<double>() : static_cast<double>(*integer), number) << text;
    }
}

TEST(Json, what_is_not_json_is_refused_with_its_byte) {
    for (const std::string& wrong :
         {std::string(""), std::string("{"), std::string("[1,]"), std::string("nan"), std::string("NaN"),
          std::string("Infinity"), std::string("01"), std::string("1e999"), std::string("-1e999"), std::string("'a'"),
          std::string("{\"a\":1,\"a\":2}"), std::string("true false"), std::string("\"\xff\""), std::string("\"a\nb\""),
          std::string("// a\n1"), std::string(33, '[') + std::string(33, ']'), std::string(100'000, '['),
          std::string("\"\\ud800\"")}) {
        const auto parsed = parse_json(wrong);
        ASSERT_FALSE(parsed) << wrong.substr(0, 40);
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
        EXPECT_NE(parsed.error().what.find("byte"), std::string::npos) << parsed.error().what;
    }
    EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
    EXPECT_EQ(compact("1e-999"), "0");
    EXPECT_EQ(compact("18446744073709551615"), "1.8446744073709552e+19");
}

struct Read {
    Record record;
    std::vector<FieldFault> faults;
    std::string text;
};

class RecordJson : public testing::Test {
 protected:
    Read read(std::string_view json) {
        Read read;
        read.record = record_from_json(json, station_, read.faults);
        read.text = told(read.faults);
        return read;
    }
    static std::string told(const std::vector<FieldFault>& faults) {
        std::string text;
        for (const auto& fault : faults) {
            text += fault.field + ": " + fault.text + "\n";
        }
        return text;
    }
    Type station_ = heating_types()[0];
};

constexpr const char* whole =
    R"({"type":"station","code":"xc.a","title":"花园 \"A\"","geometry":{"type":"Point","coordinates":[116.4,39.9]},"version":3,)"
    R"("created_at":"2026-01-15T08:30:00Z","changed_at":"2026-01-15T08:30:00.250Z","heated_area":0.1,"floors":9007199254740993,)"
    R"("automatic":true,"installed_on":"2019-10-15","inspected_at":"2026-01-15T08:30:00.250Z","status":"running","source":"xc.s01",)"
    R"("serial":"S-1","notes":"a\nb","settings":{"a":[1,null]},"loops":2})";

TEST_F(RecordJson, a_record_comes_back_as_it_went) {
    auto [record, faults, text] = read(whole);
    EXPECT_EQ(text, "");
    record.version = 3;
    record.created_ms = value_or_throw(parse_time("2026-01-15T08:30:00Z"));
    record.changed_ms = record.created_ms + 250;
    const auto json = to_json(record, station_);
    EXPECT_EQ(compact(json), compact(whole));
    auto again = read(json).record;
    EXPECT_EQ(again.fields, record.fields);
    EXPECT_EQ(again.geometry, record.geometry);
}

TEST_F(RecordJson, only_the_wanted_fields_are_written) {
    auto record = read(whole).record;
    EXPECT_EQ(to_json(record, station_, {"heated_area", "title"}),
              R"({"type":"station","code":"xc.a","title":"花园 \"A\"","heated_area":0.1})");
}

TEST_F(RecordJson, absent_and_null_fields_are_null_or_their_default) {
    const auto record = read(R"({"code":"xc.a","heated_area":null,"serial":""})").record;
    EXPECT_EQ(record.fields.at("heated_area"), FieldValue());
    EXPECT_EQ(record.fields.at("serial"), FieldValue());
    EXPECT_EQ(record.fields.at("loops"), FieldValue(std::int64_t{1}));
    EXPECT_NE(to_json(record, station_).find("\"heated_area\":null"), std::string::npos);
}

TEST_F(RecordJson, every_fault_is_found_at_its_field) {
    const auto text =
        read(
            R"({"type":"valve","code":7,"title":["x"],"geometry":"here","heated_area":"12","floors":1.5,"automatic":1,"installed_on":20190101,)"
            R"("inspected_at":1768465800250,"status":"off","source":true,"serial":"a\u0000b","notes":{},"heatd_area":1})")
            .text;
    for (const char* wanted : {"type: the text 'valve'", "code: 7 is not text", "title: a list is not text",
                               "geometry: wanted a GeoJSON Point", "heated_area: the text '12' is not a number",
                               "floors: 1.5 is not an integer", "automatic: 1 is not true or false",
                               "installed_on: 20190101 is not a date", "inspected_at: 1768465800250 is not a time",
                               "status: `off` is none of its choices; known are `running`, `stopped`, `repair`",
                               "source: true is not the code", "serial: has a control character (U+0000)",
                               "notes: an object is not text", "did you mean `heated_area`?"}) {
        EXPECT_NE(text.find(wanted), std::string::npos) << wanted << "\nin\n" << text;
    }
}

TEST_F(RecordJson, numbers_out_of_bounds_are_refused) {
    EXPECT_NE(read(R"({"code":"a","heated_area":1e8})").text.find("heated_area: 100000000 is above 10000000"),
              std::string::npos);
    EXPECT_NE(read(R"({"code":"a","floors":9223372036854775808})").text.find("floors: "), std::string::npos);
    EXPECT_EQ(read(R"({"code":"a","floors":7.0})").record.fields.at("floors"), FieldValue(std::int64_t{7}));
    EXPECT_NE(read(R"({"code":"a","heated_area":1e999})").text.find("out of range"), std::string::npos);
}

TEST_F(RecordJson, what_is_no_object_is_one_fault) {
    for (const char* wrong : {"", "[]", "5", "{", "null", "\"x\""}) {
        EXPECT_EQ(read(wrong).faults.size(), 1U) << wrong << read(wrong).text;
    }
}

TEST_F(RecordJson, a_missing_required_field_is_a_fault_but_a_wrong_one_only_once) {
    const Type source = heating_types()[1];
    std::vector<FieldFault> faults;
    record_from_json(R"({"code":"xc.s"})", source, faults);
    EXPECT_EQ(told(faults), "fuel: is required\n");
    faults.clear();
    record_from_json(R"({"code":"xc.s","fuel":5})", source, faults);
    EXPECT_EQ(faults.size(), 1U) << told(faults);
}

TEST_F(RecordJson, a_change_has_only_what_it_names) {
    std::vector<FieldFault> faults;
    const auto patch = patch_from_json(
        R"({"heated_area":5,"serial":null,"version":4,"geometry":null,"changed_at":"x"})", station_, faults);
    EXPECT_EQ(told(faults), "");
    EXPECT_EQ(patch.expected_version, 4);
    EXPECT_EQ(patch.geometry, "");
    EXPECT_EQ(patch.title, std::nullopt);
    EXPECT_EQ(patch.fields.size(), 2U);
    EXPECT_EQ(patch.fields.at("heated_area"), FieldValue(5.0));
    EXPECT_EQ(patch.fields.at("serial"), FieldValue());
}

TEST_F(RecordJson, a_change_cannot_rename_a_record) {
    std::vector<FieldFault> faults;
    patch_from_json(R"({"code":"xc.b","version":"4"})", station_, faults);
    EXPECT_NE(told(faults).find("code: a record keeps its code"), std::string::npos);
    EXPECT_NE(told(faults).find("version: "), std::string::npos);
}

TEST_F(RecordJson, text_of_many_bytes_counts_in_characters) {
    std::string thirty;
    for (int i = 0; i < 30; ++i) {
        thirty += "暖";
    }
    EXPECT_EQ(read(R"({"code":"a","serial":")" + thirty + "\"}").text, "");
    EXPECT_NE(read(R"({"code":"a","serial":")" + thirty + "枢\"}").text.find("31 characters; at most 30"),
              std::string::npos);
}

TEST(Geometry, fits_the_type_and_the_earth) {
    const auto check = [](std::string_view text, GeometryKind kind) { return checked_geometry(text, kind); };
    EXPECT_EQ(
        value_or_throw(check(R"({"coordinates":[116.40,39.9,45],"type":"Point","bbox":[1]})", GeometryKind::point)),
        R"({"type":"Point","coordinates":[116.4,39.9,45]})");
    EXPECT_TRUE(check(R"({"type":"LineString","coordinates":[[1,2],[3,4]]})", GeometryKind::line));
    EXPECT_TRUE(check(R"({"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]})", GeometryKind::line));
    EXPECT_TRUE(check(R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})", GeometryKind::area));
    EXPECT_TRUE(check(R"({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]})", GeometryKind::area));
    const std::vector<std::pair<const char*, GeometryKind>> wrong = {
        {R"({"type":"Point","coordinates":[1,2]})", GeometryKind::none},
        {R"({"type":"Point","coordinates":[1,2]})", GeometryKind::line},
        {R"({"type":"Point"})", GeometryKind::point},
        {R"({"type":"Point","coordinates":[1]})", GeometryKind::point},
        {R"({"type":"Point","coordinates":[1,2,3,4]})", GeometryKind::point},
        {R"({"type":"Point","coordinates":["1","2"]})", GeometryKind::point},
        {R"({"type":"Point","coordinates":[39.9,116.4]})", GeometryKind::point},
        {R"({"type":"Point","coordinates":[180.1,0]})", GeometryKind::point},
        {R"({"type":"Point","coordinates":[null,0]})", GeometryKind::point},
        {R"({"type":"LineString","coordinates":[[1,2]]})", GeometryKind::line},
        {R"({"type":"LineString","coordinates":[]})", GeometryKind::line},
        {R"({"type":"LineString","coordinates":[1,2]})", GeometryKind::line},
        {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})", GeometryKind::area},
        {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]})", GeometryKind::area},
        {R"([1,2])", GeometryKind::point},
        {"", GeometryKind::point},
    };
    for (const auto& [text, kind] : wrong) {
        EXPECT_FALSE(check(text, kind)) << text;
    }
}

}  // namespace
}  // namespace nuanshu::records
