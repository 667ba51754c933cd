#include <array>
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <modbus.h>
#include <sys/socket.h>

#include "sim/src/register_map.h"
#include "sim/src/running_city_test.h"
#include "sim/src/sockets.h"

namespace nuanshu::sim {
namespace {

/// libmodbus as the master.
class Master {
 public:
    explicit Master(int port, int unit = 1) : context_(modbus_new_tcp("127.0.0.1", port)) {
        modbus_set_slave(context_.get(), unit);
        modbus_set_response_timeout(context_.get(), 2, 0);
        connected_ = modbus_connect(context_.get()) == 0;
    }
    ~Master() { modbus_close(context_.get()); }

    bool connected() const { return connected_; }
    modbus_t* get() { return context_.get(); }
    void set_timeout_ms(unsigned ms) { modbus_set_response_timeout(context_.get(), 0, ms * 1000); }

    /// NaN when the device refuses or is silent; errno says why.
    double read(const std::string& text) {
        const auto address = value_or_throw(read_register_address(text));
        std::array<std::uint16_t, 4> words{};
        std::uint8_t bit = 0;
        const int count = address.count();
        int got = -1;
        switch (address.area) {
            case Area::coil:
                got = modbus_read_bits(get(), address.first, 1, &bit);
                return got == 1 ? bit : NAN;
            case Area::discrete:
                got = modbus_read_input_bits(get(), address.first, 1, &bit);
                return got == 1 ? bit : NAN;
            case Area::input:
                got = modbus_read_input_registers(get(), address.first, count, words.data());
                break;
            case Area::holding:
                got = modbus_read_registers(get(), address.first, count, words.data());
                break;
        }
        return got == count ? decode_number(address, std::span(words).first(static_cast<std::size_t>(count))) : NAN;
    }

 private:
    struct Free {
        void operator()(modbus_t* context) const { modbus_free(context); }
    };
    std::unique_ptr<modbus_t, Free> context_;
    bool connected_ = false;
};

const std::string station = "xc.s01.n1.h001";

TEST(ModbusCity, every_coding_reads_what_the_instrument_shows) {
    RunningCity city;
    Master plc(city.station_port());
    ASSERT_TRUE(plc.connected());
    EXPECT_NEAR(plc.read("input 0 i16") * 0.1, city.ask_number("truth " + station + "/primary_supply_temperature"),
                0.4);
    EXPECT_NEAR(plc.read("input 4 i16") * 0.1, city.ask_number("truth " + station + "/outdoor_temperature"), 0.4);
    EXPECT_NEAR(plc.read("input 8 u16"), 1000.0 * city.ask_number("truth " + station + "/primary_supply_pressure"),
                6.0);
    const double kw = 1000.0 * city.ask_number("truth " + station + "/heat_power");
    EXPECT_NEAR(plc.read("input 24 f32 dcba"), kw, 0.05 * kw);
    EXPECT_NEAR(plc.read("input 30 u32 cdab") * 0.01, city.ask_number("truth " + station + "/heat_energy"), 0.1);
    EXPECT_NEAR(plc.read("input 40 f32") * 0.125 - 0.5, city.ask_number("truth " + station + ".tank1/level"), 0.02);
    EXPECT_EQ(plc.read("discrete 10"), 1.0);
}

TEST(ModbusCity, an_opened_valve_moves_and_brings_more_water) {
    auto options = small_city_options();
    options.speed = 60.0;
    RunningCity city(options);
    Master plc(city.station_port());
    const double flow_before = plc.read("input 20 f32");
    ASSERT_EQ(modbus_write_register(plc.get(), 100, 950), 1);
    EXPECT_TRUE(becomes_true([&] { return plc.read("input 108 u16") > 940.0; }));
    EXPECT_GT(plc.read("input 20 f32"), 1.1 * flow_before);
    EXPECT_EQ(plc.read("holding 100 u16"), 950.0);
}

TEST(ModbusCity, coils_switch_the_pump_and_the_mode) {
    auto options = small_city_options();
    options.speed = 60.0;
    RunningCity city(options);
    Master plc(city.station_port());
    ASSERT_EQ(modbus_write_bit(plc.get(), 11, 0), 1);
    EXPECT_TRUE(becomes_true([&] { return plc.read("discrete 10") == 0.0; }));
    ASSERT_EQ(modbus_write_bit(plc.get(), 10, 1), 1);
    EXPECT_EQ(city.ask_number("truth " + station + ".b1/control_mode"), 1.0);
}

TEST(ModbusCity, a_float_setpoint_is_written_with_two_registers) {
    RunningCity city;
    Master plc(city.station_port());
    std::array<std::uint16_t, 2> words{};
    encode_number(47.5, value_or_throw(read_register_address("holding 103 f32 cdab")), words);
    ASSERT_EQ(modbus_write_registers(plc.get(), 103, 2, words.data()), 2);
    EXPECT_EQ(city.ask_number("truth " + station + ".b1/supply_temperature_setpoint"), 47.5);
}

TEST(ModbusCity, three_sources_answer_behind_one_gateway) {
    RunningCity city;
    const int port = city.ready().endpoints.gateway_port;
    for (int unit = 1; unit <= 3; ++unit) {
        Master gateway(port, unit);
        const auto code = fmt::format("xc.s0{}", unit);
        EXPECT_NEAR(gateway.read("holding 0 f32"), city.ask_number("truth " + code + "/supply_temperature"), 0.5);
        const double gj = city.ask_number("truth " + code + "/heat_energy");
        EXPECT_NEAR(gateway.read("holding 40 f64"), gj, 0.1 + 0.01 * gj);
    }
    Master stranger(port, 9);
    EXPECT_TRUE(std::isnan(stranger.read("holding 0 f32")));
    EXPECT_EQ(errno, EMBXGTAR);
}

TEST(ModbusCity, what_is_not_there_or_not_writable_is_exception_2) {
    RunningCity city;
    Master plc(city.station_port());
    std::array<std::uint16_t, 8> words{};
    EXPECT_EQ(modbus_read_input_registers(plc.get(), 5'000, 2, words.data()), -1);
    EXPECT_EQ(errno, EMBXILADD);
    EXPECT_EQ(modbus_read_input_registers(plc.get(), 208, 2, words.data()), -1) << "the last register is 208";
    EXPECT_EQ(errno, EMBXILADD);
    EXPECT_EQ(modbus_write_register(plc.get(), 101, 1), -1) << "a gap between two set-points";
    EXPECT_EQ(errno, EMBXILADD);
    Master source(city.ready().endpoints.gateway_port);
    EXPECT_EQ(modbus_write_registers(source.get(), 0, 2, words.data()), -1) << "a measured value";
    EXPECT_EQ(errno, EMBXILADD);
    EXPECT_EQ(modbus_write_bit(plc.get(), 10, 1), 1) << "the line still works";
}

TEST(ModbusCity, a_register_whose_record_the_station_has_not_reads_zero) {
    RunningCity city;
    for (std::size_t i = 0; i < city.ready().stations; ++i) {
        const auto second = fmt::format("truth xc.s01.n1.h{:03}.b2.valve1/opening", i + 1);
        if (city.ask(second).starts_with("error")) {
            Master plc(city.station_port(i));
            EXPECT_EQ(plc.read("input 208 u16"), 0.0);
            return;
        }
    }
    FAIL() << "every station of the small city has two loops; take another seed";
}

TEST(ModbusCity, a_silent_plc_keeps_its_line_and_says_nothing) {
    RunningCity city;
    Master plc(city.station_port());
    ASSERT_EQ(city.ask("silent " + station + ".plc1 on"), "");
    plc.set_timeout_ms(100);
    EXPECT_TRUE(std::isnan(plc.read("input 0 i16")));
    EXPECT_EQ(errno, ETIMEDOUT);
    Master neighbour(city.station_port(1));
    EXPECT_FALSE(std::isnan(neighbour.read("input 0 i16")));
    ASSERT_EQ(city.ask("silent " + station + ".plc1 off"), "");
    EXPECT_FALSE(std::isnan(plc.read("input 0 i16")));
}

TEST(ModbusCity, a_cut_line_closes_and_comes_back_on_its_port) {
    RunningCity city;
    Master plc(city.station_port());
    ASSERT_FALSE(std::isnan(plc.read("input 0 i16")));
    ASSERT_EQ(city.ask("cut " + station + ".plc1 on"), "");
    EXPECT_TRUE(std::isnan(plc.read("input 0 i16")));
    EXPECT_FALSE(Master(city.station_port()).connected());
    ASSERT_EQ(city.ask("cut " + station + ".plc1 off"), "");
    Master again(city.station_port());
    EXPECT_FALSE(std::isnan(again.read("input 0 i16")));
}

/// A raw connection, for what libmodbus would never send.
class RawLine {
 public:
    explicit RawLine(int port) {
        context_.reset(modbus_new_tcp("127.0.0.1", port));
        modbus_connect(context_.get());
        fcntl(fd(), F_SETFL, fcntl(fd(), F_GETFL) & ~O_NONBLOCK);
        const timeval patience{5, 0};
        setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    int fd() { return modbus_get_socket(context_.get()); }
    void send_bytes(std::initializer_list<int> bytes) {
        std::vector<std::uint8_t> out(bytes.begin(), bytes.end());
        ASSERT_EQ(send(fd(), out.data(), out.size(), MSG_NOSIGNAL), static_cast<ssize_t>(out.size()));
    }
    std::vector<int> receive() {
        std::array<std::uint8_t, 300> in{};
        const auto got = recv(fd(), in.data(), in.size(), 0);
        return {in.begin(), in.begin() + std::max<ssize_t>(got, 0)};
    }

 private:
    struct Close {
        void operator()(modbus_t* context) const {
            modbus_close(context);
            modbus_free(context);
        }
    };
    std::unique_ptr<modbus_t, Close> context_;
};

TEST(ModbusCity, half_a_request_holds_up_nobody) {
    RunningCity city;
    RawLine slow(city.station_port());
    slow.send_bytes({0, 1, 0, 0, 0, 6, 1, 4});
    Master other(city.station_port());
    EXPECT_FALSE(std::isnan(other.read("input 0 i16")));
    slow.send_bytes({0, 0, 0, 1});
    const auto reply = slow.receive();
    ASSERT_EQ(reply.size(), 11U);
    EXPECT_EQ(reply[7], 4);
}

TEST(ModbusCity, two_requests_in_one_packet_get_two_replies) {
    RunningCity city;
    RawLine line(city.station_port());
    line.send_bytes({0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1, 0, 2, 0, 0, 0, 6, 1, 4, 0, 4, 0, 1});
    std::vector<int> all;
    EXPECT_TRUE(becomes_true([&] {
        const auto more = line.receive();
        all.insert(all.end(), more.begin(), more.end());
        return all.size() == 22;
    }));
}

TEST(ModbusCity, malformed_frames_are_refused_or_end_the_line) {
    RunningCity city;
    RawLine strange(city.station_port());
    strange.send_bytes({0, 1, 0, 0, 0, 3, 1, 99, 0});
    EXPECT_EQ(strange.receive(), (std::vector<int>{0, 1, 0, 0, 0, 3, 1, 99 + 128, 1})) << "no such function";
    strange.send_bytes({0, 2, 0, 0, 0, 5, 1, 16, 0, 100, 0});
    EXPECT_EQ(strange.receive(), (std::vector<int>{0, 2, 0, 0, 0, 3, 1, 16 + 128, 3})) << "a write without its data";
    strange.send_bytes({0, 3, 0, 0, 0, 9, 1, 16, 0, 100, 0, 2, 2, 0, 0});
    EXPECT_EQ(strange.receive(), (std::vector<int>{0, 3, 0, 0, 0, 3, 1, 16 + 128, 3})) << "two registers in two bytes";
    strange.send_bytes({0, 4, 0, 7, 0, 6, 1, 4, 0, 0, 0, 1});
    EXPECT_TRUE(strange.receive().empty()) << "not Modbus: the line is closed";
    RawLine overlong(city.station_port());
    overlong.send_bytes({0, 4, 0, 0, 2, 0, 1, 4, 0, 0, 0, 1});
    EXPECT_TRUE(overlong.receive().empty()) << "512 bytes announced: the line is closed";
}

TEST(ModbusCity, a_missing_or_faulty_register_map_is_said_with_its_place) {
    auto options = small_city_options();
    options.profiles.pop_back();
    const auto missing = run_city(options, nullptr, {});
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message().find("source_plc"), std::string::npos);

    options = small_city_options();
    options.profiles[0].points[3].address = "input 20 f33";
    options.profiles[0].points[3].line = 17;
    const auto faulty = run_city(options, nullptr, {});
    ASSERT_FALSE(faulty);
    EXPECT_NE(faulty.error().message().find("station_plc.yaml:17"), std::string::npos) << faulty.error().message();
}

}  // namespace
}  // namespace nuanshu::sim
