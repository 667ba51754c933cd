#include "sim/src/rooms_face.h"

#include <algorithm>

namespace nuanshu::sim {

namespace {

constexpr std::int64_t first_round_ms = 5'000;

}  // namespace

RoomsFace::RoomsFace(const CityView& view, Broker& broker, std::int64_t period_ms)
    : view_(view),
      device_(view.city.parameters.code + ".rooms"),
      period_ms_(period_ms),
      link_(broker, device_,
            {.connecting = [](MqttLink&) {},
             .connected = [this](MqttLink&) { first_round_ = topics_.size(); },
             .message = nullptr}) {
    for (const std::size_t slot : view.layout.sensor) {
        const auto& point = view.layout.codes[slot];
        topics_.push_back(fmt::format("city/rooms/{}/up", point.substr(0, point.find('/'))));
    }
}

void RoomsFace::serve(std::span<const pollfd> happened) {
    if (happened[0].revents != 0) {
        link_.serve(happened[0].revents);
    }
}

void RoomsFace::publish(std::size_t sensor, std::int64_t now_ms) {
    const std::size_t slot = view_.layout.sensor[sensor];
    const auto read = [&](std::size_t place) { return view_.instruments.read(slot + place, now_ms); };
    link_.publish(
        topics_[sensor],
        fmt::format(R"({{"ts":{},"room_temperature":{:.1f},"humidity":{:.0f},"battery":{:.2f}}})", now_ms,
                    read(sensor_point::room_temperature), read(sensor_point::humidity), read(sensor_point::battery)),
        1);
}

void RoomsFace::tick(std::int64_t now_ms) {
    link_.tick(now_ms);
    const std::int64_t passed_ms = last_ms_ == 0 ? 0 : std::max<std::int64_t>(now_ms - last_ms_, 0);
    last_ms_ = now_ms;
    if (!link_.connected() || topics_.empty()) {
        return;
    }
    const std::int64_t round_ms = first_round_ > 0 ? std::min(first_round_ms, period_ms_) : period_ms_;
    const auto all = static_cast<double>(topics_.size());
    due_ = std::min(due_ + all * static_cast<double>(passed_ms) / static_cast<double>(round_ms), all);
    for (; due_ >= 1.0; due_ -= 1.0) {
        if (!silent_) {
            publish(next_, now_ms);
        }
        next_ = (next_ + 1) % topics_.size();
        first_round_ -= first_round_ > 0 ? 1 : 0;
    }
}

bool RoomsFace::set_silent(std::string_view device, bool silent) {
    silent_ = device == device_ ? silent : silent_;
    return device == device_;
}

bool RoomsFace::set_cut(std::string_view device, bool cut) {
    if (device == device_) {
        link_.set_cut(cut);
    }
    return device == device_;
}

}  // namespace nuanshu::sim
