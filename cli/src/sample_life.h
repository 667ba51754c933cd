#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"
#include "base/result.h"
#include "platform/historian/life.h"
#include "platform/http/server.h"

namespace nuanshu::cli {

/// What the settings mean for the life of the samples. Errors: invalid, naming the setting.
Result<historian::LifeJobSettings> life_settings(const Config& config);

/// Whether the samples' writes go into a journal beside the backups.
bool keeps_journal(const Config& config);

/// How far the plant's clocks are ahead of UTC on the day of `now_ms`, 0 … less than a day. Errors: invalid (unknown
/// zone).
Result<std::int64_t> day_offset_ms(const std::string& time_zone, std::int64_t now_ms);

/// For `nuanshu doctor`: whether the retention rules can be read and the backup folder be written.
http::HealthCheck examine_sample_life(const Config& config);

}  // namespace nuanshu::cli
