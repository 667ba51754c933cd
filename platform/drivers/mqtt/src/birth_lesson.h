#pragma once

#include <memory>
#include <vector>

#include "platform/drivers/mqtt/src/client.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"

namespace nuanshu::drivers::mqtt {

/// Learns the births of all edge nodes before the messages are read that the broker has kept for us.
///
/// Those messages name their metrics by alias only, and after a restart nobody here knows the aliases; the births that
/// would tell stand behind them in the queue, or come with QoS 0 and never. So a second, short session asks each edge
/// node for a rebirth and listens to nothing but births, while the first one waits unread.
class BirthLesson final : public ClientEvents, public std::enable_shared_from_this<BirthLesson> {
 public:
    BirthLesson(net::io_context& io, ClientSettings settings, std::vector<Filter> filters, SparkplugHost& host);

    /// Returns when every edge node has been born, or when births have stopped coming. `host` has to live until then.
    net::awaitable<void> run(std::vector<Outgoing> requests);
    void stop();

    std::optional<Will> will() override { return std::nullopt; }
    void connected(bool session_present) override;
    net::awaitable<void> prepare(bool session_present) override;
    void disconnected(const Error& why) override;
    void subscription_refused(const std::string& filter, const std::string& why) override;
    Next received(const Publish& message) override;
    bool unsettled() const override { return false; }
    net::awaitable<void> settle() override;
    void tick() override {}

 private:
    SparkplugHost* host_;
    Client client_;
    net::steady_timer timer_;
    std::vector<Filter> filters_;
    std::vector<Outgoing> requests_;
    Taken scratch_;
};

}  // namespace nuanshu::drivers::mqtt
