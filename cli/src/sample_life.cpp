#include "cli/src/sample_life.h"

#include <filesystem>
#include <fstream>

#include "platform/historian/windows.h"

namespace nuanshu::cli {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::uint64_t mib = 1 << 20;

Result<> check_not_below_0(const char* setting, int value) {
    if (value < 0) {
        return fail(ErrorCode::invalid, setting, "{}; 0 or more is right", value);
    }
    return {};
}

Result<> check_writable(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const auto probe = folder + "/.doctor";
    const bool writable = static_cast<bool>(std::ofstream(probe) << "x");
    std::filesystem::remove(probe, error);
    if (!writable) {
        return fail(ErrorCode::unavailable, "historian_backup_dir", "{} cannot be written; check its owner", folder);
    }
    return {};
}

}  // namespace

Result<historian::LifeJobSettings> life_settings(const Config& config) {
    NUANSHU_TRY_VOID(check_not_below_0("historian_backup_chains", config.historian_backup_chains));
    NUANSHU_TRY_VOID(check_not_below_0("historian_disk_refuse_mib", config.historian_disk_refuse_mib));
    NUANSHU_TRY_VOID(check_not_below_0("historian_disk_warn_mib", config.historian_disk_warn_mib));
    historian::LifeJobSettings settings;
    auto retention = historian::parse_retention(config.historian_retention);
    if (!retention) {
        return within("historian_retention", std::move(retention.error()));
    }
    settings.retention = std::move(*retention);
    settings.backup_directory = config.historian_backup_dir;
    settings.journal = keeps_journal(config);
    settings.backup_chains_kept = config.historian_backup_chains;
    settings.disk.refuse_below_bytes = static_cast<std::uint64_t>(config.historian_disk_refuse_mib) * mib;
    settings.disk.warn_below_bytes = static_cast<std::uint64_t>(config.historian_disk_warn_mib) * mib;
    return settings;
}

bool keeps_journal(const Config& config) {
    return config.historian_journal && !config.historian_backup_dir.empty();
}

Result<std::int64_t> day_offset_ms(const std::string& time_zone, std::int64_t now_ms) {
    NUANSHU_TRY(const auto window, historian::parse_window("day", time_zone));
    NUANSHU_TRY(const auto borders, historian::window_borders(window, {now_ms, now_ms + 2 * day_ms}, 8));
    // The border after the first is a midnight on the plant's clocks.
    const std::int64_t midnight_ms = borders.at(1);
    return ((-midnight_ms % day_ms) + day_ms) % day_ms;
}

http::HealthCheck examine_sample_life(const Config& config) {
    const auto settings = life_settings(config);
    if (!settings) {
        return {"samples", false, settings.error().message()};
    }
    if (config.historian_backup_dir.empty()) {
        return {"samples", true, "no backups: set historian_backup_dir to a folder on another disk"};
    }
    const auto writable = check_writable(config.historian_backup_dir);
    return {"samples", writable.has_value(),
            writable ? "backups go to " + config.historian_backup_dir : writable.error().message()};
}

}  // namespace nuanshu::cli
