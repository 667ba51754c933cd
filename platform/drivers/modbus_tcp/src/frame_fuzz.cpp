#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "platform/drivers/modbus_tcp/src/frame.h"
#include "platform/drivers/modbus_tcp/src/value.h"

namespace {

using namespace nuanshu::modbus_tcp;

/// The first bytes choose what was asked; the rest is the stream that comes back.
Request request_of(std::span<const std::uint8_t> seed) {
    constexpr Function functions[] = {
        Function::read_coils,           Function::read_discrete_inputs, Function::read_holding_registers,
        Function::read_input_registers, Function::write_coil,           Function::write_register,
        Function::write_coils,          Function::write_registers,      Function::mask_write_register};
    Request request;
    request.function = functions[seed[0] % std::size(functions)];
    const bool bits = request.function == Function::read_coils || request.function == Function::read_discrete_inputs;
    request.unit = seed[1];
    request.first = seed[2];
    request.count = static_cast<std::uint16_t>(1 + seed[3] % (bits ? read_bits_max : read_registers_max));
    request.values = {seed[2], seed[3]};
    return request;
}

void read_values(const Reply& reply, std::uint8_t choice) {
    Address address;
    address.type = static_cast<ValueType>(choice % 11);
    address.order = static_cast<ByteOrder>(choice / 11 % 4);
    if (reply.items.size() >= item_count(address)) {
        (void)decode_value(address, reply.items);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 5) {
        return 0;
    }
    const std::span<const std::uint8_t> input(data, size);
    const Request request = request_of(input);
    auto stream = input.subspan(5);
    for (auto frame = take_frame(stream); frame && *frame; frame = take_frame(stream)) {
        if ((*frame)->size > frame_size_max || (*frame)->size > stream.size()) {
            std::abort();
        }
        const auto reply = decode_reply(request, (*frame)->data);
        if (reply && reply->exception == 0) {
            read_values(*reply, input[4]);
        }
        stream = stream.subspan((*frame)->size);
    }
    return 0;
}
