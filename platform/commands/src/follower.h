#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "platform/commands/commands.h"
#include "platform/commands/src/read_back.h"

namespace nuanshu::commands {

using PointPointer = std::shared_ptr<const points::PointDefinition>;

/// A command on its way: sent → written (the device said so) → read back.
struct Course {
    CommandRecord record;
    PointPointer point;
    PointPointer read_back;
    drivers::Driver* read_back_driver = nullptr;  ///< who can be asked for it ahead of its period; null when nobody can
    Expectation expected = {};
    std::function<void(const CommandRecord&)> done;
    std::int64_t sent_ns = 0;
    std::optional<std::int64_t> written_ns = std::nullopt;
    std::int64_t asked_ns = 0;  ///< when the read-back was last asked for
};

/// One thread that follows all commands to their end: the device's word, then the read-back, each within its time.
class Follower {
 public:
    /// @param ended  called from the follower's thread with a course whose record is final
    Follower(const telemetry::Pipeline& pipeline, const Clock& clock, std::function<void(Course&)> ended);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    /// Follows the course. What is returned goes to the driver's write(): it may be called at any time, even after this
    /// object is gone.
    std::function<void(Result<>)> follow(Course course);

    /// Ends the thread when no command is on its way any more.
    void finish();

 private:
    struct Written {
        std::int64_t id;
        Result<> result;
        std::int64_t at_ns;
    };
    /// Shared with the drivers' callbacks, which may come after everything else is gone.
    struct Inbox {
        std::mutex lock;
        std::condition_variable changed;
        std::vector<Course> started;
        std::vector<Written> written;
        bool ending = false;
    };

    void run();
    bool wait_for_work();
    std::vector<Written> take_in();
    void note(const Written& written);
    bool advance(Course& course);
    bool await_write(Course& course, std::int64_t now_ns);
    bool await_read_back(Course& course, std::int64_t now_ns);

    const telemetry::Pipeline& pipeline_;
    const Clock& clock_;
    const std::function<void(Course&)> ended_;
    const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
    std::vector<Course> courses_;  ///< only the thread's
    std::thread thread_;
};

}  // namespace nuanshu::commands
