#include "platform/historian/src/sealer.h"

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/log.h"
#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t samples_per_pass = 1024 * 1024;
constexpr auto retry_after = 500ms;
constexpr std::string_view total_key = "sealed_samples";

/// How many times stand in both lists.
std::uint64_t count_common_times(ColumnsView a, ColumnsView b) {
    std::uint64_t common = 0;
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
        const bool equal = a.time_ms[i] == b.time_ms[k];
        common += equal ? 1 : 0;
        const bool advance_b = equal || b.time_ms[k] < a.time_ms[i];
        i += equal || !advance_b ? 1 : 0;
        k += advance_b ? 1 : 0;
    }
    return common;
}

/// How many samples of the list lie in chunks at the very same time. What cannot be read repeats nothing.
std::uint64_t count_repeats(const SampleFiles& files, PointId point, ColumnsView samples) {
    std::uint64_t repeats = 0;
    ChunkCursor cursor(files, point);
    Columns chunk;
    for (cursor.seek(samples.time_ms.front()); cursor.valid() && cursor.first_ms() <= samples.time_ms.back();
         cursor.next()) {
        if (cursor.decode(chunk)) {
            repeats += count_common_times(samples, chunk.view());
        }
    }
    return repeats;
}

}  // namespace

Sealer::Sealer(SampleFiles& files, Heads& heads, StaleRollups& stale, Metrics& metrics)
    : files_(files),
      heads_(heads),
      stale_(stale),
      chunks_(metrics.counter("nuanshu_historian_chunks_total", "Chunks written")),
      damaged_(metrics.counter("nuanshu_historian_damaged_chunks_total",
                               "Chunks that could not be read and were set aside")),
      damaged_files_(metrics.counter("nuanshu_historian_damaged_files_total",
                                     "Times that files could not be merged because one is damaged")),
      waiting_(
          metrics.gauge("nuanshu_historian_unsealed_samples", "Samples in memory and in the log, not yet in chunks")),
      log_bytes_(metrics.gauge("nuanshu_historian_log_bytes", "Bytes of the log that are still needed")) {}

Sealer::~Sealer() {
    {
        const std::lock_guard lock(state_mutex_);
        stopped_ = true;
    }
    state_changed_.notify_all();
    heads_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Result<> Sealer::load() {
    NUANSHU_TRY(sealed_samples_, files_.number(total_key));
    return {};
}

void Sealer::start() {
    thread_ = std::thread([this] { run(); });
}

void Sealer::run() {
    bool stopping = false;
    while (!stopping) {
        heads_.wait_until_due(1s);
        const auto sealed = pass(Heads::Which::due);
        remember(sealed ? Result<>() : tl::unexpected<Error>(sealed.error()));
        damaged_files_.add(files_.leave_damaged_files());
        std::unique_lock lock(state_mutex_);
        if (!sealed) {
            state_changed_.wait_for(lock, retry_after, [&] { return stopped_; });
        }
        stopping = stopped_;
    }
}

Result<> Sealer::seal_all() {
    for (bool more = true; more;) {
        NUANSHU_TRY(more, pass(Heads::Which::all));
    }
    return {};
}

/// @return whether there was anything to do
Result<bool> Sealer::pass(Heads::Which which) {
    const std::lock_guard lock(sealing_);
    NUANSHU_TRY(const bool anything, prepare(which));
    if (anything) {
        NUANSHU_TRY_VOID(write_prepared());
    }
    const Heads::Load load = heads_.load();
    waiting_.set(static_cast<double>(load.samples));
    log_bytes_.set(static_cast<double>(load.log_bytes));
    return anything;
}

Result<bool> Sealer::prepare(Heads::Which which) {
    if (prepared_) {
        return true;
    }
    auto taken = heads_.take(which, samples_per_pass);
    if (taken.jobs.empty() && taken.done_log.empty()) {
        return false;
    }
    tails_.resize(heads_.point_count() + 1);
    auto next = std::make_unique<SealPass>(files_, std::move(taken));
    next->build(tails_);
    prepared_ = std::move(next);
    return true;
}

/// Writes a batch that changes chunks, with what follows from that: the total, and the mark for the roll-ups.
Result<> Sealer::write_total(rocksdb::WriteBatch& batch, std::int64_t added, std::span<const TouchedSpan> touched,
                             SampleFiles::Durability durability) {
    const auto total = static_cast<std::uint64_t>(static_cast<std::int64_t>(sealed_samples_) + added);
    std::string value;
    put_varint(value, total);
    if (const auto status = batch.Put(std::string(total_key), value); !status.ok()) {
        return tl::unexpected<Error>(files_.error_of(status));
    }
    const std::uint64_t mark = stale_.put_mark(batch, touched);
    stale_.add(mark, touched);
    NUANSHU_TRY_VOID(files_.write(batch, durability));
    stale_.add(mark, touched);
    sealed_samples_ = total;
    return {};
}

Result<> Sealer::seal_point(PointId point) {
    auto taken = heads_.take_point(point);
    tails_.resize(heads_.point_count() + 1);
    auto next = std::make_unique<SealPass>(files_, std::move(taken));
    next->build(tails_);
    prepared_ = std::move(next);
    return write_prepared();
}

Result<> Sealer::rewrite(PointId point, std::int64_t first_ms, std::int64_t last_ms, const Gate& appends,
                         const std::function<Result<>(Rewrite&)>& build, const std::function<void()>& written,
                         SampleFiles::Durability durability) {
    const std::lock_guard lock(sealing_);
    if (prepared_) {
        NUANSHU_TRY_VOID(write_prepared());
    }
    const auto alone = appends.enter_alone();
    if (!heads_.copy(point, first_ms, last_ms).empty()) {
        NUANSHU_TRY_VOID(seal_point(point));
    }
    rocksdb::WriteBatch batch;
    Rewrite rewrite{.batch = &batch};
    NUANSHU_TRY_VOID(build(rewrite));
    if (!rewrite.wanted) {
        return {};
    }
    NUANSHU_TRY_VOID(write_total(batch, rewrite.samples_added, rewrite.touched, durability));
    tails_.resize(heads_.point_count() + 1);
    tails_[point.value] = {};
    written();
    return {};
}

Result<> Sealer::write_prepared() {
    NUANSHU_TRY_VOID(write_total(prepared_->batch(), prepared_->samples_added(), prepared_->touched(),
                                 SampleFiles::Durability::process_end));
    chunks_.add(prepared_->chunks_written());
    damaged_.add(prepared_->chunks_damaged());
    heads_.sealed(prepared_->taken().jobs);
    prepared_.reset();
    return {};
}

std::uint64_t Sealer::count_samples() {
    const std::lock_guard lock(sealing_);
    const std::vector<PointId> points = heads_.points_with_samples();
    tails_.resize(heads_.point_count() + 1);
    std::uint64_t total = sealed_samples_;
    for (const PointId point : points) {
        total += count_unsealed(point);
    }
    return total;
}

std::uint64_t Sealer::count_unsealed(PointId point) {
    const Columns samples =
        heads_.copy(point, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    ChunkTail& tail = tails_[point.value];
    if (!tail.known && !prepared_) {
        tail = find_tail(files_, point).value_or(ChunkTail());
    }
    const bool in_order = tail.known && !prepared_ && tail.ends_before(samples.time_ms.front());
    return samples.size() - (in_order ? 0 : count_repeats(files_, point, samples.view()));
}

Result<> Sealer::state() const {
    const std::lock_guard lock(state_mutex_);
    return state_;
}

void Sealer::remember(const Result<>& result) {
    const std::lock_guard lock(state_mutex_);
    if (!result && state_) {
        log_error("historian", "sealing failed and is tried again: {}", result.error().message());
    }
    state_ = result;
}

}  // namespace nuanshu::historian
