#include "platform/telemetry/pipeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <latch>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/check.h"
#include "platform/telemetry/src/current_values.h"
#include "platform/telemetry/src/figures.h"
#include "platform/telemetry/src/gate.h"
#include "platform/telemetry/src/shard.h"
#include "platform/telemetry/src/storing.h"

namespace nuanshu::telemetry {
namespace {

constexpr std::size_t shards_max = 64;
constexpr std::size_t shards_by_default_max = 8;
constexpr const char* where = "telemetry";

using ShardCounts = std::array<std::size_t, shards_max>;

std::size_t shards_of(const PipelineSettings& settings) {
    const std::size_t cores = std::thread::hardware_concurrency();
    return settings.shards > 0 ? settings.shards : std::clamp<std::size_t>(cores, 1, shards_by_default_max);
}

Result<> check(const PipelineSettings& settings) {
    if (settings.shards > shards_max) {
        return fail(ErrorCode::invalid, where, "{} shards; at most {}, and one a core is enough", settings.shards,
                    shards_max);
    }
    if (settings.queue_samples == 0 || settings.store_batch_samples == 0) {
        return fail(ErrorCode::invalid, where, "queue_samples and store_batch_samples must be at least 1");
    }
    return {};
}

Result<> check(const PointSettings& settings) {
    if (!settings.point) {
        return fail(ErrorCode::invalid, where, "point id 0 is none; ids come from the historian's intern()");
    }
    if (settings.point.value >= CurrentValues::points_max) {
        return fail(ErrorCode::exhausted, where, "point id {}; at most {} points", settings.point.value,
                    CurrentValues::points_max - 1);
    }
    const auto& conversion = settings.conversion;
    if (!std::isfinite(conversion.scale) || conversion.scale == 0.0 || !std::isfinite(conversion.offset)) {
        return fail(ErrorCode::invalid, fmt::format("point {}", settings.point.value),
                    "value = raw · {} + {}: the scale must be a number other than 0, the offset a number",
                    conversion.scale, conversion.offset);
    }
    return {};
}

}  // namespace

struct Pipeline::Impl {
    Impl(const PipelineSettings& wanted, historian::SampleStore& sample_store, const Clock& clock_to_use,
         Metrics& metrics)
        : settings(wanted),
          store(sample_store),
          clock(clock_to_use),
          figures(metrics, shards_of(wanted)),
          storing(sample_store, clock_to_use, figures, wanted.store_batch_samples) {
        const auto count = shards_of(settings);
        for (std::size_t i = 0; i < count; ++i) {
            shards.push_back(
                std::make_unique<Shard>(i, count, Shard::Needs{settings, clock, current, figures, storing}));
        }
    }

    Shard& shard_of(PointId point) { return *shards[point.value % shards.size()]; }

    bool reserve(const ShardCounts& counts);
    ShardCounts count(std::span<const RawSample> samples) const;
    void deal(RawBatch& batch, const ShardCounts& counts);
    std::shared_ptr<Ticket> make_ticket(RawBatch& batch, const ShardCounts& counts) const;

    bool is_known(PointId point) const { return point.value < known.size() && known[point.value]; }
    void make_known(PointId point);
    Result<std::optional<historian::StoredSample>> newest_stored(PointId point) const;
    Result<std::vector<SettingsChange>> sort_settings(std::span<const PointSettings> points) const;
    void change_substitution(PointId point, std::optional<double> value);

    const PipelineSettings settings;
    historian::SampleStore& store;
    const Clock& clock;
    Figures figures;
    CurrentValues current;
    Storing storing;
    std::vector<std::unique_ptr<Shard>> shards;
    Gate gate;
    std::mutex stopping;

    std::mutex configuring;
    std::vector<bool> known;  ///< by point id; under `configuring`
};

/// All shards concerned, or none.
bool Pipeline::Impl::reserve(const ShardCounts& counts) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
        if (counts[i] == 0 || shards[i]->bound().try_reserve(counts[i])) {
            continue;
        }
        for (std::size_t k = 0; k < i; ++k) {
            shards[k]->bound().release(counts[k]);
        }
        return false;
    }
    return true;
}

ShardCounts Pipeline::Impl::count(std::span<const RawSample> samples) const {
    ShardCounts counts{};
    if (shards.size() == 1) {
        counts[0] = samples.size();
        return counts;
    }
    for (const auto& sample : samples) {
        ++counts[sample.point.value % shards.size()];
    }
    return counts;
}

/// A batch without samples still has a ticket: it goes through the first shard.
std::shared_ptr<Ticket> Pipeline::Impl::make_ticket(RawBatch& batch, const ShardCounts& counts) const {
    const auto parts = std::count_if(counts.begin(), counts.end(), [](std::size_t n) { return n > 0; });
    return std::make_shared<Ticket>(static_cast<std::size_t>(std::max<std::ptrdiff_t>(parts, 1)),
                                    std::move(batch.stored));
}

void Pipeline::Impl::deal(RawBatch& batch, const ShardCounts& counts) {
    const auto ticket = make_ticket(batch, counts);
    const Arrival arrival{batch.received_ms != 0 ? batch.received_ms : clock.now_ms(), batch.historical,
                          batch.in_point_unit};
    const auto whole = std::find(counts.begin(), counts.end(), batch.samples.size());
    if (whole != counts.end()) {
        const auto shard = batch.samples.empty() ? 0 : static_cast<std::size_t>(whole - counts.begin());
        shards[shard]->put(Part{std::move(batch.samples), arrival, ticket});
        return;
    }
    std::array<std::vector<RawSample>, shards_max> parts;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        parts[i].reserve(counts[i]);
    }
    for (const auto& sample : batch.samples) {
        parts[sample.point.value % shards.size()].push_back(sample);
    }
    for (std::size_t i = 0; i < shards.size(); ++i) {
        if (counts[i] > 0) {
            shards[i]->put(Part{std::move(parts[i]), arrival, ticket});
        }
    }
}

void Pipeline::Impl::make_known(PointId point) {
    if (point.value >= known.size()) {
        known.resize(point.value + 1);
    }
    known[point.value] = true;
}

Result<std::optional<historian::StoredSample>> Pipeline::Impl::newest_stored(PointId point) const {
    if (store.code_of(point).empty()) {
        return fail(ErrorCode::not_found, where, "point id {} was never given by the historian", point.value);
    }
    auto newest = store.value_as_of(point, clock.now_ms() + settings.future_tolerance_ms);
    if (!newest) {
        return within(fmt::format("newest value of point {}", point.value), std::move(newest.error()));
    }
    return newest;
}

Result<std::vector<SettingsChange>> Pipeline::Impl::sort_settings(std::span<const PointSettings> points) const {
    std::vector<SettingsChange> changes(shards.size());
    for (const auto& point : points) {
        NUANSHU_TRY_VOID(check(point));
        std::optional<historian::StoredSample> last;
        if (!is_known(point.point)) {
            NUANSHU_TRY(last, newest_stored(point.point));
        }
        changes[point.point.value % shards.size()].items.push_back({point, last});
    }
    return changes;
}

void Pipeline::Impl::change_substitution(PointId point, std::optional<double> value) {
    const Gate::Pass pass(gate);
    if (!pass) {
        return;
    }
    auto done = std::make_shared<std::latch>(1);
    shard_of(point).put(SubstitutionChange{point, value, done});
    done->wait();
}

Result<std::unique_ptr<Pipeline>> Pipeline::create(const PipelineSettings& settings, historian::SampleStore& store,
                                                   const Clock& clock, Metrics& metrics) {
    NUANSHU_TRY_VOID(check(settings));
    try {
        return std::unique_ptr<Pipeline>(new Pipeline(std::make_unique<Impl>(settings, store, clock, metrics)));
    } catch (const std::system_error& error) {
        return fail(ErrorCode::unavailable, where, "cannot start {} threads: {}", shards_of(settings) + 1,
                    error.what());
    }
}

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::~Pipeline() {
    stop();
}

Result<> Pipeline::set_points(std::span<const PointSettings> points) {
    const Gate::Pass pass(impl_->gate);
    if (!pass) {
        return fail(ErrorCode::cancelled, where, "the pipeline is stopped");
    }
    const std::scoped_lock guard(impl_->configuring);
    NUANSHU_TRY(auto changes, impl_->sort_settings(points));
    for (const auto& point : points) {
        impl_->current.make_room(point.point);
        impl_->make_known(point.point);
    }
    const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(changes.size()));
    for (std::size_t i = 0; i < changes.size(); ++i) {
        changes[i].done = done;
        impl_->shards[i]->put(std::move(changes[i]));
    }
    done->wait();
    return {};
}

bool Pipeline::offer(RawBatch& batch) {
    const Gate::Pass pass(impl_->gate);
    if (!pass) {
        return false;
    }
    const auto counts = impl_->count(batch.samples);
    if (!impl_->reserve(counts)) {
        impl_->figures.refused_batches.add();
        return false;
    }
    impl_->deal(batch, counts);
    return true;
}

void Pipeline::set_communication(std::span<const PointId> points, bool ok) {
    const Gate::Pass pass(impl_->gate);
    if (!pass) {
        return;
    }
    std::vector<CommunicationChange> changes(impl_->shards.size());
    for (const auto point : points) {
        changes[point.value % changes.size()].points.push_back(point);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!changes[i].points.empty()) {
            changes[i].ok = ok;
            impl_->shards[i]->put(std::move(changes[i]));
        }
    }
}

CurrentValue Pipeline::current(PointId point) const {
    return impl_->current.read(point);
}

void Pipeline::current(std::span<const PointId> points, std::span<CurrentValue> out) const {
    NUANSHU_CHECK(points.size() == out.size(), "{} points, room for {}", points.size(), out.size());
    std::transform(points.begin(), points.end(), out.begin(),
                   [&](PointId point) { return impl_->current.read(point); });
}

void Pipeline::substitute(PointId point, double value) {
    NUANSHU_CHECK(std::isfinite(value), "{} put in by hand for point {}", value, point.value);
    impl_->change_substitution(point, value);
}

void Pipeline::release(PointId point) {
    impl_->change_substitution(point, std::nullopt);
}

std::uint64_t Pipeline::stored_samples() const {
    return impl_->storing.stored_samples();
}
std::optional<Error> Pipeline::trouble() const {
    return impl_->storing.trouble();
}

void Pipeline::stop() {
    const std::scoped_lock guard(impl_->stopping);
    impl_->gate.close();
    for (auto& shard : impl_->shards) {
        shard->finish();
    }
    impl_->storing.finish();
}

}  // namespace nuanshu::telemetry
