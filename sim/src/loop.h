#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "sim/src/sockets.h"

namespace nuanshu::sim {

/// Waits on all faces' sockets with poll() and calls their `tick` and then `each_tick` every `tick_ms`, until stopped
/// (from any thread) or until `each_tick` returns false.
Result<> run_loop(const std::vector<Face*>& faces, std::int64_t tick_ms,
                  const std::function<bool(std::int64_t now_ms)>& each_tick, const std::stop_token& stop);

/// As many open files as the system lets us have: a large city has thousands of sockets.
void allow_many_files();

}  // namespace nuanshu::sim
