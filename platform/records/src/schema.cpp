#include "platform/records/src/schema.h"

#include <map>

#include "base/log.h"
#include "platform/records/src/field_value.h"
#include "platform/records/src/table.h"

namespace nuanshu::records {
namespace {

using store::Connection;
using store::quoted;
using store::SqlValue;

/// Field names with their kinds, as they were when the table was made; the table itself is the field "".
using StoredFields = std::map<std::string, std::string, std::less<>>;
using StoredSchema = std::map<std::string, StoredFields, std::less<>>;

std::string fnv1a(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    }
    return fmt::format("{:016x}", hash);
}

/// PostgreSQL cuts names at 63 bytes, so a long one ends in its hash instead.
std::string index_name(std::string_view type, std::string_view field, std::string_view purpose) {
    constexpr std::size_t name_bytes_max = 63;
    std::string name = fmt::format("records_{}_{}_{}", type, field, purpose);
    return quoted(name.size() <= name_bytes_max ? name : name.substr(0, 46) + "_" + fnv1a(name));
}

bool needs_text_only(FieldKind kind) {
    return kind == FieldKind::text || kind == FieldKind::long_text;
}

/// Brings the tables of one type up to what is declared.
class TypeMigration {
 public:
    TypeMigration(Connection& connection, const Type& type, StoredFields stored, Diagnostics& faults)
        : connection_(connection),
          type_(type),
          table_(table_name(type.name)),
          stored_(std::move(stored)),
          faults_(faults) {}

    Result<> run() {
        is_new_ = stored_.empty();
        if (is_new_) {
            NUANSHU_TRY_VOID(make_table());
        }
        for (const auto& field : type_.fields) {
            const auto known = stored_.find(field.name);
            if (known == stored_.end()) {
                NUANSHU_TRY_VOID(add_field(field));
            } else if (known->second != to_string(field.kind)) {
                NUANSHU_TRY_VOID(change_kind(field, known->second));
            }
            NUANSHU_TRY_VOID(set_indexes(field));
        }
        return remove_undeclared();
    }

 private:
    Result<> make_table();
    Result<> add_field(const Field& field);
    Result<> change_kind(const Field& field, const std::string& stored_kind);
    Result<> set_indexes(const Field& field);
    Result<> set_index(const Field& field, std::string_view purpose, bool wanted);
    Result<> remove_undeclared();
    Result<> drop_column(const std::string& field);
    Result<> remember(std::string_view field, std::string_view kind);
    Result<> execute(const std::string& sql, const std::vector<SqlValue>& parameters = {}) {
        NUANSHU_TRY_VOID(connection_.execute(sql, parameters));
        return {};
    }
    Result<std::int64_t> count(const std::string& condition) {
        NUANSHU_TRY(const auto rows,
                    connection_.query(fmt::format("SELECT count(*) FROM {} WHERE {}", table_, condition)));
        return std::get<std::int64_t>(rows.at(0).at(0));
    }
    void refuse(int line, const std::string& field, std::string text) {
        faults_.push_back({type_.file, line, "fields." + field, std::move(text)});
    }

    Connection& connection_;
    const Type& type_;
    std::string table_;
    StoredFields stored_;
    bool is_new_ = false;
    Diagnostics& faults_;
};

Result<> TypeMigration::make_table() {
    const auto dialect = connection_.dialect();
    const auto text = text_column_type(dialect);
    std::string fields;
    for (const auto& field : type_.fields) {
        fields += fmt::format(", {} {}", quoted(field.name), column_type(field.kind, dialect));
    }
    NUANSHU_TRY_VOID(execute(
        fmt::format("CREATE TABLE {} (\"id\" BIGINT NOT NULL UNIQUE, \"code\" {} NOT NULL PRIMARY KEY, \"title\" {} "
                    "NOT NULL, \"geometry\" TEXT NOT NULL, "
                    "\"version\" BIGINT NOT NULL, \"created_ms\" BIGINT NOT NULL, \"changed_ms\" BIGINT NOT NULL{})",
                    table_, text, text, fields)));
    NUANSHU_TRY_VOID(remember("", "type"));
    for (const auto& field : type_.fields) {
        NUANSHU_TRY_VOID(remember(field.name, to_string(field.kind)));
    }
    return {};
}

Result<> TypeMigration::add_field(const Field& field) {
    NUANSHU_TRY(const auto records, count("TRUE"));
    if (field.required && field.default_value.empty() && records > 0) {
        refuse(field.line, field.name,
               fmt::format("is new and required, but {} stored records have no value for it; give it a `default`, or "
                           "make it required "
                           "once they have one",
                           records));
        return {};
    }
    const auto column = quoted(field.name);
    NUANSHU_TRY_VOID(execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", table_, column,
                                         column_type(field.kind, connection_.dialect()))));
    if (!field.default_value.empty() && records > 0) {
        const auto value = value_from_text(field, field.default_value).value_or(FieldValue());
        NUANSHU_TRY_VOID(execute(fmt::format("UPDATE {} SET {} = :1", table_, column), {to_sql(value)}));
    }
    return remember(field.name, to_string(field.kind));
}

/// Text of any kind may become plain text where it lies; everything else only when the column is empty.
Result<> TypeMigration::change_kind(const Field& field, const std::string& stored_kind) {
    const auto old_kind = field_kind_named(stored_kind);
    const bool was_text =
        old_kind && column_type(*old_kind, connection_.dialect()) == text_column_type(connection_.dialect());
    if (was_text && needs_text_only(field.kind)) {
        NUANSHU_TRY_VOID(execute("DELETE FROM schema_field WHERE type = :1 AND field = :2", {type_.name, field.name}));
        return remember(field.name, to_string(field.kind));
    }
    NUANSHU_TRY(const auto holding, count(quoted(field.name) + " IS NOT NULL"));
    if (holding > 0) {
        refuse(field.line, field.name,
               fmt::format("was `{}` and is now `{}`, but {} records hold a value of the old kind; declare it as `{}` "
                           "again and add the new "
                           "one under another name, or first set it to null in those records",
                           stored_kind, to_string(field.kind), holding, stored_kind));
        return {};
    }
    NUANSHU_TRY_VOID(drop_column(field.name));
    return add_field(field);
}

Result<> TypeMigration::set_indexes(const Field& field) {
    NUANSHU_TRY_VOID(set_index(field, "unique", field.unique));
    return set_index(field, "link", field.kind == FieldKind::link && !field.unique);
}

Result<> TypeMigration::set_index(const Field& field, std::string_view purpose, bool wanted) {
    const auto name = index_name(type_.name, field.name, purpose);
    if (!wanted) {
        return is_new_ ? Result<>() : execute("DROP INDEX IF EXISTS " + name);
    }
    const bool has_column = stored_.contains(field.name);
    if (!has_column) {
        return {};
    }
    const auto column = quoted(field.name);
    if (purpose == "unique") {
        NUANSHU_TRY(const auto twice,
                    connection_.query(fmt::format("SELECT {0}, count(*) FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} "
                                                  "HAVING count(*) > 1 LIMIT 1",
                                                  column, table_)));
        if (!twice.empty()) {
            refuse(field.line, field.name,
                   "is now unique, but some stored records share a value; make their values differ first");
            return {};
        }
    }
    return execute(fmt::format("CREATE {} IF NOT EXISTS {} ON {} ({})", purpose == "unique" ? "UNIQUE INDEX" : "INDEX",
                               name, table_, column));
}

Result<> TypeMigration::remove_undeclared() {
    for (const auto& [name, kind] : StoredFields(stored_)) {
        if (name.empty() || type_.find_field(name) != nullptr) {
            continue;
        }
        NUANSHU_TRY(const auto holding, count(quoted(name) + " IS NOT NULL"));
        if (holding > 0) {
            refuse(0, name,
                   fmt::format("is no longer declared, but {} records hold a value ({}); declare it again, or first "
                               "set it to null in those "
                               "records",
                               holding, kind));
        } else {
            NUANSHU_TRY_VOID(drop_column(name));
        }
    }
    return {};
}

Result<> TypeMigration::drop_column(const std::string& field) {
    for (const auto* purpose : {"unique", "link"}) {
        NUANSHU_TRY_VOID(execute("DROP INDEX IF EXISTS " + index_name(type_.name, field, purpose)));
    }
    NUANSHU_TRY_VOID(execute(fmt::format("ALTER TABLE {} DROP COLUMN {}", table_, quoted(field))));
    stored_.erase(field);
    return execute("DELETE FROM schema_field WHERE type = :1 AND field = :2", {type_.name, field});
}

Result<> TypeMigration::remember(std::string_view field, std::string_view kind) {
    stored_.insert_or_assign(std::string(field), std::string(kind));
    return execute("INSERT INTO schema_field (type, field, kind) VALUES (:1, :2, :3)",
                   {type_.name, std::string(field), std::string(kind)});
}

Result<> make_shared_tables(Connection& connection) {
    const bool sqlite = connection.dialect() == store::Dialect::sqlite;
    const auto text = text_column_type(connection.dialect());
    NUANSHU_TRY_VOID(connection.execute(fmt::format(
        "CREATE TABLE IF NOT EXISTS record_index (id {}, code {} NOT NULL UNIQUE, type {} NOT NULL)",
        sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", text, text)));
    NUANSHU_TRY_VOID(
        connection.execute(fmt::format("CREATE TABLE IF NOT EXISTS schema_field (type {0} NOT NULL, field {0} NOT "
                                       "NULL, kind {0} NOT NULL, PRIMARY KEY (type, field))",
                                       text)));
    return {};
}

Result<StoredSchema> read_stored(Connection& connection) {
    NUANSHU_TRY(const auto rows, connection.query("SELECT type, field, kind FROM schema_field"));
    StoredSchema stored;
    for (const auto& row : rows) {
        stored[std::get<std::string>(row[0])][std::get<std::string>(row[1])] = std::get<std::string>(row[2]);
    }
    return stored;
}

/// Types that no app declares now keep their table and codes untouched, so that the app can come back.
void tell_undeclared(const StoredSchema& stored, const TypeRegistry& types) {
    for (const auto& [name, fields] : stored) {
        if (types.find(name) == nullptr) {
            log_warn("records", "no app declares type {} now; its records stay stored and out of reach until one does",
                     name);
        }
    }
}

}  // namespace

Result<> migrate_schema(store::Database& database, const TypeRegistry& types) {
    return database.transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(make_shared_tables(connection));
        NUANSHU_TRY(auto stored, read_stored(connection));
        tell_undeclared(stored, types);
        Diagnostics faults;
        for (const auto& type : types.all()) {
            NUANSHU_TRY_VOID(TypeMigration(connection, type, std::move(stored[type.name]), faults).run());
        }
        if (!faults.empty()) {
            return fail(ErrorCode::refused, "types", "the stored records stand against these changes:\n{}",
                        to_string(faults));
        }
        return {};
    });
}

}  // namespace nuanshu::records
