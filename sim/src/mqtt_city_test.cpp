#include <map>
#include <mutex>
#include <set>

#include <gtest/gtest.h>
#include <mosquitto.h>

#include "sim/src/mqtt_link.h"
#include "sim/src/point_table.h"
#include "sim/src/running_city_test.h"
#include "sim/src/sparkplug_message.pb.h"
#include "tests/support/process.h"

namespace nuanshu::sim {
namespace {

struct Message {
    std::string topic, payload;
};

/// A subscriber with a thread of libmosquitto's own, so that it is independent of the city's way to drive it.
class Listener {
 public:
    Listener(int port, std::vector<std::string> topics) : topics_(std::move(topics)) {
        client_ = mosquitto_new(nullptr, true, this);
        mosquitto_connect_callback_set(client_, [](mosquitto* client, void* self, int) {
            for (const auto& topic : static_cast<Listener*>(self)->topics_) {
                mosquitto_subscribe(client, nullptr, topic.c_str(), 1);
            }
        });
        mosquitto_subscribe_callback_set(
            client_, [](mosquitto*, void* self, int, int, const int*) { ++static_cast<Listener*>(self)->subscribed_; });
        mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message* message) {
            static_cast<Listener*>(self)->add(message);
        });
        mosquitto_loop_start(client_);
        mosquitto_connect(client_, "127.0.0.1", port, 30);
        EXPECT_TRUE(becomes_true([this] { return subscribed_ == static_cast<int>(topics_.size()); }));
    }
    ~Listener() {
        mosquitto_disconnect(client_);
        mosquitto_loop_stop(client_, true);
        mosquitto_destroy(client_);
    }

    std::vector<Message> with(const std::string& part) {
        const std::lock_guard lock(mutex_);
        std::vector<Message> found;
        for (const auto& message : messages_) {
            if (message.topic.find(part) != std::string::npos) {
                found.push_back(message);
            }
        }
        return found;
    }
    void send(const std::string& topic, const std::string& payload) {
        mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, false);
    }

 private:
    void add(const mosquitto_message* message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(
            {message->topic,
             {static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen)}});
    }

    std::vector<std::string> topics_;
    mosquitto* client_;
    std::atomic<int> subscribed_ = 0;
    std::mutex mutex_;
    std::vector<Message> messages_;
};

sparkplug::Payload payload_of(const Message& message) {
    sparkplug::Payload payload;
    EXPECT_TRUE(payload.ParseFromString(message.payload)) << message.topic;
    return payload;
}

/// A city, its broker and somebody who listens to everything.
class MqttCity : public testing::Test {
 protected:
    static void SetUpTestSuite() { mosquitto_lib_init(); }
    static void TearDownTestSuite() { mosquitto_lib_cleanup(); }

    void SetUp() override {
        port_ = support::free_port();
        broker_.emplace(value_or_throw(support::start_mosquitto(port_)));
        listener_.emplace(port_, std::vector<std::string>{"spBv1.0/#", "city/#"});
    }

    CityOptions options() const {
        auto options = small_city_options();
        options.mqtt_url = fmt::format("mqtt://127.0.0.1:{}", port_);
        options.sparkplug_period_ms = 300;
        options.room_period_ms = 1'000;
        return options;
    }

    /// The buildings' births of the first station, in order of arrival; waits for all.
    std::vector<Message> wait_for_births(std::size_t devices) {
        EXPECT_TRUE(becomes_true([&] { return listener_->with("/DBIRTH/h001/").size() >= devices; }));
        return listener_->with("/DBIRTH/h001/");
    }

    int port_ = 0;
    std::optional<support::Process> broker_;
    std::optional<Listener> listener_;
};

std::size_t buildings_of_first_station() {
    const auto city = value_or_throw(make_city(small_city_options().city));
    std::size_t count = 0;
    for (const auto& loop : city.stations[0].loops) {
        count += loop.buildings.size();
    }
    return count;
}

TEST_F(MqttCity, an_edge_node_is_born_with_its_buildings) {
    const RunningCity city(options());
    const auto births = wait_for_births(buildings_of_first_station());
    const auto node = payload_of(listener_->with("/NBIRTH/h001").at(0));
    EXPECT_EQ(node.seq(), 0U);
    EXPECT_EQ(node.metrics(0).name(), "bdSeq");
    EXPECT_EQ(node.metrics(1).name(), "Node Control/Rebirth");
    std::set<std::uint64_t> aliases;
    for (std::size_t i = 0; i < births.size(); ++i) {
        const auto payload = payload_of(births[i]);
        EXPECT_EQ(payload.seq(), i + 1);
        ASSERT_EQ(payload.metrics_size(), 7);
        EXPECT_EQ(payload.metrics(0).name(), "supply_temperature");
        for (const auto& metric : payload.metrics()) {
            EXPECT_TRUE(aliases.insert(metric.alias()).second) << "aliases are unique in a node";
        }
    }
    EXPECT_TRUE(births[0].topic.ends_with("/xc.s01.n1.h001.b1.l01")) << births[0].topic;
}

TEST_F(MqttCity, changes_follow_by_alias_and_without_a_gap_in_the_sequence) {
    const RunningCity city(options());
    ASSERT_TRUE(becomes_true([&] { return listener_->with("/DDATA/h001/").size() >= 10; }));
    std::uint64_t expected = 0;
    for (const auto& message : listener_->with("/h001")) {
        const auto payload = payload_of(message);
        EXPECT_EQ(payload.seq(), expected) << message.topic;
        expected = (payload.seq() + 1) % 256;
        if (message.topic.find("DDATA") != std::string::npos) {
            EXPECT_GE(payload.metrics_size(), 1);
            EXPECT_FALSE(payload.metrics(0).has_name());
            EXPECT_TRUE(payload.metrics(0).has_alias());
        }
    }
}

TEST_F(MqttCity, a_rebirth_command_brings_all_births_again) {
    const RunningCity city(options());
    const std::size_t devices = buildings_of_first_station();
    wait_for_births(devices);
    sparkplug::Payload command;
    auto& metric = *command.add_metrics();
    metric.set_name("Node Control/Rebirth");
    metric.set_boolean_value(true);
    listener_->send("spBv1.0/xc/NCMD/h001", command.SerializeAsString());
    EXPECT_TRUE(becomes_true([&] { return listener_->with("/DBIRTH/h001/").size() == 2 * devices; }));
    EXPECT_EQ(listener_->with("/NBIRTH/h001").size(), 2U);
}

TEST_F(MqttCity, a_device_command_moves_the_buildings_valve_and_the_data_show_it) {
    auto with_speed = options();
    with_speed.speed = 60.0;
    const RunningCity city(with_speed);
    const auto birth = payload_of(wait_for_births(1)[0]);
    std::uint64_t opening_alias = 0;
    for (const auto& metric : birth.metrics()) {
        opening_alias = metric.name() == "valve_opening" ? metric.alias() : opening_alias;
    }
    sparkplug::Payload command;
    auto& setpoint = *command.add_metrics();
    setpoint.set_name("valve_opening_setpoint");
    setpoint.set_float_value(22.0F);
    listener_->send("spBv1.0/xc/DCMD/h001/xc.s01.n1.h001.b1.l01", command.SerializeAsString());
    EXPECT_TRUE(becomes_true([&] {
        for (const auto& message : listener_->with("/DDATA/h001/xc.s01.n1.h001.b1.l01")) {
            const auto payload = payload_of(message);
            for (const auto& metric : payload.metrics()) {
                if (metric.alias() == opening_alias && std::abs(metric.float_value() - 22.0F) < 0.5F) {
                    return true;
                }
            }
        }
        return false;
    }));
}

TEST_F(MqttCity, nonsense_on_the_command_topics_changes_nothing) {
    const RunningCity city(options());
    wait_for_births(1);
    const std::string point = "xc.s01.n1.h001.b1.l01/valve_opening_setpoint";
    const auto before = city.ask("truth " + point);
    listener_->send("spBv1.0/xc/DCMD/h001/xc.s01.n1.h001.b1.l01", "\xff\xff not protobuf");
    sparkplug::Payload command;
    auto& flow = *command.add_metrics();
    flow.set_name("flow");
    flow.set_float_value(1.0F);
    auto& nan = *command.add_metrics();
    nan.set_name("valve_opening_setpoint");
    nan.set_float_value(std::nanf(""));
    listener_->send("spBv1.0/xc/DCMD/h001/xc.s01.n1.h001.b1.l01", command.SerializeAsString());
    const std::size_t seen = listener_->with("/DDATA/h001/").size();
    ASSERT_TRUE(becomes_true([&] { return listener_->with("/DDATA/h001/").size() > seen + 5; }));
    EXPECT_EQ(city.ask("truth " + point), before);
}

TEST_F(MqttCity, a_cut_line_lets_the_will_speak_with_the_births_number) {
    const RunningCity city(options());
    wait_for_births(1);
    const auto born = payload_of(listener_->with("/NBIRTH/h001").at(0)).metrics(0).long_value();
    ASSERT_EQ(city.ask("cut xc.s01.n1.h001.bm1 on"), "");
    ASSERT_TRUE(becomes_true([&] { return listener_->with("/NDEATH/h001").size() == 1; }));
    EXPECT_EQ(payload_of(listener_->with("/NDEATH/h001")[0]).metrics(0).long_value(), born);
    ASSERT_EQ(city.ask("cut xc.s01.n1.h001.bm1 off"), "");
    ASSERT_TRUE(becomes_true([&] { return listener_->with("/NBIRTH/h001").size() == 2; }));
    EXPECT_EQ(payload_of(listener_->with("/NBIRTH/h001")[1]).metrics(0).long_value(), born + 1);
}

TEST_F(MqttCity, an_orderly_end_says_goodbye) {
    {
        const RunningCity city(options());
        wait_for_births(1);
    }
    EXPECT_TRUE(becomes_true([&] { return listener_->with("/NDEATH/h001").size() == 1; }));
}

TEST_F(MqttCity, every_room_speaks_json_near_the_truth) {
    const RunningCity city(options());
    std::map<std::string, std::string> rooms;
    ASSERT_TRUE(becomes_true([&] {
        for (const auto& message : listener_->with("city/rooms/")) {
            rooms[message.topic] = message.payload;
        }
        return rooms.size() == 24;
    }));
    const auto& [topic, payload] = *rooms.begin();
    const std::string code = topic.substr(11, topic.size() - 14);
    const auto at = payload.find("\"room_temperature\":");
    ASSERT_NE(at, std::string::npos) << payload;
    EXPECT_NEAR(std::stod(payload.substr(at + 19)), city.ask_number("truth " + code + "/room_temperature"), 0.4);
    EXPECT_TRUE(payload.starts_with("{\"ts\":1") && payload.ends_with("}")) << payload;
}

TEST_F(MqttCity, silent_rooms_stay_connected_and_say_nothing) {
    const RunningCity city(options());
    ASSERT_TRUE(becomes_true([&] { return listener_->with("city/rooms/").size() >= 24; }));
    ASSERT_EQ(city.ask("silent xc.rooms on"), "");
    const std::size_t births = listener_->with("/DDATA/").size();
    const std::size_t rooms = listener_->with("city/rooms/").size();
    ASSERT_TRUE(becomes_true([&] { return listener_->with("/DDATA/").size() > births + 40; }));
    EXPECT_LE(listener_->with("city/rooms/").size(), rooms + 24) << "at most what was on its way";
}

TEST_F(MqttCity, a_broker_that_comes_back_hears_everything_again) {
    const RunningCity city(options());
    wait_for_births(1);
    broker_.reset();
    ASSERT_FALSE(city.ask("status").starts_with("error")) << "the rest of the city lives on";
    listener_.reset();
    broker_.emplace(value_or_throw(support::start_mosquitto(port_)));
    listener_.emplace(port_, std::vector<std::string>{"spBv1.0/#", "city/#"});
    EXPECT_TRUE(becomes_true([&] { return listener_->with("/NBIRTH/").size() >= 12; }));
    EXPECT_TRUE(becomes_true([&] { return listener_->with("city/rooms/").size() >= 24; }));
}

TEST(MqttUrl, parts_are_found_and_nonsense_is_refused) {
    const auto full = value_or_throw(read_mqtt_url("mqtt://anna:secret@broker.local:1999"));
    EXPECT_EQ(full.host, "broker.local");
    EXPECT_EQ(full.port, 1999);
    EXPECT_EQ(full.user, "anna");
    EXPECT_EQ(full.password, "secret");
    EXPECT_EQ(value_or_throw(read_mqtt_url("mqtt://localhost")).port, 1883);
    for (const char* wrong : {"", "http://x", "mqtt://", "mqtt://h:0", "mqtt://h:99999", "mqtt://h:1x"}) {
        EXPECT_FALSE(read_mqtt_url(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace nuanshu::sim
