#include "platform/commands/src/follower.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nuanshu::commands {
namespace {

constexpr auto look_each = std::chrono::milliseconds(50);
constexpr std::int64_t ns_per_ms = 1'000'000;
/// A driver has its own, shorter, deadlines; this one is for a driver that is stuck.
constexpr std::int64_t write_within_ms = 30'000;
/// A valve takes seconds to move, and its next poll may be a minute away.
constexpr std::int64_t ask_again_each_ns = 1'000 * ns_per_ms;

std::int64_t ms_between(std::int64_t from_ns, std::int64_t to_ns) {
    return (to_ns - from_ns) / ns_per_ms;
}

}  // namespace

Follower::Follower(const telemetry::Pipeline& pipeline, const Clock& clock, std::function<void(Course&)> ended)
    : pipeline_(pipeline), clock_(clock), ended_(std::move(ended)), thread_([this] { run(); }) {}

Follower::~Follower() {
    finish();
}

std::function<void(Result<>)> Follower::follow(Course course) {
    const auto id = course.record.id;
    course.sent_ns = clock_.steady_ns();
    {
        const std::scoped_lock guard(inbox_->lock);
        inbox_->started.push_back(std::move(course));
    }
    inbox_->changed.notify_one();
    return [inbox = inbox_, id, &clock = clock_](Result<> result) {
        {
            const std::scoped_lock guard(inbox->lock);
            inbox->written.push_back({id, std::move(result), clock.steady_ns()});
        }
        inbox->changed.notify_one();
    };
}

void Follower::finish() {
    {
        const std::scoped_lock guard(inbox_->lock);
        inbox_->ending = true;
    }
    inbox_->changed.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Follower::run() {
    while (wait_for_work()) {
        for (const auto& written : take_in()) {
            note(written);
        }
        const auto ended =
            std::stable_partition(courses_.begin(), courses_.end(), [&](Course& each) { return !advance(each); });
        std::vector<Course> over(std::make_move_iterator(ended), std::make_move_iterator(courses_.end()));
        courses_.erase(ended, courses_.end());
        for (auto& course : over) {
            ended_(course);
        }
    }
}

/// False when there is nothing left to follow for good.
bool Follower::wait_for_work() {
    std::unique_lock guard(inbox_->lock);
    const auto has_news = [&] { return !inbox_->started.empty() || !inbox_->written.empty(); };
    if (!courses_.empty()) {
        inbox_->changed.wait_for(guard, look_each, has_news);
        return true;
    }
    inbox_->changed.wait(guard, [&] { return has_news() || inbox_->ending; });
    return has_news();
}

std::vector<Follower::Written> Follower::take_in() {
    const std::scoped_lock guard(inbox_->lock);
    std::move(inbox_->started.begin(), inbox_->started.end(), std::back_inserter(courses_));
    inbox_->started.clear();
    return std::exchange(inbox_->written, {});
}

void Follower::note(const Written& written) {
    const auto course = std::find_if(courses_.begin(), courses_.end(),
                                     [&](const Course& each) { return each.record.id == written.id; });
    if (course == courses_.end() || course->written_ns) {
        return;
    }
    if (!written.result) {
        course->record.outcome = Outcome::failed;
        course->record.reason = written.result.error().message();
        return;
    }
    course->written_ns = written.at_ns;
    course->record.written_after_ms = ms_between(course->sent_ns, written.at_ns);
}

/// True when the course has come to its end.
bool Follower::advance(Course& course) {
    if (course.record.outcome != Outcome::running) {
        return true;
    }
    const auto now_ns = clock_.steady_ns();
    return course.written_ns ? await_read_back(course, now_ns) : await_write(course, now_ns);
}

bool Follower::await_write(Course& course, std::int64_t now_ns) {
    if (ms_between(course.sent_ns, now_ns) <= write_within_ms) {
        return false;
    }
    course.record.outcome = Outcome::failed;
    course.record.reason = fmt::format("the driver of {} did not say within {} s whether the value was written",
                                       course.point->device, write_within_ms / 1000);
    return true;
}

bool Follower::await_read_back(Course& course, std::int64_t now_ns) {
    const auto seen = pipeline_.current(course.read_back->id);
    const auto within_ms = course.point->type->command->within_ms;
    auto& record = course.record;
    if (is_fresh(seen, course.expected)) {
        record.value_read_back = seen.value;
    }
    if (confirms(seen, course.expected)) {
        record.outcome = Outcome::confirmed;
        record.confirmed_after_ms = std::clamp(seen.received_ms - record.executed_ms, *record.written_after_ms,
                                               ms_between(course.sent_ns, now_ns));
        return true;
    }
    if (ms_between(*course.written_ns, now_ns) > within_ms) {
        record.outcome = Outcome::not_confirmed;
        record.reason = describe_miss(seen, course.expected, course.read_back->code, within_ms);
        return true;
    }
    if (course.read_back_driver != nullptr && (course.asked_ns == 0 || now_ns - course.asked_ns >= ask_again_each_ns)) {
        course.asked_ns = now_ns;
        course.read_back_driver->read_soon(course.read_back->id);
    }
    return false;
}

}  // namespace nuanshu::commands
