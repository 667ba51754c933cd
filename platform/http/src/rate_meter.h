#pragma once

#include <array>
#include <cstdint>
#include <mutex>

namespace nuanshu::http {

/// How fast a counter grows, over the last ten seconds or so. Thread-safe.
class RateMeter {
 public:
    /// Notes the counter; called about once a second.
    void note(std::int64_t steady_ns, std::uint64_t count);
    /// A second; 0 before the second note.
    double per_second() const;

 private:
    struct Note {
        std::int64_t steady_ns = 0;
        std::uint64_t count = 0;
    };
    mutable std::mutex lock_;
    std::array<Note, 11> notes_{};
    std::size_t noted_ = 0;
};

}  // namespace nuanshu::http
