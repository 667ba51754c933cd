#pragma once

#include <atomic>
#include <cstdint>

namespace nuanshu::telemetry {

/// Lets callers in until it is closed; closing waits for those inside to leave. Entering takes no lock.
class Gate {
 public:
    /// A caller's stay; false when the gate was closed.
    class Pass {
     public:
        explicit Pass(Gate& gate) : gate_(gate), inside_(gate.enter()) {}
        ~Pass() {
            if (inside_) {
                gate_.leave();
            }
        }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        explicit operator bool() const { return inside_; }

     private:
        Gate& gate_;
        bool inside_;
    };

    void close() {
        closed_ = true;
        for (auto inside = inside_.load(); inside != 0; inside = inside_.load()) {
            inside_.wait(inside);
        }
    }

 private:
    bool enter() {
        inside_.fetch_add(1);
        if (!closed_) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        if (inside_.fetch_sub(1) == 1 && closed_) {
            inside_.notify_all();
        }
    }

    std::atomic<bool> closed_{false};
    std::atomic<std::uint32_t> inside_{0};
};

}  // namespace nuanshu::telemetry
