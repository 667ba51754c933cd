#include "platform/telemetry/src/storing.h"

#include <chrono>
#include <utility>

#include "base/log.h"

namespace nuanshu::telemetry {
namespace {

constexpr auto retry_after = std::chrono::seconds(1);
constexpr const char* room = "platform/telemetry";

/// How many of the portions, from the first on, go into one append.
std::size_t group_size(std::span<const Portion> portions, std::size_t samples_max) {
    std::size_t samples = 0;
    std::size_t count = 0;
    while (count < portions.size() && (count == 0 || samples + portions[count].samples.size() <= samples_max)) {
        samples += portions[count].samples.size();
        ++count;
    }
    return count;
}

}  // namespace

Storing::Storing(historian::SampleStore& store, const Clock& clock, Figures& figures, std::size_t batch_samples)
    : store_(store), clock_(clock), figures_(figures), batch_samples_(batch_samples), thread_([this] { run(); }) {}

Storing::~Storing() {
    finish();
}

void Storing::put(Portion portion) {
    {
        const std::scoped_lock guard(lock_);
        waiting_.push_back(std::move(portion));
    }
    changed_.notify_one();
}

void Storing::finish() {
    {
        const std::scoped_lock guard(lock_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::optional<Error> Storing::trouble() const {
    const std::scoped_lock guard(lock_);
    return trouble_;
}

void Storing::run() {
    std::vector<Portion> taken;
    while (wait_for_work(taken)) {
        store_all(taken);
        taken.clear();
    }
}

bool Storing::wait_for_work(std::vector<Portion>& taken) {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [&] { return ending_ || !waiting_.empty(); });
    taken.swap(waiting_);
    return !taken.empty();
}

void Storing::store_all(std::span<Portion> portions) {
    while (!portions.empty()) {
        const auto count = group_size(portions, batch_samples_);
        if (!store_group(portions.first(count))) {
            log_error(
                room,
                "stopped while the historian refuses: {} portions of samples were not stored and not acknowledged",
                portions.size());
            return;
        }
        portions = portions.subspan(count);
    }
}

bool Storing::store_group(std::span<Portion> group) {
    std::span<const Sample> samples = group.front().samples;
    if (group.size() > 1) {
        merged_.clear();
        for (const auto& portion : group) {
            merged_.insert(merged_.end(), portion.samples.begin(), portion.samples.end());
        }
        samples = merged_;
    }
    if (!samples.empty() && !append_until_taken(samples)) {
        return false;
    }
    stored_samples_.fetch_add(samples.size(), std::memory_order_relaxed);
    for (auto& portion : group) {
        acknowledge(portion);
    }
    return true;
}

bool Storing::append_until_taken(std::span<const Sample> samples) {
    for (bool last_try = false;; last_try = !wait_before_retry()) {
        const auto result = append(samples);
        note(result);
        if (result) {
            return true;
        }
        if (last_try) {
            return false;
        }
    }
}

Result<> Storing::append(std::span<const Sample> samples) {
    const auto start_ns = clock_.steady_ns();
    auto result = store_.append(samples);
    figures_.store_seconds.observe(static_cast<double>(clock_.steady_ns() - start_ns) * 1e-9);
    return result;
}

void Storing::note(const Result<>& result) {
    const std::scoped_lock guard(lock_);
    if (result && trouble_) {
        log_info(room, "the historian takes samples again");
        trouble_.reset();
    } else if (!result && !trouble_) {
        log_error(room, "the historian refuses samples; they are kept and tried again each second: {}",
                  result.error().message());
    }
    if (!result) {
        trouble_ = result.error();
    }
}

bool Storing::wait_before_retry() {
    figures_.store_retries.add();
    std::unique_lock guard(lock_);
    return !changed_.wait_for(guard, retry_after, [&] { return ending_; });
}

void Storing::acknowledge(Portion& portion) {
    portion.bound->release(portion.reserved);
    for (const auto& ticket : portion.tickets) {
        ticket->part_stored();
    }
}

}  // namespace nuanshu::telemetry
