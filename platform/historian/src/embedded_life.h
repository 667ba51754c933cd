#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "platform/historian/life.h"
#include "platform/historian/src/change_log.h"
#include "platform/historian/src/disk_guard.h"
#include "platform/historian/src/gate.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/journal.h"
#include "platform/historian/src/retention_rules.h"
#include "platform/historian/src/rollup_files.h"
#include "platform/historian/src/sealer.h"
#include "platform/historian/src/series.h"

namespace nuanshu::historian {

/// What the life of a store needs of it.
struct LifeParts {
    SampleFiles& files;
    const Series& series;
    Heads& heads;
    StaleRollups& stale;
    Sealer& sealer;
    const Gate& appends;                           ///< every append is inside while it is committed and applied
    std::function<std::uint64_t()> next_sequence;  ///< of the log; to be called while nobody is inside `appends`
    SampleFiles::Durability durability;
    bool journal;  ///< the files keep their write-ahead logs
};

/// The life of an embedded store.
///
/// Locks, in the order they are taken: `changing_` (one change of one point's past at a time: settling, correcting,
/// retiring), `readers_` (nobody reads roll-ups while raw samples become retired), the sealer's, `appends`.
class EmbeddedLife final : public Life {
 public:
    /// Errors: corrupt, unavailable.
    static Result<std::unique_ptr<EmbeddedLife>> open(const LifeParts& parts,
                                                      std::optional<std::int64_t> day_offset_ms);

    Result<ChangeEntry> correct(const Correction& correction) override;
    Result<std::vector<ChangeEntry>> changes(const ChangeFilter& filter) const override;
    Result<std::vector<StoredSample>> old_samples(std::uint64_t change_id, std::size_t limit) const override;

    Result<std::vector<Rollup>> rollups(PointId point, TimeRange range, Bucket bucket) const override;
    std::int64_t raw_kept_from_ms(PointId point) const override;
    std::int64_t bucket_start_ms(std::int64_t time_ms, Bucket bucket) const override;
    Result<std::uint64_t> roll_up(const JobControl& control) override;
    std::uint64_t points_to_roll_up() const override { return parts_.stale.size(); }

    Result<Retired> retire(std::span<const RetentionRule> rules, std::int64_t now_ms, RetentionMode mode,
                           const JobControl& control) override;

    Result<Backup> back_up(const BackupRequest& request, const JobControl& control) override;
    Result<std::uint64_t> write_journal(const std::string& directory, std::int64_t now_ms) override;
    Result<Verification> verify(const JobControl& control) const override;
    Result<Compacted> compact(const JobControl& control) override;

    Result<DiskForecast> check_disk(const DiskLimits& limits, std::int64_t now_ms) override;
    DiskForecast disk() const override { return disk_.last(); }

    /// Whether there is room for new samples, as far as check_disk() knows. Errors: exhausted.
    Result<> check_room() const { return disk_.check_room(); }

 private:
    EmbeddedLife(const LifeParts& parts, const Grid& grid);
    Result<> load();
    Result<> check(const Correction& correction) const;
    Result<> check_point(PointId point) const;
    Result<> build_change(Sealer::Rewrite& rewrite, const Correction& correction, ColumnsView replacement,
                          ChangeEntry& entry) const;
    Result<std::uint64_t> remove_retired(Sealer::Rewrite& rewrite, PointId point, TimeRange range) const;
    Result<> rewrite(PointId point, TimeRange range, const std::function<Result<>(Sealer::Rewrite&)>& build,
                     SampleFiles::Durability durability);
    Result<> settle_all(const std::vector<PointId>& points, const JobControl& control);
    Result<> retire_or_pass(PointId point, const Cutoffs& cutoffs, RetentionMode mode, Retired& retired);
    Result<> retire_one(PointId point, const Cutoffs& cutoffs, RetentionMode mode, Retired& retired);
    Result<> retire_old_values(std::span<const RetentionRule> rules, std::int64_t now_ms, RetentionMode mode,
                               Retired& retired);

    const LifeParts parts_;
    ChangeLog changes_;
    RollupFiles rollups_;
    DiskGuard disk_;
    JournalWriter journal_;

    std::mutex changing_;
    Gate readers_;
    std::mutex rolling_;  ///< one roll_up() at a time
    std::mutex backing_up_;
    mutable std::mutex kept_mutex_;
    std::unordered_map<std::uint32_t, std::int64_t> kept_from_ms_;
};

}  // namespace nuanshu::historian
