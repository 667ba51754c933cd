#include <cstdint>
#include <cstdlib>

#include <sys/socket.h>

#include "sim/src/modbus_server.h"

namespace {

using namespace nuanshu::sim;

/// Serves until nothing more happens.
void drain(ModbusServer& server) {
    std::vector<pollfd> fds;
    do {
        fds.clear();
        server.collect(fds);
        if (poll(fds.data(), fds.size(), 0) <= 0) {
            return;
        }
        server.serve(fds);
    } while (true);
}

}  // namespace

/// Any bytes on a Modbus connection: no crash, no write beyond the writable field, and the next master is served.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static ModbusServer* server = nullptr;
    static int port = 0;
    if (server == nullptr) {
        server = new ModbusServer({.before_read = [](std::size_t) {},
                                   .written =
                                       [](std::size_t, std::size_t field, double) {
                                           if (field != 1 && field != 2) {
                                               std::abort();
                                           }
                                       }});
        const auto at = [](const char* text) { return nuanshu::value_or_throw(read_register_address(text)); };
        const std::size_t bank = server->add_bank({{at("input 3 f32"), false},
                                                   {at("holding 10 f32"), true},
                                                   {at("coil 2"), true},
                                                   {at("discrete 0"), false}});
        port = nuanshu::value_or_throw(server->listen("127.0.0.1", 0, {{1, bank}}));
    }
    modbus_t* master = modbus_new_tcp("127.0.0.1", port);
    if (modbus_connect(master) == 0) {
        drain(*server);
        send(modbus_get_socket(master), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        drain(*server);
        modbus_close(master);
        drain(*server);
    }
    modbus_free(master);
    return 0;
}
