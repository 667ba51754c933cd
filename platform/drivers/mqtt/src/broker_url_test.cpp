#include "platform/drivers/mqtt/src/broker_url.h"

#include <gtest/gtest.h>

namespace nuanshu::drivers::mqtt {
namespace {

TEST(BrokerUrl, a_host_is_enough) {
    const auto url = parse_broker_url("mqtt://broker.example");
    ASSERT_TRUE(url) << url.error().message();
    EXPECT_EQ(url->endpoint(), "mqtt://broker.example:1883");
    EXPECT_EQ(parse_broker_url("mqtts://[::1]")->endpoint(), "mqtts://[::1]:8883");
}

TEST(BrokerUrl, has_a_place_for_everything) {
    const auto url = parse_broker_url("mqtts://heat:s%40crt@10.0.0.1:18883/?client_id=plant-2&ca_file=/etc/ca.pem");
    ASSERT_TRUE(url) << url.error().message();
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->port, 18'883);
    EXPECT_EQ(url->user, "heat");
    EXPECT_EQ(url->password, "s@crt");
    EXPECT_EQ(url->client_id, "plant-2");
    EXPECT_EQ(url->ca_file, "/etc/ca.pem");
}

TEST(BrokerUrl, what_is_wrong_is_refused_without_repeating_the_password) {
    for (const auto* text :
         {"http://u:hidden@host", "mqtt://u:hidden@host/path", "mqtt://u:hidden@host?ca_file=x",
          "mqtt://u:hidden@host:0", "mqtt://u:hidden@:1883", "u:hidden@host", "mqtt://u:hidden@host?client_id=a/b"}) {
        const auto url = parse_broker_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, ErrorCode::invalid);
        EXPECT_EQ(url.error().message().find("hidden"), std::string::npos) << url.error().message();
    }
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
