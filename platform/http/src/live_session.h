#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::http {

/// What a live connection asks of the platform. All are called from the connection's thread and return at once.
struct LiveSource {
    std::function<PointId(std::string_view code)> find_point;  ///< 0 for an unknown one
    std::function<void(std::span<const PointId>, std::span<telemetry::CurrentValue>)> read_current;
    std::function<std::int64_t()> now_ms;
};

/// One live connection's subscriptions and what is due to it: the protocol of docs/api.md without the socket.
///
/// A subscription has a list of points and, for each, the `change` that was last sent. When it is due, the points'
/// current values are scanned and those that moved are written. Nothing is ever queued: a connection that is asked for
/// its next frame late gets the newest state. Steady times are ms of any clock that never goes back.
class LiveSession {
 public:
    static constexpr std::size_t points_max = 20'000;  ///< a connection
    static constexpr std::size_t subscriptions_max = 200;
    static constexpr std::size_t id_bytes_max = 200;
    static constexpr std::int64_t heartbeat_ms = 5'000;

    LiveSession(LiveSource source, Counter& values_sent) : source_(std::move(source)), values_sent_(values_sent) {}

    std::string hello(std::string_view version) const;

    /// Takes a client's message and returns the answer; "" when it needs none.
    std::string take(std::string_view message, std::int64_t steady_ms);

    /// Writes the next frame that is due into `frame` (its memory is reused); false when none is.
    bool write_due(std::int64_t steady_ms, std::string& frame);

    /// When write_due() should be asked again; nothing without subscriptions.
    std::optional<std::int64_t> next_due_ms() const;

 private:
    struct Subscription {
        std::vector<PointId> points{};         ///< by the client's index; 0 for unknown ones
        std::vector<std::uint64_t> changes{};  ///< last sent; never_sent before
        std::int64_t every_ms = 1'000;
        std::int64_t due_ms = 0;
        std::int64_t sent_ms = 0;
        bool is_new = true;

        /// When it wants to be looked at: for a scan, or only to show that the line lives.
        std::int64_t wake_ms() const { return is_new ? due_ms : std::min(due_ms, sent_ms + heartbeat_ms); }
    };
    struct Wish;

    std::string subscribe(Wish wish, std::int64_t steady_ms);
    std::size_t points_without(std::string_view id) const;
    bool write_values(const std::string& id, Subscription& subscription, std::int64_t steady_ms, std::string& frame);
    std::size_t append_if_due(Subscription& subscription, std::int64_t steady_ms, std::string& frame);
    std::size_t append_changed(Subscription& subscription, std::string& frame);

    LiveSource source_;
    Counter& values_sent_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::vector<telemetry::CurrentValue> values_;  ///< of the scan in hand
};

}  // namespace nuanshu::http
