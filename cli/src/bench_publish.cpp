#include "cli/src/bench_publish.h"

#include <cstdio>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <mosquitto.h>

#include "base/time.h"
#include "cli/src/sparkplug_writer.h"

namespace nuanshu::cli {
namespace {

constexpr int unacknowledged_max = 64;
constexpr int drain_rounds_max = 3000;

/// The edge node's connection, births and data.
class EdgeNode {
 public:
    explicit EdgeNode(const PublishOptions& options) : options_(options), client_(nullptr, &mosquitto_destroy) {
        mosquitto_lib_init();
        client_.reset(mosquitto_new(("bench-" + options.edge_node).c_str(), true, this));
        mosquitto_publish_callback_set(
            client_.get(), [](mosquitto*, void* self, int) { --static_cast<EdgeNode*>(self)->unacknowledged_; });
        mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int code) {
            static_cast<EdgeNode*>(self)->connected_ = code == 0;
        });
        mosquitto_message_callback_set(client_.get(), [](mosquitto*, void* self, const mosquitto_message*) {
            static_cast<EdgeNode*>(self)->rebirth_asked_ = true;
        });
        mosquitto_int_option(client_.get(), MOSQ_OPT_SEND_MAXIMUM, unacknowledged_max);
    }
    ~EdgeNode() { mosquitto_lib_cleanup(); }
    EdgeNode(const EdgeNode&) = delete;
    EdgeNode& operator=(const EdgeNode&) = delete;

    Result<> connect() {
        if (const int code = mosquitto_connect(client_.get(), options_.host.c_str(), options_.port, 60);
            code != MOSQ_ERR_SUCCESS) {
            return fail(ErrorCode::unavailable, options_.host, "{}", mosquitto_strerror(code));
        }
        for (int i = 0; i < 500 && !connected_; ++i) {
            mosquitto_loop(client_.get(), 10, 1);
        }
        if (!connected_) {
            return fail(ErrorCode::timeout, options_.host, "the broker did not answer within 5 s");
        }
        return checked(mosquitto_subscribe(client_.get(), nullptr, topic("NCMD").c_str(), 1));
    }

    /// At the start, and whenever the host asks (its only command here is `Node Control/Rebirth`).
    Result<> send_births() {
        rebirth_asked_ = false;
        sequence_ = 0;
        writer_.begin(clock_.now_ms());
        writer_.metric("bdSeq", 0, SparkplugWriter::datatype_double, 0);
        NUANSHU_TRY_VOID(send(topic("NBIRTH"), writer_.end(next_sequence())));
        for (int device = 0; device < options_.devices; ++device) {
            NUANSHU_TRY_VOID(send(topic("DBIRTH", device), payload(device, true)));
        }
        return drain();
    }

    Result<> send_data() {
        while (clock_.now_ms() < options_.start_ms) {
            mosquitto_loop(client_.get(), 5, 1);
        }
        const auto begun = clock_.steady_ns();
        const auto elapsed_s = [&] { return static_cast<double>(clock_.steady_ns() - begun) * 1e-9; };
        for (int device = 0; elapsed_s() < options_.seconds; device = (device + 1) % options_.devices) {
            NUANSHU_TRY_VOID(send(topic("DDATA", device), payload(device, false)));
            published_ += static_cast<std::uint64_t>(options_.points);
            NUANSHU_TRY_VOID(keep_pace(elapsed_s));
            if (rebirth_asked_) {
                NUANSHU_TRY_VOID(send_births());
                published_ +=
                    static_cast<std::uint64_t>(options_.points) * static_cast<std::uint64_t>(options_.devices);
            }
        }
        return drain();
    }

    std::uint64_t published() const { return published_; }

 private:
    std::string topic(std::string_view verb, int device = -1) const {
        auto text = fmt::format("spBv1.0/bench/{}/{}", verb, options_.edge_node);
        return device < 0 ? text : fmt::format("{}/bench.{}.d{:04}", text, options_.edge_node, device + 1);
    }

    std::uint64_t next_sequence() { return sequence_++ % 256; }

    /// A birth gives names and aliases, data uses the aliases. Times within one device never repeat.
    const std::string& payload(int device, bool birth) {
        last_ms_ = std::max(device == 0 ? last_ms_ + 1 : last_ms_, clock_.now_ms());
        writer_.begin(last_ms_);
        for (int point = 0; point < options_.points; ++point) {
            const auto alias = static_cast<std::uint64_t>(device * options_.points + point + 1);
            noise_ = noise_ * 6364136223846793005ULL + 1442695040888963407ULL;
            const double value = 50.0 + static_cast<double>(noise_ >> 54U) * 0.01;
            writer_.metric(birth ? fmt::format("p{:04}", point + 1) : "", alias,
                           birth ? SparkplugWriter::datatype_double : 0, value);
        }
        return writer_.end(next_sequence());
    }

    Result<> send(const std::string& to, const std::string& bytes) {
        while (unacknowledged_ >= unacknowledged_max) {
            NUANSHU_TRY_VOID(turn(10));
        }
        ++unacknowledged_;
        return checked(mosquitto_publish(client_.get(), nullptr, to.c_str(), static_cast<int>(bytes.size()),
                                         bytes.data(), 1, false));
    }

    template <class Elapsed>
    Result<> keep_pace(const Elapsed& elapsed_s) {
        if (options_.rate <= 0) {
            return turn(0);
        }
        const double due_s = static_cast<double>(published_) / options_.rate;
        do {
            NUANSHU_TRY_VOID(turn(due_s > elapsed_s() ? 1 : 0));
        } while (due_s > elapsed_s());
        return {};
    }

    Result<> drain() {
        for (int i = 0; unacknowledged_ > 0; ++i) {
            if (i == drain_rounds_max) {
                return fail(ErrorCode::timeout, options_.edge_node, "{} messages were not acknowledged by the broker",
                            unacknowledged_);
            }
            NUANSHU_TRY_VOID(turn(10));
        }
        return {};
    }

    Result<> turn(int wait_ms) { return checked(mosquitto_loop(client_.get(), wait_ms, 1)); }

    Result<> checked(int code) const {
        return code == MOSQ_ERR_SUCCESS
                   ? Result<>()
                   : Result<>(fail(ErrorCode::unavailable, options_.edge_node, "{}", mosquitto_strerror(code)));
    }

    PublishOptions options_;
    SystemClock clock_;
    std::unique_ptr<mosquitto, decltype(&mosquitto_destroy)> client_;
    SparkplugWriter writer_;
    bool connected_ = false;
    bool rebirth_asked_ = false;
    int unacknowledged_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t published_ = 0;
    std::uint64_t noise_ = 1;
    std::int64_t last_ms_ = 0;
};

}  // namespace

Result<> publish(const PublishOptions& options) {
    EdgeNode node(options);
    NUANSHU_TRY_VOID(node.connect());
    NUANSHU_TRY_VOID(node.send_births());
    NUANSHU_TRY_VOID(node.send_data());
    fmt::print("{{\"published\":{}}}\n", node.published());
    std::fflush(stdout);
    return {};
}

}  // namespace nuanshu::cli
