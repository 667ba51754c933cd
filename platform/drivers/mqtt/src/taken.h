#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/drivers/driver.h"
#include "platform/telemetry/intake.h"

namespace nuanshu::drivers::mqtt {

/// Names one configured device within a broker link. Never used twice.
using DeviceKey = std::uint32_t;

struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};
/// A hash map that is asked with string_views without making strings.
template <class Value>
using TextMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

/// What the decoders make of messages: samples for the intake, and what the devices concerned have to be told. The
/// samples of several messages gather here; the rest is looked at after each message.
struct Taken {
    struct Count {
        DeviceKey device;
        std::size_t samples;
    };
    struct Fault {
        DeviceKey device;
        std::string text;
    };
    struct State {
        DeviceKey device;
        DeviceState state;
    };
    struct Communication {
        std::vector<PointId> points;
        bool ok;
    };

    std::vector<telemetry::RawSample> live;
    std::vector<telemetry::RawSample> historical;

    std::vector<Count> counts;  ///< each device that was named in the message, also with 0 samples
    std::vector<Fault> faults;
    std::vector<State> states;
    std::vector<Communication> communications;

    /// Of each message the first faults_max are told; one says as much as a thousand.
    static constexpr std::size_t faults_max = 64;
    void fault(DeviceKey device, std::string text) {
        if (faults.size() < faults_max) {
            faults.push_back({device, std::move(text)});
        }
    }

    std::size_t samples() const { return live.size() + historical.size(); }

    void clear_message() {
        counts.clear();
        faults.clear();
        states.clear();
        communications.clear();
    }

    void count(DeviceKey device, std::size_t samples) {
        for (auto& known : counts) {
            if (known.device == device) {
                known.samples += samples;
                return;
            }
        }
        counts.push_back({device, samples});
    }
};

/// A message of ours to a device.
struct Outgoing {
    std::string topic;
    std::vector<std::uint8_t> payload;
};

}  // namespace nuanshu::drivers::mqtt
