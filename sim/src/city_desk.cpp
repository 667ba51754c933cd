#include "sim/src/city_desk.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/time.h"

namespace nuanshu::sim {

namespace {

constexpr const char* help_text =
    "fault add frozen|drift|spike|offset <point> [size] · fault clear <point>|all · fault list · silent <device> "
    "on|off · "
    "cut <device> on|off · truth <point> · measured <point> · write <point> <value> · speed [number] · status";

std::vector<std::string> split(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(std::move(word));
    }
    return words;
}

Result<double> number_in(const std::string& text) {
    double value = 0.0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(value)) {
        return fail(ErrorCode::invalid, "", "`{}` is no number", text);
    }
    return value;
}

double usual_size(const Quantity& quantity) {
    return std::max(20.0 * quantity.noise, 10.0 * quantity.resolution);
}

}  // namespace

CityDesk::CityDesk(const CityView& view, Instruments& instruments, double& speed, std::vector<DeviceFace*> devices)
    : view_(view), instruments_(instruments), speed_(speed), devices_(std::move(devices)) {}

std::string CityDesk::answer(std::string_view line) {
    auto done = carry_out(split(line));
    if (!done) {
        return "error " + done.error().message();
    }
    return done->empty() ? "ok" : "ok " + *done;
}

Result<std::string> CityDesk::carry_out(const Words& words) {
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "fault") {
        return fault(words);
    }
    if ((verb == "silent" || verb == "cut") && words.size() == 3) {
        return set_device(words);
    }
    if ((verb == "truth" || verb == "measured") && words.size() == 2) {
        NUANSHU_TRY(const auto slot, slot_of(words[1]));
        return fmt::format("{}",
                           verb == "truth" ? view_.plant.true_value(slot) : instruments_.read(slot, view_.now_ms()));
    }
    if (verb == "write" && words.size() == 3) {
        return write(words);
    }
    if (verb == "speed" && words.size() <= 2) {
        return set_speed(words);
    }
    if (verb == "status") {
        return status();
    }
    if (verb == "help") {
        return std::string(help_text);
    }
    return fail(ErrorCode::invalid, "", "not understood; {}", help_text);
}

Result<std::size_t> CityDesk::slot_of(const std::string& point) const {
    const auto slot = view_.layout.find(point);
    if (!slot) {
        return fail(ErrorCode::not_found, "", "the city has no point `{}`; points look like {}", point,
                    view_.layout.codes.front());
    }
    return *slot;
}

Result<std::string> CityDesk::fault(const Words& words) {
    if (words.size() >= 4 && words.size() <= 5 && words[1] == "add") {
        return add_fault(words);
    }
    if (words.size() == 3 && words[1] == "clear") {
        return clear_fault(words[2]);
    }
    if (words.size() == 2 && words[1] == "list") {
        return list_faults();
    }
    return fail(ErrorCode::invalid, "", "fault add <kind> <point> [size], fault clear <point>|all, or fault list");
}

Result<std::string> CityDesk::add_fault(const Words& words) {
    const auto kind = fault_kind_named(words[2]);
    if (!kind) {
        return fail(ErrorCode::invalid, "", "no fault `{}`; there are frozen, drift, spike, offset", words[2]);
    }
    NUANSHU_TRY(const auto slot, slot_of(words[3]));
    double size = usual_size(instruments_.spec(slot).quantity);
    if (words.size() == 5) {
        NUANSHU_TRY(size, number_in(words[4]));
    }
    instruments_.add_fault(slot, *kind, size, view_.now_ms());
    return fmt::format("{} {} {}", words[2], words[3], size);
}

Result<std::string> CityDesk::clear_fault(const std::string& point) {
    if (point == "all") {
        instruments_.clear_faults();
        return std::string();
    }
    NUANSHU_TRY(const auto slot, slot_of(point));
    return std::string(instruments_.clear_fault(slot) ? "" : "there was none");
}

std::string CityDesk::list_faults() const {
    std::vector<std::string> lines;
    for (const auto& [slot, fault] : instruments_.faults()) {
        lines.push_back(fmt::format("{} {} {}", to_string(fault.kind), view_.layout.codes[slot], fault.size));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines) {
        text += (text.empty() ? "" : "; ") + line;
    }
    return text;
}

Result<std::string> CityDesk::set_device(const Words& words) {
    const bool on = words[2] == "on";
    if (!on && words[2] != "off") {
        return fail(ErrorCode::invalid, "", "`{}`: on or off is meant", words[2]);
    }
    for (DeviceFace* devices : devices_) {
        if (words[0] == "cut" ? devices->set_cut(words[1], on) : devices->set_silent(words[1], on)) {
            return std::string();
        }
    }
    return fail(ErrorCode::not_found, "", "no device `{}`; devices look like {}.plc1", words[1],
                view_.city.stations.front().code);
}

Result<std::string> CityDesk::set_speed(const Words& words) {
    if (words.size() == 2) {
        NUANSHU_TRY(const double wanted, number_in(words[1]));
        if (wanted < 0.1 || wanted > 600.0) {
            return fail(ErrorCode::invalid, "", "speed {} is outside 0.1 … 600", wanted);
        }
        speed_ = wanted;
    }
    return fmt::format("{}", speed_);
}

Result<std::string> CityDesk::write(const Words& words) {
    NUANSHU_TRY(const auto slot, slot_of(words[1]));
    NUANSHU_TRY(const double value, number_in(words[2]));
    if (!view_.plant.write(slot, value)) {
        return fail(ErrorCode::refused, "", "`{}` is no set-point", words[1]);
    }
    return std::string();
}

std::string CityDesk::status() const {
    const double outdoor = view_.plant.true_value(view_.layout.source[0] + source_point::outdoor_temperature);
    return fmt::format(
        R"({{"plant_time":"{}","speed":{},"points":{},"stations":{},"outdoor_temperature":{:.1f},"faults":{}}})",
        format_time(view_.plant.time_ms()), speed_, view_.layout.codes.size(), view_.city.stations.size(), outdoor,
        instruments_.faults().size());
}

}  // namespace nuanshu::sim
