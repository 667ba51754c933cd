#pragma once

#include <string>

#include "base/result.h"

namespace nuanshu::cli {

/// End to end over MQTT: a real broker, publishing processes, the platform as its own process, a WebSocket client as
/// the screen.
struct IngestOptions {
    int devices = 100;
    int points = 100;  ///< of each device
    double seconds = 10;
    double rate = 0;     ///< points a second; 0: as fast as it goes
    int publishers = 2;  ///< processes
    int kills =
        0;  ///< how often the platform is killed (SIGKILL) and started again meanwhile; no screen is watched then
    int sampled_points = 200;  ///< whose latency is watched
};

/// Prints {"points_per_s","latency_p50_ms","latency_p99_ms","cpu_s","peak_memory_mib","lost",…}: `points_per_s` from
/// the first data message to the last sample in the historian; latency from a sample's time, set when it is published,
/// to its arrival at the WebSocket client.
Result<> bench_ingest(const IngestOptions& options);

}  // namespace nuanshu::cli
