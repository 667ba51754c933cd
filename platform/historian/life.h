#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

// What becomes of samples once they are stored: corrections, roll-ups, retention, backup, the disk.

/// How far a long job has come.
struct JobProgress {
    std::string_view step;    ///< what it does now: "backing up", "reading chunks" …; valid during the call
    std::uint64_t done = 0;   ///< of `total`, in whatever the job counts: points, files, bytes
    std::uint64_t total = 0;  ///< 0: not known yet
};

/// How a caller follows a long job and ends it.
struct JobControl {
    std::function<void(const JobProgress&)> progress;  ///< called now and then from the job's own thread; may be empty
    std::stop_token
        stop;  ///< asked every few milliseconds; the job then ends with `cancelled` and leaves nothing half done
};

/// A wish to change the past: all samples of one point in a range give way to others, or to none (a deletion).
struct Correction {
    PointId point;
    TimeRange range;                    ///< from_ms < to_ms
    std::vector<StoredSample> samples;  ///< take the old ones' place; times inside the range, in any order, last wins
    std::string by;                     ///< who: 1 … 200 bytes
    std::string reason;                 ///< why: 1 … 2 000 bytes
    std::int64_t at_ms = 0;             ///< when it was ordered
};

/// A correction that was done, as the audit keeps it for ever.
struct ChangeEntry {
    std::uint64_t id = 0;  ///< from 1, in the order of their doing
    PointId point;
    TimeRange range;
    std::string by, reason;
    std::int64_t at_ms = 0;
    std::uint64_t samples_before = 0;  ///< raw samples that the range held
    std::uint64_t samples_after = 0;
    std::uint64_t rollups_removed = 0;  ///< hours and days of retired raw samples that the range took away with it
};

/// Which changes to list; all conditions hold together.
struct ChangeFilter {
    std::optional<PointId> point;
    std::uint64_t after_id = 0;  ///< only those behind it: for paging
    std::size_t limit = 1'000;   ///< 1 … 10 000
};

/// An hour or a day of one point. Usable samples are those that are not bad and whose value is a number; the figures
/// from `first` on are of them and mean nothing when count is 0.
struct Rollup {
    std::int64_t from_ms = 0;  ///< start of the hour or day
    std::uint64_t count = 0;   ///< usable samples
    std::uint64_t bad_count = 0;
    std::int64_t begin_ms = 0, end_ms = 0;  ///< times of the first and last sample, be they usable or not
    std::int64_t first_ms = 0, last_ms = 0, min_ms = 0, max_ms = 0;
    double first = 0.0, last = 0.0, min = 0.0, max = 0.0, sum = 0.0;
    /// What the values cover inside, as query.h's `hold` says, without a longest hold: each usable value from its time
    /// to the next sample's (usable or bad), and the last one nothing. Add what lies between two buckets by join().
    std::int64_t covered_ms = 0;
    double integral = 0.0;  ///< value × ms over covered_ms

    bool empty() const { return count + bad_count == 0; }
    /// Arithmetic mean of the usable samples. @pre count > 0
    double mean() const { return sum / static_cast<double>(count); }
};

/// Two buckets as one that starts where `a` starts. Exact when all samples of one lie before all of the other (adjacent
/// hours always do): the value held between them is covered too. When they interleave, counts, extremes, sum, first and
/// last are exact and the cover is an estimate: the whole span by the mean of both weighted by their counts.
Rollup join(const Rollup& a, const Rollup& b);

enum class Bucket {
    hour,
    day,  ///< 24 hours that begin when the plant's day does: EmbeddedSettings::day_offset_ms
};

/// How long the points that it names are kept. Days are counted back from now and rounded down to the start of the
/// plant's day.
struct RetentionRule {
    std::string match = "*";      ///< pattern of the whole code: * is any text, ? one character: "*/room_temperature"
    std::optional<int> raw_days;  ///< nothing: for ever; else at least 1
    std::optional<int> hourly_days;  ///< not shorter than raw
    std::optional<int> daily_days;   ///< not shorter than hourly
};

/// Rules as people write them, one a line or split by `;`: PATTERN [raw=365d] [hourly=10y] [daily=30y]; what is not
/// said is kept for ever. y is 365 days, w 7. "#" begins a comment. Errors: invalid, with the line and what is right.
Result<std::vector<RetentionRule>> parse_retention(std::string_view text);

/// What a retention run took away, or would.
struct Retired {
    std::uint64_t points = 0;  ///< that lost something
    std::uint64_t samples = 0;
    std::uint64_t hours = 0;
    std::uint64_t days = 0;
    std::uint64_t old_values = 0;     ///< samples that the audit had kept
    std::uint64_t points_failed = 0;  ///< passed over, because they hold something damaged: the log says what
};

enum class RetentionMode { rehearse, apply };

/// A backup that is whole. Backups stand in chains, one folder each; a full one begins a chain that shares no file with
/// others, an incremental one copies only files that are new since the chain's last.
struct Backup {
    std::string chain;         ///< its folder's name, from the time it began: "20260115T020000Z"
    std::uint32_t number = 0;  ///< in the chain, from 1
    std::int64_t at_ms = 0;    ///< the moment it shows
    std::uint64_t bytes = 0;   ///< of its files, shared ones counted fully
    bool full = false;

    /// "20260115T020000Z/3": how people name it.
    std::string name() const;
};

enum class BackupKind { full, incremental };

struct BackupRequest {
    std::string directory;                      ///< made when absent; on another disk, if it is to be of use
    BackupKind kind = BackupKind::incremental;  ///< becomes full when there is no chain yet
    std::int64_t at_ms = 0;                     ///< now
    int chains_kept = 0;                        ///< older chains go once the new backup is whole; 0: all stay
};

struct RestoreRequest {
    std::string backup_directory;
    std::string name;  ///< "" for the newest, or the newest at or before moment_ms
    /// The newest backup that is not younger is taken, and led on by the journal, if there is one, to the last copy at
    /// or before this.
    std::optional<std::int64_t> moment_ms;
    std::string to;  ///< a folder that does not exist yet, or is empty
};

/// What is wrong and where.
struct Damage {
    std::string place;  ///< file; or point code and time
    std::string what;
};

/// What verify looked at.
struct Verification {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t chunks = 0;
    std::uint64_t samples = 0;
    std::vector<Damage> damages;  ///< the first 1 000
    std::uint64_t damage_count = 0;
};

struct DiskLimits {
    std::uint64_t refuse_below_bytes = 512ULL << 20;  ///< with less free, append() says `exhausted`
    std::uint64_t warn_below_bytes = 5ULL << 30;
    int warn_days = 14;  ///< warn when it will be full sooner
};

enum class DiskState { roomy, warning, refusing };
std::string_view to_string(DiskState state);

struct DiskForecast {
    DiskState state = DiskState::roomy;
    std::uint64_t free_bytes = 0;   ///< that this process may use
    std::uint64_t total_bytes = 0;  ///< of the file system
    std::uint64_t store_bytes = 0;  ///< of the store's files
    double growth_bytes_per_day =
        0.0;  ///< how fast free space goes, least squares over up to 7 days; 0 until an hour is known
    std::optional<std::int64_t> full_at_ms;  ///< when refuse_below_bytes will be reached; nothing: it does not shrink
};

/// The life of the samples in one store; SampleStore::life() gives it. Thread-safe. Everything here may run while
/// samples are appended and read. A change is in the files whole or not at all, also when the process is killed.
class Life {
 public:
    virtual ~Life() = default;

    /// Replaces the samples of a range, or deletes them, and writes who, when, why and the old values into the audit,
    /// in one write. Appends wait meanwhile (milliseconds); what they bring for the range afterwards is stored as
    /// always. Of hours and days whose raw samples are retired only whole ones can be deleted. Errors: not_found
    /// (point), invalid (range, samples outside it, by or reason missing, a retired hour cut through), exhausted (over
    /// 64 Mi samples in the range), corrupt (the range's old values cannot be read: nothing is changed).
    virtual Result<ChangeEntry> correct(const Correction& correction) = 0;

    /// The audit, oldest first.
    virtual Result<std::vector<ChangeEntry>> changes(const ChangeFilter& filter) const = 0;

    /// What stood in the range before a change, by time, as far as retention has left it. Errors: not_found.
    virtual Result<std::vector<StoredSample>> old_samples(std::uint64_t change_id, std::size_t limit) const = 0;

    /// Hours or days that overlap the range and held samples, by time: whole ones, true to every sample stored so far,
    /// be it unsealed, late or corrected. Times before year 1 or after 9999 are in none. An hour whose raw samples are
    /// retired keeps its figures; a sample that comes for it later is added to them, even when it repeats a retired
    /// one. Errors: invalid (more than 1 000 000 buckets), corrupt, unavailable.
    virtual Result<std::vector<Rollup>> rollups(PointId point, TimeRange range, Bucket bucket) const = 0;

    /// Raw samples before this time may be retired: ask rollups() there. The least of all times when nothing is.
    virtual std::int64_t raw_kept_from_ms(PointId point) const = 0;

    /// The start of the hour or day that holds the time, in this store's division.
    virtual std::int64_t bucket_start_ms(std::int64_t time_ms, Bucket bucket) const = 0;

    /// Brings the stored hours and days up to date with what was sealed since the last time; rollups() is right without
    /// it, and faster after it. @return points visited. Errors: cancelled (what is done stays done).
    virtual Result<std::uint64_t> roll_up(const JobControl& control) = 0;
    /// Points whose roll-ups wait to be brought up to date.
    virtual std::uint64_t points_to_roll_up() const = 0;

    /// Takes away what is older than the rules say; of several that match a point the first one counts, and points that
    /// none matches are not touched. Raw samples go by whole chunks, with one rewritten at the border; their hours and
    /// days stay until their own time is over. Errors: invalid (rules), cancelled (points already done stay so).
    virtual Result<Retired> retire(std::span<const RetentionRule> rules, std::int64_t now_ms, RetentionMode mode,
                                   const JobControl& control) = 0;

    /// Copies the store as it is at one instant into the backup folder while it runs. Interrupted, it leaves no backup
    /// behind. Errors: conflict (another backup runs), exhausted, unavailable, cancelled.
    virtual Result<Backup> back_up(const BackupRequest& request, const JobControl& control) = 0;

    /// Copies whatever was written to the store since the last call into the journal of a backup folder, from which a
    /// backup of the same folder is led on to a later moment. To be called every few seconds, by one thread; only for a
    /// store that was opened with EmbeddedSettings::journal. When writes are missing there, because more than an hour
    /// has passed or the store was restored, it says so in the log and goes on; the next backup bridges the gap.
    /// @return bytes written. Errors: unsupported (opened without), unavailable, exhausted.
    virtual Result<std::uint64_t> write_journal(const std::string& directory, std::int64_t now_ms) = 0;

    /// Reads every file and every chunk of the store, checks every checksum, reports what is damaged and goes on.
    virtual Result<Verification> verify(const JobControl& control) const = 0;

    /// Joins files and drops what was replaced. @return bytes the files took before and after.
    struct Compacted {
        std::uint64_t bytes_before = 0;
        std::uint64_t bytes_after = 0;
    };
    virtual Result<Compacted> compact(const JobControl& control) = 0;

    /// Looks at the disk: remembers how much is free, forecasts, and from now on lets append() store or refuse
    /// accordingly. To be called each minute.
    virtual Result<DiskForecast> check_disk(const DiskLimits& limits, std::int64_t now_ms) = 0;
    /// As of the last check_disk().
    virtual DiskForecast disk() const = 0;
};

/// Backups that are whole, oldest first. A folder that does not exist holds none.
Result<std::vector<Backup>> list_backups(const std::string& directory);

/// Reads every file of every backup (or of the one named) and compares sizes and checksums with what was written down.
Result<Verification> verify_backups(const std::string& directory, const std::string& name, const JobControl& control);

/// Makes a store's folder from a backup; `to` appears when it is whole, under no other circumstances. @return the
/// backup taken, with `at_ms` the moment that the restored store shows: the instant at which the backup was begun or,
/// with a journal, of the journal's last copy that is in it. What was appended, corrected or retired later is not in
/// it, whatever times the samples bear. Stopping is heard before files are copied and after. Errors: not_found (no such
/// backup, none so old: with the ones there are), conflict (`to` is not empty), corrupt, exhausted, cancelled.
Result<Backup> restore_backup(const RestoreRequest& request, const JobControl& control);

struct LifeJobSettings {
    std::vector<RetentionRule> retention;
    std::string backup_directory;  ///< "": no backups
    int backup_chains_kept = 4;
    bool journal = false;  ///< beside the backups; the store was opened with EmbeddedSettings::journal
    DiskLimits disk;
    std::int64_t pause_ms = 5'000;  ///< between two rounds
};

/// Runs a store's life in a thread of its own: roll-ups every few seconds, the disk each minute (while it is full,
/// every 5 s), retention each night an hour after the plant's midnight, a backup two hours after it, once a week a full
/// one. A night that was missed because the process was down is made up for at the start. What fails is logged, counted
/// and tried again ten minutes later. Figures: nuanshu_historian_disk_*, _backup*, _retired_samples_total,
/// _rollup_waiting_points, _life_failures_total.
class LifeJob {
 public:
    /// @pre life, clock and metrics outlive the job
    LifeJob(Life& life, LifeJobSettings settings, const Clock& clock, Metrics& metrics);
    ~LifeJob();
    LifeJob(const LifeJob&) = delete;
    LifeJob& operator=(const LifeJob&) = delete;

    /// Ends at the next step of whatever runs; called by the destructor too.
    void stop();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu::historian
