#include "platform/drivers/mqtt/src/client.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/peer_for_tests.h"
#include "tests/support/process.h"

namespace nuanshu::drivers::mqtt {
namespace {

using testing::Peer;

/// A client in a thread of its own that keeps what it is told and acknowledges nothing by itself.
class Probe final : public ClientEvents {
 public:
    explicit Probe(ClientSettings settings)
        : client_(io_, std::move(settings), *this), work_(io_.get_executor()), thread_([this] { io_.run(); }) {}

    ~Probe() override {
        net::post(io_, [this] {
            client_.stop();
            work_.reset();
        });
        thread_.join();
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    void start(const std::string& filter) {
        net::post(io_, [this, filter] {
            client_.subscribe({{.topics = filter}});
            client_.start(nullptr);
        });
    }

    void acknowledge(std::vector<std::uint16_t> which) {
        net::post(io_, [this, which = std::move(which)] { client_.acknowledge(which); });
    }

    Result<> publish(const std::string& topic, std::size_t size) {
        std::promise<Result<>> done;
        net::post(io_, [&] {
            const Buffer payload(size, 'x');
            client_.publish(topic, payload, {.qos = 1}, [&](Result<> result) { done.set_value(std::move(result)); });
        });
        return done.get_future().get();
    }

    /// Whether it came true within 10 s.
    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return condition(*this); });
    }

    std::optional<Will> will() override { return std::nullopt; }
    net::awaitable<void> prepare(bool) override { co_return; }
    void connected(bool present) override {
        change([&] {
            ++connections;
            session_present = present;
        });
    }
    void disconnected(const Error& why) override {
        change([&] { failures.push_back(why.message()); });
    }
    void subscription_refused(const std::string& filter, const std::string&) override {
        change([&] { refused = filter; });
    }
    Next received(const Publish& message) override {
        change([&] {
            ids.push_back(message.packet_id);
            bytes += message.payload.size();
        });
        return Next::go_on;
    }
    bool unsettled() const override { return false; }
    net::awaitable<void> settle() override { co_return; }
    void tick() override {}

    // Under the lock: for conditions.
    int connections = 0;
    bool session_present = false;
    std::vector<std::string> failures;
    std::vector<std::uint16_t> ids;
    std::string refused;
    std::size_t bytes = 0;

 private:
    template <class Change>
    void change(Change what) {
        const std::scoped_lock lock(mutex_);
        what();
        changed_.notify_all();
    }

    net::io_context io_{1};
    Client client_;
    net::executor_work_guard<net::io_context::executor_type> work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread thread_;
};

ClientSettings settings_for(int port) {
    ClientSettings settings;
    settings.url.host = "127.0.0.1";
    settings.url.port = static_cast<std::uint16_t>(port);
    settings.client_id = "probe";
    return settings;
}

class AClient : public ::testing::Test {
 protected:
    void SetUp() override {
        broker_ = std::make_unique<support::Process>(
            value_or_throw(support::start_mosquitto(port_, {"log_type all", "max_queued_messages 0"})));
    }

    void start(Probe& probe) {
        probe.start("values/#");
        ASSERT_TRUE(broker_->wait_for_output("Sending SUBACK to probe", 10'000)) << broker_->output();
    }

    int port_ = support::free_port();
    std::unique_ptr<support::Process> broker_;
};

TEST_F(AClient, gets_no_more_than_it_has_agreed_to_keep_unacknowledged) {
    auto settings = settings_for(port_);
    settings.receive_maximum = 10;
    Probe probe(settings);
    start(probe);
    Peer publisher(port_);
    for (int i = 0; i < 30; ++i) {
        publisher.publish("values/1", std::to_string(i));
    }
    ASSERT_TRUE(probe.wait([](const Probe& p) { return p.ids.size() == 10; }));
    publisher.publish("values/1", "more", 0);  // goes past the limit, and shows that nothing else was on its way
    ASSERT_TRUE(probe.wait([](const Probe& p) { return p.ids.size() == 11; }));
    EXPECT_EQ(probe.ids.back(), 0) << "the eleventh is the one without an acknowledgement";
    probe.acknowledge(probe.ids);
    EXPECT_TRUE(probe.wait([](const Probe& p) { return p.ids.size() >= 21; }));
}

TEST_F(AClient, leaves_a_broker_that_has_gone_silent) {
    auto settings = settings_for(port_);
    settings.keep_alive_s = 1;
    Probe probe(settings);
    start(probe);
    broker_->send_signal(SIGSTOP);
    EXPECT_TRUE(probe.wait([](const Probe& p) { return !p.failures.empty(); }));
    broker_->send_signal(SIGCONT);
    EXPECT_TRUE(probe.wait([](const Probe& p) { return p.connections == 2; }));
    EXPECT_TRUE(probe.wait([](const Probe& p) { return p.session_present; })) << "the broker has kept the session";
}

TEST_F(AClient, stays_connected_without_any_message) {
    auto settings = settings_for(port_);
    settings.keep_alive_s = 1;
    Probe probe(settings);
    start(probe);
    EXPECT_TRUE(broker_->wait_for_output("Received PINGREQ from probe", 10'000));
    EXPECT_TRUE(probe.wait([](const Probe& p) { return p.connections == 1 && p.failures.empty(); }));
}

TEST_F(AClient, takes_messages_larger_than_its_buffer) {
    Probe probe(settings_for(port_));
    start(probe);
    Peer(port_).publish("values/1", std::string(3'000'000, 'x'));
    EXPECT_TRUE(probe.wait([](const Probe& p) { return p.bytes == 3'000'000; }));
}

TEST_F(AClient, fails_what_was_not_confirmed_when_the_connection_breaks) {
    Probe probe(settings_for(port_));
    start(probe);
    broker_->send_signal(SIGSTOP);
    auto result = std::async(std::launch::async, [&] { return probe.publish("values/1", 10); });
    broker_->kill_now();
    const auto published = result.get();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, ErrorCode::unavailable) << published.error().message();
}

/// A listener that answers every connection with the same bytes.
class FalseBroker {
 public:
    explicit FalseBroker(Buffer answer)
        : acceptor_(io_, {net::ip::address_v4::loopback(), 0}),
          answer_(std::move(answer)),
          thread_([this] { serve(); }) {}
    ~FalseBroker() {
        ended_ = true;
        boost::system::error_code ignored;
        net::ip::tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }

    int port() const { return acceptor_.local_endpoint().port(); }

 private:
    /// Reads the connect packet, answers, and waits for the other side to leave.
    void serve() {
        while (!ended_) {
            auto socket = acceptor_.accept();
            boost::system::error_code left;
            std::array<char, 1'024> read{};
            socket.read_some(net::buffer(read), left);
            net::write(socket, net::buffer(answer_), left);
            while (!left) {
                socket.read_some(net::buffer(read), left);
            }
        }
    }

    net::io_context io_;
    net::ip::tcp::acceptor acceptor_;
    Buffer answer_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// What the client says of a broker that answers so.
void check_refused(Buffer answer, std::string_view words) {
    FalseBroker broker(std::move(answer));
    Probe probe(settings_for(broker.port()));
    probe.start("values/#");
    ASSERT_TRUE(probe.wait([](const Probe& p) { return !p.failures.empty(); }));
    EXPECT_NE(probe.failures[0].find(words), std::string::npos) << probe.failures[0];
}

TEST(AFalseBroker, is_told_apart) {
    check_refused({'H', 'T', 'T', 'P', '/', '1', '.', '1'}, "no MQTT connect answer");
    check_refused({0x20, 3, 0, 0, 0, 0xF0, 0}, "type 15");
    check_refused({0x20, 2, 0, 1}, "speaks no MQTT 5");
    check_refused({0x20, 3, 0, 0x87, 0}, "not authorized");
    check_refused({0x20, 3, 0, 0, 0, 0xE0, 1, 0x8E}, "give each platform its own ?client_id=");
    check_refused({0x20, 3, 0, 0, 0, 0x36, 4, 0, 1, 'a', 0}, "MQTT publish");
    check_refused({0x20, 3, 0, 0, 0, 0x30, 0xFF, 0xFF, 0xFF, 0x7F}, "are taken");
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
