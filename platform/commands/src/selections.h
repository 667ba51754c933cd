#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/commands/commands.h"

namespace nuanshu::commands {

/// Selections that were not executed yet. In memory only: after a restart a person selects again. Thread-safe.
class Selections {
 public:
    static constexpr std::size_t held_max = 1'000;
    static constexpr std::size_t held_by_one_max = 20;

    struct Held {
        Selection selection;
        std::string user;
        std::int64_t selected_ms = 0;
    };

    /// Keeps it under a new id that nobody can guess. Somebody who holds too many loses the oldest.
    /// Errors: exhausted when everybody together holds too many.
    Result<Selection> keep(Held held, std::int64_t now_ms);

    /// The selection, still held. Errors: not_found (unknown or used), conflict (expired, or another's).
    Result<Held> find(std::string_view user, std::string_view id, std::int64_t now_ms) const;

    /// Uses it up: of two who try, one gets true.
    bool use(std::string_view id);

 private:
    void drop_expired(std::int64_t now_ms);
    void drop_oldest_of(std::string_view user);

    mutable std::mutex lock_;
    std::map<std::string, Held, std::less<>> held_;  ///< by id
};

}  // namespace nuanshu::commands
