#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace nuanshu::store {

/// One SQL value: null, integer (booleans are 0 and 1), real, text.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

enum class Dialect { sqlite, postgresql };

/// A connection inside a transaction, or outside one. Placeholders are `:1`, `:2`, … for the parameters in order;
/// values never become part of the SQL text.
class Connection {
 public:
    virtual ~Connection() = default;
    virtual Dialect dialect() const = 0;
    /// Rows of a SELECT (or of INSERT … RETURNING).
    virtual Result<std::vector<SqlRow>> query(std::string_view sql, std::span<const SqlValue> parameters = {}) = 0;
    /// Rows changed. Errors: conflict (a unique or foreign key was violated; names it), exhausted (disk full),
    /// unavailable, internal.
    virtual Result<std::uint64_t> execute(std::string_view sql, std::span<const SqlValue> parameters = {}) = 0;
};

/// A database: SQLite in a file (WAL, foreign keys on, one writer at a time, many readers) or PostgreSQL. Thread-safe:
/// connections come from a pool.
class Database {
 public:
    virtual ~Database() = default;
    virtual Dialect dialect() const = 0;

    /// Runs `work` inside one transaction: committed when it returns a value, rolled back when it returns an error or
    /// throws. A serialisation conflict, a locked SQLite file or a connection found dead at the start is tried again,
    /// at most 8 times, with the whole of `work`: it must not have other effects than through its connection. Not to be
    /// called from within `work`.
    virtual Result<> transaction(const std::function<Result<>(Connection&)>& work) = 0;

    /// Runs `work` on a reading connection; each statement sees committed data. Tried once more when the connection
    /// turns out to be dead.
    virtual Result<> read(const std::function<Result<>(Connection&)>& work) const = 0;
};

/// "sqlite://path/to/file.db" (made when missing, its folder is not) or "postgresql://user:password@host:port/name".
/// Errors: invalid (another URL), unavailable (no such folder, no server; never shows the password), corrupt (no
/// database file).
Result<std::unique_ptr<Database>> open_database(const std::string& url);

/// A name as SQL wants it, in double quotes. @pre name is [a-z][a-z0-9_]*, checked
std::string quoted(std::string_view name);

}  // namespace nuanshu::store
