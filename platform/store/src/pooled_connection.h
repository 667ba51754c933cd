#pragma once

#include <memory>
#include <string>

#include "platform/store/database.h"

namespace nuanshu::store {

/// What a database that keeps connections needs beside queries. Used by one thread at a time.
class PooledConnection : public Connection {
 public:
    /// Starts a transaction that will write.
    virtual Result<> begin() = 0;
    virtual Result<> commit() = 0;
    /// Also undoes what a failed commit() left.
    virtual void rollback() = 0;
    /// The server or file is gone: this connection can only be thrown away.
    virtual bool lost() const = 0;
    /// The last failure since begin() was of the kind that goes away when the whole transaction is tried again.
    virtual bool worth_another_try() const = 0;
};

enum class Access { write, read_only };

Result<std::unique_ptr<PooledConnection>> connect_sqlite(const std::string& path, Access access);
Result<std::unique_ptr<PooledConnection>> connect_postgresql(const std::string& url);

/// No statement returns more rows than this; one that would is an error, not a slow death.
constexpr std::size_t rows_max = 1'000'000;
/// Prepared statements that one connection keeps.
constexpr std::size_t statements_kept = 128;

/// Refuses what one of the two dialects would store as something else: NaN, infinities, zero bytes in text.
Result<> check_parameters(std::span<const SqlValue> parameters);
/// CREATE, ALTER and DROP change what prepared statements mean.
bool changes_schema(std::string_view sql);

}  // namespace nuanshu::store
