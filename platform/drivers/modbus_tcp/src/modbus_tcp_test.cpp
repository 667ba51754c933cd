#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/modbus_tcp/src/test_devices.h"
#include "platform/telemetry/intake.h"

namespace nuanshu::drivers {
std::unique_ptr<Driver> make_modbus_tcp_driver(const DriverContext& context);
}

namespace nuanshu::modbus_tcp {
namespace {

using drivers::DeviceConfig;
using drivers::DeviceState;
using drivers::DeviceStatus;
using drivers::PointBinding;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr seconds patience{20};

/// Keeps what the driver hands over, and wakes whoever waits for it.
class RecordingIntake final : public telemetry::Intake {
 public:
    bool offer(telemetry::RawBatch& batch) override {
        const std::scoped_lock lock(mutex_);
        ++offers_;
        if (full_) {
            changed_.notify_all();
            return false;
        }
        for (const auto& sample : batch.samples) {
            latest_[sample.point.value] = sample;
            ++counts_[sample.point.value];
        }
        received_ms_ = batch.received_ms;
        batch = {};
        changed_.notify_all();
        return true;
    }

    void set_communication(std::span<const PointId> points, bool ok) override {
        const std::scoped_lock lock(mutex_);
        for (const auto point : points) {
            communication_[point.value] = ok;
        }
        changed_.notify_all();
    }

    /// Whether it came true within our patience.
    template <class Condition>
    bool wait_until(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, condition);
    }

    bool wait_for_value(std::uint32_t point, double value) {
        return wait_until([&] {
            return latest_.contains(point) && latest_[point].value == value && is_good(latest_[point].device_quality);
        });
    }
    bool wait_for_quality(std::uint32_t point, Quality quality) {
        return wait_until([&] { return latest_.contains(point) && latest_[point].device_quality == quality; });
    }
    bool wait_for_communication(std::uint32_t point, bool ok) {
        return wait_until([&] { return communication_.contains(point) && communication_[point] == ok; });
    }
    bool wait_for_more(std::uint32_t point, int more) {
        std::unique_lock lock(mutex_);
        const int goal = counts_[point] + more;
        return changed_.wait_for(lock, patience, [&] { return counts_[point] >= goal; });
    }
    bool wait_for_more_offers(int more) {
        std::unique_lock lock(mutex_);
        const int goal = offers_ + more;
        return changed_.wait_for(lock, patience, [&] { return offers_ >= goal; });
    }

    void set_full(bool full) {
        const std::scoped_lock lock(mutex_);
        full_ = full;
    }
    int offers() {
        const std::scoped_lock lock(mutex_);
        return offers_;
    }
    double value(std::uint32_t point) {
        const std::scoped_lock lock(mutex_);
        return latest_.at(point).value;
    }
    std::int64_t received_ms() {
        const std::scoped_lock lock(mutex_);
        return received_ms_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint32_t, telemetry::RawSample> latest_;
    std::map<std::uint32_t, int> counts_;
    std::map<std::uint32_t, bool> communication_;
    std::int64_t received_ms_ = 0;
    int offers_ = 0;
    bool full_ = false;
};

PointBinding binding(std::uint32_t point, std::string address, bool writable = false) {
    return {
        .point = {point}, .code = fmt::format("h001/p{}", point), .address = std::move(address), .writable = writable};
}

DeviceConfig device(std::string code, std::uint16_t port, std::vector<PointBinding> points,
                    std::string_view more = "") {
    auto settings = fmt::format(
        R"({{"host": "127.0.0.1", "port": {}, "poll_ms": 30, "timeout_ms": 300, "retry_min_ms": 30, "retry_max_ms": 120{}}})",
        port, more);
    return {
        .code = std::move(code), .driver = "modbus_tcp", .settings = std::move(settings), .points = std::move(points)};
}

class ModbusDriver : public testing::Test {
 protected:
    void configure(std::vector<DeviceConfig> devices) {
        const auto faults = driver->configure(std::move(devices));
        ASSERT_TRUE(faults.empty()) << to_string(faults);
    }

    DeviceStatus status(const std::string& code) {
        for (auto& status : driver->statuses()) {
            if (status.code == code) {
                return status;
            }
        }
        ADD_FAILURE() << "no device " << code;
        return {};
    }

    /// Waits until the device's status is as wanted, by watching it.
    template <class Condition>
    DeviceStatus wait_for_status(const std::string& code, Condition condition) {
        const auto end = std::chrono::steady_clock::now() + patience;
        auto now = status(code);
        while (!condition(now) && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            now = status(code);
        }
        EXPECT_TRUE(condition(now)) << to_string(now.state) << ", " << now.last_error;
        return now;
    }
    DeviceStatus wait_for_state(const std::string& code, DeviceState state) {
        return wait_for_status(code, [&](const DeviceStatus& now) { return now.state == state; });
    }

    Result<> write(std::uint32_t point, double value) {
        std::promise<Result<>> promise;
        auto written = promise.get_future();
        driver->write(PointId{point}, value, [&](Result<> result) { promise.set_value(std::move(result)); });
        EXPECT_EQ(written.wait_for(patience), std::future_status::ready);
        return written.get();
    }
    void expect_write_error(std::uint32_t point, double value, ErrorCode code, const std::string& says) {
        const auto result = write(point, value);
        ASSERT_FALSE(result) << says;
        EXPECT_EQ(to_string(result.error().code), to_string(code));
        EXPECT_THAT(result.error().message(), HasSubstr(says));
    }

    RecordingIntake intake;
    SystemClock clock;
    Metrics metrics;
    std::unique_ptr<drivers::Driver> driver = drivers::make_modbus_tcp_driver({intake, clock, metrics, ""});
};

TEST_F(ModbusDriver, reads_all_kinds_of_registers_in_all_orders) {
    ModbusServer server;
    server.with(1, [](modbus_mapping_t& unit) {
        unit.tab_bits[3] = 1;
        unit.tab_input_bits[12] = 1;
        unit.tab_input_registers[7] = 500;
        unit.tab_registers[10] = static_cast<std::uint16_t>(-40);
        const std::vector<std::uint16_t> orders_of_0x42f6e979 = {0x42f6, 0xe979, 0xf642, 0x79e9,
                                                                 0xe979, 0x42f6, 0x79e9, 0xf642};
        std::copy(orders_of_0x42f6e979.begin(), orders_of_0x42f6e979.end(), &unit.tab_registers[20]);
        unit.tab_registers[40] = 0x4240;
        unit.tab_registers[41] = 0x000f;
        unit.tab_registers[50] = 1U << 5;
    });
    configure({device(
        "plc", server.port(),
        {binding(1, "coil 3"), binding(2, "discrete 12"), binding(3, "input 7 u16"), binding(4, "holding 10 i16"),
         binding(5, "holding 20 f32 abcd"), binding(6, "holding 22 f32 badc"), binding(7, "holding 24 f32 cdab"),
         binding(8, "holding 26 f32 dcba"), binding(9, "holding 40 u32 cdab"), binding(10, "holding 50 bit 5")})});
    const std::map<std::uint32_t, double> expected = {{1, 1},         {2, 1},        {3, 500},      {4, -40},
                                                      {5, 123.456F},  {6, 123.456F}, {7, 123.456F}, {8, 123.456F},
                                                      {9, 1'000'000}, {10, 1}};
    for (const auto& [point, value] : expected) {
        EXPECT_TRUE(intake.wait_for_value(point, value)) << point;
    }
    const auto now = wait_for_state("plc", DeviceState::online);
    EXPECT_EQ(now.endpoint, fmt::format("127.0.0.1:{} unit 1", server.port()));
    EXPECT_EQ(now.timeouts + now.errors + now.reconnects, 0U) << now.last_error;
    EXPECT_GT(now.round_trip_ms, 0);
    EXPECT_NEAR(static_cast<double>(intake.received_ms()), static_cast<double>(clock.now_ms()), 60'000);
}

TEST_F(ModbusDriver, writes_each_type_and_reads_it_back) {
    ModbusServer server;
    configure({device(
        "plc", server.port(),
        {binding(1, "coil 3", true), binding(2, "holding 10 i16", true), binding(3, "holding 20 f32 cdab", true),
         binding(4, "holding 30 f64 dcba", true), binding(5, "holding 40 u32 badc", true),
         binding(6, "holding 50 bcd32", true), binding(7, "holding 60 bit 7", true), binding(8, "holding 60 u16")})});
    ASSERT_TRUE(intake.wait_for_value(8, 0));
    const std::map<std::uint32_t, double> values = {{1, 1},   {2, -273},     {3, 45.5}, {4, -1e-9},
                                                    {5, 4e9}, {6, 20260115}, {7, 1}};
    for (const auto& [point, value] : values) {
        const auto written = write(point, value);
        ASSERT_TRUE(written) << written.error().message();
        driver->read_soon(PointId{point});
        EXPECT_TRUE(intake.wait_for_value(point, value)) << point;
    }
    EXPECT_TRUE(intake.wait_for_value(8, 128)) << "one bit of the register was set";
    server.with(1, [](modbus_mapping_t& unit) { unit.tab_registers[60] = 0xFFFF; });
    ASSERT_TRUE(write(7, 0));
    EXPECT_TRUE(intake.wait_for_value(8, 0xFF7F)) << "the other bits were left alone";
}

TEST_F(ModbusDriver, says_why_a_write_was_not_done) {
    ModbusServer server;
    server.refuse_function(MODBUS_FC_MASK_WRITE_REGISTER);
    configure({device("plc", server.port(),
                      {binding(1, "holding 10 u16", true), binding(2, "holding 11 u16"),
                       binding(3, "holding 5000 u16", true), binding(4, "holding 12 bit 3", true)})});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    expect_write_error(1, 70'000, ErrorCode::invalid,
                       "h001/p1, holding 10 u16: 70000 does not fit u16, which holds 0 … 65535");
    expect_write_error(2, 1, ErrorCode::refused, "does not say that it may be written");
    expect_write_error(3, 1, ErrorCode::refused,
                       "h001/p3 (holding 5000 u16): the device refuses: exception 2, illegal data address");
    expect_write_error(4, 1, ErrorCode::refused, "it cannot write single bits of a register");
    expect_write_error(99, 1, ErrorCode::not_found, "point 99");
    server.set_silent(1, true);
    expect_write_error(1, 1, ErrorCode::timeout, "no answer in 300 ms");
}

TEST_F(ModbusDriver, writes_in_the_long_form_to_devices_that_know_no_other) {
    ModbusServer server;
    server.refuse_function(MODBUS_FC_WRITE_SINGLE_REGISTER);
    server.refuse_function(MODBUS_FC_WRITE_SINGLE_COIL);
    configure({device("plc", server.port(), {binding(1, "holding 10 u16", true), binding(2, "coil 5", true)})});
    ASSERT_TRUE(intake.wait_for_value(2, 0));
    EXPECT_TRUE(write(1, 77));
    EXPECT_TRUE(write(2, 1));
    EXPECT_TRUE(intake.wait_for_value(1, 77));
    EXPECT_TRUE(intake.wait_for_value(2, 1));
    EXPECT_EQ(server.requests(1, MODBUS_FC_WRITE_MULTIPLE_REGISTERS), 1);
    EXPECT_EQ(server.requests(1, MODBUS_FC_WRITE_MULTIPLE_COILS), 1);
}

TEST_F(ModbusDriver, reads_a_point_soon_without_waiting_for_its_period) {
    ModbusServer server;
    configure({device("plc", server.port(), {binding(1, "holding 10 u16")}, R"(, "poll_ms": 3600000, "unit": 1)")});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    server.with(1, [](modbus_mapping_t& unit) { unit.tab_registers[10] = 21; });
    driver->read_soon(PointId{1});
    EXPECT_TRUE(intake.wait_for_value(1, 21));
}

TEST_F(ModbusDriver, marks_a_bad_register_and_keeps_its_neighbours_alive) {
    ModbusServer server;
    server.refuse_register(13, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
    std::vector<PointBinding> points;
    for (std::uint32_t i = 0; i < 30; ++i) {
        points.push_back(binding(i + 1, fmt::format("holding {} u16", i)));
    }
    configure({device("plc", server.port(), points)});
    EXPECT_TRUE(intake.wait_for_quality(14, Quality::device_fault));
    const auto now = wait_for_state("plc", DeviceState::degraded);
    EXPECT_EQ(now.last_error, "holding 13 (h001/p14): exception 2, illegal data address");
    server.with(1, [](modbus_mapping_t& unit) { std::fill_n(unit.tab_registers, 30, std::uint16_t{9}); });
    for (std::uint32_t point = 1; point <= 30; ++point) {
        EXPECT_TRUE(point == 14 || intake.wait_for_value(point, 9)) << point;
    }
    server.repair();
    driver->read_soon(PointId{14});
    EXPECT_TRUE(intake.wait_for_value(14, 9));
    wait_for_state("plc", DeviceState::online);
}

TEST_F(ModbusDriver, marks_all_points_of_a_block_the_device_fails_to_read) {
    ModbusServer server;
    server.refuse_register(2, MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE);
    configure({device("plc", server.port(),
                      {binding(1, "holding 1 u16"), binding(2, "holding 2 u16"), binding(3, "input 100 u16")})});
    EXPECT_TRUE(intake.wait_for_quality(1, Quality::device_fault));
    EXPECT_TRUE(intake.wait_for_quality(2, Quality::device_fault));
    EXPECT_TRUE(intake.wait_for_value(3, 0));
    EXPECT_EQ(wait_for_state("plc", DeviceState::degraded).last_error,
              "holding 1…2 (h001/p1 …): exception 4, server device failure");
    server.repair();
    EXPECT_TRUE(intake.wait_for_value(1, 0));
    wait_for_state("plc", DeviceState::online);
}

TEST_F(ModbusDriver, reads_on_beside_a_silent_unit_on_the_same_link) {
    ModbusServer server({1, 2, 3});
    server.set_silent(2, true);
    configure({device("live", server.port(), {binding(1, "input 1 u16")}),
               device("silent", server.port(), {binding(2, "input 1 u16")}, R"(, "unit": 2)"),
               device("late", server.port(), {binding(3, "input 1 u16")}, R"(, "unit": 3)")});
    EXPECT_TRUE(intake.wait_for_communication(2, false));
    EXPECT_EQ(wait_for_state("silent", DeviceState::offline).last_error, "input 1 (h001/p2): no answer in 300 ms");
    const int asked_before = server.requests(2, MODBUS_FC_READ_INPUT_REGISTERS);
    ASSERT_TRUE(intake.wait_for_more(1, 50));
    ASSERT_TRUE(intake.wait_for_more(3, 5));
    EXPECT_LE(server.requests(2, MODBUS_FC_READ_INPUT_REGISTERS) - asked_before, 25)
        << "the silent one is asked less often";
    EXPECT_EQ(status("live").state, DeviceState::online);
    EXPECT_EQ(status("live").reconnects, 0U);
    EXPECT_EQ(server.accepted(), 1) << "they share one connection";

    server.set_silent(2, false);
    EXPECT_TRUE(intake.wait_for_communication(2, true));
    EXPECT_TRUE(intake.wait_for_value(2, 0));
    wait_for_state("silent", DeviceState::online);
}

TEST_F(ModbusDriver, takes_a_gateway_that_says_so_for_a_silent_unit) {
    ModbusServer server({1});
    configure({device("gone", server.port(), {binding(1, "input 1 u16 unit=7"), binding(2, "input 1 u16")})});
    EXPECT_TRUE(intake.wait_for_communication(1, false));
    EXPECT_TRUE(intake.wait_for_value(2, 0));
    const auto now = wait_for_state("gone", DeviceState::degraded);
    EXPECT_EQ(now.last_error, "input 1 unit 7 (h001/p1): exception 11, gateway target device failed to respond");
}

TEST_F(ModbusDriver, comes_back_by_itself_after_the_server_was_down) {
    auto server = std::make_unique<ModbusServer>();
    const auto port = server->port();
    configure({device("plc", port, {binding(1, "input 1 u16", false), binding(2, "holding 1 u16", true)})});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    server.reset();
    EXPECT_TRUE(intake.wait_for_communication(1, false));
    EXPECT_THAT(wait_for_state("plc", DeviceState::offline).last_error, HasSubstr("Connection refused"));
    expect_write_error(2, 1, ErrorCode::unavailable, "cannot connect");

    server = std::make_unique<ModbusServer>(std::vector<int>{1}, 100, port);
    server->with(1, [](modbus_mapping_t& unit) { unit.tab_input_registers[1] = 5; });
    EXPECT_TRUE(intake.wait_for_communication(1, true));
    EXPECT_TRUE(intake.wait_for_value(1, 5));
    EXPECT_EQ(wait_for_state("plc", DeviceState::online).reconnects, 1U);
}

TEST_F(ModbusDriver, finds_a_device_that_starts_later_and_holds_up_none_meanwhile) {
    ModbusServer live;
    std::uint16_t port = 0;
    { port = ModbusServer().port(); }
    configure(
        {device("later", port, {binding(1, "input 1 u16")}), device("live", live.port(), {binding(2, "input 1 u16")})});
    wait_for_state("later", DeviceState::offline);
    EXPECT_TRUE(intake.wait_for_more(2, 5));
    const ModbusServer late({1}, 100, port);
    EXPECT_TRUE(intake.wait_for_value(1, 0));
}

TEST_F(ModbusDriver, makes_the_connection_anew_when_nothing_at_all_comes_over_it) {
    ModbusServer server;
    configure({device("plc", server.port(), {binding(1, "input 1 u16")})});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    server.set_silent(1, true);
    const auto now = wait_for_status("plc", [](const DeviceStatus& seen) { return seen.reconnects >= 1; });
    EXPECT_EQ(now.state, DeviceState::offline);
    EXPECT_GE(now.timeouts, 3U);
}

TEST_F(ModbusDriver, leaves_other_devices_undisturbed_when_one_is_changed) {
    ModbusServer first({1, 2});
    ModbusServer second;
    const auto kept = device("kept", first.port(), {binding(1, "input 1 u16")});
    const auto alone = device("alone", second.port(), {binding(2, "input 1 u16")});
    configure({kept, alone, device("changed", first.port(), {binding(3, "input 1 u16")}, R"(, "unit": 2)")});
    ASSERT_TRUE(intake.wait_for_value(1, 0) && intake.wait_for_value(2, 0) && intake.wait_for_value(3, 0));
    second.with(1, [](modbus_mapping_t& unit) { unit.tab_input_registers[2] = 8; });
    first.with(2, [](modbus_mapping_t& unit) { unit.tab_input_registers[2] = 7; });
    const auto requests_before = status("kept").requests;

    configure({kept, alone, device("changed", first.port(), {binding(3, "input 2 u16")}, R"(, "unit": 2)")});
    EXPECT_TRUE(intake.wait_for_value(3, 7));
    configure({kept, alone});
    EXPECT_TRUE(intake.wait_for_more(1, 3) && intake.wait_for_more(2, 3));
    EXPECT_EQ(first.accepted(), 1);
    EXPECT_EQ(second.accepted(), 1);
    EXPECT_GE(status("kept").requests, requests_before) << "its counters go on";
    EXPECT_EQ(driver->statuses().size(), 2U);
    configure({});
    EXPECT_TRUE(driver->statuses().empty());
}

TEST_F(ModbusDriver, runs_the_rest_when_some_are_misconfigured) {
    ModbusServer server;
    const auto good = device("good", server.port(), {binding(1, "input 1 u16")});
    const auto bad = device("bad", server.port(), {binding(2, "holding 7 float"), binding(3, "holding x u16")});
    const auto thief = device("thief", server.port(), {binding(1, "input 1 u16")});
    const auto faults = driver->configure({good, bad, thief, good});
    EXPECT_THAT(to_string(faults), HasSubstr("bad h001/p2"));
    EXPECT_THAT(to_string(faults), HasSubstr("bad h001/p3"));
    EXPECT_THAT(to_string(faults), HasSubstr("thief h001/p1: is bound in good already"));
    EXPECT_THAT(to_string(faults), HasSubstr("good code: is given to two devices"));
    EXPECT_EQ(faults.size(), 4U);
    EXPECT_TRUE(intake.wait_for_value(1, 0));
    EXPECT_TRUE(intake.wait_for_communication(2, false));
    EXPECT_EQ(status("bad").state, DeviceState::misconfigured);
    EXPECT_EQ(status("thief").state, DeviceState::misconfigured);
    EXPECT_EQ(driver->configure({good, bad}).size(), 2U) << "faults are told each time";
    const auto mended = device("bad", server.port(), {binding(2, "holding 7 u16")});
    configure({good, mended});
    EXPECT_TRUE(intake.wait_for_value(2, 0));
}

TEST_F(ModbusDriver, stops_polling_while_telemetry_takes_nothing_and_loses_nothing) {
    ModbusServer server;
    configure({device("plc", server.port(), {binding(1, "input 1 u16"), binding(2, "holding 1 u16", true)})});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    intake.set_full(true);
    ASSERT_TRUE(intake.wait_for_more_offers(3));
    const int asked = server.requests(1, MODBUS_FC_READ_INPUT_REGISTERS);
    ASSERT_TRUE(intake.wait_for_more_offers(10));
    EXPECT_EQ(server.requests(1, MODBUS_FC_READ_INPUT_REGISTERS), asked) << "offered again, not asked again";
    EXPECT_TRUE(write(2, 4)) << "commands still go down";
    intake.set_full(false);
    EXPECT_TRUE(intake.wait_for_value(2, 4));
}

TEST_F(ModbusDriver, keeps_several_questions_under_way_where_the_device_takes_them) {
    ModbusServer server({1}, 2'000);
    std::vector<PointBinding> points;
    for (std::uint32_t i = 0; i < 60; ++i) {
        points.push_back(binding(i + 1, fmt::format("holding {} u16", 30 * i)));
    }
    server.with(1, [](modbus_mapping_t& unit) {
        for (int i = 0; i < 2'000; ++i) {
            unit.tab_registers[i] = static_cast<std::uint16_t>(i);
        }
    });
    configure({device("plc", server.port(), points, R"(, "max_in_flight": 8)")});
    for (std::uint32_t i = 0; i < 60; ++i) {
        EXPECT_TRUE(intake.wait_for_value(i + 1, 30 * i)) << i;
    }
    EXPECT_EQ(status("plc").errors + status("plc").timeouts, 0U);
}

TEST_F(ModbusDriver, offers_nothing_after_it_was_stopped) {
    ModbusServer server;
    configure({device("plc", server.port(), {binding(1, "input 1 u16", false)})});
    ASSERT_TRUE(intake.wait_for_value(1, 0));
    driver->stop();
    const int offers = intake.offers();
    expect_write_error(1, 1, ErrorCode::cancelled, "stopping");
    driver->read_soon(PointId{1});
    EXPECT_EQ(intake.offers(), offers);
    driver->stop();
}

using Bytes = RawServer::Bytes;

/// The right answer to a request for one register with the value 1.
Bytes right_answer(const Bytes& request) {
    return {request[0], request[1], 0, 0, 0, 5, request[6], request[7], 2, 0, 1};
}

class MalformedAnswers : public ModbusDriver {
 protected:
    /// The device answers once in the given way and rightly from then on. It must be read in the end, and its error say
    /// what was wrong.
    void check(const std::function<Bytes(const Bytes&)>& malformed, const std::string& says) {
        std::atomic<int> answers{0};
        RawServer server(
            [&](const Bytes& request) { return answers++ == 0 ? malformed(request) : right_answer(request); });
        configure({device("plc", server.port(), {binding(1, "input 1 u16")})});
        EXPECT_TRUE(intake.wait_for_value(1, 1));
        const auto now = wait_for_state("plc", DeviceState::online);
        EXPECT_THAT(now.last_error, HasSubstr(says));
        EXPECT_EQ(now.reconnects, 1U);
        EXPECT_EQ(server.accepted(), 2);
    }
};

TEST_F(MalformedAnswers, cut_short) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0, 4, r[6], r[7], 2, 0}; },
          "3 bytes; 4 expected for 1 registers");
}
TEST_F(MalformedAnswers, too_long) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0, 7, r[6], r[7], 4, 0, 1, 0, 2}; },
          "6 bytes; 4 expected for 1 registers");
}
TEST_F(MalformedAnswers, with_a_wrong_byte_count) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0, 5, r[6], r[7], 9, 0, 1}; },
          "it announces 9 bytes of values; 2 are right");
}
TEST_F(MalformedAnswers, of_another_unit) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0, 5, 77, r[7], 2, 0, 1}; },
          "input 1: unit 77 answers in place of unit 1");
}
TEST_F(MalformedAnswers, to_another_function) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0, 5, r[6], 3, 2, 0, 1}; }, "function 3; 4 was asked");
}
TEST_F(MalformedAnswers, of_a_length_that_cannot_be) {
    check([](const Bytes& r) { return Bytes{r[0], r[1], 0, 0, 0xff, 0xff, r[6]}; },
          "length 65535; 2 … 254 are possible");
}
TEST_F(MalformedAnswers, in_another_language) {
    check([](const Bytes&) { return Bytes{'H', 'T', 'T', 'P', '/', '1', '.', '1'}; }, "protocol 21584; 0 is Modbus");
}
TEST_F(MalformedAnswers, that_are_a_closed_connection) {
    check([](const Bytes&) { return Bytes{}; }, "the device closed the connection");
}

TEST_F(MalformedAnswers, to_no_question_are_dropped_and_the_connection_stays) {
    std::atomic<int> answers{0};
    RawServer server([&](const Bytes& request) {
        auto answer = right_answer(request);
        answer[0] = static_cast<std::uint8_t>(answer[0] ^ (answers++ == 0 ? 0x80 : 0));
        return answer;
    });
    configure({device("plc", server.port(), {binding(1, "input 1 u16")})});
    EXPECT_TRUE(intake.wait_for_value(1, 1));
    const auto now = status("plc");
    EXPECT_EQ(now.last_error,
              "input 1 (h001/p1): no answer in 300 ms (1 late or foreign answers were dropped meanwhile)");
    EXPECT_EQ(now.timeouts, 1U);
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(MalformedAnswers, come_in_pieces_and_together) {
    RawServer server([held = Bytes()](const Bytes& request) mutable {
        auto answer = right_answer(request);
        Bytes now = std::exchange(held, {answer.begin() + 5, answer.end()});
        now.insert(now.end(), answer.begin(), answer.begin() + 5);
        return now;
    });
    configure({device("plc", server.port(), {binding(1, "input 1 u16"), binding(2, "input 900 u16")},
                      R"(, "max_in_flight": 2)")});
    EXPECT_TRUE(intake.wait_for_value(1, 1));
}

}  // namespace
}  // namespace nuanshu::modbus_tcp
