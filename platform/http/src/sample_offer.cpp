#include "platform/http/src/sample_offer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"

namespace nuanshu::http {
namespace {

constexpr std::int64_t oldest_ms = 946'684'800'000;  // 2000-01-01
constexpr std::int64_t ahead_max_ms = 60'000;
constexpr std::int64_t live_for_ms = 5 * 60'000;
constexpr std::size_t batch_samples = 20'000;
constexpr auto patience = std::chrono::seconds(10);
constexpr auto offer_again_after = std::chrono::milliseconds(2);

using Deadline = std::chrono::steady_clock::time_point;

/// Counts the batches that are not stored yet. Shared with the telemetry threads, which may outlast whoever waits.
class Outstanding {
 public:
    void add() {
        const std::scoped_lock guard(lock_);
        ++count_;
    }
    void stored() {
        const std::scoped_lock guard(lock_);
        --count_;
        changed_.notify_all();
    }
    bool wait_for_none(Deadline deadline) {
        std::unique_lock guard(lock_);
        return changed_.wait_until(guard, deadline, [this] { return count_ == 0; });
    }

 private:
    std::mutex lock_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
};

telemetry::RawBatch make_batch(std::span<const Sample> samples, bool historical, std::int64_t now_ms) {
    telemetry::RawBatch batch;
    batch.historical = historical;
    batch.in_point_unit = true;
    batch.received_ms = now_ms;
    batch.samples.reserve(samples.size());
    for (const auto& sample : samples) {
        batch.samples.push_back({.point = sample.point,
                                 .device_quality = sample.quality,
                                 .time_ms = sample.time_ms,
                                 .value = sample.value});
    }
    return batch;
}

bool offer_until(telemetry::Pipeline& pipeline, telemetry::RawBatch& batch, Deadline deadline) {
    while (!pipeline.offer(batch)) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(offer_again_after);
    }
    return true;
}

Error not_in_time(const telemetry::Pipeline& pipeline) {
    const auto trouble = pipeline.trouble();
    return {ErrorCode::unavailable, "samples",
            trouble ? "the historian refuses now: " + trouble->message()
                    : "not stored within 10 s, others wait too; send them again later"};
}

Result<> store_part(const Context& context, std::span<const Sample> samples, bool historical, Deadline deadline,
                    const std::shared_ptr<Outstanding>& outstanding) {
    while (!samples.empty()) {
        const auto piece = samples.first(std::min(samples.size(), batch_samples));
        auto batch = make_batch(piece, historical, context.services.clock.now_ms());
        outstanding->add();
        batch.stored = [outstanding] { outstanding->stored(); };
        if (!offer_until(context.services.pipeline, batch, deadline)) {
            return tl::unexpected(not_in_time(context.services.pipeline));
        }
        samples = samples.subspan(piece.size());
    }
    return {};
}

}  // namespace

std::optional<std::string> time_fault(std::int64_t time_ms, std::int64_t now_ms) {
    if (time_ms < oldest_ms) {
        return fmt::format("{} is before 2000; is the precision right?", format_time(time_ms));
    }
    if (time_ms > now_ms + ahead_max_ms) {
        return fmt::format("{} is to come; is the sender's clock, or the precision, right?", format_time(time_ms));
    }
    return std::nullopt;
}

Result<> store_samples(const Context& context, std::span<const Sample> samples) {
    const auto live_from_ms = context.services.clock.now_ms() - live_for_ms;
    std::vector<Sample> sorted(samples.begin(), samples.end());
    const auto is_old = [&](const Sample& sample) { return sample.time_ms < live_from_ms; };
    const auto first_live = std::stable_partition(sorted.begin(), sorted.end(), is_old);
    const auto outstanding = std::make_shared<Outstanding>();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    NUANSHU_TRY_VOID(store_part(context, {sorted.begin(), first_live}, true, deadline, outstanding));
    NUANSHU_TRY_VOID(store_part(context, {first_live, sorted.end()}, false, deadline, outstanding));
    if (!outstanding->wait_for_none(deadline)) {
        return tl::unexpected(not_in_time(context.services.pipeline));
    }
    return {};
}

}  // namespace nuanshu::http
