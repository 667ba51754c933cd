#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/drivers/modbus_tcp/src/address.h"

/// Modbus TCP frames, bytes ↔ values; pure. Source: MODBUS Application Protocol Specification V1.1b3 (sections 4 and 6)
/// and MODBUS Messaging on TCP/IP Implementation Guide V1.0b (section 3.1.3). All numbers are big-endian:
///
///     transaction:2  protocol:2 (0)  length:2  unit:1  function:1  data:0…252
///                                    └ counts from unit on: 2 … 254
///
/// A refusal has the function with its highest bit set, and one byte that says why.
namespace nuanshu::modbus_tcp {

constexpr std::size_t frame_size_max = 260;
constexpr std::uint16_t read_registers_max = 125;
constexpr std::uint16_t read_bits_max = 2'000;
constexpr std::uint16_t write_registers_max = 123;
constexpr std::uint16_t write_bits_max = 1'968;

enum class Function : std::uint8_t {
    read_coils = 1,
    read_discrete_inputs = 2,
    read_holding_registers = 3,
    read_input_registers = 4,
    write_coil = 5,
    write_register = 6,
    write_coils = 15,
    write_registers = 16,
    mask_write_register = 22,
};

/// Which function reads a table.
Function read_function(Table table);

/// One question to a device.
struct Request {
    std::uint8_t unit = 1;
    Function function = Function::read_holding_registers;
    std::uint16_t first = 0;
    std::uint16_t count = 1;  ///< registers or bits to read
    /// To write: registers, or bits as 0 and 1, one for write_coil and write_register. mask_write_register takes two:
    /// the bits to keep, and the bits to set among the others.
    std::vector<std::uint16_t> values;
};

/// The request that writes encoded values: one coil, one register, several, or a bit within a register by mask.
/// @pre the address' table can be written, and the values are encode_value()'s
Request write_request(const Address& address, std::uint8_t unit, std::vector<std::uint16_t> values);

/// The same write in the form for several coils or registers; nothing where it is that already, or a mask.
std::optional<Request> long_form(const Request& request);

/// "holding 100…119", "coil 3": what a request is about, for messages.
std::string to_string(const Request& request);

/// The whole frame. @pre counts are within the bounds above
std::vector<std::uint8_t> encode_request(std::uint16_t transaction, const Request& request);

/// A frame cut out of the stream; `data` is from the function on and points into the bytes it was cut from.
struct Frame {
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0;
    std::span<const std::uint8_t> data;
    std::size_t size = 0;  ///< of the whole frame, to skip in the stream
};

/// The first frame in `stream`; nothing while it is not complete.
/// Errors: corrupt, when no Modbus TCP frame can begin like this: the stream has lost its beat and must be closed.
Result<std::optional<Frame>> take_frame(std::span<const std::uint8_t> stream);

/// What came back: the items read (registers, or bits as 0 and 1; none for a write), or the device's refusal.
struct Reply {
    std::uint8_t exception = 0;  ///< 0: none
    std::vector<std::uint16_t> items;
};

/// Errors: corrupt, when the data is no answer to the request: another function, too short, too long, another echo.
Result<Reply> decode_reply(const Request& request, std::span<const std::uint8_t> data);

/// Exception codes we act on; more are known by name.
namespace exception {
constexpr std::uint8_t illegal_function = 1;
constexpr std::uint8_t illegal_data_address = 2;
constexpr std::uint8_t illegal_data_value = 3;
constexpr std::uint8_t acknowledge = 5;
constexpr std::uint8_t server_device_busy = 6;
constexpr std::uint8_t gateway_path_unavailable = 10;
constexpr std::uint8_t gateway_target_failed_to_respond = 11;
}  // namespace exception

/// "exception 2, illegal data address"
std::string exception_text(std::uint8_t code);

}  // namespace nuanshu::modbus_tcp
