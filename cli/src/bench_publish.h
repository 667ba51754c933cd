#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace nuanshu::cli {

/// One publishing process of the ingest benchmark: a Sparkplug B edge node with many devices.
struct PublishOptions {
    std::string host = "127.0.0.1";
    int port = 1883;
    std::string edge_node = "e0";
    int devices = 10;  ///< Sparkplug devices `bench.<edge node>.d0001` …
    int points = 100;  ///< metrics `p0001` … of each, all in every message
    double seconds = 10;
    double rate = 0;            ///< points a second; 0: as fast as the broker takes them
    std::int64_t start_ms = 0;  ///< UTC: births go out at once, data from then on
};

/// Publishes with QoS 1 and at most 64 messages unacknowledged by the broker, and prints how many points went out after
/// the first births, as JSON. Births are sent again when the host asks.
Result<> publish(const PublishOptions& options);

}  // namespace nuanshu::cli
