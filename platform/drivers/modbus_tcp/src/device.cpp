#include "platform/drivers/modbus_tcp/src/device.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "platform/drivers/modbus_tcp/src/value.h"

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::size_t writes_waiting_max = 100;

bool is_silence(std::uint8_t code) {
    return code == exception::gateway_path_unavailable || code == exception::gateway_target_failed_to_respond;
}

/// What a refused write means to whoever asked for it.
ErrorCode error_of(std::uint8_t code) {
    switch (code) {
        case exception::illegal_data_value:
            return ErrorCode::invalid;
        case exception::acknowledge:
        case exception::server_device_busy:
        case exception::gateway_path_unavailable:
            return ErrorCode::unavailable;
        case exception::gateway_target_failed_to_respond:
            return ErrorCode::timeout;
        default:
            return ErrorCode::refused;
    }
}

UnitPoller poller_of(const DeviceSetup& setup, std::uint8_t unit_id, std::vector<PolledPoint> points, Time now) {
    const std::size_t seed = std::hash<std::string>()(setup.code) + unit_id;
    return UnitPoller({.points = std::move(points),
                       .limits = setup.settings.limits,
                       .retry_min = setup.settings.retry_min,
                       .retry_max = setup.settings.retry_max,
                       .phase = static_cast<double>(seed % 1'000) / 1'000,
                       .seed = seed},
                      now);
}

}  // namespace

Device::Device(DeviceSetup setup, std::shared_ptr<drivers::DeviceMonitor> monitor, Surroundings surroundings, Time now)
    : setup_(std::move(setup)), monitor_(std::move(monitor)), surroundings_(surroundings) {
    for (auto& [id, points] : setup_.units) {
        units_.push_back(std::make_unique<Unit>(id, poller_of(setup_, id, std::move(points), now)));
        const auto& polled = units_.back()->poller.points();
        for (std::size_t i = 0; i < polled.size(); ++i) {
            places_[polled[i].point] = {units_.back().get(), i};
        }
    }
    setup_.units.clear();
}

void Device::write(PointId point, double raw_value, std::function<void(Result<>)> done) {
    const auto found = places_.find(point);
    if (found == places_.end()) {
        return done(fail(ErrorCode::not_found, setup_.code, "point {} is not bound here", point.value));
    }
    auto write = prepare_write(found->second, raw_value);
    if (!write) {
        return done(tl::unexpected<Error>(std::move(write.error())));
    }
    write->done = std::move(done);
    found->second.unit->writes.push_back(std::move(*write));
}

Result<Write> Device::prepare_write(const Place& place, double raw_value) const {
    const auto& polled = place.unit->poller.points()[place.index];
    const auto& code = setup_.point_codes.at(polled.point);
    if (!polled.writable) {
        return fail(ErrorCode::refused, code, "its binding does not say that it may be written");
    }
    auto values = encode_value(polled.address, raw_value);
    if (!values) {
        return within(code, std::move(values.error()));
    }
    if (!connected_) {
        return fail(ErrorCode::unavailable, code, "{}: {}", endpoint_of(setup_.settings), down_reason_);
    }
    if (place.unit->writes.size() >= writes_waiting_max) {
        return fail(ErrorCode::exhausted, code, "{} writes are waiting for the device already", writes_waiting_max);
    }
    Write write{
        .place = fmt::format("{} ({})", code, to_string(polled.address)), .request = {}, .otherwise = {}, .done = {}};
    write.request = write_request(polled.address, place.unit->id, std::move(*values));
    write.otherwise = long_form(write.request);
    return write;
}

void Device::read_soon(PointId point) {
    if (const auto found = places_.find(point); found != places_.end()) {
        found->second.unit->poller.read_soon(point);
    }
}

void Device::poll_ended(Unit& unit, PolledBlock& block, Result<Reply> answer, double round_trip_ms, Time now) {
    if (closed_) {
        return;
    }
    if (!answer) {
        poll_failed(unit, block, answer.error(), now);
    } else if (answer->exception != 0) {
        poll_refused(unit, block, answer->exception, now);
    } else {
        monitor_->answered(round_trip_ms);
        unit.poller.answered(block);
        set_communication(unit, true);
        take_values(unit, block.block, *answer);
    }
    update_state();
}

void Device::write_ended(Write& write, const Result<Reply>& answer, double round_trip_ms) {
    if (!answer) {
        if (answer.error().code == ErrorCode::timeout) {
            monitor_->timed_out(fmt::format("write of {}: {}", write.place, answer.error().what));
        }
        return write.done(within(write.place, answer.error()));
    }
    if (answer->exception == 0) {
        monitor_->answered(round_trip_ms);
        return write.done({});
    }
    const bool no_mask =
        write.request.function == Function::mask_write_register && answer->exception == exception::illegal_function;
    const std::string what =
        fmt::format("the device refuses: {}{}", exception_text(answer->exception),
                    no_mask ? "; it cannot write single bits of a register (function 22): a coil or the "
                              "whole register would be right"
                            : "");
    monitor_->failed(fmt::format("write of {}: {}", write.place, what));
    write.done(fail(error_of(answer->exception), write.place, "{}", what));
}

void Device::connected(bool again) {
    connected_ = true;
    if (again) {
        monitor_->reconnected();
    }
    update_state();
}

void Device::link_down(const std::string& what, bool unreachable) {
    connected_ = false;
    down_reason_ = what;
    monitor_->failed(what);
    for (const auto& unit : units_) {
        unreachable ? unit->poller.unreachable() : unit->poller.link_lost();
        say_silent(*unit);
    }
    fail_writes(ErrorCode::unavailable, what);
    update_state();
}

void Device::close() {
    closed_ = true;
    connected_ = false;
    fail_writes(ErrorCode::cancelled, "the device's configuration has changed");
}

void Device::poll_failed(Unit& unit, PolledBlock& block, const Error& error, Time now) {
    if (error.code != ErrorCode::timeout) {
        return unit.poller.aborted(block, now);
    }
    monitor_->timed_out(fmt::format("{}: {}", text_of(unit, block.block), error.what));
    unit.poller.timed_out(block, now);
    say_silent(unit);
}

void Device::poll_refused(Unit& unit, PolledBlock& block, std::uint8_t code, Time now) {
    monitor_->failed(fmt::format("{}: {}", text_of(unit, block.block), exception_text(code)));
    if (is_silence(code)) {
        unit.poller.timed_out(block, now);
        return say_silent(unit);
    }
    const bool was_split = unit.poller.refused(block, code, now);
    set_communication(unit, true);
    if (!was_split && block.faulty) {
        mark_faulty(unit, block.block);
    }
}

void Device::take_values(Unit& unit, const Block& block, const Reply& reply) {
    std::vector<telemetry::RawSample> samples;
    samples.reserve(block.points.size());
    const std::span<const std::uint16_t> items = reply.items;
    for (const std::size_t index : block.points) {
        const auto& polled = unit.poller.points()[index];
        const auto value = decode_value(polled.address, items.subspan(polled.address.first - block.first));
        samples.push_back({.point = polled.point,
                           .device_quality = value ? Quality::good : Quality::device_fault,
                           .time_ms = 0,
                           .value = value.value_or(0)});
    }
    deliver(std::move(samples));
}

void Device::mark_faulty(Unit& unit, const Block& block) {
    std::vector<telemetry::RawSample> samples;
    for (const std::size_t index : block.points) {
        samples.push_back({.point = unit.poller.points()[index].point,
                           .device_quality = Quality::device_fault,
                           .time_ms = 0,
                           .value = 0});
    }
    deliver(std::move(samples));
}

void Device::deliver(std::vector<telemetry::RawSample> samples) {
    const std::size_t count = samples.size();
    telemetry::RawBatch batch{
        .samples = std::move(samples), .historical = false, .received_ms = surroundings_.clock.now_ms(), .stored = {}};
    if (surroundings_.delivery.deliver(std::move(batch)) == drivers::Delivered::dropped) {
        return monitor_->failed(fmt::format("{} values were dropped: telemetry takes nothing in", count));
    }
    monitor_->samples_taken(count);
}

void Device::fail_writes(ErrorCode code, const std::string& what) {
    for (const auto& unit : units_) {
        for (auto& write : std::exchange(unit->writes, {})) {
            write.done(fail(code, write.place, "{}", what));
        }
    }
}

void Device::say_silent(Unit& unit) {
    if (unit.poller.silent()) {
        set_communication(unit, false);
    }
}

void Device::set_communication(Unit& unit, bool communicates) {
    if (unit.communicates == communicates) {
        return;
    }
    unit.communicates = communicates;
    std::vector<PointId> points;
    for (const auto& polled : unit.poller.points()) {
        points.push_back(polled.point);
    }
    surroundings_.intake.set_communication(points, communicates);
}

void Device::update_state() {
    const auto is = [&](auto&& what) { return std::any_of(units_.begin(), units_.end(), what); };
    const bool any_answers = is([](const auto& unit) { return unit->communicates == true; });
    const bool any_silent = is([](const auto& unit) { return unit->communicates == false; });
    const bool any_faulty = is([](const auto& unit) { return unit->poller.has_faults(); });
    using drivers::DeviceState;
    if (units_.empty()) {
        monitor_->set_state(connected_ ? DeviceState::online : DeviceState::offline);
    } else if (any_answers) {
        monitor_->set_state(any_silent || any_faulty ? DeviceState::degraded : DeviceState::online);
    } else if (any_silent) {
        monitor_->set_state(DeviceState::offline);
    }
}

std::string Device::text_of(const Unit& unit, const Block& block) const {
    const std::string place = to_string(read_request(block, unit.id));
    const auto& first = setup_.point_codes.at(unit.poller.points()[block.points.front()].point);
    return fmt::format("{}{} ({}{})", place, unit.id == setup_.settings.unit ? "" : fmt::format(" unit {}", unit.id),
                       first, block.points.size() > 1 ? " …" : "");
}

}  // namespace nuanshu::modbus_tcp
