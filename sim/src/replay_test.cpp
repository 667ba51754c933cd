#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <modbus.h>
#include <mosquitto.h>

#include "sim/run.h"
#include "sim/src/csv.h"
#include "sim/src/register_map.h"
#include "sim/src/running_city_test.h"
#include "tests/support/process.h"

namespace nuanshu::sim {
namespace {

std::string write_file(const support::TemporaryDirectory& folder, const std::string& text) {
    const std::string path = folder.path() + "/measured.csv";
    std::ofstream(path) << text;
    return path;
}

TEST(Csv, cells_may_be_quoted) {
    EXPECT_EQ(split_csv_line("a,,\"b, c\",\"say \"\"no\"\"\""),
              (std::vector<std::string>{"a", "", "b, c", "say \"no\""}));
}

TEST(Csv, times_with_and_without_zone_and_empty_cells_are_read) {
    const support::TemporaryDirectory folder;
    const auto path =
        write_file(folder, "\xEF\xBB\xBFtime,load\r\n2014-01-01 08:00:00,167.5\r\n2014-01-01T01:00:00Z,\r\n");
    const auto recording = value_or_throw(read_recording(path, "time", {}, 8 * 3'600'000));
    ASSERT_EQ(recording.time_ms.size(), 2U);
    EXPECT_EQ(recording.time_ms[1] - recording.time_ms[0], 3'600'000);
    EXPECT_EQ(recording.names, std::vector<std::string>{"load"});
    EXPECT_EQ(recording.columns[0][0], 167.5);
    EXPECT_TRUE(std::isnan(recording.columns[0][1]));
}

TEST(Csv, faults_are_named_with_their_line) {
    const support::TemporaryDirectory folder;
    const auto message = [&](const std::string& text, const std::vector<std::string>& names) {
        const auto read = read_recording(write_file(folder, text), "time", names, 0);
        EXPECT_FALSE(read);
        return read ? "" : read.error().message();
    };
    EXPECT_NE(message("time,a\nyesterday,1\n", {"a"}).find(":2"), std::string::npos);
    EXPECT_NE(message("time,a\n2020-01-02 00:00:00,1\n2020-01-01 00:00:00,1\n", {"a"}).find(":3"), std::string::npos);
    EXPECT_NE(message("time,a\n", {"b"}).find("there are time, a"), std::string::npos);
    EXPECT_NE(message("", {}).find("empty"), std::string::npos);
    EXPECT_FALSE(read_recording("/no/such/file.csv", "time", {}, 0));
}

/// A replay in a thread of its own.
class RunningReplay {
 public:
    explicit RunningReplay(ReplayOptions options) {
        std::promise<ReplayReady> ready;
        auto told = ready.get_future();
        result_ = std::async(std::launch::async, [this, options, ready = std::move(ready)]() mutable {
            return run_replay(
                options, [&](const ReplayReady& now) { ready.set_value(now); }, stop_.get_token());
        });
        ready_ = told.get();
    }
    ~RunningReplay() { stop_.request_stop(); }

    const ReplayReady& ready() const { return ready_; }
    /// Waits for its own end.
    bool ends_well() {
        return result_.wait_for(std::chrono::seconds(20)) == std::future_status::ready && result_.get().has_value();
    }

 private:
    std::stop_source stop_;
    ReplayReady ready_;
    std::future<Result<>> result_;
};

double read_float(int port, int address) {
    modbus_t* context = modbus_new_tcp("127.0.0.1", port);
    modbus_connect(context);
    std::array<std::uint16_t, 2> words{};
    const int got = modbus_read_registers(context, address, 2, words.data());
    modbus_close(context);
    modbus_free(context);
    return got == 2 ? decode_number(value_or_throw(read_register_address("holding 0 f32")), words) : NAN;
}

TEST(Replay, registers_follow_the_file_at_the_chosen_speed) {
    const support::TemporaryDirectory folder;
    ReplayOptions options;
    options.csv_path =
        write_file(folder, "time,load\n2020-01-01 00:00:00,10\n2020-01-01 01:00:00,\n2020-01-01 02:00:00,30\n");
    options.columns = {{.column = "load", .target = "holding 4 f32", .scale = 0.5}};
    options.speed = 3600.0 * 4.0;
    options.repeat = true;
    RunningReplay replay(options);
    EXPECT_EQ(replay.ready().rows, 3U);
    bool first = false, last = false;
    EXPECT_TRUE(becomes_true([&] {
        const double raw = read_float(replay.ready().modbus_port, 4);
        first = first || raw == 20.0;
        last = last || raw == 60.0;
        EXPECT_TRUE(raw == 0.0 || raw == 20.0 || raw == 60.0) << "an empty cell changes nothing: " << raw;
        return first && last;
    }));
}

TEST(Replay, wrong_wishes_are_refused_before_anything_runs) {
    const support::TemporaryDirectory folder;
    ReplayOptions options;
    options.csv_path = write_file(folder, "time,load\n2020-01-01 00:00:00,10\n");
    EXPECT_FALSE(run_replay(options, nullptr, {})) << "Modbus without registers";
    options.columns = {{.column = "load", .target = "shelf 4"}};
    EXPECT_FALSE(run_replay(options, nullptr, {}));
    options.columns[0].target = "holding 4";
    options.speed = 0.0;
    EXPECT_FALSE(run_replay(options, nullptr, {}));
    options.speed = 1.0;
    options.protocol = "pigeon";
    EXPECT_FALSE(run_replay(options, nullptr, {}));
}

/// Collects payloads of one topic.
class Collector {
 public:
    Collector(int port, const std::string& topic) : topic_(topic) {
        mosquitto_lib_init();
        client_ = mosquitto_new(nullptr, true, this);
        mosquitto_connect_callback_set(client_, [](mosquitto* client, void* self, int) {
            mosquitto_subscribe(client, nullptr, static_cast<Collector*>(self)->topic_.c_str(), 1);
        });
        mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
            static_cast<Collector*>(self)->subscribed_ = true;
        });
        mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message* message) {
            auto& collector = *static_cast<Collector*>(self);
            const std::lock_guard lock(collector.mutex_);
            collector.payloads_.emplace_back(static_cast<const char*>(message->payload),
                                             static_cast<std::size_t>(message->payloadlen));
        });
        mosquitto_loop_start(client_);
        mosquitto_connect(client_, "127.0.0.1", port, 30);
        EXPECT_TRUE(becomes_true([this] { return subscribed_.load(); }));
    }
    ~Collector() {
        mosquitto_disconnect(client_);
        mosquitto_loop_stop(client_, true);
        mosquitto_destroy(client_);
        mosquitto_lib_cleanup();
    }
    std::vector<std::string> payloads() {
        const std::lock_guard lock(mutex_);
        return payloads_;
    }

 private:
    std::string topic_;
    mosquitto* client_;
    std::atomic<bool> subscribed_ = false;
    std::mutex mutex_;
    std::vector<std::string> payloads_;
};

TEST(Replay, mqtt_gets_every_row_in_order_and_the_replay_ends) {
    const int port = support::free_port();
    const auto broker = value_or_throw(support::start_mosquitto(port));
    Collector collector(port, "replay/up");
    const support::TemporaryDirectory folder;
    std::string text = "time,load,outdoor\n";
    for (int row = 0; row < 100; ++row) {
        text += fmt::format("2020-01-01 00:{:02}:{:02},{},{}\n", row / 60, row % 60, row, row == 50 ? "" : "-1.5");
    }
    ReplayOptions options;
    options.csv_path = write_file(folder, text);
    options.protocol = "mqtt";
    options.mqtt_url = fmt::format("mqtt://127.0.0.1:{}", port);
    options.speed = 200.0;
    RunningReplay replay(options);
    EXPECT_TRUE(replay.ends_well());
    ASSERT_TRUE(becomes_true([&] { return collector.payloads().size() == 100; }));
    EXPECT_NE(collector.payloads()[7].find("\"load\":7,\"outdoor\":-1.5}"), std::string::npos)
        << collector.payloads()[7];
    EXPECT_TRUE(collector.payloads()[50].ends_with("\"load\":50}")) << collector.payloads()[50];
}

TEST(Replay, real_measurements_of_a_city_come_out_as_they_were) {
    const char* reference = std::getenv("NUANSHU_REFERENCE_DIR");
    const std::string path =
        reference == nullptr ? "" : std::string(reference) + "/data/flensburg/heat_load_hourly.csv";
    if (!std::filesystem::exists(path)) {
        GTEST_SKIP() << "NUANSHU_REFERENCE_DIR/data/flensburg is not here";
    }
    const auto recording = value_or_throw(read_recording(path, "time", {"heat_load_mw"}, 3'600'000));
    ASSERT_EQ(recording.time_ms.size(), 21'043U);
    ReplayOptions options;
    options.csv_path = path;
    options.utc_offset_ms = 3'600'000;
    options.columns = {{.column = "heat_load_mw", .target = "holding 0 f32"}};
    options.speed = 3600.0 * 5.0;
    RunningReplay replay(options);
    const std::set<float> first_hours(recording.columns[0].begin(), recording.columns[0].begin() + 200);
    std::set<double> seen;
    EXPECT_TRUE(becomes_true([&] {
        const double load_mw = read_float(replay.ready().modbus_port, 0);
        if (load_mw != 0.0) {
            EXPECT_TRUE(first_hours.contains(static_cast<float>(load_mw))) << load_mw;
            seen.insert(load_mw);
        }
        return seen.size() >= 5;
    }));
}

}  // namespace
}  // namespace nuanshu::sim
