#include "platform/historian/src/commit_queue.h"

#include <utility>

namespace nuanshu::historian {

Result<> CommitQueue::commit(Request& request) {
    std::unique_lock lock(mutex_);
    waiting_.push_back(&request);
    changed_.wait(lock, [&] { return request.done || (!led_ && !request.taken); });
    if (!request.done) {
        lead(lock);
    }
    return std::move(request.result);
}

/// @pre the caller's own request waits, and nobody leads
void CommitQueue::lead(std::unique_lock<std::mutex>& lock) {
    led_ = true;
    const Group group = std::exchange(waiting_, {});
    for (auto* request : group) {
        request->taken = true;  // it waits for this leader now, also when the next one may lead already
    }
    lock.unlock();
    const Result<> result = write_(group);
    std::unique_lock applying(applying_);
    lock.lock();
    led_ = false;
    if (!waiting_.empty()) {
        changed_.notify_all();
    }
    lock.unlock();
    if (result) {
        apply_(group);
    }
    applying.unlock();
    lock.lock();
    finish(group, result);
}

void CommitQueue::finish(const Group& group, const Result<>& result) {
    for (auto* request : group) {
        request->result = result;
        request->done = true;
    }
    changed_.notify_all();
}

}  // namespace nuanshu::historian
