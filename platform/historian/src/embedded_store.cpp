#include <chrono>

#include <rocksdb/db.h>

#include "base/log.h"
#include "platform/historian/src/commit_queue.h"
#include "platform/historian/src/embedded_life.h"
#include "platform/historian/src/gate.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/log_barrier.h"
#include "platform/historian/src/log_record.h"
#include "platform/historian/src/questions.h"
#include "platform/historian/src/sample_files.h"
#include "platform/historian/src/scan.h"
#include "platform/historian/src/sealer.h"
#include "platform/historian/src/series.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {
namespace {

using namespace std::chrono_literals;

constexpr auto room_wait = 10s;
constexpr std::size_t max_drawing_columns = 100'000;

class EmbeddedStore final : public SampleStore {
 public:
    EmbeddedStore(std::unique_ptr<SampleFiles> files, const EmbeddedSettings& settings, Metrics& metrics)
        : files_(std::move(files)),
          durability_(settings.sync ? SampleFiles::Durability::power_failure : SampleFiles::Durability::process_end),
          day_offset_ms_(settings.day_offset_ms),
          journal_(settings.journal),
          samples_(metrics.counter("nuanshu_historian_samples_total", "Samples stored")),
          refused_(metrics.counter("nuanshu_historian_refused_samples_total", "Samples that could not be stored")),
          append_s_(metrics.histogram("nuanshu_historian_append_seconds", "Duration of one append")),
          series_(*files_),
          heads_(HeadLimits()),
          stale_(*files_),
          sealer_(*files_, heads_, stale_, metrics) {}

    ~EmbeddedStore() override { heads_.stop(); }

    Result<> start();

    Result<std::vector<PointId>> intern(std::span<const std::string> codes) override;
    std::optional<PointId> find(std::string_view code) const override { return series_.find(code); }
    Life* life() override { return life_.get(); }
    const Life* life() const override { return life_.get(); }
    std::string code_of(PointId point) const override { return series_.code_of(point); }
    Result<> append(std::span<const Sample> samples) override;
    Result<std::vector<StoredSample>> read(PointId point, TimeRange range, std::size_t limit) const override;
    Result<std::optional<StoredSample>> value_as_of(PointId point, std::int64_t time_ms) const override;
    Result<std::vector<Aggregate>> aggregate(PointId point, TimeRange range, std::int64_t window_ms) const override;
    Result<std::vector<StoredSample>> read_for_drawing(PointId point, TimeRange range,
                                                       std::size_t columns) const override;
    Result<Size> size() const override;
    Result<> flush() override;

 private:
    Result<> replay_log();
    Result<> replay_entry(std::uint64_t sequence, std::string_view record);
    Result<> replay_barrier(std::uint64_t sequence, std::string_view record);
    Result<> check_points(std::span<const Sample> samples) const;
    Result<> wait_for_room();
    Result<> commit(CommitQueue::Request& request);
    Result<> write_log(const CommitQueue::Group& group);
    void apply(const CommitQueue::Group& group);
    template <class Sink>
    auto ask(PointId point, TimeRange range, Sink sink) const -> Result<decltype(sink.result())>;

    std::unique_ptr<SampleFiles> files_;
    const SampleFiles::Durability durability_;
    const std::optional<std::int64_t> day_offset_ms_;
    const bool journal_;
    Counter& samples_;
    Counter& refused_;
    Histogram& append_s_;
    Series series_;
    Heads heads_;
    StaleRollups stale_;
    mutable Sealer sealer_;
    std::uint64_t next_sequence_ = 1;  ///< touched by the leader of a commit only
    CommitQueue commits_{[this](const auto& group) { return write_log(group); },
                         [this](const auto& group) { apply(group); }};
    Gate appends_;
    std::unique_ptr<EmbeddedLife> life_;
};

Result<> EmbeddedStore::start() {
    NUANSHU_TRY_VOID(series_.load());
    heads_.grow(series_.size());
    NUANSHU_TRY_VOID(stale_.load());
    next_sequence_ = files_->db().GetLatestSequenceNumber() + 1;
    NUANSHU_TRY_VOID(sealer_.load());
    NUANSHU_TRY_VOID(replay_log());
    const auto next_sequence = [this] { return next_sequence_++; };
    const LifeParts parts{*files_, series_, heads_, stale_, sealer_, appends_, next_sequence, durability_, journal_};
    NUANSHU_TRY(life_, EmbeddedLife::open(parts, day_offset_ms_));
    sealer_.start();
    return {};
}

/// What was acknowledged and not yet sealed when the process ended goes back into memory. The database's own sequence
/// number is above every log entry's, because each entry has used up at least one of it.
/// A part that cannot be read is reported and passed over; then the rest is sealed and the log begun anew.
Result<> EmbeddedStore::replay_log() {
    std::size_t lost = 0;
    NUANSHU_TRY(const std::size_t gaps, files_->read_log([&](std::uint64_t sequence, std::string_view record) {
        next_sequence_ = std::max(next_sequence_, sequence + 1);
        if (const auto replayed = replay_entry(sequence, record); !replayed) {
            log_error("historian", "log entry {}: {}; it is passed over", sequence, replayed.error().message());
            ++lost;
        }
        return Result<>();
    }));
    if (gaps + lost == 0) {
        return {};
    }
    NUANSHU_TRY_VOID(flush());
    return files_->renew_log();
}

Result<> EmbeddedStore::replay_entry(std::uint64_t sequence, std::string_view record) {
    if (is_barrier(record)) {
        return replay_barrier(sequence, record);
    }
    NUANSHU_TRY(const auto samples, decode_log_record(record));
    NUANSHU_TRY_VOID(check_points(samples));
    heads_.apply(sequence, record.size(), samples);
    return {};
}

Result<> EmbeddedStore::replay_barrier(std::uint64_t sequence, std::string_view record) {
    NUANSHU_TRY(const LogBarrier barrier, decode_barrier(record));
    NUANSHU_TRY_VOID(check_points(std::array{Sample{.point = barrier.point}}));
    heads_.forget(barrier.point, barrier.first_ms, barrier.last_ms);
    heads_.apply(sequence, record.size(), {});
    return {};
}

Result<std::vector<PointId>> EmbeddedStore::intern(std::span<const std::string> codes) {
    NUANSHU_TRY(auto points, series_.intern(codes));
    heads_.grow(series_.size());
    return points;
}

Result<> EmbeddedStore::check_points(std::span<const Sample> samples) const {
    const std::size_t known = series_.size();
    for (const auto& sample : samples) {
        if (!sample.point || sample.point.value > known) {
            return fail(ErrorCode::not_found, "sample store", "no point has the id {}; there are {}",
                        sample.point.value, known);
        }
    }
    return {};
}

Result<> EmbeddedStore::wait_for_room() {
    if (heads_.wait_for_room(sealer_.state() ? room_wait : 0s)) {
        return {};
    }
    NUANSHU_TRY_VOID(sealer_.state());
    return fail(ErrorCode::exhausted, "sample store", "sealing has not kept up for {} s; try again", room_wait.count());
}

Result<> EmbeddedStore::append(std::span<const Sample> samples) {
    if (samples.empty()) {
        return {};
    }
    const auto start = std::chrono::steady_clock::now();
    NUANSHU_TRY_VOID(check_points(samples));
    NUANSHU_TRY_VOID(life_->check_room());
    NUANSHU_TRY_VOID(wait_for_room());
    CommitQueue::Request request{.samples = samples, .record = encode_log_record(samples)};
    auto committed = commit(request);
    (committed ? samples_ : refused_).add(samples.size());
    append_s_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return committed;
}

Result<> EmbeddedStore::commit(CommitQueue::Request& request) {
    const auto inside = appends_.enter();
    return commits_.commit(request);
}

Result<> EmbeddedStore::write_log(const CommitQueue::Group& group) {
    rocksdb::WriteBatch batch;
    for (auto* request : group) {
        request->sequence = next_sequence_++;
        if (const auto status = batch.Put(files_->log(), log_key(request->sequence), request->record); !status.ok()) {
            return tl::unexpected<Error>(files_->error_of(status));
        }
    }
    return files_->write(batch, durability_);
}

void EmbeddedStore::apply(const CommitQueue::Group& group) {
    for (const auto* request : group) {
        heads_.apply(request->sequence, request->record.size(), request->samples);
    }
}

template <class Sink>
auto EmbeddedStore::ask(PointId point, TimeRange range, Sink sink) const -> Result<decltype(sink.result())> {
    NUANSHU_TRY_VOID(scan(*files_, heads_, point, range, sink));
    return sink.result();
}

Result<std::vector<StoredSample>> EmbeddedStore::read(PointId point, TimeRange range, std::size_t limit) const {
    if (limit == 0) {
        return std::vector<StoredSample>();
    }
    return ask(point, range, ReadSink(limit));
}

Result<std::optional<StoredSample>> EmbeddedStore::value_as_of(PointId point, std::int64_t time_ms) const {
    return find_at_or_before(*files_, heads_, point, time_ms);
}

Result<std::vector<Aggregate>> EmbeddedStore::aggregate(PointId point, TimeRange range, std::int64_t window_ms) const {
    if (window_ms <= 0) {
        return fail(ErrorCode::invalid, "window", "{} ms; more than 0 is right", window_ms);
    }
    return ask(point, range, AggregateSink(range, window_ms));
}

Result<std::vector<StoredSample>> EmbeddedStore::read_for_drawing(PointId point, TimeRange range,
                                                                  std::size_t columns) const {
    if (columns == 0 || columns > max_drawing_columns) {
        return fail(ErrorCode::invalid, "columns", "{}; 1 … {} are right", columns, max_drawing_columns);
    }
    return ask(point, range, DrawingSink(range, columns));
}

Result<SampleStore::Size> EmbeddedStore::size() const {
    NUANSHU_TRY(const std::uint64_t bytes, files_->bytes());
    return Size{.samples = sealer_.count_samples(), .points = series_.size(), .bytes = bytes};
}

Result<> EmbeddedStore::flush() {
    NUANSHU_TRY_VOID(sealer_.seal_all());
    return files_->flush();
}

}  // namespace

Result<std::unique_ptr<SampleStore>> open_embedded_store(const EmbeddedSettings& settings, Metrics& metrics) {
    const auto keeping =
        settings.journal ? SampleFiles::LogKeeping::for_journal : SampleFiles::LogKeeping::until_flushed;
    NUANSHU_TRY(auto files, SampleFiles::open(settings.directory, keeping));
    auto store = std::make_unique<EmbeddedStore>(std::move(files), settings, metrics);
    auto started = store->start();
    if (!started) {
        return within("sample store " + settings.directory, std::move(started.error()));
    }
    return std::unique_ptr<SampleStore>(std::move(store));
}

}  // namespace nuanshu::historian
