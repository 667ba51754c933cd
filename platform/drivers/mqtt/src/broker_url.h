#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu::drivers::mqtt {

/// Where a broker is and who we are there.
struct BrokerUrl {
    std::string host;
    std::uint16_t port = 1883;
    bool tls = false;
    std::string user;
    std::string password;
    std::string ca_file;    ///< "" for the system's certificates
    std::string client_id;  ///< "" for the default

    /// "mqtt://host:port", without user and password: for messages and status.
    std::string endpoint() const;
    friend bool operator==(const BrokerUrl&, const BrokerUrl&) = default;
};

/// mqtt://[user[:password]@]host[:port][?client_id=…] or mqtts://… with also ?ca_file=…; ports 1883 and 8883 unless
/// named. Errors: invalid.
Result<BrokerUrl> parse_broker_url(std::string_view text);

}  // namespace nuanshu::drivers::mqtt
