#include "platform/commands/commands.h"

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "base/log.h"
#include "platform/commands/src/command_log.h"
#include "platform/commands/src/follower.h"
#include "platform/commands/src/interlock.h"
#include "platform/commands/src/selections.h"

namespace nuanshu::commands {
namespace {

constexpr std::int64_t selection_ms = 30'000;
constexpr std::size_t running_max = 1'000;
constexpr const char* room = "platform/commands";

/// A point that can be commanded, and the one that shows that it followed.
struct Target {
    PointPointer point;
    PointPointer read_back;
};

Result<> check_writable(const points::PointDefinition& point) {
    if (!point.writable || point.type == nullptr || !point.type->command) {
        return fail(ErrorCode::refused, point.code, "cannot be written: {}",
                    point.type != nullptr && point.type->command ? "no device is bound to it that takes values"
                                                                 : "its type declares no command");
    }
    if (!std::isfinite(point.conversion.scale) || point.conversion.scale == 0.0) {
        return fail(ErrorCode::refused, point.code, "cannot be written: its scale {} cannot be undone",
                    point.conversion.scale);
    }
    return {};
}

Result<> check_limits(const points::PointDefinition& point, double value) {
    const auto& rules = *point.type->command;
    if (!std::isfinite(value)) {
        return fail(ErrorCode::invalid, point.code, "{} is no number", value);
    }
    if (value < rules.minimum || value > rules.maximum) {
        return fail(ErrorCode::invalid, point.code, "{} is outside {} … {}{}", value, rules.minimum, rules.maximum,
                    point.type->unit.empty() ? "" : " " + point.type->unit);
    }
    if (point.type->kind == records::PointKind::state && value != std::round(value)) {
        return fail(ErrorCode::invalid, point.code, "{} is no state; states are whole numbers", value);
    }
    return {};
}

class CommandsInService final : public Commands {
 public:
    explicit CommandsInService(Needs needs);
    ~CommandsInService() override { stop(); }

    Result<> prepare();

    Result<Selection> select(std::string_view user, std::string_view point, double value) override;
    Result<CommandRecord> execute(std::string_view user, std::string_view selection,
                                  std::function<void(const CommandRecord&)> done) override;
    Result<CommandRecord> get(std::int64_t id) const override { return log_.get(id); }
    Result<std::vector<CommandRecord>> list(const CommandQuery& query) const override { return log_.list(query); }
    void stop() override;

 private:
    Result<Target> find_target(std::string_view code) const;
    Result<> allow(const Target& target, double value) const;
    Result<> occupy(PointId point, std::string_view selection);
    void vacate(PointId point);
    CommandRecord record_of(const Selections::Held& held, const Target& target) const;
    Result<CommandRecord> send(CommandRecord record, const Target& target,
                               std::function<void(const CommandRecord&)> done);
    void keep_refused(CommandRecord record, const Error& error);
    void count(const CommandRecord& record);
    void end(Course& course);

    const Needs needs_;
    CommandLog log_;
    Selections selections_;
    Histogram& seconds_;

    std::mutex lock_;
    std::condition_variable vacated_;
    std::set<PointId> occupied_;  ///< points with a command on its way
    bool stopping_ = false;

    Follower follower_;
};

CommandsInService::CommandsInService(Needs needs)
    : needs_(std::move(needs)),
      log_(needs_.database),
      seconds_(needs_.metrics.histogram("nuanshu_commands_seconds", "From executing a command to its end.")),
      follower_(needs_.pipeline, needs_.clock, [this](Course& course) { end(course); }) {}

Result<> CommandsInService::prepare() {
    NUANSHU_TRY_VOID(log_.prepare());
    NUANSHU_TRY(const auto closed,
                log_.close_running("the program ended before the command did; what the device did is not known"));
    if (closed > 0) {
        log_warn(room, "{} commands were on their way when the program ended; they are kept as failed", closed);
    }
    return {};
}

Result<Target> CommandsInService::find_target(std::string_view code) const {
    auto point = needs_.catalogue.find(code);
    if (!point) {
        return fail(ErrorCode::not_found, std::string(code), "there is no such point");
    }
    NUANSHU_TRY_VOID(check_writable(*point));
    const auto& name = point->type->command->read_back;
    auto read_back = name.empty() ? point : needs_.catalogue.find(fmt::format("{}/{}", point->record_code, name));
    if (!read_back) {
        return fail(ErrorCode::refused, point->code, "its read-back point `{}` is not there", name);
    }
    return Target{std::move(point), std::move(read_back)};
}

Result<> CommandsInService::allow(const Target& target, double value) const {
    NUANSHU_TRY_VOID(check_limits(*target.point, value));
    return check_interlock(*target.point, value, {needs_.catalogue, needs_.pipeline});
}

Result<Selection> CommandsInService::select(std::string_view user, std::string_view point, double value) {
    NUANSHU_TRY(const auto target, find_target(point));
    NUANSHU_TRY_VOID(allow(target, value));
    const auto present = needs_.pipeline.current(target.read_back->id);
    const auto now_ms = needs_.clock.now_ms();
    Selection selection{.id = {},
                        .point = target.point->code,
                        .value = value,
                        .present_value = present.value,
                        .present_quality = present.quality,
                        .expires_ms = now_ms + selection_ms};
    return selections_.keep({std::move(selection), std::string(user), now_ms}, now_ms);
}

Result<CommandRecord> CommandsInService::execute(std::string_view user, std::string_view selection,
                                                 std::function<void(const CommandRecord&)> done) {
    NUANSHU_TRY(const auto held, selections_.find(user, selection, needs_.clock.now_ms()));
    NUANSHU_TRY(const auto target, find_target(held.selection.point));
    NUANSHU_TRY_VOID(occupy(target.point->id, selection));
    auto record = record_of(held, target);
    if (auto allowed = allow(target, record.value); !allowed) {
        keep_refused(std::move(record), allowed.error());
        vacate(target.point->id);
        return tl::unexpected<Error>(std::move(allowed.error()));
    }
    auto sent = send(std::move(record), target, std::move(done));
    if (!sent) {
        vacate(target.point->id);
    }
    return sent;
}

/// Takes the point for this command and uses up the selection, or does neither.
Result<> CommandsInService::occupy(PointId point, std::string_view selection) {
    const std::scoped_lock guard(lock_);
    if (stopping_) {
        return fail(ErrorCode::cancelled, "commands", "the platform is stopping");
    }
    if (occupied_.contains(point)) {
        return fail(ErrorCode::conflict, "command", "another command to this point is on its way; wait for its end");
    }
    if (occupied_.size() >= running_max) {
        return fail(ErrorCode::exhausted, "commands", "{} commands are on their way; wait for some to end",
                    running_max);
    }
    if (!selections_.use(selection)) {
        return fail(ErrorCode::not_found, "selection", "it was executed already");
    }
    occupied_.insert(point);
    return {};
}

void CommandsInService::vacate(PointId point) {
    {
        const std::scoped_lock guard(lock_);
        occupied_.erase(point);
    }
    vacated_.notify_all();
}

CommandRecord CommandsInService::record_of(const Selections::Held& held, const Target& target) const {
    const auto before = needs_.pipeline.current(target.read_back->id);
    CommandRecord record;
    record.point = target.point->code;
    record.user = held.user;
    record.value = held.selection.value;
    record.value_before = before.value;
    record.quality_before = before.quality;
    record.selected_ms = held.selected_ms;
    record.executed_ms = needs_.clock.now_ms();
    return record;
}

/// Keeps the record, then writes: never the other way round.
Result<CommandRecord> CommandsInService::send(CommandRecord record, const Target& target,
                                              std::function<void(const CommandRecord&)> done) {
    auto* driver = needs_.driver_of(target.point->device);
    if (driver == nullptr) {
        const Error error{ErrorCode::unavailable, target.point->code,
                          fmt::format("no running driver holds its device {}", target.point->device)};
        keep_refused(std::move(record), error);
        return tl::unexpected<Error>(error);
    }
    if (auto kept = log_.add(record); !kept) {
        return within("a command that cannot be recorded is not sent", std::move(kept.error()));
    }
    Course course{.record = record, .point = target.point, .read_back = target.read_back, .done = std::move(done)};
    course.read_back_driver = needs_.driver_of(target.read_back->device);
    course.expected = {.value = record.value,
                       .deviation_max = deviation_max(target.point->type->command->tolerance, target.point->conversion,
                                                      target.read_back->conversion),
                       .sent_ms = record.executed_ms,
                       .change_when_sent = needs_.pipeline.current(target.read_back->id).change};
    const auto raw = target.point->conversion.inverse().apply(record.value);
    driver->write(target.point->id, raw, follower_.follow(std::move(course)));
    return record;
}

void CommandsInService::keep_refused(CommandRecord record, const Error& error) {
    record.outcome = Outcome::failed;
    record.reason = error.what;
    if (const auto kept = log_.add(record); !kept) {
        log_error(room, "{}: a refused command of {} could not be recorded: {}", record.point, record.user,
                  kept.error().message());
    }
    count(record);
}

void CommandsInService::count(const CommandRecord& record) {
    needs_.metrics
        .counter("nuanshu_commands_total", "Commands executed, by outcome.",
                 {{"outcome", std::string(to_string(record.outcome))}})
        .add();
}

void CommandsInService::end(Course& course) {
    const auto& record = course.record;
    if (const auto kept = log_.complete(record); !kept) {
        log_error(room, "command {} ended as {} and that could not be recorded: {}", record.id,
                  to_string(record.outcome), kept.error().message());
    }
    count(record);
    seconds_.observe(static_cast<double>(needs_.clock.steady_ns() - course.sent_ns) * 1e-9);
    vacate(course.point->id);
    if (course.done) {
        course.done(record);
    }
}

void CommandsInService::stop() {
    {
        std::unique_lock guard(lock_);
        stopping_ = true;
        vacated_.wait(guard, [&] { return occupied_.empty(); });
    }
    follower_.finish();
}

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::running:
            return "running";
        case Outcome::confirmed:
            return "confirmed";
        case Outcome::not_confirmed:
            return "not_confirmed";
        case Outcome::failed:
            return "failed";
    }
    return "failed";
}

Result<std::unique_ptr<Commands>> Commands::open(Needs needs) {
    auto commands = std::make_unique<CommandsInService>(std::move(needs));
    NUANSHU_TRY_VOID(commands->prepare());
    return std::unique_ptr<Commands>(std::move(commands));
}

}  // namespace nuanshu::commands
