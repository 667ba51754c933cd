#pragma once

#include <string_view>
#include <vector>

#include "platform/commands/commands.h"

namespace nuanshu::commands {

/// The table `command`: one row a command, never deleted. Ids are 1, 2, 3 … without holes, so a missing one shows.
/// Thread-safe.
class CommandLog {
 public:
    explicit CommandLog(store::Database& database) : database_(database) {}

    /// Makes the table when it is not there.
    Result<> prepare();

    /// Ends what is still running with this reason. Returns how many there were.
    Result<std::uint64_t> close_running(std::string_view reason);

    /// Gives the record its id and keeps it.
    Result<> add(CommandRecord& record);

    /// Keeps how it ended.
    Result<> complete(const CommandRecord& record);

    Result<CommandRecord> get(std::int64_t id) const;
    /// Errors: invalid (limit outside 1 … 1 000).
    Result<std::vector<CommandRecord>> list(const CommandQuery& query) const;

 private:
    store::Database& database_;
};

}  // namespace nuanshu::commands
