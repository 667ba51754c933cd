#pragma once

#include <string>
#include <vector>

#include "base/config.h"
#include "platform/drivers/driver.h"
#include "platform/http/server.h"
#include "platform/store/database.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::cli {

/// What a running platform says of itself at /healthz.
std::vector<http::HealthCheck> check_health(const Config& config, const telemetry::Pipeline& pipeline,
                                            const store::Database& database,
                                            const std::vector<drivers::DeviceStatus>& devices);

/// What can be said without a running platform, for `nuanshu doctor`: settings, packages, folder, disk, database, port,
/// broker, clock. Each failed check says what to do.
std::vector<http::HealthCheck> examine(const Config& config);

}  // namespace nuanshu::cli
