#include "platform/drivers/modbus_tcp/src/frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::size_t header_size = 7;
constexpr std::uint8_t exception_flag = 0x80;

void put_u16(std::vector<std::uint8_t>& bytes, std::size_t value) {
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

std::uint16_t get_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

bool reads_bits(Function function) {
    return function == Function::read_coils || function == Function::read_discrete_inputs;
}

bool is_read(Function function) {
    return function <= Function::read_input_registers;
}

std::size_t bytes_for_bits(std::size_t bits) {
    return (bits + 7) / 8;
}

std::vector<std::uint8_t> pack_bits(std::span<const std::uint16_t> bits) {
    std::vector<std::uint8_t> bytes(bytes_for_bits(bits.size()));
    for (std::size_t i = 0; i < bits.size(); ++i) {
        bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | (bits[i] & 1) << (i % 8));
    }
    return bytes;
}

void put_write_coils(std::vector<std::uint8_t>& bytes, const Request& request) {
    const auto packed = pack_bits(request.values);
    put_u16(bytes, request.values.size());
    bytes.push_back(static_cast<std::uint8_t>(packed.size()));
    bytes.insert(bytes.end(), packed.begin(), packed.end());
}

void put_write_registers(std::vector<std::uint8_t>& bytes, const Request& request) {
    put_u16(bytes, request.values.size());
    bytes.push_back(static_cast<std::uint8_t>(2 * request.values.size()));
    for (const auto value : request.values) {
        put_u16(bytes, value);
    }
}

void put_data(std::vector<std::uint8_t>& bytes, const Request& request) {
    put_u16(bytes, request.first);
    switch (request.function) {
        case Function::read_coils:
        case Function::read_discrete_inputs:
        case Function::read_holding_registers:
        case Function::read_input_registers:
            return put_u16(bytes, request.count);
        case Function::write_coil:
            return put_u16(bytes, request.values.at(0) != 0 ? 0xFF00 : 0);
        case Function::write_register:
            return put_u16(bytes, request.values.at(0));
        case Function::write_coils:
            return put_write_coils(bytes, request);
        case Function::write_registers:
            return put_write_registers(bytes, request);
        case Function::mask_write_register:
            put_u16(bytes, request.values.at(0));
            return put_u16(bytes, request.values.at(1));
    }
}

std::size_t values_max(Function function) {
    return function == Function::write_coils ? write_bits_max : write_registers_max;
}

Result<Reply> decode_exception(std::span<const std::uint8_t> data) {
    if (data.size() != 2) {
        return fail(ErrorCode::corrupt, "Modbus reply", "{} bytes; a refusal has 2", data.size());
    }
    return Reply{.exception = data[1], .items = {}};
}

Result<Reply> decode_items(const Request& request, std::span<const std::uint8_t> data) {
    const bool bits = reads_bits(request.function);
    const std::size_t expected = bits ? bytes_for_bits(request.count) : 2U * request.count;
    if (data.size() != 2 + expected) {
        return fail(ErrorCode::corrupt, "Modbus reply", "{} bytes; {} expected for {} {}", data.size(), 2 + expected,
                    request.count, bits ? "bits" : "registers");
    }
    if (data[1] != expected) {
        return fail(ErrorCode::corrupt, "Modbus reply", "it announces {} bytes of values; {} are right", data[1],
                    expected);
    }
    Reply reply;
    reply.items.resize(request.count);
    for (std::size_t i = 0; i < reply.items.size(); ++i) {
        reply.items[i] = bits ? static_cast<std::uint16_t>(data[2 + i / 8] >> (i % 8) & 1) : get_u16(data, 2 + 2 * i);
    }
    return reply;
}

/// A write is confirmed by its first bytes coming back: all of a single write, address and count of a long one.
Result<Reply> decode_echo(const Request& request, std::span<const std::uint8_t> data) {
    std::vector<std::uint8_t> expected = {static_cast<std::uint8_t>(request.function)};
    put_data(expected, request);
    expected.resize(request.function == Function::mask_write_register ? 7 : 5);
    if (data.size() != expected.size()) {
        return fail(ErrorCode::corrupt, "Modbus reply", "{} bytes; a confirmed write has {}", data.size(),
                    expected.size());
    }
    if (!std::equal(data.begin(), data.end(), expected.begin())) {
        return fail(ErrorCode::corrupt, "Modbus reply", "it confirms another write than {}", to_string(request));
    }
    return Reply{};
}

/// One bit among the others of its register.
Request mask_request(const Address& address, std::uint8_t unit, bool on) {
    const auto bit = static_cast<std::uint16_t>(1U << address.bit);
    return {.unit = unit,
            .function = Function::mask_write_register,
            .first = address.first,
            .count = 1,
            .values = {static_cast<std::uint16_t>(~bit), on ? bit : std::uint16_t{0}}};
}

}  // namespace

Function read_function(Table table) {
    switch (table) {
        case Table::coil:
            return Function::read_coils;
        case Table::discrete:
            return Function::read_discrete_inputs;
        case Table::input:
            return Function::read_input_registers;
        case Table::holding:
            return Function::read_holding_registers;
    }
    return Function::read_holding_registers;
}

Request write_request(const Address& address, std::uint8_t unit, std::vector<std::uint16_t> values) {
    if (address.table == Table::holding && address.type == ValueType::bit) {
        return mask_request(address, unit, values.at(0) != 0);
    }
    const auto function = address.table == Table::coil ? Function::write_coil
                          : values.size() == 1         ? Function::write_register
                                                       : Function::write_registers;
    return {.unit = unit, .function = function, .first = address.first, .count = 1, .values = std::move(values)};
}

std::optional<Request> long_form(const Request& request) {
    if (request.function != Function::write_coil && request.function != Function::write_register) {
        return std::nullopt;
    }
    Request longer = request;
    longer.function = request.function == Function::write_coil ? Function::write_coils : Function::write_registers;
    return longer;
}

std::string to_string(const Request& request) {
    std::string_view table = "holding";
    switch (request.function) {
        case Function::read_coils:
        case Function::write_coil:
        case Function::write_coils:
            table = "coil";
            break;
        case Function::read_discrete_inputs:
            table = "discrete";
            break;
        case Function::read_input_registers:
            table = "input";
            break;
        default:
            break;
    }
    const bool mask = request.function == Function::mask_write_register;
    const std::size_t count = is_read(request.function) ? request.count : mask ? 1 : request.values.size();
    if (count < 2) {
        return fmt::format("{} {}", table, request.first);
    }
    return fmt::format("{} {}…{}", table, request.first, request.first + count - 1);
}

std::vector<std::uint8_t> encode_request(std::uint16_t transaction, const Request& request) {
    NUANSHU_CHECK(request.values.size() <= values_max(request.function), "{} values", request.values.size());
    std::vector<std::uint8_t> bytes;
    bytes.reserve(12 + 2 * request.values.size() + 1);
    put_u16(bytes, transaction);
    put_u16(bytes, 0);
    put_u16(bytes, 0);
    bytes.push_back(request.unit);
    bytes.push_back(static_cast<std::uint8_t>(request.function));
    put_data(bytes, request);
    const std::size_t length = bytes.size() - 6;
    bytes[4] = static_cast<std::uint8_t>(length >> 8);
    bytes[5] = static_cast<std::uint8_t>(length);
    return bytes;
}

Result<std::optional<Frame>> take_frame(std::span<const std::uint8_t> stream) {
    if (stream.size() >= 4 && get_u16(stream, 2) != 0) {
        return fail(ErrorCode::corrupt, "Modbus frame", "protocol {}; 0 is Modbus", get_u16(stream, 2));
    }
    if (stream.size() < 6) {
        return std::nullopt;
    }
    const std::size_t length = get_u16(stream, 4);
    if (length < 2 || length + 6 > frame_size_max) {
        return fail(ErrorCode::corrupt, "Modbus frame", "length {}; 2 … {} are possible", length, frame_size_max - 6);
    }
    if (stream.size() < 6 + length) {
        return std::nullopt;
    }
    return Frame{.transaction = get_u16(stream, 0),
                 .unit = stream[6],
                 .data = stream.subspan(header_size, length - 1),
                 .size = 6 + length};
}

Result<Reply> decode_reply(const Request& request, std::span<const std::uint8_t> data) {
    const auto function = static_cast<std::uint8_t>(request.function);
    if (data.empty()) {
        return fail(ErrorCode::corrupt, "Modbus reply", "it is empty");
    }
    if (data[0] == (function | exception_flag)) {
        return decode_exception(data);
    }
    if (data[0] != function) {
        return fail(ErrorCode::corrupt, "Modbus reply", "function {}; {} was asked", data[0], function);
    }
    return is_read(request.function) ? decode_items(request, data) : decode_echo(request, data);
}

std::string exception_text(std::uint8_t code) {
    static constexpr std::array<std::string_view, 12> names = {"",
                                                               "illegal function",
                                                               "illegal data address",
                                                               "illegal data value",
                                                               "server device failure",
                                                               "acknowledge",
                                                               "server device busy",
                                                               "negative acknowledge",
                                                               "memory parity error",
                                                               "",
                                                               "gateway path unavailable",
                                                               "gateway target device failed to respond"};
    const std::string_view name = code < names.size() && !names[code].empty() ? names[code] : "not in the standard";
    return fmt::format("exception {}, {}", code, name);
}

}  // namespace nuanshu::modbus_tcp
