#include "platform/http/src/routes.h"
#include "platform/http/src/yaml_json.h"
#include "platform/records/records.h"

namespace nuanshu::http {
namespace {

/// What the device's record says of it.
struct DeviceRecord {
    std::string title;
    std::string serves;
};
using DeviceRecords = std::map<std::string, DeviceRecord, std::less<>>;

constexpr std::size_t page_records = 1'000;

DeviceRecord device_record(const records::Record& record, const records::DeviceFacet& facet) {
    const auto serves = record.fields.find(facet.serves);
    const auto* code = serves == record.fields.end() ? nullptr : std::get_if<std::string>(&serves->second);
    return {record.title, code == nullptr ? std::string() : *code};
}

Result<> collect_devices(const records::Records& records, const records::Type& type, DeviceRecords& found) {
    records::Query query;
    query.limit = page_records;
    do {
        NUANSHU_TRY(const auto page, records.list(type.name, query));
        for (const auto& record : page.records) {
            found.emplace(record.code, device_record(record, *type.device));
        }
        query.after = page.next;
    } while (!query.after.empty());
    return {};
}

Result<DeviceRecords> device_records(const records::Records& records) {
    DeviceRecords found;
    for (const auto& type : records.types().all()) {
        if (type.device) {
            NUANSHU_TRY_VOID(collect_devices(records, type, found));
        }
    }
    return found;
}

void write_counters(JsonWriter& json, const drivers::DeviceStatus& status) {
    json.member("requests", status.requests).member("answers", status.answers).member("timeouts", status.timeouts);
    json.member("errors", status.errors).member("samples", status.samples).member("reconnects", status.reconnects);
    json.member("round_trip_ms", status.round_trip_ms).member("last_error", status.last_error);
    json.member("last_error_ms", status.last_error_ms).member("points", status.points);
}

void write_status(JsonWriter& json, const drivers::DeviceStatus& status, const DeviceRecord& record) {
    json.object().member("code", status.code).member("title", record.title).member("driver", status.driver);
    json.member("endpoint", status.endpoint).member("state", to_string(status.state));
    json.member("state_since_ms", status.state_since_ms).member("last_answer_ms", status.last_answer_ms);
    write_counters(json, status);
    json.member("serves", record.serves).end();
}

Reply list_devices(const Call& call) {
    const auto& services = call.context.services;
    NUANSHU_TRY(auto records, device_records(services.records));
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& status : services.device_statuses()) {
        write_status(json, status, records[status.code]);
    }
    json.end().end();
    return json_response(json.take());
}

Reply list_drivers(const Call& call) {
    return json_response(call.context.drivers_json);
}

Result<> write_driver(JsonWriter& json, const drivers::DriverKind& kind) {
    NUANSHU_TRY(const auto manifest, yaml_to_json_members(kind.manifest_yaml));
    json.object();
    for (const auto* name : {"id", "title", "link_kinds", "address_syntax", "abilities", "grade", "settings_schema"}) {
        const auto member = manifest.find(name);
        json.raw_member(name, member == manifest.end() ? std::string_view("null") : member->second);
    }
    json.end();
    return {};
}

}  // namespace

Result<std::string> drivers_json(std::span<const drivers::DriverKind> drivers) {
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& kind : drivers) {
        if (auto written = write_driver(json, kind); !written) {
            return within(fmt::format("driver {}", kind.id), std::move(written.error()));
        }
    }
    json.end().end();
    return json.take();
}

void add_device_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/devices",
                      .id = "list_devices",
                      .summary = "How each device is doing",
                      .answers = {{200, "All devices", list_schema("DeviceStatus")}},
                      .handler = list_devices});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/drivers",
                      .id = "list_drivers",
                      .summary = "The protocols this build speaks",
                      .answers = {{200, "All drivers", list_schema("Driver")}},
                      .handler = list_drivers});
}

}  // namespace nuanshu::http
