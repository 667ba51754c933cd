#include "platform/historian/src/embedded_life.h"

#include <algorithm>

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/log.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/chunk_rewrite.h"
#include "platform/historian/src/log_barrier.h"
#include "platform/historian/src/retirement.h"
#include "platform/historian/src/rollup_reader.h"

namespace nuanshu::historian {
namespace {

constexpr std::uint64_t correction_samples_max = 64ULL << 20;
constexpr std::size_t by_bytes_max = 200;
constexpr std::size_t reason_bytes_max = 2'000;
constexpr std::size_t changes_max = 10'000;
constexpr std::string_view day_offset_key = "day offset";
constexpr std::string_view kept_prefix = "kept";
constexpr std::int64_t least_time = std::numeric_limits<std::int64_t>::min();

void require(const rocksdb::Status& status) {
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
}

std::string number_bytes(std::int64_t number) {
    std::string bytes;
    put_fixed(bytes, number);
    return bytes;
}

std::string kept_key(PointId point) {
    return std::string(kept_prefix) + series_key(point);
}

/// Between −10 h and +14 h, as clocks on earth are; in minutes.
std::int64_t clock_minutes(std::int64_t offset_ms) {
    const std::int64_t minutes = offset_ms / 60'000;
    return minutes > 14 * 60 ? minutes - 24 * 60 : minutes;
}

std::int64_t within_a_day(std::int64_t offset_ms) {
    const std::int64_t day = width_ms(Bucket::day);
    return ((offset_ms % day) + day) % day;
}

/// The division of time that the store was made with; a new store is made with ours.
Result<Grid> load_grid(SampleFiles& files, std::optional<std::int64_t> wanted_ms) {
    constexpr std::int64_t usual_ms = 8 * 3'600'000LL;
    const Grid wanted{within_a_day(wanted_ms.value_or(usual_ms))};
    std::string value;
    const auto status = files.db().Get({}, std::string(day_offset_key), &value);
    if (status.IsNotFound()) {
        rocksdb::WriteBatch batch;
        require(batch.Put(std::string(day_offset_key), number_bytes(wanted.day_offset_ms)));
        NUANSHU_TRY_VOID(files.write(batch, SampleFiles::Durability::power_failure));
        return wanted;
    }
    if (!status.ok()) {
        return tl::unexpected<Error>(files.error_of(status));
    }
    const Grid stored{within_a_day(ByteReader(value).fixed<std::int64_t>())};
    if (wanted_ms && stored.day_offset_ms != wanted.day_offset_ms) {
        log_warn(
            "historian",
            "sample store {}: its days were divided by clocks {:+} min from UTC, and stay so; the plant's are {:+} min",
            files.directory(), clock_minutes(stored.day_offset_ms), clock_minutes(wanted.day_offset_ms));
    }
    return stored;
}

void report(const JobControl& control, std::string_view step, std::uint64_t done, std::uint64_t total) {
    if (control.progress) {
        control.progress({.step = step, .done = done, .total = total});
    }
}

tl::unexpected<Error> cancelled(std::string_view job) {
    return fail(ErrorCode::cancelled, std::string(job), "stopped as asked");
}

Result<> check_text(std::string_view name, std::string_view text, std::size_t bytes_max) {
    if (text.empty() || text.size() > bytes_max) {
        return fail(ErrorCode::invalid, std::string(name), "{} bytes; 1 … {} are right", text.size(), bytes_max);
    }
    return {};
}

Columns sorted_columns(std::span<const StoredSample> samples) {
    Columns columns;
    columns.reserve(samples.size());
    for (const auto& sample : samples) {
        columns.push_back(sample.time_ms, sample.value, sample.quality);
    }
    sort_keep_last(columns);
    return columns;
}

/// Takes the retired parts out of a block that lie in the range. @return how many. Errors: invalid, when one is cut
/// through
Result<std::uint64_t> strip(RollupBlock& block, Bucket bucket, TimeRange range, PointId point,
                            std::vector<TouchedSpan>& touched) {
    std::uint64_t removed = 0;
    for (auto& stored : block) {
        if (!stored.retired || stored.retired->end_ms < range.from_ms || stored.retired->begin_ms >= range.to_ms) {
            continue;
        }
        if (stored.retired->begin_ms < range.from_ms || stored.retired->end_ms >= range.to_ms) {
            return fail(ErrorCode::invalid, fmt::format("point {}", point.value),
                        "raw samples of the {} from {} are retired; it can be deleted as a whole or not at all",
                        bucket == Bucket::hour ? "hour" : "day", format_time(stored.total.from_ms));
        }
        touched.push_back({point, stored.retired->begin_ms, stored.retired->end_ms});
        stored.retired.reset();
        ++removed;
    }
    return removed;
}

}  // namespace

EmbeddedLife::EmbeddedLife(const LifeParts& parts, const Grid& grid)
    : parts_(parts),
      changes_(parts.files),
      rollups_(parts.files, parts.stale, grid),
      disk_(parts.files),
      journal_(parts.files) {}

Result<std::unique_ptr<EmbeddedLife>> EmbeddedLife::open(const LifeParts& parts,
                                                         std::optional<std::int64_t> day_offset_ms) {
    NUANSHU_TRY(const Grid grid, load_grid(parts.files, day_offset_ms));
    std::unique_ptr<EmbeddedLife> life(new EmbeddedLife(parts, grid));
    NUANSHU_TRY_VOID(life->load());
    return life;
}

Result<> EmbeddedLife::load() {
    NUANSHU_TRY_VOID(disk_.load());
    const auto keys = parts_.files.db().DefaultColumnFamily();
    return parts_.files.for_each(keys, [&](std::string_view key, std::string_view value) -> Result<> {
        if (key.size() == kept_prefix.size() + 4 && key.starts_with(kept_prefix)) {
            const auto point = static_cast<std::uint32_t>(get_big_endian(key.substr(kept_prefix.size())));
            kept_from_ms_[point] = ByteReader(value).fixed<std::int64_t>();
        }
        return {};
    });
}

Result<> EmbeddedLife::check_point(PointId point) const {
    if (!point || point.value > parts_.series.size()) {
        return fail(ErrorCode::not_found, "sample store", "no point has the id {}; there are {}", point.value,
                    parts_.series.size());
    }
    return {};
}

Result<> EmbeddedLife::check(const Correction& correction) const {
    NUANSHU_TRY_VOID(check_point(correction.point));
    NUANSHU_TRY_VOID(check_text("by", correction.by, by_bytes_max));
    NUANSHU_TRY_VOID(check_text("reason", correction.reason, reason_bytes_max));
    const TimeRange range = correction.range;
    if (range.to_ms <= range.from_ms) {
        return fail(ErrorCode::invalid, "range", "it ends at {} ms, before or where it begins, at {} ms", range.to_ms,
                    range.from_ms);
    }
    for (const auto& sample : correction.samples) {
        if (sample.time_ms < range.from_ms || sample.time_ms >= range.to_ms) {
            return fail(ErrorCode::invalid, "samples",
                        "one of {} ms lies outside the range that they replace, {} … {} ms", sample.time_ms,
                        range.from_ms, range.to_ms);
        }
    }
    return {};
}

/// One rewrite, and the barrier in the log that keeps replaced samples from coming back.
Result<> EmbeddedLife::rewrite(PointId point, TimeRange range, const std::function<Result<>(Sealer::Rewrite&)>& build,
                               SampleFiles::Durability durability) {
    const std::string record = encode_barrier({point, range.from_ms, range.to_ms - 1});
    std::uint64_t sequence = 0;
    const auto build_all = [&](Sealer::Rewrite& rewrite) -> Result<> {
        NUANSHU_TRY_VOID(build(rewrite));
        if (rewrite.wanted) {
            sequence = parts_.next_sequence();
            require(rewrite.batch->Put(parts_.files.log(), log_key(sequence), record));
        }
        return {};
    };
    const auto written = [&] { parts_.heads.apply(sequence, record.size(), {}); };
    const auto nobody_reads = readers_.enter_alone();
    return parts_.sealer.rewrite(point, range.from_ms, range.to_ms - 1, parts_.appends, build_all, written, durability);
}

Result<std::uint64_t> EmbeddedLife::remove_retired(Sealer::Rewrite& rewrite, PointId point, TimeRange range) const {
    std::uint64_t removed = 0;
    for (const auto bucket : {Bucket::hour, Bucket::day}) {
        const TimeRange whole = rollups_.grid().whole(range, width_ms(bucket));
        if (whole.from_ms == whole.to_ms) {
            continue;
        }
        NUANSHU_TRY(auto blocks, rollups_.read_blocks(bucket, point, whole));
        for (auto& [start_ms, block] : blocks) {
            NUANSHU_TRY(const auto count, strip(block, bucket, range, point, rewrite.touched));
            if (count > 0) {
                rollups_.put(*rewrite.batch, bucket, point, start_ms, block);
            }
            removed += count;
        }
    }
    return removed;
}

Result<> EmbeddedLife::build_change(Sealer::Rewrite& rewrite, const Correction& correction, ColumnsView replacement,
                                    ChangeEntry& entry) const {
    NUANSHU_TRY(entry.id, changes_.next_id());
    const auto keep_old = [&](std::int64_t first_ms, std::string_view chunk) {
        changes_.put_old(*rewrite.batch, entry.id, first_ms, chunk);
    };
    NUANSHU_TRY(const auto cut,
                replace_samples(parts_.files, rewrite, correction.point, correction.range.from_ms,
                                correction.range.to_ms - 1, replacement, keep_old, correction_samples_max));
    rewrite.touched = cut.touched;
    NUANSHU_TRY(entry.rollups_removed, remove_retired(rewrite, correction.point, correction.range));
    entry.samples_before = cut.samples;
    changes_.put(*rewrite.batch, entry);
    return {};
}

Result<ChangeEntry> EmbeddedLife::correct(const Correction& correction) {
    NUANSHU_TRY_VOID(check(correction));
    const Columns replacement = sorted_columns(correction.samples);
    ChangeEntry entry{.id = 0,
                      .point = correction.point,
                      .range = correction.range,
                      .by = correction.by,
                      .reason = correction.reason,
                      .at_ms = correction.at_ms,
                      .samples_before = 0,
                      .samples_after = replacement.size(),
                      .rollups_removed = 0};
    const std::lock_guard one(changing_);
    const auto build = [&](Sealer::Rewrite& rewrite) {
        return build_change(rewrite, correction, replacement.view(), entry);
    };
    NUANSHU_TRY_VOID(rewrite(correction.point, correction.range, build, parts_.durability));
    return entry;
}

Result<std::vector<ChangeEntry>> EmbeddedLife::changes(const ChangeFilter& filter) const {
    if (filter.limit == 0 || filter.limit > changes_max) {
        return fail(ErrorCode::invalid, "limit", "{}; 1 … {} are right", filter.limit, changes_max);
    }
    return changes_.list(filter);
}

Result<std::vector<StoredSample>> EmbeddedLife::old_samples(std::uint64_t change_id, std::size_t limit) const {
    return changes_.old_samples(change_id, limit);
}

Result<std::vector<Rollup>> EmbeddedLife::rollups(PointId point, TimeRange range, Bucket bucket) const {
    NUANSHU_TRY_VOID(check_point(point));
    const auto reading = readers_.enter();
    return read_rollups(parts_.files, parts_.heads, parts_.stale, rollups_, point, range, bucket);
}

std::int64_t EmbeddedLife::raw_kept_from_ms(PointId point) const {
    const std::lock_guard lock(kept_mutex_);
    const auto found = kept_from_ms_.find(point.value);
    return found == kept_from_ms_.end() ? least_time : found->second;
}

std::int64_t EmbeddedLife::bucket_start_ms(std::int64_t time_ms, Bucket bucket) const {
    return rollups_.grid().start_of(std::clamp(time_ms, rolled_first_ms, rolled_last_ms), bucket);
}

Result<> EmbeddedLife::settle_all(const std::vector<PointId>& points, const JobControl& control) {
    Result<> worst;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (control.stop.stop_requested()) {
            return cancelled("roll-ups");
        }
        const std::lock_guard one(changing_);
        if (auto settled = rollups_.settle(points[i]); !settled) {
            log_error("historian", "roll-ups: {}", settled.error().message());
            worst = std::move(settled);
        }
        if (i % 256 == 0) {
            report(control, "rolling up", i, points.size());
        }
    }
    return worst;
}

Result<std::uint64_t> EmbeddedLife::roll_up(const JobControl& control) {
    const std::lock_guard one_pass(rolling_);
    // Taken between two writes, so that every mark taken stands in the files already.
    auto nothing_written = parts_.sealer.hold();
    const StaleRollups::Work work = parts_.stale.take();
    nothing_written.unlock();
    if (work.points.empty() && work.marks.empty()) {
        return 0;
    }
    if (auto settled = settle_all(work.points, control); !settled) {
        parts_.stale.give_back(work.marks);
        return tl::unexpected<Error>(std::move(settled.error()));
    }
    NUANSHU_TRY_VOID(parts_.stale.forget(work.marks));
    report(control, "rolling up", work.points.size(), work.points.size());
    return work.points.size();
}

Result<> EmbeddedLife::retire_one(PointId point, const Cutoffs& cutoffs, RetentionMode mode, Retired& retired) {
    const std::lock_guard one(changing_);
    PointRetired lost;
    const std::int64_t raw_to_ms = std::max(cutoffs.raw_ms, rolled_first_ms + 1);
    const auto build = [&](Sealer::Rewrite& rewrite) -> Result<> {
        NUANSHU_TRY_VOID(rollups_.settle(point));
        NUANSHU_TRY(lost, retire_point(parts_.files, rollups_, rewrite, point, cutoffs));
        rewrite.wanted = mode == RetentionMode::apply && lost.anything();
        if (rewrite.wanted && lost.samples > 0) {
            require(rewrite.batch->Put(kept_key(point), number_bytes(cutoffs.raw_ms)));
        }
        return {};
    };
    NUANSHU_TRY_VOID(rewrite(point, {rolled_first_ms, raw_to_ms}, build, SampleFiles::Durability::process_end));
    if (mode == RetentionMode::apply && lost.samples > 0) {
        const std::lock_guard lock(kept_mutex_);
        auto& kept = kept_from_ms_.try_emplace(point.value, least_time).first->second;
        kept = std::max(kept, cutoffs.raw_ms);
    }
    retired.points += lost.anything() ? 1 : 0;
    retired.samples += lost.samples;
    retired.hours += lost.hours;
    retired.days += lost.days;
    return {};
}

/// What is damaged in one point must not keep the others from being retired.
Result<> EmbeddedLife::retire_or_pass(PointId point, const Cutoffs& cutoffs, RetentionMode mode, Retired& retired) {
    if (!holds_older(parts_.files, rollups_, point, cutoffs)) {
        return {};
    }
    auto done = retire_one(point, cutoffs, mode, retired);
    if (!done && done.error().code == ErrorCode::corrupt) {
        log_error("historian", "retention: {}", done.error().message());
        ++retired.points_failed;
        return {};
    }
    return done;
}

Result<> EmbeddedLife::retire_old_values(std::span<const RetentionRule> rules, std::int64_t now_ms, RetentionMode mode,
                                         Retired& retired) {
    const std::lock_guard one(changing_);
    rocksdb::WriteBatch batch;
    const auto cutoff_of = [&](PointId point) {
        const auto* rule = rule_for(rules, parts_.series.code_of(point));
        return rule == nullptr ? least_time : cutoffs_of(*rule, rollups_.grid(), now_ms).raw_ms;
    };
    NUANSHU_TRY(retired.old_values, changes_.drop_old(batch, cutoff_of));
    if (mode == RetentionMode::apply && batch.Count() > 0) {
        NUANSHU_TRY_VOID(parts_.files.write(batch, SampleFiles::Durability::process_end));
    }
    return {};
}

Result<Retired> EmbeddedLife::retire(std::span<const RetentionRule> rules, std::int64_t now_ms, RetentionMode mode,
                                     const JobControl& control) {
    NUANSHU_TRY_VOID(check_rules(rules));
    Retired retired;
    const auto points = static_cast<std::uint32_t>(parts_.series.size());
    for (std::uint32_t id = 1; id <= points; ++id) {
        if (control.stop.stop_requested()) {
            return cancelled("retention");
        }
        const PointId point{id};
        if (const auto* rule = rule_for(rules, parts_.series.code_of(point))) {
            NUANSHU_TRY_VOID(retire_or_pass(point, cutoffs_of(*rule, rollups_.grid(), now_ms), mode, retired));
        }
        if (id % 256 == 1) {
            report(control, "retiring", id - 1, points);
        }
    }
    NUANSHU_TRY_VOID(retire_old_values(rules, now_ms, mode, retired));
    report(control, "retiring", points, points);
    return retired;
}

Result<std::uint64_t> EmbeddedLife::write_journal(const std::string& directory, std::int64_t now_ms) {
    if (!parts_.journal) {
        return fail(ErrorCode::unsupported, "journal",
                    "the store was opened without one: its write-ahead log is not kept");
    }
    return journal_.copy(directory, now_ms);
}

Result<DiskForecast> EmbeddedLife::check_disk(const DiskLimits& limits, std::int64_t now_ms) {
    return disk_.check(limits, now_ms);
}

}  // namespace nuanshu::historian
