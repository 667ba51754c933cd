#include <filesystem>

#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/driver_fixture_for_tests.h"
#include "tests/support/process.h"

namespace nuanshu::drivers::mqtt {
namespace {

using testing::eventually;
using testing::MqttDriver;
using testing::Peer;
using testing::room_sensors;

/// A broker behind TLS that wants a password, with a certificate made for the occasion.
class Secured : public MqttDriver {
 protected:
    void SetUp() override {
        make_certificate();
        run({"mosquitto_passwd", "-b", "-c", file("passwords"), "heat", "secret"});
        tls_port_ = support::free_port();
        start_broker({"password_file " + file("passwords"), fmt::format("listener {} 127.0.0.1", tls_port_),
                      "certfile " + file("cert.pem"), "keyfile " + file("key.pem")});
    }

    void make_certificate() {
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", file("key.pem"),
             "-out", file("cert.pem")});
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
        std::filesystem::permissions(file("key.pem"), std::filesystem::perms::all);
    }

    static void run(std::vector<std::string> command) {
        auto process = value_or_throw(support::Process::start(std::move(command)));
        ASSERT_EQ(process.wait_exit(20'000), 0) << process.output();
    }

    std::string file(const std::string& name) const { return directory_.path() + "/" + name; }

    void start_with(const std::string& broker) {
        auto device = room_sensors();
        device.settings = fmt::format(R"({{"format":"json","topic":"city/rooms/{{code}}/up","broker":"{}"}})", broker);
        start_driver({device});
    }

    bool shows(std::string_view words) {
        return eventually([&] { return status("rooms").last_error.find(words) != std::string::npos; });
    }

    support::TemporaryDirectory directory_;
    int tls_port_ = 0;
};

TEST_F(Secured, a_trusted_certificate_and_the_right_password_let_in) {
    start_with(fmt::format("mqtts://heat:secret@localhost:{}?ca_file={}", tls_port_, file("cert.pem")));
    Peer sensor(port_);
    EXPECT_TRUE(eventually([&] {
        sensor.publish("city/rooms/a/up", R"({"temperature":21.5})");
        return !intake_.all().empty();
    })) << status("rooms").last_error;
    EXPECT_EQ(status("rooms").endpoint.find("secret"), std::string::npos);
}

TEST_F(Secured, a_certificate_nobody_vouches_for_keeps_out) {
    start_with(fmt::format("mqtts://heat:secret@localhost:{}", tls_port_));
    EXPECT_TRUE(shows("certificate verify failed")) << status("rooms").last_error;
}

TEST_F(Secured, a_certificate_for_another_host_keeps_out) {
    start_with(fmt::format("mqtts://heat:secret@127.0.0.1:{}?ca_file={}", tls_port_, file("cert.pem")));
    EXPECT_TRUE(shows("certificate verify failed")) << status("rooms").last_error;
}

TEST_F(Secured, a_wrong_password_is_told_without_repeating_it) {
    start_with(fmt::format("mqtts://heat:guessed@localhost:{}?ca_file={}", tls_port_, file("cert.pem")));
    EXPECT_TRUE(shows("ot authorized")) << status("rooms").last_error;
    EXPECT_EQ(status("rooms").last_error.find("guessed"), std::string::npos);
    EXPECT_EQ(status("rooms").state, DeviceState::offline);
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
