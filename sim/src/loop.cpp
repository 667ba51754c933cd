#include "sim/src/loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/time.h"

namespace nuanshu::sim {

namespace {

void wake(int event) {
    const std::uint64_t one = 1;
    // A full counter means that the other side is awake already.
    [[maybe_unused]] const auto written = write(event, &one, sizeof one);
}

/// One round of waiting: collects, polls, hands out. False when poll() itself fails.
bool serve_once(const std::vector<Face*>& faces, std::vector<pollfd>& fds, int event, int timeout_ms) {
    fds.assign(1, pollfd{event, POLLIN, 0});
    std::vector<std::size_t> begins;
    for (Face* face : faces) {
        begins.push_back(fds.size());
        face->collect(fds);
    }
    begins.push_back(fds.size());
    const int ready = poll(fds.data(), fds.size(), timeout_ms);
    if (ready < 0) {
        return errno == EINTR;
    }
    for (std::size_t i = 0; ready > 0 && i < faces.size(); ++i) {
        faces[i]->serve(std::span<const pollfd>(fds).subspan(begins[i], begins[i + 1] - begins[i]));
    }
    return true;
}

}  // namespace

Result<> run_loop(const std::vector<Face*>& faces, std::int64_t tick_ms,
                  const std::function<bool(std::int64_t now_ms)>& each_tick, const std::stop_token& stop) {
    const Descriptor event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    const std::stop_callback on_stop(stop, [&event] { wake(event.get()); });
    const SystemClock clock;
    std::vector<pollfd> fds;
    std::int64_t due_ns = clock.steady_ns();
    while (!stop.stop_requested()) {
        const std::int64_t left_ms = (due_ns - clock.steady_ns() + 999'999) / 1'000'000;
        if (!serve_once(faces, fds, event.get(), static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, tick_ms)))) {
            return fail(ErrorCode::unavailable, "poll", "{}", std::strerror(errno));
        }
        if (clock.steady_ns() < due_ns) {
            continue;
        }
        for (Face* face : faces) {
            face->tick(clock.now_ms());
        }
        if (!each_tick(clock.now_ms())) {
            return {};
        }
        due_ns = std::max(due_ns + tick_ms * 1'000'000, clock.steady_ns());
    }
    return {};
}

void allow_many_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace nuanshu::sim
