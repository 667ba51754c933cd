#include "platform/commands/src/command_log.h"

#include <array>

namespace nuanshu::commands {
namespace {

using store::Connection;
using store::SqlRow;
using store::SqlValue;

constexpr std::size_t list_max = 1'000;

constexpr std::array make_table = {
    R"sql(CREATE TABLE IF NOT EXISTS command (
        id BIGINT PRIMARY KEY,
        point TEXT NOT NULL,
        "user" TEXT NOT NULL,
        value DOUBLE PRECISION NOT NULL,
        value_before DOUBLE PRECISION NOT NULL,
        quality_before BIGINT NOT NULL,
        selected_ms BIGINT NOT NULL,
        executed_ms BIGINT NOT NULL,
        written_after_ms BIGINT,
        confirmed_after_ms BIGINT,
        value_read_back DOUBLE PRECISION,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL))sql",
    R"sql(CREATE INDEX IF NOT EXISTS command_by_point ON command (point, id))sql",
};

constexpr const char* columns =
    R"sql(id, point, "user", value, value_before, quality_before, selected_ms, executed_ms, written_after_ms,
    confirmed_after_ms, value_read_back, outcome, reason)sql";

std::int64_t integer_of(const SqlValue& value) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer != nullptr ? *integer : 0;
}

double real_of(const SqlValue& value) {
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? *real : static_cast<double>(integer_of(value));
}

std::string text_of(const SqlValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : "";
}

bool is_null(const SqlValue& value) {
    return std::holds_alternative<std::monostate>(value);
}

std::optional<std::int64_t> optional_integer_of(const SqlValue& value) {
    return is_null(value) ? std::nullopt : std::optional(integer_of(value));
}

std::optional<double> optional_real_of(const SqlValue& value) {
    return is_null(value) ? std::nullopt : std::optional(real_of(value));
}

template <class T>
SqlValue sql_of(const std::optional<T>& value) {
    return value ? SqlValue(*value) : SqlValue();
}

Outcome outcome_named(std::string_view name) {
    for (const auto outcome : {Outcome::running, Outcome::confirmed, Outcome::not_confirmed}) {
        if (to_string(outcome) == name) {
            return outcome;
        }
    }
    return Outcome::failed;
}

/// A row in the order of `columns`.
CommandRecord record_of(const SqlRow& row) {
    return {.id = integer_of(row.at(0)),
            .point = text_of(row.at(1)),
            .user = text_of(row.at(2)),
            .value = real_of(row.at(3)),
            .value_before = real_of(row.at(4)),
            .quality_before = static_cast<Quality>(integer_of(row.at(5))),
            .selected_ms = integer_of(row.at(6)),
            .executed_ms = integer_of(row.at(7)),
            .written_after_ms = optional_integer_of(row.at(8)),
            .confirmed_after_ms = optional_integer_of(row.at(9)),
            .value_read_back = optional_real_of(row.at(10)),
            .outcome = outcome_named(text_of(row.at(11))),
            .reason = text_of(row.at(12))};
}

Result<std::int64_t> next_id(Connection& connection) {
    NUANSHU_TRY(const auto rows, connection.query("SELECT COALESCE(MAX(id), 0) + 1 FROM command"));
    return integer_of(rows.at(0).at(0));
}

Result<> insert(Connection& connection, const CommandRecord& record) {
    const std::array<SqlValue, 13> values = {record.id,
                                             record.point,
                                             record.user,
                                             record.value,
                                             record.value_before,
                                             static_cast<std::int64_t>(record.quality_before),
                                             record.selected_ms,
                                             record.executed_ms,
                                             sql_of(record.written_after_ms),
                                             sql_of(record.confirmed_after_ms),
                                             sql_of(record.value_read_back),
                                             std::string(to_string(record.outcome)),
                                             record.reason};
    const auto sql = fmt::format(
        "INSERT INTO command ({}) VALUES (:1, :2, :3, :4, :5, :6, :7, :8, :9, :10, :11, :12, :13)", columns);
    NUANSHU_TRY_VOID(connection.execute(sql, values));
    return {};
}

}  // namespace

Result<> CommandLog::prepare() {
    return database_.transaction([](Connection& connection) -> Result<> {
        for (const auto* statement : make_table) {
            NUANSHU_TRY_VOID(connection.execute(statement));
        }
        return {};
    });
}

Result<std::uint64_t> CommandLog::close_running(std::string_view reason) {
    std::uint64_t closed = 0;
    NUANSHU_TRY_VOID(database_.transaction([&](Connection& connection) -> Result<> {
        const std::array<SqlValue, 3> values = {std::string(to_string(Outcome::failed)), std::string(reason),
                                                std::string(to_string(Outcome::running))};
        NUANSHU_TRY(closed,
                    connection.execute("UPDATE command SET outcome = :1, reason = :2 WHERE outcome = :3", values));
        return {};
    }));
    return closed;
}

Result<> CommandLog::add(CommandRecord& record) {
    return database_.transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(record.id, next_id(connection));
        return insert(connection, record);
    });
}

Result<> CommandLog::complete(const CommandRecord& record) {
    return database_.transaction([&](Connection& connection) -> Result<> {
        const std::array<SqlValue, 6> values = {sql_of(record.written_after_ms),
                                                sql_of(record.confirmed_after_ms),
                                                sql_of(record.value_read_back),
                                                std::string(to_string(record.outcome)),
                                                record.reason,
                                                record.id};
        NUANSHU_TRY_VOID(connection.execute(
            "UPDATE command SET written_after_ms = :1, confirmed_after_ms = :2, value_read_back = :3, "
            "outcome = :4, reason = :5 WHERE id = :6",
            values));
        return {};
    });
}

Result<CommandRecord> CommandLog::get(std::int64_t id) const {
    std::vector<SqlRow> rows;
    NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
        const std::array<SqlValue, 1> values = {id};
        NUANSHU_TRY(rows, connection.query(fmt::format("SELECT {} FROM command WHERE id = :1", columns), values));
        return {};
    }));
    if (rows.empty()) {
        return fail(ErrorCode::not_found, "command", "there is no command {}", id);
    }
    return record_of(rows.front());
}

Result<std::vector<CommandRecord>> CommandLog::list(const CommandQuery& query) const {
    if (query.limit < 1 || query.limit > list_max) {
        return fail(ErrorCode::invalid, "commands", "limit {}; from 1 to {}", query.limit, list_max);
    }
    std::vector<SqlValue> values = {query.before_id > 0 ? query.before_id : std::numeric_limits<std::int64_t>::max(),
                                    static_cast<std::int64_t>(query.limit)};
    if (!query.point.empty()) {
        values.push_back(query.point);
    }
    const auto sql = fmt::format("SELECT {} FROM command WHERE id < :1{} ORDER BY id DESC LIMIT :2", columns,
                                 query.point.empty() ? "" : " AND point = :3");
    std::vector<SqlRow> rows;
    NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(rows, connection.query(sql, values));
        return {};
    }));
    std::vector<CommandRecord> records;
    for (const auto& row : rows) {
        records.push_back(record_of(row));
    }
    return records;
}

}  // namespace nuanshu::commands
