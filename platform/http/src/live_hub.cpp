#include "platform/http/src/live_hub.h"

namespace nuanshu::http {

std::shared_ptr<void> LiveHub::listen(Listener listener) {
    const std::scoped_lock guard(state_->lock);
    const auto number = state_->next++;
    state_->listeners.emplace(number, std::move(listener));
    const auto forget = [state = state_, number](void*) {
        const std::scoped_lock forgetting(state->lock);
        state->listeners.erase(number);
    };
    return std::shared_ptr<void>(nullptr, forget);
}

void LiveHub::publish(std::string frame) {
    const auto shared = std::make_shared<const std::string>(std::move(frame));
    const std::scoped_lock guard(state_->lock);
    for (const auto& [number, listener] : state_->listeners) {
        listener(shared);
    }
}

}  // namespace nuanshu::http
