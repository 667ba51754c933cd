#include "engines/network/src/fields.h"

#include <array>

namespace nuanshu::network {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 3> sides = {"unknown", "supply", "return"};
constexpr std::array<Word, 3> curve_forms = {"points", "power", "polynomial"};
constexpr std::array<Word, 3> pump_controls = {"curve", "pressure_rise", "flow"};
constexpr std::array<Word, 8> valve_kinds = {"shut_off",
                                             "throttle",
                                             "check",
                                             "pressure_reducing",
                                             "pressure_sustaining",
                                             "pressure_breaker",
                                             "differential_pressure",
                                             "flow_control"};
constexpr std::array<Word, 3> characteristics = {"linear", "equal_percentage", "quick_opening"};
constexpr std::array<Word, 4> source_controls = {"pressure_rise", "pump_curve", "flow", "passive"};
constexpr std::array<Word, 2> heat_controls = {"supply_temperature", "heat"};
constexpr std::array<Word, 4> consumer_controls = {"heat_and_return", "heat_and_drop", "flow", "valve"};
constexpr std::array<Word, 6> frictions = {"colebrook_white", "swamee_jain",   "swamee_jain_all",
                                           "nikuradse",       "colebrook_all", "hazen_williams"};

}  // namespace

template <>
std::span<const std::string_view> words_of<Side>() {
    return sides;
}
template <>
std::span<const std::string_view> words_of<PumpCurve::Form>() {
    return curve_forms;
}
template <>
std::span<const std::string_view> words_of<PumpControl>() {
    return pump_controls;
}
template <>
std::span<const std::string_view> words_of<ValveKind>() {
    return valve_kinds;
}
template <>
std::span<const std::string_view> words_of<Characteristic>() {
    return characteristics;
}
template <>
std::span<const std::string_view> words_of<SourceControl>() {
    return source_controls;
}
template <>
std::span<const std::string_view> words_of<HeatControl>() {
    return heat_controls;
}
template <>
std::span<const std::string_view> words_of<ConsumerControl>() {
    return consumer_controls;
}
template <>
std::span<const std::string_view> words_of<Friction>() {
    return frictions;
}

}  // namespace nuanshu::network
