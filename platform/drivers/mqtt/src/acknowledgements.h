#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace nuanshu::drivers::mqtt {

/// Which messages may be acknowledged. MQTT wants it in the order of receipt; the historian finishes groups of messages
/// in any order. So a group waits here until it is stored and every group before it too. One thread.
class Acknowledgements {
 public:
    /// Puts the messages received since the last group together; `parts` is how often stored() will be called for them,
    /// 0 when there is nothing to store. Returns the group's number.
    std::uint64_t close_group(std::vector<std::uint16_t> packet_ids, unsigned parts) {
        groups_.push_back({std::move(packet_ids), parts});
        return first_ + groups_.size() - 1;
    }

    /// One part of the group is safe. Numbers from before forget() are passed over.
    void stored(std::uint64_t group) {
        if (group >= first_ && group - first_ < groups_.size()) {
            auto& parts = groups_[static_cast<std::size_t>(group - first_)].parts;
            parts -= parts > 0 ? 1 : 0;
        }
    }

    /// The packet ids whose turn has come; each is given once.
    std::vector<std::uint16_t> take_ready() {
        std::vector<std::uint16_t> ready;
        while (!groups_.empty() && groups_.front().parts == 0) {
            const auto& ids = groups_.front().packet_ids;
            ready.insert(ready.end(), ids.begin(), ids.end());
            groups_.pop_front();
            ++first_;
        }
        return ready;
    }

    /// The connection is gone: the broker will send again what was not acknowledged, under other ids.
    void forget() {
        first_ += groups_.size();
        groups_.clear();
    }

    std::size_t waiting_groups() const { return groups_.size(); }

 private:
    struct Group {
        std::vector<std::uint16_t> packet_ids;
        unsigned parts = 0;
    };
    std::deque<Group> groups_;
    std::uint64_t first_ = 0;
};

}  // namespace nuanshu::drivers::mqtt
