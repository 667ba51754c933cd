#include "platform/points/catalogue.h"

#include <gtest/gtest.h>

#include "platform/points/substitutions.h"
#include "platform/store/database.h"
#include "tests/support/process.h"

namespace nuanshu::points {
namespace {

records::PointType analog(std::string name, std::string unit) {
    records::PointType point;
    point.name = std::move(name);
    point.title = {"温度", "Temperature"};
    point.unit = std::move(unit);
    return point;
}

records::Field text_field(std::string name, records::FieldKind kind = records::FieldKind::text) {
    records::Field field;
    field.name = std::move(name);
    field.title = {"字段", "Field"};
    field.kind = kind;
    return field;
}

std::vector<records::Type> plant_types() {
    records::Type station;
    station.name = "station";
    station.points = {analog("temperature", "℃"), analog("pressure", "MPa")};
    records::Type valve;
    valve.name = "valve";
    valve.points = {analog("opening_setpoint", "%")};
    valve.points[0].command = records::CommandRules{.minimum = 0, .maximum = 100};
    records::Type device;
    device.name = "device";
    device.fields = {text_field("driver"), text_field("settings", records::FieldKind::json), text_field("profile"),
                     text_field("serves")};
    device.device = records::DeviceFacet{"driver", "settings", "profile", "serves"};
    return {station, valve, device};
}

Profile plc() {
    Profile profile;
    profile.name = "plc";
    profile.driver = "modbus_tcp";
    profile.for_type = "station";
    profile.poll_ms = 5000;
    profile.points = {{.point = "/temperature", .address = "input 0 i16", .scale = 0.1},
                      {.point = "/pressure", .address = "input 1 u16", .unit = "kPa"},
                      {.point = "v1/opening_setpoint", .address = "holding {code} {name}", .writable = true}};
    return profile;
}

/// A small plant on a real database and a real historian.
class CatalogueTest : public testing::Test {
 protected:
    CatalogueTest() {
        Diagnostics faults;
        types_ = records::TypeRegistry::create(plant_types(), faults);
        database_ = value_or_throw(store::open_database("sqlite://" + folder_.path() + "/plant.db"));
        records_ = value_or_throw(records::Records::open(*database_, types_, clock_));
        samples_ = value_or_throw(
            historian::open_embedded_store({.directory = folder_.path() + "/samples", .sync = false}, metrics_));
        add("station", "xc.h001", "锦绣花园换热站");
        add("valve", "xc.h001.v1", "调节阀");
    }

    void add(const std::string& type, const std::string& code, const std::string& title) {
        records::Record record;
        record.type = type;
        record.code = code;
        record.title = title;
        value_or_throw(records_->create(record));
    }

    void add_device(const std::string& code, const std::string& profile, const std::string& serves) {
        records::Record record;
        record.type = "device";
        record.code = code;
        record.title = code;
        record.fields = {{"driver", std::string("modbus_tcp")},
                         {"settings", std::string("{}")},
                         {"profile", profile},
                         {"serves", serves}};
        value_or_throw(records_->create(record));
    }

    std::unique_ptr<Catalogue> make(std::vector<Profile> profiles = {plc()}) {
        return value_or_throw(make_catalogue(*records_, std::move(profiles), *samples_));
    }

    support::TemporaryDirectory folder_;
    SystemClock clock_;
    Metrics metrics_;
    records::TypeRegistry types_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<records::Records> records_;
    std::unique_ptr<historian::SampleStore> samples_;
};

TEST_F(CatalogueTest, binds_the_points_of_the_served_record_and_below) {
    add_device("xc.h001.plc1", "plc", "xc.h001");
    const auto catalogue = make();
    const auto pressure = catalogue->find("xc.h001/pressure");
    ASSERT_TRUE(pressure);
    EXPECT_EQ(pressure->device, "xc.h001.plc1");
    EXPECT_DOUBLE_EQ(pressure->conversion.apply(628), 0.628);
    EXPECT_EQ(pressure->expected_interval_ms, 5000);
    EXPECT_FALSE(pressure->writable);
    const auto setpoint = catalogue->find("xc.h001.v1/opening_setpoint");
    ASSERT_TRUE(setpoint);
    EXPECT_TRUE(setpoint->writable);
    EXPECT_EQ(setpoint->address, "holding xc.h001.v1 opening_setpoint");
    const auto devices = catalogue->device_configs();
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0].points.size(), 3U);
    EXPECT_EQ(catalogue->get(setpoint->id), setpoint);
}

TEST_F(CatalogueTest, faults_leave_points_unbound_and_name_the_device) {
    add_device("xc.d1", "no_such_profile", "xc.h001");
    add_device("xc.d2", "plc", "xc.h999");
    const auto catalogue = make();
    const auto faults = value_or_throw(catalogue->rebuild());
    const auto text = to_string(faults);
    EXPECT_NE(text.find("xc.d1: there is no profile `no_such_profile`"), std::string::npos) << text;
    EXPECT_NE(text.find("xc.d2: serves `xc.h999`, where there is no station"), std::string::npos) << text;
    EXPECT_EQ(catalogue->find("xc.h001/temperature")->device, "");
}

TEST_F(CatalogueTest, a_point_is_bound_once) {
    add_device("xc.h001.plc1", "plc", "xc.h001");
    add_device("xc.h001.plc2", "plc", "xc");
    const auto catalogue = make();
    const auto text = to_string(value_or_throw(catalogue->rebuild()));
    EXPECT_NE(text.find("xc.h001.plc2: `xc.h001/temperature` is bound to `xc.h001.plc1` already"), std::string::npos)
        << text;
}

TEST_F(CatalogueTest, a_unit_that_cannot_be_converted_is_a_fault) {
    add_device("xc.h001.plc1", "plc", "xc.h001");
    auto profile = plc();
    profile.points[0].unit = "MPa";
    const auto catalogue = make({profile});
    const auto text = to_string(value_or_throw(catalogue->rebuild()));
    EXPECT_NE(text.find("they measure different things"), std::string::npos) << text;
}

TEST_F(CatalogueTest, ids_stay_and_new_records_appear_when_rebuilt) {
    const auto catalogue = make();
    const auto before = catalogue->find("xc.h001/pressure")->id;
    add("station", "xc.h000", "翠堤家园换热站");
    EXPECT_FALSE(catalogue->find("xc.h000/pressure"));
    EXPECT_TRUE(value_or_throw(catalogue->rebuild()).empty());
    ASSERT_TRUE(catalogue->find("xc.h000/pressure"));
    EXPECT_EQ(catalogue->find("xc.h001/pressure")->id, before);
}

TEST_F(CatalogueTest, search_reads_codes_and_titles_in_both_languages) {
    add("station", "xc.h002", "翠堤家园换热站");
    const auto catalogue = make();
    const auto found = [&](PointQuery query) {
        std::vector<std::string> codes;
        for (const auto& point : catalogue->list(query)) {
            codes.push_back(point->code);
        }
        return codes;
    };
    using Codes = std::vector<std::string>;
    EXPECT_EQ(found({.search = "翠堤 TEMPERATURE /pressure"}), (Codes{"xc.h002/pressure"}));
    EXPECT_EQ(found({.under = "xc.h001"}),
              (Codes{"xc.h001.v1/opening_setpoint", "xc.h001/pressure", "xc.h001/temperature"}));
    EXPECT_EQ(found({.name = "pressure", .limit = 1}), (Codes{"xc.h001/pressure"}));
    EXPECT_EQ(found({.name = "pressure", .limit = 1, .after = "xc.h001/pressure"}), (Codes{"xc.h002/pressure"}));
    EXPECT_TRUE(found({.under = "xc.h00"}).empty());
}

TEST_F(CatalogueTest, values_put_by_hand_outlive_a_restart) {
    const auto catalogue = make();
    const auto pressure = catalogue->find("xc.h001/pressure");
    const auto start = [&] {
        auto pipeline = value_or_throw(telemetry::Pipeline::create({.shards = 1}, *samples_, clock_, metrics_));
        value_or_throw(pipeline->set_points(catalogue->point_settings()));
        return pipeline;
    };
    {
        const auto pipeline = start();
        const auto substitutions = value_or_throw(Substitutions::open(*database_, *catalogue, *pipeline, clock_));
        value_or_throw(substitutions->put(*pressure, 0.42, "admin"));
        EXPECT_EQ(pipeline->current(pressure->id).quality, Quality::manual);
    }
    const auto pipeline = start();
    const auto substitutions = value_or_throw(Substitutions::open(*database_, *catalogue, *pipeline, clock_));
    value_or_throw(substitutions->restore());
    EXPECT_EQ(pipeline->current(pressure->id).quality, Quality::manual);
    EXPECT_EQ(pipeline->current(pressure->id).value, 0.42);
    value_or_throw(substitutions->release(*pressure));
    telemetry::RawBatch measured{.samples = {{pressure->id, Quality::good, clock_.now_ms(), 0.6}},
                                 .received_ms = clock_.now_ms()};
    ASSERT_TRUE(pipeline->offer(measured));
    pipeline->stop();
    EXPECT_EQ(pipeline->current(pressure->id).quality, Quality::good);
    EXPECT_EQ(pipeline->current(pressure->id).value, 0.6);
}

}  // namespace
}  // namespace nuanshu::points
