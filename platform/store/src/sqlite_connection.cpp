// SQLite through SOCI.
//
// SOCI 4.0 decides a column's type from its declaration, before the first row: count(*) would arrive as text, sum() of
// big integers cut to 32 bits. SQLite's types belong to values, not columns, so rows are read from, and parameters are
// put into, the statement that SOCI prepared and steps (`get_backend()`, its door for such needs). Everything else
// (sessions, preparing, executing, errors) is SOCI's.

#include <cerrno>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "platform/store/src/pooled_connection.h"
#include "platform/store/src/statement_cache.h"

namespace nuanshu::store {
namespace {

constexpr int busy_timeout_ms = 5'000;
namespace api = sqlite_api;

struct PreparedStatement {
    soci::statement statement;
    std::vector<std::size_t> parameter_of_position;  ///< SQLite numbers `:2` by where it first stands in the text

    soci::sqlite3_statement_backend& backend() {
        return static_cast<soci::sqlite3_statement_backend&>(*statement.get_backend());
    }
};

/// Releases the locks of a statement that was not read to its end.
class ResetAtEnd {
 public:
    explicit ResetAtEnd(api::sqlite3_stmt* statement) : statement_(statement) {}
    ~ResetAtEnd() { api::sqlite3_reset(statement_); }
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
    api::sqlite3_stmt* statement_;
};

bool is_disk_full(api::sqlite3* connection, int code) {
    return (code & 0xff) == SQLITE_FULL ||
           ((code & 0xff) == SQLITE_IOERR && api::sqlite3_system_errno(connection) == ENOSPC);
}

bool is_taken(int extended_code) {
    return extended_code == SQLITE_CONSTRAINT_UNIQUE || extended_code == SQLITE_CONSTRAINT_PRIMARYKEY ||
           extended_code == SQLITE_CONSTRAINT_FOREIGNKEY || extended_code == SQLITE_CONSTRAINT_ROWID;
}

ErrorCode error_code_of(api::sqlite3* connection, int code) {
    if (is_disk_full(connection, code)) {
        return ErrorCode::exhausted;
    }
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return is_taken(code) ? ErrorCode::conflict : ErrorCode::invalid;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_IOERR:
        case SQLITE_PERM:
            return ErrorCode::unavailable;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corrupt;
        case SQLITE_MISMATCH:
            return ErrorCode::invalid;
        case SQLITE_TOOBIG:
        case SQLITE_NOMEM:
            return ErrorCode::exhausted;
        case SQLITE_INTERRUPT:
            return ErrorCode::cancelled;
        default:
            return ErrorCode::internal;
    }
}

SqlValue read_value(api::sqlite3_stmt* statement, int column) {
    switch (api::sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return std::monostate();
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(api::sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT:
            return api::sqlite3_column_double(statement, column);
        default: {
            const auto* text = reinterpret_cast<const char*>(api::sqlite3_column_text(statement, column));
            return std::string(text, static_cast<std::size_t>(api::sqlite3_column_bytes(statement, column)));
        }
    }
}

SqlRow read_row(api::sqlite3_stmt* statement) {
    SqlRow row(static_cast<std::size_t>(api::sqlite3_column_count(statement)));
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = read_value(statement, static_cast<int>(i));
    }
    return row;
}

/// Puts a value where SOCI takes it from when it executes; text is not copied.
void set_parameter(soci::sqlite3_column& target, const SqlValue& value) {
    target.isNull_ = std::holds_alternative<std::monostate>(value);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        target.type_ = soci::dt_long_long;
        target.int64_ = *integer;
    } else if (const auto* number = std::get_if<double>(&value)) {
        target.type_ = soci::dt_double;
        target.double_ = *number;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        target.type_ = soci::dt_string;
        target.buffer_.constData_ = text->data();
        target.buffer_.size_ = text->size();
    }
}

/// For each parameter position of the statement, which of the caller's parameters (from 0) goes there.
std::vector<std::size_t> parameter_positions(api::sqlite3_stmt* statement) {
    std::vector<std::size_t> positions(static_cast<std::size_t>(api::sqlite3_bind_parameter_count(statement)));
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const char* name = api::sqlite3_bind_parameter_name(statement, static_cast<int>(i) + 1);
        positions[i] = name == nullptr ? i : std::stoul(name + 1) - 1;
    }
    return positions;
}

class SqliteConnection final : public PooledConnection {
 public:
    explicit SqliteConnection(const std::string& path)
        : path_(path), session_(soci::sqlite3, path), cache_(statements_kept) {
        api::sqlite3_busy_timeout(native(), busy_timeout_ms);
    }

    Dialect dialect() const override { return Dialect::sqlite; }

    Result<std::vector<SqlRow>> query(std::string_view sql, std::span<const SqlValue> parameters) override {
        std::vector<SqlRow> rows;
        NUANSHU_TRY_VOID(
            run(sql, parameters, [&](api::sqlite3_stmt* statement) { rows.push_back(read_row(statement)); }));
        return rows;
    }

    Result<std::uint64_t> execute(std::string_view sql, std::span<const SqlValue> parameters) override {
        const int before = api::sqlite3_total_changes(native());
        NUANSHU_TRY_VOID(run(sql, parameters, [](api::sqlite3_stmt*) {}));
        const bool changed = api::sqlite3_total_changes(native()) != before;
        return changed ? static_cast<std::uint64_t>(api::sqlite3_changes(native())) : 0;
    }

    Result<> begin() override {
        worth_another_try_ = false;
        return run("BEGIN IMMEDIATE", {}, [](api::sqlite3_stmt*) {});
    }
    Result<> commit() override {
        return run("COMMIT", {}, [](api::sqlite3_stmt*) {});
    }
    void rollback() override {
        if (api::sqlite3_get_autocommit(native()) == 0) {
            api::sqlite3_exec(native(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }
    bool lost() const override { return false; }
    bool worth_another_try() const override { return worth_another_try_; }

 private:
    api::sqlite3* native() { return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_; }

    template <class OnRow>
    Result<> run(std::string_view sql, std::span<const SqlValue> parameters, OnRow on_row);
    PreparedStatement prepare(std::string_view sql);
    Result<> bind(PreparedStatement& prepared, std::span<const SqlValue> parameters);
    tl::unexpected<Error> failed(const soci::soci_error& error);

    std::string path_;
    soci::session session_;
    StatementCache<PreparedStatement> cache_;
    bool worth_another_try_ = false;
};

PreparedStatement SqliteConnection::prepare(std::string_view sql) {
    PreparedStatement prepared{soci::statement(session_), {}};
    prepared.statement.alloc();
    prepared.statement.prepare(std::string(sql));
    prepared.backend().hasVectorIntoElements_ = false;  // SOCI sets it only when it is told where to put columns
    prepared.parameter_of_position = parameter_positions(prepared.backend().stmt_);
    return prepared;
}

Result<> SqliteConnection::bind(PreparedStatement& prepared, std::span<const SqlValue> parameters) {
    const auto& positions = prepared.parameter_of_position;
    auto& target = prepared.backend().useData_;
    target.resize(positions.empty() ? 0 : 1);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (positions[i] >= parameters.size()) {
            return fail(ErrorCode::internal, "database", ":{} has no value; {} were given", positions[i] + 1,
                        parameters.size());
        }
        target[0].resize(positions.size());
        set_parameter(target[0][i], parameters[positions[i]]);
    }
    return {};
}

template <class OnRow>
Result<> SqliteConnection::run(std::string_view sql, std::span<const SqlValue> parameters, OnRow on_row) try {
    NUANSHU_TRY_VOID(check_parameters(parameters));
    auto& prepared = cache_.get(sql, [&] { return prepare(sql); });
    NUANSHU_TRY_VOID(bind(prepared, parameters));
    const ResetAtEnd reset(prepared.backend().stmt_);
    std::size_t rows = 0;
    for (bool more = prepared.statement.execute(true); more;
         more = prepared.backend().fetch(1) == soci::details::statement_backend::ef_success) {
        if (++rows > rows_max) {
            return fail(ErrorCode::exhausted, "database", "more than {} rows; ask for fewer at a time", rows_max);
        }
        on_row(prepared.backend().stmt_);
    }
    return {};
} catch (const soci::soci_error& error) {
    return failed(error);
}

tl::unexpected<Error> SqliteConnection::failed(const soci::soci_error& error) {
    const int code = api::sqlite3_extended_errcode(native());
    const int primary = code & 0xff;
    worth_another_try_ = primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
    return fail(error_code_of(native(), code), "database", "{}", error.get_error_message());
}

Result<> set_up(SqliteConnection& connection, Access access) {
    for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"}) {
        NUANSHU_TRY_VOID(connection.query(pragma, {}));
    }
    if (access == Access::read_only) {
        NUANSHU_TRY_VOID(connection.query("PRAGMA query_only=ON", {}));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<PooledConnection>> connect_sqlite(const std::string& path, Access access) try {
    auto connection = std::make_unique<SqliteConnection>(path);
    if (auto ready = set_up(*connection, access); !ready) {
        return within(path, std::move(ready.error()));
    }
    return connection;
} catch (const soci::soci_error& error) {
    return fail(ErrorCode::unavailable, path, "{}; does the folder exist and may we write there?",
                error.get_error_message());
}

}  // namespace nuanshu::store
