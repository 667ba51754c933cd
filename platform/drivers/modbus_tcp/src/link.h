#pragma once

#include <memory>
#include <string>

#include "platform/drivers/delivery.h"
#include "platform/drivers/modbus_tcp/src/device.h"

namespace boost::asio {
class io_context;
}

namespace nuanshu::modbus_tcp {

/// One TCP connection, a device's own or a gateway's, and the devices behind it. Keeps it open, with growing waits
/// after failures; sends writes first, then what is due, the units by turns; matches answers by transaction. Lives in
/// the driver's thread: call everything there.
class Link {
 public:
    Link(boost::asio::io_context& context, std::string host, std::uint16_t port, drivers::Delivery& delivery);
    /// Closes the connection; what is under way ends without effect.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void add(std::shared_ptr<Device> device);
    void remove(const Device& device);
    bool empty() const;

    /// There is something new to do.
    void wake();

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace nuanshu::modbus_tcp
