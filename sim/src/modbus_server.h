#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <modbus.h>

#include "base/result.h"
#include "sim/src/register_map.h"
#include "sim/src/sockets.h"

namespace nuanshu::sim {

/// A number in a bank and whether masters may write it.
struct RegisterField {
    RegisterAddress address;
    bool writable = false;
};

/// The coils and registers of one unit. Each area reaches from its lowest to its highest field; gaps between fields
/// read as 0, as in a PLC's memory; outside is exception 2, and so is writing what is not a writable field.
class RegisterBank {
 public:
    explicit RegisterBank(std::vector<RegisterField> fields);

    void set(std::size_t field, double raw);
    double get(std::size_t field) const;
    const std::vector<RegisterField>& fields() const { return fields_; }
    modbus_mapping_t* mapping() { return mapping_.get(); }

 private:
    struct Free {
        void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
    };
    std::vector<RegisterField> fields_;
    std::unique_ptr<modbus_mapping_t, Free> mapping_;
};

/// Modbus TCP servers: any number of ports, behind each port any number of units. The frames are put together here, so
/// that a master that sends half of one holds up nobody; libmodbus answers them.
class ModbusServer final : public Face {
 public:
    struct Events {
        std::function<void(std::size_t bank)> before_read;  ///< brings the registers up to date
        std::function<void(std::size_t bank, std::size_t field, double raw)> written;
    };
    struct Unit {
        int id = 1;
        std::size_t bank = 0;
    };

    explicit ModbusServer(Events events);
    ~ModbusServer() override;

    std::size_t add_bank(std::vector<RegisterField> fields);
    RegisterBank& bank(std::size_t number) { return banks_[number]; }

    /// Next free port from `port` on; returns it. Unit 255 and 0 reach the first unit, as masters without a unit use
    /// them.
    Result<int> listen(const std::string& host, int port, std::vector<Unit> units);

    /// A silent unit takes requests and does not answer.
    void set_silent(std::size_t bank, bool silent);
    /// A cut line closes its connections and refuses new ones.
    void set_cut(std::size_t bank, bool cut);

    void collect(std::vector<pollfd>& wanted) override;
    void serve(std::span<const pollfd> happened) override;
    void tick(std::int64_t) override {}

 private:
    static constexpr std::size_t frame_max = 260;       ///< 7 bytes of header and a PDU of 253
    static constexpr std::size_t connections_max = 32;  ///< a port; more are closed at once

    struct Connection {
        Descriptor socket;
        std::array<std::uint8_t, frame_max> bytes{};
        std::size_t filled = 0;
    };
    struct Line {
        Listener listener;
        std::string host;
        std::vector<Unit> units;
        std::vector<Connection> connections;
        bool cut = false;
    };

    void accept_on(Line& line);
    bool receive(Line& line, Connection& connection);
    bool take_frames(Line& line, Connection& connection);
    bool answer(Line& line, const Connection& connection, std::size_t size);
    bool reply(std::size_t bank, const Connection& connection, std::size_t size);
    bool refuse(const Connection& connection, int exception);
    void tell_written(std::size_t bank, const std::uint8_t* pdu);
    Line* line_of(std::size_t bank);

    Events events_;
    std::vector<RegisterBank> banks_;
    std::vector<bool> silent_;
    std::vector<Line> lines_;
    modbus_t* context_;
};

}  // namespace nuanshu::sim
