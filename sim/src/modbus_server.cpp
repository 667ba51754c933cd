#include "sim/src/modbus_server.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <sys/socket.h>

#include "base/log.h"

namespace nuanshu::sim {

namespace {

constexpr std::size_t header_size = 7;

std::uint16_t word_at(const std::uint8_t* bytes) {
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

/// First address and count of an area's fields.
struct Range {
    int first = 0, count = 0;
};

Range range_of(const std::vector<RegisterField>& fields, Area area) {
    int first = std::numeric_limits<int>::max(), end = 0;
    for (const auto& field : fields) {
        if (field.address.area == area) {
            first = std::min<int>(first, field.address.first);
            end = std::max(end, field.address.end());
        }
    }
    return end == 0 ? Range{} : Range{first, end - first};
}

modbus_mapping_t* make_mapping(const std::vector<RegisterField>& fields) {
    const Range coils = range_of(fields, Area::coil), discretes = range_of(fields, Area::discrete);
    const Range holdings = range_of(fields, Area::holding), inputs = range_of(fields, Area::input);
    const auto u = [](int value) { return static_cast<unsigned>(value); };
    return modbus_mapping_new_start_address(u(coils.first), u(coils.count), u(discretes.first), u(discretes.count),
                                            u(holdings.first), u(holdings.count), u(inputs.first), u(inputs.count));
}

/// What a request touches; `count` 0 for functions that are not served.
struct Request {
    Area area = Area::holding;
    int first = 0, count = 0;
    bool write = false;
    bool well_formed = false;
};

/// Reads the head of a PDU of a served function and checks its length, so that nothing behind it is taken for data.
Request read_request(const std::uint8_t* pdu, std::size_t size) {
    const int function = pdu[0];
    constexpr std::array read_areas = {Area::coil, Area::discrete, Area::holding, Area::input};
    if (function >= 1 && function <= 4 && size == 5) {
        return {read_areas[static_cast<std::size_t>(function) - 1], word_at(pdu + 1), word_at(pdu + 3), false, true};
    }
    if ((function == 5 || function == 6) && size == 5) {
        return {function == 5 ? Area::coil : Area::holding, word_at(pdu + 1), 1, true, true};
    }
    if ((function == 15 || function == 16) && size >= 6 && size == 6U + pdu[5]) {
        const int count = word_at(pdu + 3);
        const int bytes = function == 15 ? (count + 7) / 8 : 2 * count;
        return {function == 15 ? Area::coil : Area::holding, word_at(pdu + 1), count, true, bytes == pdu[5]};
    }
    return {};
}

bool is_served(int function) {
    return (function >= 1 && function <= 6) || function == 15 || function == 16;
}

/// Whether each address of the request lies in a writable field.
bool may_write(const std::vector<RegisterField>& fields, const Request& request) {
    for (int address = request.first; address < request.first + request.count; ++address) {
        const auto holds = [&](const RegisterField& field) {
            return field.writable && field.address.area == request.area && field.address.first <= address &&
                   address < field.address.end();
        };
        if (std::none_of(fields.begin(), fields.end(), holds)) {
            return false;
        }
    }
    return true;
}

}  // namespace

RegisterBank::RegisterBank(std::vector<RegisterField> fields)
    : fields_(std::move(fields)), mapping_(make_mapping(fields_)) {}

void RegisterBank::set(std::size_t field, double raw) {
    const auto& address = fields_[field].address;
    const int first = address.first;
    auto& map = *mapping_;
    switch (address.area) {
        case Area::coil:
            map.tab_bits[first - map.start_bits] = raw >= 0.5;
            break;
        case Area::discrete:
            map.tab_input_bits[first - map.start_input_bits] = raw >= 0.5;
            break;
        case Area::input:
            encode_number(raw, address,
                          {map.tab_input_registers + (first - map.start_input_registers),
                           static_cast<std::size_t>(address.count())});
            break;
        case Area::holding:
            encode_number(
                raw, address,
                {map.tab_registers + (first - map.start_registers), static_cast<std::size_t>(address.count())});
            break;
    }
}

double RegisterBank::get(std::size_t field) const {
    const auto& address = fields_[field].address;
    const int first = address.first;
    const auto& map = *mapping_;
    const auto count = static_cast<std::size_t>(address.count());
    switch (address.area) {
        case Area::coil:
            return map.tab_bits[first - map.start_bits];
        case Area::discrete:
            return map.tab_input_bits[first - map.start_input_bits];
        case Area::input:
            return decode_number(address, {map.tab_input_registers + (first - map.start_input_registers), count});
        default:
            return decode_number(address, {map.tab_registers + (first - map.start_registers), count});
    }
}

ModbusServer::ModbusServer(Events events) : events_(std::move(events)), context_(modbus_new_tcp("127.0.0.1", 1)) {
    // libmodbus waits this long before it answers some malformed requests; the thread is not its own.
    modbus_set_response_timeout(context_, 0, 1);
}

ModbusServer::~ModbusServer() {
    modbus_free(context_);
}

std::size_t ModbusServer::add_bank(std::vector<RegisterField> fields) {
    banks_.emplace_back(std::move(fields));
    silent_.push_back(false);
    return banks_.size() - 1;
}

Result<int> ModbusServer::listen(const std::string& host, int port, std::vector<Unit> units) {
    NUANSHU_TRY(auto listener, open_listener_from(host, port));
    const int actual = listener.port;
    Line line;
    line.listener = std::move(listener);
    line.host = host;
    line.units = std::move(units);
    lines_.push_back(std::move(line));
    return actual;
}

ModbusServer::Line* ModbusServer::line_of(std::size_t bank) {
    const auto has = [bank](const Line& line) {
        return std::any_of(line.units.begin(), line.units.end(),
                           [bank](const Unit& unit) { return unit.bank == bank; });
    };
    const auto found = std::find_if(lines_.begin(), lines_.end(), has);
    return found == lines_.end() ? nullptr : &*found;
}

void ModbusServer::set_silent(std::size_t bank, bool silent) {
    silent_[bank] = silent;
}

void ModbusServer::set_cut(std::size_t bank, bool cut) {
    Line* line = line_of(bank);
    if (line == nullptr || line->cut == cut) {
        return;
    }
    line->cut = cut;
    if (cut) {
        line->connections.clear();
        line->listener.socket.reset();
    } else if (auto opened = open_listener(line->host, line->listener.port)) {
        line->listener = std::move(*opened);
    } else {
        log_error("sim", "{}", opened.error().message());
        line->cut = true;
    }
}

void ModbusServer::collect(std::vector<pollfd>& wanted) {
    for (const auto& line : lines_) {
        wanted.push_back({line.listener.socket.get(), POLLIN, 0});
        for (const auto& connection : line.connections) {
            wanted.push_back({connection.socket.get(), POLLIN, 0});
        }
    }
}

void ModbusServer::serve(std::span<const pollfd> happened) {
    std::size_t next = 0;
    for (auto& line : lines_) {
        const bool knocking = happened[next++].revents != 0;
        for (auto& connection : line.connections) {
            if (happened[next++].revents != 0 && !receive(line, connection)) {
                connection.socket.reset();
            }
        }
        std::erase_if(line.connections, [](const Connection& connection) { return !connection.socket; });
        if (knocking) {
            accept_on(line);
        }
    }
}

void ModbusServer::accept_on(Line& line) {
    while (Descriptor socket = accept_connection(line.listener.socket.get())) {
        if (line.connections.size() < connections_max) {
            line.connections.push_back({std::move(socket), {}, 0});
        }
    }
}

/// False when the connection is over.
bool ModbusServer::receive(Line& line, Connection& connection) {
    const auto got =
        recv(connection.socket.get(), connection.bytes.data() + connection.filled, frame_max - connection.filled, 0);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    connection.filled += static_cast<std::size_t>(got);
    return take_frames(line, connection);
}

bool ModbusServer::take_frames(Line& line, Connection& connection) {
    while (connection.filled >= header_size) {
        const std::size_t length = word_at(connection.bytes.data() + 4);
        const bool right = word_at(connection.bytes.data() + 2) == 0 && length >= 2 && length <= frame_max - 6;
        if (!right) {
            return false;
        }
        const std::size_t size = 6 + length;
        if (connection.filled < size) {
            return true;
        }
        if (!answer(line, connection, size)) {
            return false;
        }
        std::memmove(connection.bytes.data(), connection.bytes.data() + size, connection.filled - size);
        connection.filled -= size;
    }
    return true;
}

bool ModbusServer::answer(Line& line, const Connection& connection, std::size_t size) {
    modbus_set_socket(context_, connection.socket.get());
    const int id = connection.bytes[6];
    const auto wanted = [id](const Unit& unit) { return unit.id == id; };
    auto unit = std::find_if(line.units.begin(), line.units.end(), wanted);
    if (unit == line.units.end() && (id == 0 || id == 255)) {
        unit = line.units.begin();
    }
    if (unit == line.units.end()) {
        return refuse(connection, MODBUS_EXCEPTION_GATEWAY_TARGET);
    }
    return silent_[unit->bank] || reply(unit->bank, connection, size);
}

bool ModbusServer::refuse(const Connection& connection, int exception) {
    return modbus_reply_exception(context_, connection.bytes.data(), static_cast<unsigned>(exception)) >= 0;
}

bool ModbusServer::reply(std::size_t bank, const Connection& connection, std::size_t size) {
    const std::uint8_t* pdu = connection.bytes.data() + header_size;
    const Request request = read_request(pdu, size - header_size);
    if (!is_served(pdu[0])) {
        return refuse(connection, MODBUS_EXCEPTION_ILLEGAL_FUNCTION);
    }
    if (!request.well_formed) {
        return refuse(connection, MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE);
    }
    if (request.write && !may_write(banks_[bank].fields(), request)) {
        return refuse(connection, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
    }
    events_.before_read(bank);
    const int sent = modbus_reply(context_, connection.bytes.data(), static_cast<int>(size), banks_[bank].mapping());
    if (sent < 0) {
        return errno >= MODBUS_ENOBASE;
    }
    if (request.write) {
        tell_written(bank, pdu);
    }
    return true;
}

void ModbusServer::tell_written(std::size_t bank, const std::uint8_t* pdu) {
    const bool coils = pdu[0] == 5 || pdu[0] == 15;
    const int first = word_at(pdu + 1);
    const int end = first + (pdu[0] >= 15 ? word_at(pdu + 3) : 1);
    const auto& fields = banks_[bank].fields();
    for (std::size_t field = 0; field < fields.size(); ++field) {
        const auto& address = fields[field].address;
        if (fields[field].writable && address.area == (coils ? Area::coil : Area::holding) && address.first < end &&
            first < address.end()) {
            events_.written(bank, field, banks_[bank].get(field));
        }
    }
}

}  // namespace nuanshu::sim
