#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sample.h"

namespace nuanshu::historian {

/// Lets one of the threads that want to commit do it for all that wait: one write and one fsync a group.
///
/// A group is first written and then applied. While it is applied, the next one is already being written; the order of
/// writing and of applying is the same.
class CommitQueue {
 public:
    struct Request {
        std::span<const Sample> samples;
        std::string record;          ///< the samples as a log record
        std::uint64_t sequence = 0;  ///< given by write
        bool taken = false;  ///< in a leader's group
        bool done = false;
        Result<> result{};
    };
    using Group = std::vector<Request*>;

    /// `write` is called by one thread at a time; so is `apply`, and only for groups whose write went well.
    CommitQueue(std::function<Result<>(const Group&)> write, std::function<void(const Group&)> apply)
        : write_(std::move(write)), apply_(std::move(apply)) {}

    /// Returns when the request's group is applied, or with the error of its write.
    Result<> commit(Request& request);

 private:
    void lead(std::unique_lock<std::mutex>& lock);
    void finish(const Group& group, const Result<>& result);

    const std::function<Result<>(const Group&)> write_;
    const std::function<void(const Group&)> apply_;
    std::mutex mutex_;
    std::mutex applying_;  ///< taken before leadership is given on, so that groups are applied in order
    std::condition_variable changed_;
    Group waiting_;
    bool led_ = false;
};

}  // namespace nuanshu::historian
