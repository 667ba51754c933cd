// PostgreSQL through SOCI.
//
// All values travel as text, in both directions; the server knows each parameter's type from where it stands. Rows are
// read from the result that SOCI holds, so that each column has the server's type and a 64-bit count stays one.

#include <charconv>
#include <deque>

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include "platform/store/src/pooled_connection.h"
#include "platform/store/src/statement_cache.h"

namespace nuanshu::store {
namespace {

/// Type ids that PostgreSQL keeps for ever (src/include/catalog/pg_type.dat).
enum TypeId : Oid {
    bool_id = 16,
    int8_id = 20,
    int2_id = 21,
    int4_id = 23,
    oid_id = 26,
    float4_id = 700,
    float8_id = 701,
    numeric_id = 1700
};

struct Parameter {
    std::string text;
    soci::indicator indicator = soci::i_ok;
};

struct PreparedStatement {
    soci::statement statement;
    std::unique_ptr<std::deque<Parameter>> parameters;  ///< SOCI keeps their addresses

    const PGresult* result() {
        return static_cast<soci::postgresql_statement_backend*>(statement.get_backend())->result_.get_result();
    }
};

void set_parameter(Parameter& target, const SqlValue& value) {
    target.indicator = std::holds_alternative<std::monostate>(value) ? soci::i_null : soci::i_ok;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        target.text = fmt::format("{}", *integer);
    } else if (const auto* number = std::get_if<double>(&value)) {
        target.text = fmt::format("{}", *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        target.text = *text;
    }
}

template <class Number>
Number parse_number(std::string_view text) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

SqlValue read_value(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) {
        return std::monostate();
    }
    const std::string_view text(PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case bool_id:
            return std::int64_t{text == "t"};
        case int8_id:
        case int4_id:
        case int2_id:
        case oid_id:
            return parse_number<std::int64_t>(text);
        case float4_id:
        case float8_id:
        case numeric_id:
            return parse_number<double>(text);
        default:
            return std::string(text);
    }
}

Result<std::vector<SqlRow>> read_rows(const PGresult* result) {
    const int count = result == nullptr ? 0 : PQntuples(result);
    if (static_cast<std::size_t>(count) > rows_max) {
        return fail(ErrorCode::exhausted, "database", "more than {} rows; ask for fewer at a time", rows_max);
    }
    std::vector<SqlRow> rows(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        auto& row = rows[static_cast<std::size_t>(i)];
        row.resize(static_cast<std::size_t>(PQnfields(result)));
        for (std::size_t column = 0; column < row.size(); ++column) {
            row[column] = read_value(result, i, static_cast<int>(column));
        }
    }
    return rows;
}

/// SQLSTATE is five characters, the first two its class (PostgreSQL manual, appendix A).
ErrorCode error_code_of(std::string_view state) {
    const auto kind = state.substr(0, 2);
    if (state == "23505" || state == "23503" || state == "40001" || state == "40P01") {
        return ErrorCode::conflict;
    }
    if (kind == "22" || kind == "23") {
        return ErrorCode::invalid;
    }
    if (state == "53300" || kind == "08" || kind == "57" || kind == "28" || kind == "3D" || state == "55P03") {
        return ErrorCode::unavailable;
    }
    return kind == "53" || kind == "54" ? ErrorCode::exhausted : ErrorCode::internal;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

class PostgresqlConnection final : public PooledConnection {
 public:
    explicit PostgresqlConnection(const std::string& url) : session_(soci::postgresql, url), cache_(statements_kept) {}

    Dialect dialect() const override { return Dialect::postgresql; }

    Result<std::vector<SqlRow>> query(std::string_view sql, std::span<const SqlValue> parameters) override {
        return run<std::vector<SqlRow>>(sql, parameters,
                                        [](PreparedStatement& prepared) { return read_rows(prepared.result()); });
    }

    Result<std::uint64_t> execute(std::string_view sql, std::span<const SqlValue> parameters) override {
        return run<std::uint64_t>(sql, parameters, [](PreparedStatement& prepared) {
            return Result<std::uint64_t>(
                static_cast<std::uint64_t>(std::max(prepared.statement.get_affected_rows(), 0LL)));
        });
    }

    Result<> begin() override {
        worth_another_try_ = false;
        return run_plain("BEGIN ISOLATION LEVEL SERIALIZABLE");
    }
    Result<> commit() override { return run_plain("COMMIT"); }
    void rollback() override {
        if (!lost() && PQtransactionStatus(native()) != PQTRANS_IDLE) {
            static_cast<void>(run_plain("ROLLBACK"));
        }
    }
    bool lost() const override { return PQstatus(native()) != CONNECTION_OK; }
    bool worth_another_try() const override { return worth_another_try_; }

    Result<> run_plain(const std::string& sql);

 private:
    PGconn* native() const {
        return static_cast<soci::postgresql_session_backend*>(const_cast<soci::session&>(session_).get_backend())
            ->conn_;
    }

    template <class T, class Read>
    Result<T> run(std::string_view sql, std::span<const SqlValue> parameters, Read read);
    PreparedStatement prepare(std::string_view sql, std::size_t parameter_count);
    tl::unexpected<Error> failed(const soci::soci_error& error);

    soci::session session_;
    StatementCache<PreparedStatement> cache_;
    bool worth_another_try_ = false;
};

PreparedStatement PostgresqlConnection::prepare(std::string_view sql, std::size_t parameter_count) {
    PreparedStatement prepared{soci::statement(session_), std::make_unique<std::deque<Parameter>>(parameter_count)};
    for (std::size_t i = 0; i < parameter_count; ++i) {
        auto& parameter = (*prepared.parameters)[i];
        prepared.statement.exchange(soci::use(parameter.text, parameter.indicator, std::to_string(i + 1)));
    }
    prepared.statement.alloc();
    prepared.statement.prepare(std::string(sql));
    prepared.statement.define_and_bind();
    return prepared;
}

template <class T, class Read>
Result<T> PostgresqlConnection::run(std::string_view sql, std::span<const SqlValue> parameters, Read read) try {
    NUANSHU_TRY_VOID(check_parameters(parameters));
    if (changes_schema(sql)) {
        cache_.clear();
    }
    auto& prepared = cache_.get(sql, [&] { return prepare(sql, parameters.size()); });
    if (prepared.parameters->size() > parameters.size()) {
        return fail(ErrorCode::internal, "database", "{} parameters were given, {} before", parameters.size(),
                    prepared.parameters->size());
    }
    for (std::size_t i = 0; i < prepared.parameters->size(); ++i) {
        set_parameter((*prepared.parameters)[i], parameters[i]);
    }
    prepared.statement.execute(true);
    return read(prepared);
} catch (const soci::soci_error& error) {
    auto failure = failed(error);
    cache_.forget(sql);  // after a failure SOCI's parameters keep their values, and a null would send the old one again
    return failure;
}

/// Without preparing: what starts and ends transactions must work when nothing else does.
Result<> PostgresqlConnection::run_plain(const std::string& sql) try {
    session_.once << sql;
    return {};
} catch (const soci::soci_error& error) {
    return failed(error);
}

tl::unexpected<Error> PostgresqlConnection::failed(const soci::soci_error& error) {
    const auto* known = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    const std::string state = known == nullptr ? "" : known->sqlstate();
    worth_another_try_ = state == "40001" || state == "40P01" || state == "55P03";
    const auto code = lost() ? ErrorCode::unavailable : error_code_of(state);
    return fail(code, "database", "{}", one_line(error.get_error_message()));
}

Result<> set_up(PostgresqlConnection& connection) {
    for (const char* setting : {"SET client_min_messages TO warning", "SET statement_timeout TO '60s'",
                                "SET lock_timeout TO '10s'", "SET TIME ZONE 'UTC'", "SET client_encoding TO 'UTF8'"}) {
        NUANSHU_TRY_VOID(connection.run_plain(setting));
    }
    return {};
}

std::string with_connect_timeout(const std::string& url) {
    return url.find("connect_timeout=") != std::string::npos
               ? url
               : url + (url.find('?') == std::string::npos ? "?" : "&") + "connect_timeout=5";
}

}  // namespace

Result<std::unique_ptr<PooledConnection>> connect_postgresql(const std::string& url) try {
    auto connection = std::make_unique<PostgresqlConnection>(with_connect_timeout(url));
    if (auto ready = set_up(*connection); !ready) {
        return tl::unexpected<Error>(std::move(ready.error()));
    }
    return connection;
} catch (const soci::soci_error& error) {
    return fail(ErrorCode::unavailable, "PostgreSQL", "{}", one_line(error.get_error_message()));
}

}  // namespace nuanshu::store
