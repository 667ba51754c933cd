#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "platform/http/server.h"
#include "platform/http/src/json_writer.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/rate_meter.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/url.h"
#include "platform/http/src/yaml_json.h"

namespace nuanshu::http {
namespace {

namespace json = boost::json;

TEST(PercentDecode, gives_the_text_back) {
    EXPECT_EQ(percent_decode("a%20b"), "a b");
    EXPECT_EQ(percent_decode("%E8%8A%B1%e5%9b%ad"), "花园");
    EXPECT_EQ(percent_decode(""), "");
}

TEST(PercentDecode, refuses_what_is_no_text) {
    for (const auto* wrong : {"%", "%4", "%zz", "100%", "%00", "%ff", "%C0%AF", "%ED%A0%80", "%F5%80%80%80"}) {
        EXPECT_FALSE(percent_decode(wrong)) << wrong;
    }
}

TEST(ParseQuery, splits_pairs_and_reads_plus_as_space) {
    const QueryPairs wanted = {{"search", "花 园"}, {"count", "1"}, {"bare", ""}};
    EXPECT_EQ(parse_query("search=%E8%8A%B1+%E5%9B%AD&count=1&bare"), wanted);
    EXPECT_EQ(parse_query(""), QueryPairs());
    EXPECT_FALSE(parse_query("a=%"));
}

TEST(CookieValue, finds_one_among_others) {
    EXPECT_EQ(cookie_value("a=1; nuanshu_session=abc; b=2", "nuanshu_session"), "abc");
    EXPECT_EQ(cookie_value("xnuanshu_session=abc", "nuanshu_session"), "");
    EXPECT_EQ(cookie_value("", "nuanshu_session"), "");
}

TEST(JsonWriter, nests_and_separates) {
    JsonWriter writer;
    writer.object().member("a", 1).key("b").array().item("x").item(true).null().end().member("c", 2.5).end();
    EXPECT_EQ(writer.take(), R"({"a":1,"b":["x",true,null],"c":2.5})");
}

TEST(JsonWriter, escapes_whatever_bytes_a_text_has) {
    for (const std::string text : {"quote \" back \\ line\n tab\t bell\a", "中文 ℃ 𝄞", ""}) {
        JsonWriter writer;
        writer.item(text);
        EXPECT_EQ(json::parse(writer.take()).as_string(), text);
    }
    JsonWriter writer;
    writer.item("broken \xff\xc3 bytes");
    EXPECT_EQ(json::parse(writer.take()).as_string(), "broken \xEF\xBF\xBD\xEF\xBF\xBD bytes");
}

TEST(JsonWriter, doubles_read_back_as_the_same_number) {
    for (const double number : {0.1, 23.5, -1e-300, 1.7976931348623157e308, 5e-324, 1768465800250.0, 1.0 / 3}) {
        std::string text;
        append_number(text, number);
        EXPECT_EQ(json::parse(text).to_number<double>(), number) << text;
    }
    std::string text;
    append_number(text, std::nan(""));
    EXPECT_EQ(text, "null");
}

TEST(RateMeter, gives_growth_over_the_last_seconds) {
    RateMeter meter;
    EXPECT_EQ(meter.per_second(), 0.0);
    for (std::int64_t second = 0; second < 30; ++second) {
        meter.note(second * 1'000'000'000, static_cast<std::uint64_t>(second < 15 ? 0 : (second - 15) * 500));
    }
    EXPECT_DOUBLE_EQ(meter.per_second(), 500.0);
}

std::string found(std::string_view method, std::string_view path) {
    static const auto routes = all_routes();
    const auto match_found = match(routes, method, path);
    return match_found.route != nullptr ? match_found.route->id : "no route, " + match_found.allowed;
}

TEST(Router, finds_the_route_by_method_and_path) {
    EXPECT_EQ(found("GET", "/api/v1/points/xc.h1/flow"), "get_point");
    EXPECT_EQ(found("POST", "/api/v1/points/values"), "read_values");
    EXPECT_EQ(found("HEAD", "/healthz"), "show_health");
    EXPECT_EQ(found("POST", "/api/v1/commands/selections"), "select_command");
    EXPECT_EQ(found("GET", "/api/v1/commands/17"), "get_command");
}

TEST(Router, says_which_methods_a_known_path_takes) {
    EXPECT_EQ(found("PUT", "/api/v1/records/station/xc.h1"), "no route, GET, PATCH, DELETE");
    EXPECT_EQ(found("GET", "/api/v1/nothing"), "no route, ");
    EXPECT_EQ(found("GET", "/api/v1/points//flow"), "no route, ");
    EXPECT_EQ(found("GET", "/api/v1/points/%zz/flow"), "no route, ");
}

TEST(Router, captures_are_decoded) {
    const auto routes = all_routes();
    const auto match_found = match(routes, "GET", "/api/v1/records/station/a%2Fb");
    ASSERT_NE(match_found.route, nullptr);
    EXPECT_EQ(match_found.captures.at("code"), "a/b");
}

std::vector<records::FieldFault> query_faults(std::string_view query) {
    const auto routes = all_routes();
    const auto* route = match(routes, "GET", "/api/v1/records/station").route;
    const auto read = read_query(*route, query);
    return read ? std::vector<records::FieldFault>() : read.error().faults;
}

TEST(Router, query_parameters_are_checked_against_the_declaration) {
    EXPECT_TRUE(query_faults("limit=10&count=1&search=").empty());
    ASSERT_EQ(query_faults("limits=10").size(), 1U);
    EXPECT_EQ(query_faults("limits=10")[0].text,
              "is not known; known: filter, under, search, sort, limit, after, fields, count");
    EXPECT_EQ(query_faults("limit=ten&limit=0&count=yes").size(), 3U);
    EXPECT_EQ(query_faults("under=a&under=b")[0].text, "is there twice");
}

std::string faults_of(std::string_view text, const Schema& schema) {
    std::string all;
    for (const auto& fault : check(json::parse(text), schema)) {
        all += fmt::format("[{}: {}]", fault.field, fault.text);
    }
    return all;
}

TEST(SchemaCheck, finds_all_that_is_wrong_with_a_body) {
    const auto schema = object_schema({{"point", text_schema().at_most(5)},
                                       {"value", number_schema().between(0, 10)},
                                       {"list", array_schema(text_schema()).at_most(2), false}});
    EXPECT_EQ(faults_of(R"({"point":"a","value":3})", schema), "");
    EXPECT_EQ(faults_of(R"({"point":"abcdef","value":-1})", schema),
              "[point: 6 bytes; at most 5][value: -1 is below 0]");
    EXPECT_EQ(faults_of(R"({"value":"3","more":1})", schema),
              "[point: is missing][value: a number is wanted][more: is not known here; known: point, value, list]");
    EXPECT_EQ(faults_of(R"({"point":"a","value":3,"list":["a",1]})", schema), "[list.1: a text in quotes is wanted]");
    EXPECT_EQ(faults_of(R"({"point":"a","value":3,"list":["a","b","c"]})", schema), "[list: 3 items; at most 2]");
    EXPECT_EQ(faults_of("[]", schema), "[: an object is wanted]");
}

TEST(Problem, has_the_shape_of_rfc_9457) {
    const auto response = problem(field_failure("station xc.h1", {{"heated_area", "-5 is below 0"}}));
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"https://nuanshu.dev/problems/invalid","title":"invalid","status":422,"detail":"station xc.h1: 1 field is wrong",)"
        R"("errors":[{"field":"heated_area","text":"-5 is below 0"}]})");
}

TEST(Problem, every_code_has_its_status) {
    EXPECT_EQ(problem(Error{ErrorCode::not_found, "", ""}).status, 404);
    EXPECT_EQ(problem(Error{ErrorCode::exhausted, "", ""}).status, 507);
    EXPECT_EQ(problem(Error{ErrorCode::timeout, "", ""}).status, 504);
    EXPECT_EQ(problem(Error{ErrorCode::internal, "", ""}).status, 500);
}

TEST(YamlToJson, keeps_kinds) {
    const auto members = yaml_to_json_members("a: 1\nb: \"1\"\nc: [x, true, 2.5]\nd: {e: ~}\n");
    ASSERT_TRUE(members);
    EXPECT_EQ(members->at("a"), "1");
    EXPECT_EQ(members->at("b"), "\"1\"");
    EXPECT_EQ(members->at("c"), R"(["x",true,2.5])");
    EXPECT_EQ(members->at("d"), R"({"e":null})");
    EXPECT_FALSE(yaml_to_json_members("- a\n- b"));
    EXPECT_FALSE(yaml_to_json_members("a: [1"));
}

records::TypeRegistry a_registry() {
    records::Type station{.name = "station", .title = {"换热站", "station"}, .geometry = records::GeometryKind::point};
    station.fields = {{.name = "heated_area", .kind = records::FieldKind::number, .required = true, .minimum = 0.0}};
    Diagnostics faults;
    return records::TypeRegistry::create({station}, faults);
}

void collect_references(const json::value& value, std::vector<std::string>& references) {
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            collect_references(item, references);
        }
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") {
                references.emplace_back(member.value().as_string());
            }
            collect_references(member.value(), references);
        }
    }
}

TEST(OpenApi, every_reference_resolves) {
    const auto document = json::parse(openapi_document(a_registry(), "0.1.0"));
    std::vector<std::string> references;
    collect_references(document, references);
    EXPECT_GT(references.size(), 40U);
    for (const auto& reference : references) {
        boost::system::error_code error;
        EXPECT_NE(document.find_pointer(reference.substr(1), error), nullptr) << reference;
    }
}

TEST(OpenApi, has_every_route_with_its_parameters) {
    const auto document = json::parse(openapi_document(a_registry(), "0.1.0"));
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    for (const auto& route : all_routes()) {
        auto method = route.method;
        std::transform(method.begin(), method.end(), method.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto& operation = document.at("paths").at(route.pattern).at(method);
        EXPECT_EQ(operation.at("operationId").as_string(), route.id);
        EXPECT_EQ(operation.at("parameters").as_array().size(),
                  route.query.size() + capture_names(route.pattern).size());
        EXPECT_EQ(operation.as_object().contains("requestBody"), route.body.has_value());
        EXPECT_TRUE(operation.at("responses").as_object().contains(std::to_string(route.answers.front().status)));
    }
}

TEST(OpenApi, record_types_become_schemas) {
    const auto document = json::parse(openapi_document(a_registry(), "0.1.0"));
    const auto& schemas = document.at("components").at("schemas");
    EXPECT_EQ(schemas.at("record.station").at("properties").at("heated_area").at("minimum").to_number<double>(), 0.0);
    EXPECT_TRUE(schemas.at("record.station").at("properties").as_object().contains("geometry"));
    EXPECT_EQ(schemas.at("Record").at("oneOf").as_array().size(), 1U);
}

}  // namespace
}  // namespace nuanshu::http
