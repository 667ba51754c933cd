#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

#include "base/result.h"

namespace nuanshu::sim {

/// A file descriptor that closes itself.
class Descriptor {
 public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset();
        fd_ = std::exchange(other.fd_, -1);
        return *this;
    }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset();

 private:
    int fd_ = -1;
};

struct Listener {
    Descriptor socket;
    int port = 0;
};

/// Listens on host:port, not blocking; port 0: the system picks. Errors: invalid (host is no IPv4 address),
/// unavailable.
Result<Listener> open_listener(const std::string& host, int port);

/// The next free port from `port` on, at most 2 000 further; 0: the system picks.
Result<Listener> open_listener_from(const std::string& host, int port);

/// The next waiting connection, not blocking; empty when there is none.
Descriptor accept_connection(int listener);

/// Something that talks on sockets, driven by one thread's poll().
class Face {
 public:
    virtual ~Face() = default;

    /// Appends what it waits for.
    virtual void collect(std::vector<pollfd>& wanted) = 0;
    /// The same entries, in the same order, with what happened.
    virtual void serve(std::span<const pollfd> happened) = 0;
    /// Some time has passed: some hundred milliseconds, or less.
    virtual void tick(std::int64_t now_ms) = 0;
};

/// A face behind which devices stand that can be made to fail. Both return false when the device is not one of this
/// face.
class DeviceFace : public Face {
 public:
    /// A silent device stays connected and says nothing.
    virtual bool set_silent(std::string_view device, bool silent) = 0;
    /// A cut line: the connection breaks without a word and does not come back until mended.
    virtual bool set_cut(std::string_view device, bool cut) = 0;
};

}  // namespace nuanshu::sim
