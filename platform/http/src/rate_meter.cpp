#include "platform/http/src/rate_meter.h"

#include <algorithm>

namespace nuanshu::http {

void RateMeter::note(std::int64_t steady_ns, std::uint64_t count) {
    const std::scoped_lock guard(lock_);
    notes_[noted_ % notes_.size()] = {steady_ns, count};
    ++noted_;
}

double RateMeter::per_second() const {
    const std::scoped_lock guard(lock_);
    if (noted_ < 2) {
        return 0.0;
    }
    const auto& newest = notes_[(noted_ - 1) % notes_.size()];
    const auto& oldest = notes_[noted_ <= notes_.size() ? 0 : noted_ % notes_.size()];
    const auto span_ns = newest.steady_ns - oldest.steady_ns;
    return span_ns <= 0 ? 0.0 : static_cast<double>(newest.count - oldest.count) * 1e9 / static_cast<double>(span_ns);
}

}  // namespace nuanshu::http
