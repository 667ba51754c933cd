#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "platform/drivers/mqtt/src/packet.h"

namespace nuanshu::drivers::mqtt {

/// Messages of ours that the broker has not confirmed yet, and who wants to know. One thread.
class Confirmations {
 public:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(Result<>)>;

    /// `broker` names it in messages.
    explicit Confirmations(std::string broker) : broker_(std::move(broker)) {}

    void await(std::uint16_t packet_id, Done done, Clock::time_point deadline);
    bool awaits(std::uint16_t packet_id) const { return waiting_.contains(packet_id); }
    std::size_t size() const { return waiting_.size(); }

    /// Tells what the broker said. An id that nobody awaits is passed over.
    void confirm(const PublishAck& ack);
    /// Tells `timeout` to those whose deadline is over.
    void expire(Clock::time_point now);
    /// Tells all that the connection is gone.
    void lose(std::string_view why);

 private:
    struct Waiting {
        Done done;
        Clock::time_point deadline;
    };
    std::string broker_;
    std::unordered_map<std::uint16_t, Waiting> waiting_;
};

/// Calls it if there is anybody to call.
void tell(const Confirmations::Done& done, Result<> result);

}  // namespace nuanshu::drivers::mqtt
