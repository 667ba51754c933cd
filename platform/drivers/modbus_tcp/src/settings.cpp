#include "platform/drivers/modbus_tcp/src/settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "platform/drivers/modbus_tcp/src/address.h"

namespace nuanshu::modbus_tcp {

namespace {

namespace json = boost::json;

constexpr std::size_t settings_bytes_max = 65'536;
constexpr std::int64_t period_ms_min = 10;
constexpr std::int64_t period_ms_max = 86'400'000;

struct IntegerSetting {
    std::string_view name;
    std::int64_t min;
    std::int64_t max;
    void (*set)(Settings& settings, std::int64_t value);
};

/// The same bounds stand in driver.yaml's schema; a test compares them.
constexpr std::array<IntegerSetting, 10> integer_settings = {{
    {"port", 1, 65'535, [](Settings& s, std::int64_t v) { s.port = static_cast<std::uint16_t>(v); }},
    {"unit", 0, 255, [](Settings& s, std::int64_t v) { s.unit = static_cast<std::uint8_t>(v); }},
    {"poll_ms", period_ms_min, period_ms_max,
     [](Settings& s, std::int64_t v) { s.poll = std::chrono::milliseconds(v); }},
    {"timeout_ms", 10, 60'000, [](Settings& s, std::int64_t v) { s.timeout = std::chrono::milliseconds(v); }},
    {"connect_timeout_ms", 10, 60'000,
     [](Settings& s, std::int64_t v) { s.connect_timeout = std::chrono::milliseconds(v); }},
    {"retry_min_ms", 10, 3'600'000, [](Settings& s, std::int64_t v) { s.retry_min = std::chrono::milliseconds(v); }},
    {"retry_max_ms", 10, 3'600'000, [](Settings& s, std::int64_t v) { s.retry_max = std::chrono::milliseconds(v); }},
    {"gap_registers", 0, 124,
     [](Settings& s, std::int64_t v) { s.limits.gap_registers = static_cast<std::uint16_t>(v); }},
    {"max_registers", 4, read_registers_max,
     [](Settings& s, std::int64_t v) { s.limits.registers_max = static_cast<std::uint16_t>(v); }},
    {"max_in_flight", 1, 16, [](Settings& s, std::int64_t v) { s.in_flight_max = static_cast<std::size_t>(v); }},
}};

/// Reads one device, gathering what is wrong on the way.
class DeviceReader {
 public:
    DeviceReader(const drivers::DeviceConfig& config, Diagnostics& faults) : config_(config), faults_(faults) {}

    std::optional<DeviceSetup> read() {
        const std::size_t faults_before = faults_.size();
        setup_.code = config_.code;
        read_settings();
        for (const auto& binding : config_.points) {
            read_point(binding);
        }
        if (faults_.size() != faults_before) {
            return std::nullopt;
        }
        return std::move(setup_);
    }

 private:
    void fault(std::string field, std::string text) {
        faults_.push_back({.file = config_.code, .line = 0, .field = std::move(field), .text = std::move(text)});
    }

    void read_settings() {
        if (config_.settings.size() > settings_bytes_max) {
            return fault("settings", fmt::format("{} bytes; at most {}", config_.settings.size(), settings_bytes_max));
        }
        json::error_code error;
        const json::value value = json::parse(config_.settings, error);
        if (error || !value.is_object()) {
            return fault("settings", error
                                         ? fmt::format("no JSON: {}", error.message())
                                         : "a JSON object would be right, like {\"host\": \"10.0.0.7\", \"unit\": 1}");
        }
        for (const auto& [name, member] : value.get_object()) {
            read_member(name, member);
        }
        check_together();
    }

    void read_member(std::string_view name, const json::value& value) {
        if (name == "host") {
            return read_host(value);
        }
        const auto is_it = [&](const IntegerSetting& setting) { return setting.name == name; };
        const auto found = std::find_if(integer_settings.begin(), integer_settings.end(), is_it);
        if (found == integer_settings.end()) {
            return fault(fmt::format("settings.{}", name), "no such setting; there are " + known_names());
        }
        read_integer(*found, value);
    }

    static std::string known_names() {
        std::string names = "host";
        for (const auto& setting : integer_settings) {
            names += fmt::format(", {}", setting.name);
        }
        return names;
    }

    void read_host(const json::value& value) {
        const auto* text = value.if_string();
        if (text == nullptr || text->empty() || text->size() > 253) {
            return fault("settings.host", "a name or address of 1 … 253 letters would be right");
        }
        setup_.settings.host = std::string_view(*text);
    }

    void read_integer(const IntegerSetting& setting, const json::value& value) {
        const auto number = integer_of(value);
        if (!number || *number < setting.min || *number > setting.max) {
            return fault(fmt::format("settings.{}", setting.name),
                         fmt::format("{} is not possible; an integer {} … {} would be right",
                                     number ? std::to_string(*number) : "this", setting.min, setting.max));
        }
        setting.set(setup_.settings, *number);
    }

    static std::optional<std::int64_t> integer_of(const json::value& value) {
        if (const auto* integer = value.if_int64()) {
            return *integer;
        }
        const auto* real = value.if_double();
        if (real != nullptr && std::floor(*real) == *real && std::abs(*real) < 1e15) {
            return static_cast<std::int64_t>(*real);
        }
        return std::nullopt;
    }

    void check_together() {
        const auto& settings = setup_.settings;
        if (settings.host.empty()) {
            fault("settings.host", "is missing; the device's address, like \"10.0.0.7\", would be right");
        }
        if (settings.retry_max < settings.retry_min) {
            fault("settings.retry_max_ms",
                  fmt::format("{} is below retry_min_ms, {}", settings.retry_max.count(), settings.retry_min.count()));
        }
    }

    void read_point(const drivers::PointBinding& binding) {
        const auto address = parse_address(binding.address);
        if (!address) {
            return fault(binding.code, address.error().message());
        }
        if (binding.writable && !is_writable(address->table)) {
            return fault(binding.code,
                         fmt::format("`{}` is commanded, but {} registers can only be read; coil or holding "
                                     "would be right",
                                     binding.address, to_string(address->table)));
        }
        if (binding.poll_ms != 0 && (binding.poll_ms < period_ms_min || binding.poll_ms > period_ms_max)) {
            return fault(binding.code, fmt::format("a period of {} ms is not possible; {} … {} would be right",
                                                   binding.poll_ms, period_ms_min, period_ms_max));
        }
        if (!setup_.point_codes.emplace(binding.point, binding.code).second) {
            return fault(binding.code, "is bound twice in this device");
        }
        const auto period = binding.poll_ms != 0 ? std::chrono::milliseconds(binding.poll_ms) : setup_.settings.poll;
        setup_.units[address->unit.value_or(setup_.settings.unit)].push_back(
            {.point = binding.point, .address = *address, .period = period, .writable = binding.writable});
    }

    const drivers::DeviceConfig& config_;
    Diagnostics& faults_;
    DeviceSetup setup_;
};

}  // namespace

std::string link_of(const Settings& settings) {
    return fmt::format("{}:{}", settings.host, settings.port);
}

std::string endpoint_of(const Settings& settings) {
    return fmt::format("{} unit {}", link_of(settings), settings.unit);
}

std::optional<DeviceSetup> read_device(const drivers::DeviceConfig& config, Diagnostics& faults) {
    return DeviceReader(config, faults).read();
}

}  // namespace nuanshu::modbus_tcp
