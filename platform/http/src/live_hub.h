#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace nuanshu::http {

/// A frame that goes to many connections: written once, shared.
using SharedFrame = std::shared_ptr<const std::string>;

/// Knows the live connections, so that news for all of them reaches each. Thread-safe.
class LiveHub {
 public:
    using Listener = std::function<void(const SharedFrame&)>;

    /// Whoever holds the ticket hears. The listener is called from the publishing thread and must not block; it may be
    /// called once more while the ticket is being given back.
    std::shared_ptr<void> listen(Listener listener);
    void publish(std::string frame);

 private:
    using Listeners = std::map<std::size_t, Listener>;
    struct State {
        std::mutex lock;
        Listeners listeners;
        std::size_t next = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace nuanshu::http
