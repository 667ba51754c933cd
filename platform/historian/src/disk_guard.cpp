// What it remembers, under "disk" in the default column family: u8 version 1, then i64 time and u64 free bytes for each
// value.

#include "platform/historian/src/disk_guard.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/log.h"
#include "base/time.h"
#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::string_view history_key = "disk";
constexpr std::int64_t hour_ms = 3'600'000;
constexpr double day_ms = 24.0 * hour_ms;
constexpr std::int64_t remembered_every_ms = 10 * 60'000;
constexpr std::int64_t remembered_ms = 7 * 24 * hour_ms;
constexpr double forecast_days_max = 100 * 365;

std::string encode(std::span<const FreeSpace> history) {
    std::string out(1, version);
    for (const auto& value : history) {
        put_fixed(out, value.time_ms);
        put_fixed(out, value.free_bytes);
    }
    return out;
}

std::vector<FreeSpace> decode(std::string_view bytes) {
    ByteReader in(bytes);
    std::vector<FreeSpace> history;
    for (bool known = in.u8() == version; known && in.left() >= 16;) {
        const auto time_ms = in.fixed<std::int64_t>();
        history.push_back({time_ms, in.fixed<std::uint64_t>()});
    }
    return history;
}

DiskState state_of(const DiskForecast& forecast, const DiskLimits& limits, std::int64_t now_ms) {
    if (forecast.free_bytes < limits.refuse_below_bytes) {
        return DiskState::refusing;
    }
    const auto warn_until_ms = now_ms + static_cast<std::int64_t>(limits.warn_days * day_ms);
    const bool soon = forecast.full_at_ms && *forecast.full_at_ms < warn_until_ms;
    return soon || forecast.free_bytes < limits.warn_below_bytes ? DiskState::warning : DiskState::roomy;
}

std::optional<std::int64_t> full_at(const DiskForecast& forecast, const DiskLimits& limits, std::int64_t now_ms) {
    if (forecast.free_bytes <= limits.refuse_below_bytes) {
        return now_ms;
    }
    const auto left = static_cast<double>(forecast.free_bytes - limits.refuse_below_bytes);
    if (forecast.growth_bytes_per_day <= left / forecast_days_max) {
        return std::nullopt;
    }
    return now_ms + static_cast<std::int64_t>(left / forecast.growth_bytes_per_day * day_ms);
}

void log_change(const DiskForecast& now, DiskState before) {
    if (now.state == before) {
        return;
    }
    constexpr std::uint64_t mib = 1 << 20;
    const auto until = now.full_at_ms ? ", full at " + format_time(*now.full_at_ms) : "";
    if (now.state == DiskState::refusing) {
        log_error("historian", "disk: {} MiB are free: new samples are refused until there is more",
                  now.free_bytes / mib);
    } else if (now.state == DiskState::warning) {
        log_warn("historian", "disk: {} MiB are free{}; free some space or shorten the retention", now.free_bytes / mib,
                 until);
    } else {
        log_info("historian", "disk: {} MiB are free", now.free_bytes / mib);
    }
}

}  // namespace

std::string_view to_string(DiskState state) {
    return state == DiskState::roomy ? "roomy" : state == DiskState::warning ? "warning" : "refusing";
}

double shrinking_per_day(std::span<const FreeSpace> history) {
    if (history.size() < 2 || history.back().time_ms - history.front().time_ms < hour_ms) {
        return 0.0;
    }
    double mean_days = 0.0, mean_bytes = 0.0;
    const auto days = [&](const FreeSpace& value) {
        return static_cast<double>(value.time_ms - history.front().time_ms) / day_ms;
    };
    const auto count = static_cast<double>(history.size());
    for (const auto& value : history) {
        mean_days += days(value) / count;
        mean_bytes += static_cast<double>(value.free_bytes) / count;
    }
    double product = 0.0, square = 0.0;
    for (const auto& value : history) {
        const double distance = days(value) - mean_days;
        product += distance * (static_cast<double>(value.free_bytes) - mean_bytes);
        square += distance * distance;
    }
    return square > 0.0 ? -product / square : 0.0;
}

Result<> DiskGuard::load() {
    std::string value;
    const auto status = files_.db().Get({}, std::string(history_key), &value);
    if (!status.ok() && !status.IsNotFound()) {
        return tl::unexpected<Error>(files_.error_of(status));
    }
    history_ = decode(value);
    return {};
}

/// @pre mutex_ is held
Result<> DiskGuard::remember(const FreeSpace& now) {
    // A clock that was set back makes the later values worthless.
    std::erase_if(history_, [&](const FreeSpace& value) {
        return value.time_ms > now.time_ms || value.time_ms < now.time_ms - remembered_ms;
    });
    if (!history_.empty() && now.time_ms - history_.back().time_ms < remembered_every_ms) {
        return {};
    }
    history_.push_back(now);
    rocksdb::WriteBatch batch;
    const auto status = batch.Put(std::string(history_key), encode(history_));
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
    return files_.write(batch, SampleFiles::Durability::process_end);
}

Result<DiskForecast> DiskGuard::check(const DiskLimits& limits, std::int64_t now_ms) {
    std::error_code failure;
    const auto space = std::filesystem::space(files_.directory(), failure);
    if (failure) {
        return fail(ErrorCode::unavailable, files_.directory(), "{}", failure.message());
    }
    NUANSHU_TRY(const std::uint64_t store_bytes, files_.bytes());
    const std::lock_guard lock(mutex_);
    DiskForecast forecast{.state = DiskState::roomy,
                          .free_bytes = space.available,
                          .total_bytes = space.capacity,
                          .store_bytes = store_bytes,
                          .growth_bytes_per_day = 0.0,
                          .full_at_ms = std::nullopt};
    // A disk that is full already cannot take the figure itself; the guard works without it.
    if (auto remembered = remember({now_ms, space.available}); !remembered) {
        log_debug("historian", "disk: {}", remembered.error().message());
    }
    forecast.growth_bytes_per_day = shrinking_per_day(history_);
    forecast.full_at_ms = full_at(forecast, limits, now_ms);
    forecast.state = state_of(forecast, limits, now_ms);
    log_change(forecast, last_.state);
    refuse_below_bytes_ = limits.refuse_below_bytes;
    refusing_.store(forecast.state == DiskState::refusing, std::memory_order_relaxed);
    last_ = forecast;
    return forecast;
}

DiskForecast DiskGuard::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

Result<> DiskGuard::check_room() const {
    if (!refusing_.load(std::memory_order_relaxed)) {
        return {};
    }
    const std::lock_guard lock(mutex_);
    return fail(
        ErrorCode::exhausted, "sample store " + files_.directory(),
        "{} MiB of disk are free, less than the {} MiB below which new samples are refused; free some space and "
        "it goes on by itself",
        last_.free_bytes >> 20, refuse_below_bytes_ >> 20);
}

}  // namespace nuanshu::historian
