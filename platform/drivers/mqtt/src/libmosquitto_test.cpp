#include <chrono>
#include <functional>

#include <gtest/gtest.h>
#include <mosquitto.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/drivers/mqtt/src/peer_for_tests.h"
#include "tests/support/process.h"

// Why this room has a client of its own: docs/decisions/0002-own-mqtt-client.md. When this test fails after an update
// of libmosquitto, look at that page again.
namespace nuanshu::drivers::mqtt {
namespace {

constexpr int ended_in_callback = 9;

struct Reader {
    std::function<void(int)> on_message = [](int) {};
    int messages = 0;
};

/// A libmosquitto client with a persistent session, turned by the caller.
class Session {
 public:
    Session(int port, Reader& reader) : client_(mosquitto_new("store", false, &reader)) {
        mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message*) {
            auto& owner = *static_cast<Reader*>(self);
            owner.on_message(++owner.messages);
        });
        mosquitto_connect(client_, "127.0.0.1", port, 60);
    }
    ~Session() { mosquitto_destroy(client_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    mosquitto* client() { return client_; }

    /// Turns until the condition holds, 10 s at most.
    bool turn_until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition() && std::chrono::steady_clock::now() < end) {
            mosquitto_loop(client_, 10, 1);
        }
        return condition();
    }

 private:
    mosquitto* client_;
};

/// A process that is gone as soon as the callback has the message, and has stored nothing.
void read_and_crash(int port) {
    Reader reader;
    reader.on_message = [](int) { _exit(ended_in_callback); };
    Session session(port, reader);
    session.turn_until([] { return false; });
    _exit(0);
}

TEST(Libmosquitto, acknowledges_a_message_before_the_application_has_seen_it) {
    mosquitto_lib_init();
    const int port = support::free_port();
    auto broker = value_or_throw(support::start_mosquitto(port, {"log_type all"}));
    Reader reader;
    {
        Session session(port, reader);
        mosquitto_subscribe(session.client(), nullptr, "values/#", 1);
        ASSERT_TRUE(session.turn_until([&] { return broker.wait_for_output("Sending SUBACK to store", 1); }));
        mosquitto_disconnect(session.client());
    }
    testing::Peer(port).publish("values/1", "21.5");

    const pid_t child = fork();
    if (child == 0) {
        read_and_crash(port);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), ended_in_callback) << "it had the message in its hand";

    EXPECT_TRUE(broker.wait_for_output("Received PUBACK from store", 10'000));
    Session again(port, reader);
    testing::Peer(port).publish("values/2", "22.0");
    ASSERT_TRUE(again.turn_until([&] { return reader.messages > 0; }));
    EXPECT_EQ(broker.output().find("Sending PUBLISH to store (d1"), std::string::npos) << "the first never comes again";
    EXPECT_EQ(reader.messages, 1);
    mosquitto_lib_cleanup();
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
