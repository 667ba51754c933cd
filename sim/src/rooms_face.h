#pragma once

#include <string>
#include <vector>

#include "sim/src/mqtt_link.h"
#include "sim/src/plc_face.h"

namespace nuanshu::sim {

/// The room sensors, as their operator's platform passes them on: topic `city/rooms/<sensor code>/up`, payload
/// {"ts":wall ms,"room_temperature":21.3,"humidity":38,"battery":3.52}, QoS 1, each once a period, evenly spread. After
/// (re)connecting the first round takes five seconds at most. Device code: `<company>.rooms`.
class RoomsFace final : public DeviceFace {
 public:
    RoomsFace(const CityView& view, Broker& broker, std::int64_t period_ms);

    void collect(std::vector<pollfd>& wanted) override { wanted.push_back(link_.wanted()); }
    void serve(std::span<const pollfd> happened) override;
    void tick(std::int64_t now_ms) override;
    bool set_silent(std::string_view device, bool silent) override;
    bool set_cut(std::string_view device, bool cut) override;

 private:
    void publish(std::size_t sensor, std::int64_t now_ms);

    const CityView& view_;
    const std::string device_;
    const std::int64_t period_ms_;
    std::vector<std::string> topics_;
    double due_ = 0.0;             ///< sensors that should have spoken
    std::size_t next_ = 0;         ///< the next to speak
    std::size_t first_round_ = 0;  ///< how many of the first round are left
    std::int64_t last_ms_ = 0;
    bool silent_ = false;
    MqttLink link_;
};

}  // namespace nuanshu::sim
