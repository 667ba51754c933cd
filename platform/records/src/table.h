#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/records.h"
#include "platform/records/type.h"
#include "platform/store/database.h"

namespace nuanshu::records {

/// The SQL of one type: table `records_<type>` with the built-in columns, then one a field.
///
/// Beside them stand two tables for all types: `record_index` (id, code, type), which makes codes unique over all
/// types, and `schema_field` (type, field, kind), which remembers what was declared when the tables were made.
struct Table {
    explicit Table(const Type& of_type);

    const Type* type;
    std::string name;     ///< quoted
    std::string columns;  ///< all, in the order of read_record(), with commas
    std::string insert;
    std::string update;  ///< all columns but id, code and created_ms, by code and version (the last two parameters)
};

constexpr std::size_t built_in_columns = 7;  ///< id, code, title, geometry, version, created_ms, changed_ms

std::string table_name(std::string_view type);
/// "BIGINT" and so on; text sorts by bytes in both dialects.
std::string column_type(FieldKind kind, store::Dialect dialect);
std::string text_column_type(store::Dialect dialect);

Record read_record(const Type& type, store::SqlRow row);
store::SqlValue to_sql(const FieldValue& value);
FieldValue from_sql(FieldKind kind, store::SqlValue value);

/// Parameters of Table::insert and Table::update.
std::vector<store::SqlValue> insert_parameters(const Type& type, const Record& record);
std::vector<store::SqlValue> update_parameters(const Type& type, const Record& record, std::int64_t stored_version);

/// ":1, :2, :3", from :first.
std::string placeholders(std::size_t count, std::size_t first = 1);

}  // namespace nuanshu::records
