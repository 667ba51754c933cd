#include "platform/drivers/mqtt/src/broker_url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::uint16_t tls_port = 8883;
constexpr std::size_t client_id_length_max = 128;

// The text may hold a password, so it is not repeated in the message.
tl::unexpected<Error> wrong_url(std::string_view what) {
    return fail(ErrorCode::invalid, "broker URL",
                "{}; write mqtt://host:1883 or mqtts://user:password@host:8883?ca_file=…", what);
}

Result<> take_parameters(const boost::urls::url_view& url, BrokerUrl& broker) {
    for (const auto& parameter : url.params()) {
        if (parameter.key == "client_id") {
            broker.client_id = parameter.value;
        } else if (parameter.key == "ca_file" && broker.tls) {
            broker.ca_file = parameter.value;
        } else {
            return wrong_url(fmt::format("unknown parameter `{}`", parameter.key));
        }
    }
    if (broker.client_id.size() > client_id_length_max || broker.client_id.find_first_of("/+#") != std::string::npos) {
        return wrong_url("client_id is over 128 bytes or has one of / + #");
    }
    return {};
}

}  // namespace

std::string BrokerUrl::endpoint() const {
    const bool ip_6 = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", tls ? "mqtts" : "mqtt", ip_6 ? "[" : "", host, ip_6 ? "]" : "", port);
}

Result<BrokerUrl> parse_broker_url(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) {
        return wrong_url("it is no URL");
    }
    const auto& url = *parsed;
    if (url.scheme() != "mqtt" && url.scheme() != "mqtts") {
        return wrong_url("it begins neither with mqtt:// nor with mqtts://");
    }
    BrokerUrl broker;
    broker.host = url.host_address();
    broker.tls = url.scheme() == "mqtts";
    broker.port = url.has_port() && !url.port().empty() ? url.port_number() : broker.tls ? tls_port : broker.port;
    broker.user = url.user();
    broker.password = url.password();
    if (broker.host.empty() || broker.port == 0) {
        return wrong_url("it names no host, or no port from 1 to 65535");
    }
    if (!url.path().empty() && url.path() != "/") {
        return wrong_url("it has a path");
    }
    NUANSHU_TRY_VOID(take_parameters(url, broker));
    return broker;
}

}  // namespace nuanshu::drivers::mqtt
