#include <cctype>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "platform/drivers/delivery.h"
#include "platform/drivers/device_monitor.h"
#include "platform/drivers/driver.h"

namespace nuanshu::drivers {
namespace {

/// Takes batches while there is room for them.
class NarrowIntake final : public telemetry::Intake {
 public:
    bool offer(telemetry::RawBatch& batch) override {
        if (room == 0) {
            return false;
        }
        --room;
        for (const auto& sample : batch.samples) {
            values.push_back(sample.value);
        }
        batch = {};
        return true;
    }
    void set_communication(std::span<const PointId>, bool) override {}

    int room = 0;
    std::vector<double> values;
};

telemetry::RawBatch batch_of(std::initializer_list<double> values) {
    telemetry::RawBatch batch;
    for (const double value : values) {
        batch.samples.push_back({.point = PointId{1}, .value = value});
    }
    return batch;
}

TEST(Delivery, passes_batches_on_at_once_while_there_is_room) {
    NarrowIntake intake;
    intake.room = 2;
    Delivery delivery(intake, 10);
    EXPECT_EQ(delivery.deliver(batch_of({1, 2})), Delivered::taken);
    EXPECT_EQ(delivery.deliver(batch_of({3})), Delivered::taken);
    EXPECT_FALSE(delivery.blocked());
    EXPECT_EQ(intake.values, (std::vector<double>{1, 2, 3}));
}

TEST(Delivery, keeps_the_order_of_what_the_intake_refused) {
    NarrowIntake intake;
    Delivery delivery(intake, 10);
    EXPECT_EQ(delivery.deliver(batch_of({1})), Delivered::held);
    EXPECT_EQ(delivery.deliver(batch_of({2, 3})), Delivered::held);
    EXPECT_TRUE(delivery.blocked());
    EXPECT_EQ(delivery.held_samples(), 3U);
    intake.room = 1;
    EXPECT_FALSE(delivery.retry());
    intake.room = 9;
    EXPECT_EQ(delivery.deliver(batch_of({4})), Delivered::taken);
    EXPECT_EQ(intake.values, (std::vector<double>{1, 2, 3, 4}));
    EXPECT_TRUE(delivery.retry());
}

TEST(Delivery, drops_and_counts_what_goes_beyond_its_bound) {
    NarrowIntake intake;
    Delivery delivery(intake, 3);
    EXPECT_EQ(delivery.deliver(batch_of({1, 2, 3, 4, 5})), Delivered::held);
    EXPECT_EQ(delivery.deliver(batch_of({6})), Delivered::dropped);
    EXPECT_EQ(delivery.dropped_samples(), 1U);
    intake.room = 9;
    EXPECT_TRUE(delivery.retry());
    EXPECT_EQ(intake.values, (std::vector<double>{1, 2, 3, 4, 5}));
}

TEST(Delivery, offers_nothing_after_it_was_closed) {
    NarrowIntake intake;
    Delivery delivery(intake, 3);
    EXPECT_EQ(delivery.deliver(batch_of({1})), Delivered::held);
    delivery.close();
    intake.room = 9;
    EXPECT_TRUE(delivery.retry());
    EXPECT_EQ(delivery.deliver(batch_of({2})), Delivered::dropped);
    EXPECT_TRUE(intake.values.empty());
}

TEST(DeviceMonitor, shows_what_happened_to_the_device_and_in_the_metrics) {
    ManualClock clock(1'000);
    Metrics metrics;
    DriverFigures figures(metrics, "test");
    DeviceMonitor monitor(clock, figures, {.code = "d1", .driver = "test", .settings = "", .points = {{}, {}}},
                          "somewhere");
    clock.advance_ms(500);
    monitor.request_sent();
    monitor.answered(8.0);
    monitor.answered(16.0);
    monitor.samples_taken(7);
    EXPECT_TRUE(monitor.set_state(DeviceState::online));
    EXPECT_FALSE(monitor.set_state(DeviceState::online));
    clock.advance_ms(500);
    monitor.timed_out("holding 4: no answer in 1000 ms");

    const auto status = monitor.status();
    EXPECT_EQ(status.state, DeviceState::online);
    EXPECT_EQ(status.state_since_ms, 1'500);
    EXPECT_EQ(status.last_answer_ms, 1'500);
    EXPECT_EQ(status.last_error_ms, 2'000);
    EXPECT_EQ(status.last_error, "holding 4: no answer in 1000 ms");
    EXPECT_EQ(status.points, 2U);
    EXPECT_EQ(status.samples, 7U);
    EXPECT_DOUBLE_EQ(status.round_trip_ms, 9.0);
    const auto text = metrics.render();
    EXPECT_NE(text.find("nuanshu_drivers_timeouts_total{driver=\"test\"} 1"), std::string::npos) << text;
    EXPECT_NE(text.find("nuanshu_drivers_devices{driver=\"test\",state=\"online\"} 1"), std::string::npos) << text;
}

TEST(DeviceMonitor, leaves_the_count_of_devices_when_it_goes) {
    const ManualClock clock(0);
    Metrics metrics;
    DriverFigures figures(metrics, "test");
    { const DeviceMonitor monitor(clock, figures, {}, ""); }
    EXPECT_EQ(figures.devices[static_cast<std::size_t>(DeviceState::starting)]->value(), 0.0);
}

TEST(RegisteredDrivers, each_has_an_id_of_its_own_and_a_manifest_that_names_it) {
    std::set<std::string_view> ids;
    for (const auto& kind : registered_drivers()) {
        EXPECT_TRUE(ids.insert(kind.id).second) << kind.id;
        EXPECT_NE(kind.manifest_yaml.find("id: " + std::string(kind.id)), std::string_view::npos) << kind.id;
        EXPECT_NE(kind.make, nullptr);
    }
}

}  // namespace
}  // namespace nuanshu::drivers
