#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "platform/historian/life.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t retention_after_midnight_ms = 1 * hour_ms;
constexpr std::int64_t backup_after_midnight_ms = 2 * hour_ms;
constexpr std::int64_t full_backup_every_ms = 7 * day_ms;
constexpr std::int64_t disk_every_ms = 60'000;
constexpr std::int64_t disk_every_while_full_ms = 5'000;
constexpr std::int64_t again_after_failure_ms = 10 * 60'000;
constexpr std::int64_t long_ago = std::numeric_limits<std::int64_t>::min() / 2;

struct Figures {
    explicit Figures(Metrics& metrics)
        : waiting(metrics.gauge("nuanshu_historian_rollup_waiting_points",
                                "Points whose stored hours and days are not up to date yet")),
          retired(metrics.counter("nuanshu_historian_retired_samples_total", "Raw samples taken away by retention")),
          backups(metrics.counter("nuanshu_historian_backups_total", "Backups made")),
          failures(metrics.counter("nuanshu_historian_life_failures_total",
                                   "Roll-ups, retention runs, backups and looks at the disk that failed")),
          last_backup(metrics.gauge("nuanshu_historian_backup_last_seconds",
                                    "When the newest backup was made, Unix seconds; 0: never")),
          disk_free(metrics.gauge("nuanshu_historian_disk_free_bytes", "Free space on the disk of the samples")),
          disk_growth(metrics.gauge("nuanshu_historian_disk_growth_bytes_per_day", "How fast free space goes")),
          disk_full(metrics.gauge("nuanshu_historian_disk_full_seconds",
                                  "When new samples will be refused at this pace, Unix seconds; 0: not in sight")),
          disk_state(metrics.gauge("nuanshu_historian_disk_state", "0 roomy, 1 warning, 2 new samples are refused")) {}

    Gauge& waiting;
    Counter& retired;
    Counter& backups;
    Counter& failures;
    Gauge& last_backup;
    Gauge& disk_free;
    Gauge& disk_growth;
    Gauge& disk_full;
    Gauge& disk_state;
};

double seconds(std::int64_t ms) {
    return static_cast<double>(ms) / 1'000;
}

}  // namespace

struct LifeJob::Impl {
    Impl(Life& its_life, LifeJobSettings its_settings, const Clock& its_clock, Metrics& metrics)
        : life(its_life), settings(std::move(its_settings)), clock(its_clock), figures(metrics) {
        thread = std::thread([this] { run(); });
    }

    void run();
    void look_at_disk();
    void roll_up();
    void retire();
    void write_journal();
    void back_up();
    BackupKind choose_kind(std::int64_t now_ms) const;
    void find_last_backups();
    void show_backup(const Backup& backup);
    std::int64_t last_due(std::int64_t after_midnight_ms) const;
    bool failed(const char* job, const Error& error);
    JobControl control() {
        return {.progress = [this](const JobProgress&) { look_at_disk(); }, .stop = stop_source.get_token()};
    }
    void stop();

    Life& life;
    const LifeJobSettings settings;
    const Clock& clock;
    Figures figures;

    std::int64_t disk_at_ms = long_ago, retired_at_ms = long_ago, backup_at_ms = long_ago, full_at_ms = long_ago;
    std::int64_t retire_not_before_ms = long_ago, backup_not_before_ms = long_ago, journal_not_before_ms = long_ago;

    std::stop_source stop_source;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::thread thread;
};

void LifeJob::Impl::run() {
    find_last_backups();
    const auto stop_token = stop_source.get_token();
    while (!stop_token.stop_requested()) {
        look_at_disk();
        roll_up();
        retire();
        write_journal();
        back_up();
        std::unique_lock lock(mutex);
        changed.wait_for(lock, stop_token, std::chrono::milliseconds(settings.pause_ms), [] { return false; });
    }
}

/// @return false, so that a caller may say: what failed is tried again later
bool LifeJob::Impl::failed(const char* job, const Error& error) {
    if (error.code != ErrorCode::cancelled) {
        log_error("historian", "{} failed and is tried again: {}", job, error.message());
        figures.failures.add();
    }
    return false;
}

void LifeJob::Impl::look_at_disk() {
    const std::int64_t now_ms = clock.now_ms();
    const bool refusing = life.disk().state == DiskState::refusing;
    const std::int64_t since_ms = now_ms - disk_at_ms;
    if (since_ms >= 0 && since_ms < (refusing ? disk_every_while_full_ms : disk_every_ms)) {
        return;
    }
    disk_at_ms = now_ms;
    const auto forecast = life.check_disk(settings.disk, now_ms);
    if (!forecast) {
        failed("looking at the disk", forecast.error());
        return;
    }
    figures.disk_free.set(static_cast<double>(forecast->free_bytes));
    figures.disk_growth.set(forecast->growth_bytes_per_day);
    figures.disk_full.set(seconds(forecast->full_at_ms.value_or(0)));
    figures.disk_state.set(static_cast<double>(forecast->state));
}

void LifeJob::Impl::roll_up() {
    if (const auto rolled = life.roll_up(control()); !rolled) {
        failed("rolling up", rolled.error());
    }
    figures.waiting.set(static_cast<double>(life.points_to_roll_up()));
}

/// When something that is due each night was due last.
std::int64_t LifeJob::Impl::last_due(std::int64_t after_midnight_ms) const {
    const std::int64_t now_ms = clock.now_ms();
    const std::int64_t today = life.bucket_start_ms(now_ms - after_midnight_ms, Bucket::day);
    return today + after_midnight_ms;
}

void LifeJob::Impl::retire() {
    const std::int64_t now_ms = clock.now_ms();
    if (settings.retention.empty() || retired_at_ms >= last_due(retention_after_midnight_ms) ||
        now_ms < retire_not_before_ms) {
        return;
    }
    const auto retired = life.retire(settings.retention, now_ms, RetentionMode::apply, control());
    if (!retired) {
        retire_not_before_ms = now_ms + again_after_failure_ms;
        failed("retention", retired.error());
        return;
    }
    retired_at_ms = now_ms;
    figures.retired.add(retired->samples);
    if (retired->points > 0) {
        log_info("historian", "retention: {} raw samples, {} hours and {} days of {} points are gone", retired->samples,
                 retired->hours, retired->days, retired->points);
    }
}

/// Before the first backup too: the journal must not begin behind it.
void LifeJob::Impl::write_journal() {
    const std::int64_t now_ms = clock.now_ms();
    if (!settings.journal || settings.backup_directory.empty() || now_ms < journal_not_before_ms) {
        return;
    }
    if (const auto written = life.write_journal(settings.backup_directory, now_ms); !written) {
        journal_not_before_ms = now_ms + again_after_failure_ms;
        failed("the journal", written.error());
    }
}

void LifeJob::Impl::find_last_backups() {
    if (settings.backup_directory.empty()) {
        return;
    }
    const auto backups = list_backups(settings.backup_directory);
    if (!backups) {
        failed("listing backups", backups.error());
        return;
    }
    for (const auto& backup : *backups) {
        show_backup(backup);
    }
}

void LifeJob::Impl::show_backup(const Backup& backup) {
    backup_at_ms = std::max(backup_at_ms, backup.at_ms);
    full_at_ms = backup.full ? std::max(full_at_ms, backup.at_ms) : full_at_ms;
    figures.last_backup.set(seconds(backup_at_ms));
}

BackupKind LifeJob::Impl::choose_kind(std::int64_t now_ms) const {
    // Half a day less, so that it does not slip by a night each week.
    return now_ms - full_at_ms >= full_backup_every_ms - day_ms / 2 ? BackupKind::full : BackupKind::incremental;
}

void LifeJob::Impl::back_up() {
    const std::int64_t now_ms = clock.now_ms();
    if (settings.backup_directory.empty() || backup_at_ms >= last_due(backup_after_midnight_ms) ||
        now_ms < backup_not_before_ms) {
        return;
    }
    const BackupRequest request{.directory = settings.backup_directory,
                                .kind = choose_kind(now_ms),
                                .at_ms = now_ms,
                                .chains_kept = settings.backup_chains_kept};
    const auto backup = life.back_up(request, control());
    if (!backup) {
        backup_not_before_ms = now_ms + again_after_failure_ms;
        failed("backup", backup.error());
        return;
    }
    figures.backups.add();
    show_backup(*backup);
    log_info("historian", "backup {}/{} is made", settings.backup_directory, backup->name());
}

void LifeJob::Impl::stop() {
    stop_source.request_stop();
    if (thread.joinable()) {
        thread.join();
    }
}

LifeJob::LifeJob(Life& life, LifeJobSettings settings, const Clock& clock, Metrics& metrics)
    : impl_(std::make_unique<Impl>(life, std::move(settings), clock, metrics)) {}

LifeJob::~LifeJob() {
    stop();
}

void LifeJob::stop() {
    impl_->stop();
}

}  // namespace nuanshu::historian
