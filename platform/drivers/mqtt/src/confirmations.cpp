#include "platform/drivers/mqtt/src/confirmations.h"

#include <utility>
#include <vector>

#include "platform/drivers/mqtt/src/reason.h"

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::uint8_t no_subscribers = 0x10;

Result<> judge(const std::string& broker, const PublishAck& ack) {
    if (ack.reason >= first_refusal) {
        return fail(ErrorCode::refused, broker, "{}", describe_reason(ack.reason, ack.reason_text));
    }
    if (ack.reason == no_subscribers) {
        return fail(ErrorCode::unavailable, broker, "nobody is subscribed to the topic: the device is not there");
    }
    return {};
}

}  // namespace

void tell(const Confirmations::Done& done, Result<> result) {
    if (done) {
        done(std::move(result));
    }
}

void Confirmations::await(std::uint16_t packet_id, Done done, Clock::time_point deadline) {
    waiting_[packet_id] = {std::move(done), deadline};
}

void Confirmations::confirm(const PublishAck& ack) {
    auto found = waiting_.extract(ack.packet_id);
    if (found) {
        tell(found.mapped().done, judge(broker_, ack));
    }
}

void Confirmations::expire(Clock::time_point now) {
    std::vector<Done> late;
    std::erase_if(waiting_, [&](auto& entry) {
        const bool over = entry.second.deadline < now;
        if (over) {
            late.push_back(std::move(entry.second.done));
        }
        return over;
    });
    for (const auto& done : late) {
        tell(done, fail(ErrorCode::timeout, broker_, "the broker has not confirmed in time"));
    }
}

void Confirmations::lose(std::string_view why) {
    for (const auto& [id, entry] : std::exchange(waiting_, {})) {
        tell(entry.done,
             fail(ErrorCode::unavailable, broker_, "the connection broke before the broker confirmed: {}", why));
    }
}

}  // namespace nuanshu::drivers::mqtt
