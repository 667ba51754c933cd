#include "platform/commands/commands.h"

#include <gtest/gtest.h>

#include "platform/commands/src/command_log.h"
#include "platform/commands/src/test_plant.h"
#include "platform/historian/store.h"
#include "tests/support/process.h"

namespace nuanshu::commands {
namespace {

using Manner = BenchDevice::Manner;

constexpr std::int64_t start_ms = 1'768'000'000'000;
constexpr const char* valve = "xc.h1.valve/opening";

/// Waits until it is so, at most ten seconds.
bool eventually(const std::function<bool()>& is_so) {
    for (int i = 0; i < 10'000; ++i) {
        if (is_so()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return is_so();
}

/// A station xc.h1 with a pump, its source xc, and a valve in it that takes 0 … 100 % as raw 0 … 1000.
class CommandsTo : public testing::Test {
 protected:
    CommandsTo() {
        opening_.name = "opening";
        opening_.unit = "%";
        opening_.command = records::CommandRules{.minimum = 0, .maximum = 100, .tolerance = 0.5, .within_ms = 10'000};
        plain_.name = "running";
        plain_.kind = records::PointKind::state;
        samples_ = value_or_throw(
            historian::open_embedded_store({.directory = directory_.path() + "/samples", .sync = false}, metrics_));
        database_ = value_or_throw(store::open_database("sqlite://" + directory_.path() + "/commands.db"));
        pipeline_ = value_or_throw(telemetry::Pipeline::create({.shards = 2}, *samples_, clock_, metrics_));
        device_ = std::make_unique<BenchDevice>(*pipeline_, clock_);
        add_point("xc.h1.valve", &opening_, {0.1, 0.0}, true);
        add_point("xc.h1.valve", &plain_);
        add_point("xc.h1", &plain_);
        add_point("xc", &plain_);
        open();
    }

    ~CommandsTo() override {
        if (commands_) {
            device_->behave(Manner::follows);
            clock_.advance_ms(100'000);
            commands_->stop();
        }
        device_->stop();
        pipeline_->stop();
    }

    PointId add_point(const std::string& record, const records::PointType* type, UnitConversion conversion = {},
                      bool writable = false) {
        points::PointDefinition point;
        point.code = record + "/" + type->name;
        point.id = value_or_throw(samples_->intern(std::vector{point.code})).at(0);
        point.record_code = record;
        point.type = type;
        point.device = "xc.h1.plc";
        point.conversion = conversion;
        point.writable = writable;
        const auto id = point.id;
        catalogue_.add(std::move(point));
        value_or_throw(pipeline_->set_points(catalogue_.point_settings()));
        return id;
    }

    void open() {
        commands_.reset();
        commands_ = value_or_throw(Commands::open({*database_, catalogue_, *pipeline_, driver_of(), clock_, metrics_}));
    }

    DriverOf driver_of() {
        return [this](std::string_view code) { return code == "xc.h1.plc" ? device_.get() : nullptr; };
    }

    PointId id_of(std::string_view code) const { return catalogue_.find(code)->id; }

    /// The device measures it, and it is on the screen.
    void measure(std::string_view code, double raw, Quality quality = Quality::good) {
        const auto before = pipeline_->current(id_of(code)).change;
        device_->measure(id_of(code), raw, quality);
        ASSERT_TRUE(eventually([&] { return pipeline_->current(id_of(code)).change > before; }));
    }

    ErrorCode refusal(std::string_view point, double value) {
        const auto selection = commands_->select("li", point, value);
        return selection ? ErrorCode::internal : selection.error().code;
    }

    std::string select(double value) { return value_or_throw(commands_->select("li", valve, value)).id; }

    Result<CommandRecord> execute(const std::string& selection) {
        return commands_->execute("li", selection, [this](const CommandRecord& record) {
            const std::scoped_lock guard(lock_);
            done_.push_back(record);
        });
    }

    std::vector<CommandRecord> done() {
        const std::scoped_lock guard(lock_);
        return done_;
    }

    CommandRecord the_end() {
        EXPECT_TRUE(eventually([&] { return !done().empty(); }));
        return done().empty() ? CommandRecord() : done().back();
    }

    void check_interlock_refuses(const std::string& interlock, double value, std::string_view reason) {
        opening_.command->interlock = interlock;
        const auto selection = commands_->select("li", valve, value);
        ASSERT_FALSE(selection) << interlock;
        EXPECT_EQ(selection.error().code, ErrorCode::refused);
        EXPECT_NE(selection.error().what.find(reason), std::string::npos) << selection.error().what;
    }

    support::TemporaryDirectory directory_;
    ManualClock clock_{start_ms};
    Metrics metrics_;
    records::PointType opening_;
    records::PointType plain_;
    BenchCatalogue catalogue_;
    std::unique_ptr<historian::SampleStore> samples_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<telemetry::Pipeline> pipeline_;
    std::unique_ptr<BenchDevice> device_;
    std::unique_ptr<Commands> commands_;
    std::mutex lock_;
    std::vector<CommandRecord> done_;
};

TEST_F(CommandsTo, a_valve_are_written_raw_read_back_and_kept) {
    measure(valve, 200);
    const auto selection = commands_->select("li", valve, 45);
    ASSERT_TRUE(selection) << selection.error().message();
    EXPECT_EQ(selection->present_value, 20.0);
    EXPECT_EQ(selection->present_quality, Quality::good);
    EXPECT_EQ(selection->expires_ms, start_ms + 30'000);
    clock_.advance_ms(5'000);
    const auto started = execute(selection->id);
    ASSERT_TRUE(started) << started.error().message();
    EXPECT_EQ(started->outcome, Outcome::running);
    const auto ended = the_end();
    EXPECT_EQ(ended.outcome, Outcome::confirmed) << ended.reason;
    EXPECT_EQ(ended.value_read_back, 45.0);
    EXPECT_EQ(device_->written(), std::vector<double>{450.0});

    const auto kept = commands_->get(started->id);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->outcome, Outcome::confirmed);
    EXPECT_EQ(kept->user, "li");
    EXPECT_EQ(kept->value_before, 20.0);
    EXPECT_EQ(kept->selected_ms, start_ms);
    EXPECT_EQ(kept->executed_ms, start_ms + 5'000);
    EXPECT_TRUE(kept->written_after_ms);
    EXPECT_TRUE(kept->confirmed_after_ms);
    EXPECT_NE(metrics_.render().find("nuanshu_commands_total{outcome=\"confirmed\"} 1\n"), std::string::npos);
}

TEST_F(CommandsTo, a_point_with_a_read_back_of_its_own_wait_for_that_one) {
    records::PointType position;
    position.name = "position";
    opening_.command->read_back = "position";
    EXPECT_EQ(refusal(valve, 30), ErrorCode::refused);
    const auto shown = add_point("xc.h1.valve", &position, {0.1, 0.0});
    device_->link(id_of(valve), shown);
    ASSERT_TRUE(execute(select(30)));
    const auto ended = the_end();
    EXPECT_EQ(ended.outcome, Outcome::confirmed) << ended.reason;
    EXPECT_EQ(ended.quality_before, Quality::never);
    EXPECT_EQ(pipeline_->current(shown).value, 30.0);
    commands_->stop();
    commands_.reset();
}

TEST_F(CommandsTo, a_point_outside_its_limits_are_refused_with_the_limits) {
    const auto error = commands_->select("li", valve, 101).error();
    EXPECT_EQ(error.code, ErrorCode::invalid);
    EXPECT_EQ(error.message(), "xc.h1.valve/opening: 101 is outside 0 … 100 %");
    EXPECT_EQ(refusal(valve, -0.1), ErrorCode::invalid);
    EXPECT_EQ(refusal(valve, std::numeric_limits<double>::quiet_NaN()), ErrorCode::invalid);
    EXPECT_EQ(refusal(valve, std::numeric_limits<double>::infinity()), ErrorCode::invalid);
    opening_.kind = records::PointKind::state;
    EXPECT_EQ(refusal(valve, 1.5), ErrorCode::invalid);
}

TEST_F(CommandsTo, what_cannot_be_written_are_refused) {
    EXPECT_EQ(refusal("xc.h1.valve/nothing", 1), ErrorCode::not_found);
    EXPECT_EQ(refusal("xc.h1/running", 1), ErrorCode::refused);
}

TEST_F(CommandsTo, a_valve_are_held_by_its_interlock) {
    opening_.command->interlock_reason = {"循环泵未运行", "the pump does not run"};
    check_interlock_refuses("running == 1", 10, "xc.h1.valve/running cannot be trusted: its quality is never");
    measure("xc.h1.valve/running", 0);
    check_interlock_refuses("running == 1", 10, "循环泵未运行 (the pump does not run)");
    check_interlock_refuses("parent.running == 1", 10, "xc.h1/running");
    measure("xc.h1/running", 1, Quality::device_fault);
    check_interlock_refuses("parent.running == 1", 10, "xc.h1/running cannot be trusted: its quality is device_fault");
    measure("xc/running", 1);
    check_interlock_refuses("parent.parent.running == 1 && value < 50", 50, "循环泵");
    check_interlock_refuses("parent.parent.parent.running == 1", 10, "no point");
    check_interlock_refuses("flow > 3", 10, "`flow` is no point");
    check_interlock_refuses("running + 1", 10, "neither true nor false");
    check_interlock_refuses("running ==", 10, "interlock");
    opening_.command->interlock = "parent.parent.running == 1 && value < 50";
    EXPECT_TRUE(commands_->select("li", valve, 49));
}

TEST_F(CommandsTo, a_valve_are_checked_again_when_executed_and_the_refusal_is_kept) {
    opening_.command->interlock = "running == 1";
    measure("xc.h1.valve/running", 1);
    const auto selection = select(10);
    measure("xc.h1.valve/running", 0);
    const auto refused = execute(selection);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    EXPECT_TRUE(device_->written().empty());
    EXPECT_TRUE(done().empty());
    ASSERT_EQ(commands_->list({})->size(), 1U);
    EXPECT_EQ(commands_->get(1)->outcome, Outcome::failed);
    EXPECT_NE(commands_->get(1)->reason.find("interlock"), std::string::npos);
    EXPECT_EQ(execute(selection).error().code, ErrorCode::not_found);
}

TEST_F(CommandsTo, a_valve_need_a_selection_of_ones_own_that_is_fresh) {
    const auto selection = select(10);
    EXPECT_EQ(commands_->execute("wang", selection, {}).error().code, ErrorCode::conflict);
    EXPECT_EQ(execute("0123").error().code, ErrorCode::not_found);
    clock_.advance_ms(30'000);
    EXPECT_EQ(execute(selection).error().code, ErrorCode::conflict);
    EXPECT_TRUE(device_->written().empty());
    EXPECT_TRUE(commands_->list({})->empty());
}

TEST_F(CommandsTo, a_device_that_refuses_fail_with_its_words) {
    device_->behave(Manner::refuses);
    ASSERT_TRUE(execute(select(10)));
    const auto ended = the_end();
    EXPECT_EQ(ended.outcome, Outcome::failed);
    EXPECT_NE(ended.reason.find("illegal data value"), std::string::npos);
    EXPECT_FALSE(ended.written_after_ms);
    EXPECT_EQ(commands_->get(ended.id)->reason, ended.reason);
}

TEST_F(CommandsTo, a_valve_that_does_not_move_are_not_confirmed) {
    measure(valve, 200);
    device_->behave(Manner::stays);
    const auto before = pipeline_->current(id_of(valve)).change;
    ASSERT_TRUE(execute(select(45)));
    ASSERT_TRUE(eventually([&] { return pipeline_->current(id_of(valve)).change > before; }));
    clock_.advance_ms(10'001);
    const auto ended = the_end();
    EXPECT_EQ(ended.outcome, Outcome::not_confirmed);
    EXPECT_EQ(ended.value_read_back, 20.0);
    EXPECT_EQ(ended.reason, "xc.h1.valve/opening reads 20 (good) after 10 s, not 45 ± 0.5");
    EXPECT_TRUE(ended.written_after_ms);
    EXPECT_FALSE(ended.confirmed_after_ms);
}

TEST_F(CommandsTo, a_slow_valve_are_asked_after_again_until_it_is_there) {
    measure(valve, 200);
    device_->behave(Manner::stays);
    auto seen = pipeline_->current(id_of(valve)).change;
    ASSERT_TRUE(execute(select(45)));
    for (int second = 0; second < 3; ++second) {
        ASSERT_TRUE(eventually([&] { return pipeline_->current(id_of(valve)).change > seen; }));
        seen = pipeline_->current(id_of(valve)).change;
        clock_.advance_ms(1'000);
    }
    EXPECT_TRUE(done().empty());
    device_->measure(id_of(valve), 452);
    const auto ended = the_end();
    EXPECT_EQ(ended.outcome, Outcome::confirmed) << ended.reason;
    EXPECT_NEAR(ended.value_read_back.value_or(0), 45.2, 1e-9);
    EXPECT_EQ(ended.confirmed_after_ms, 3'000);
}

TEST_F(CommandsTo, a_stuck_driver_end_by_themselves) {
    device_->behave(Manner::is_silent);
    ASSERT_TRUE(execute(select(10)));
    ASSERT_TRUE(eventually([&] { return !device_->written().empty(); }));
    EXPECT_EQ(commands_->get(1)->outcome, Outcome::running);
    clock_.advance_ms(30'001);
    EXPECT_EQ(the_end().outcome, Outcome::failed);
}

TEST_F(CommandsTo, one_point_go_one_at_a_time) {
    device_->behave(Manner::is_silent);
    const auto first = select(10);
    const auto second = select(20);
    ASSERT_TRUE(execute(first));
    EXPECT_EQ(execute(second).error().code, ErrorCode::conflict);
    ASSERT_TRUE(eventually([&] { return !device_->written().empty(); }));
    device_->behave(Manner::follows);
    clock_.advance_ms(29'000);
    EXPECT_EQ(execute(second).error().code, ErrorCode::conflict);
    clock_.advance_ms(2'000);
    EXPECT_EQ(the_end().value, 10.0);
    ASSERT_TRUE(execute(select(20)));
    ASSERT_TRUE(eventually([&] { return done().size() == 2; }));
    EXPECT_EQ(done().back().outcome, Outcome::confirmed);
}

TEST_F(CommandsTo, a_device_nobody_holds_are_kept_as_failed) {
    points::PointDefinition orphan = *catalogue_.find(valve);
    orphan.device = "xc.gone";
    catalogue_.add(std::move(orphan));
    EXPECT_EQ(execute(select(10)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(commands_->get(1)->outcome, Outcome::failed);
}

TEST_F(CommandsTo, a_program_that_ended_are_closed_when_it_starts_again) {
    CommandRecord left;
    left.point = valve;
    ASSERT_TRUE(CommandLog(*database_).add(left));
    open();
    EXPECT_EQ(commands_->get(left.id)->outcome, Outcome::failed);
    EXPECT_NE(commands_->get(left.id)->reason.find("program ended"), std::string::npos);
}

TEST_F(CommandsTo, a_stopping_platform_are_refused_and_those_on_their_way_end) {
    const auto selection = select(10);
    ASSERT_TRUE(execute(select(20)));
    commands_->stop();
    EXPECT_EQ(done().size(), 1U);
    EXPECT_EQ(execute(selection).error().code, ErrorCode::cancelled);
    commands_->stop();
}

}  // namespace
}  // namespace nuanshu::commands
