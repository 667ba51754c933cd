#include "platform/records/src/table.h"

#include "platform/records/src/field_value.h"

namespace nuanshu::records {

std::string table_name(std::string_view type) {
    return store::quoted("records_" + std::string(type));
}

std::string text_column_type(store::Dialect dialect) {
    return dialect == store::Dialect::sqlite ? "TEXT" : "TEXT COLLATE \"C\"";
}

std::string column_type(FieldKind kind, store::Dialect dialect) {
    switch (kind) {
        case FieldKind::integer:
        case FieldKind::date_time:
            return "BIGINT";
        case FieldKind::number:
            return "DOUBLE PRECISION";
        case FieldKind::boolean:
            return "BOOLEAN";
        default:
            return text_column_type(dialect);
    }
}

std::string placeholders(std::size_t count, std::size_t first) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += fmt::format("{}:{}", i == 0 ? "" : ", ", first + i);
    }
    return out;
}

Table::Table(const Type& of_type) : type(&of_type), name(table_name(of_type.name)) {
    columns = "\"id\", \"code\", \"title\", \"geometry\", \"version\", \"created_ms\", \"changed_ms\"";
    std::string assignments = "\"title\" = :1, \"geometry\" = :2, \"version\" = :3, \"changed_ms\" = :4";
    std::size_t parameter = 4;
    for (const auto& field : of_type.fields) {
        columns += ", " + store::quoted(field.name);
        assignments += fmt::format(", {} = :{}", store::quoted(field.name), ++parameter);
    }
    insert = fmt::format("INSERT INTO {} ({}) VALUES ({})", name, columns,
                         placeholders(built_in_columns + of_type.fields.size()));
    update = fmt::format("UPDATE {} SET {} WHERE \"code\" = :{} AND \"version\" = :{}", name, assignments,
                         parameter + 1, parameter + 2);
}

store::SqlValue to_sql(const FieldValue& value) {
    if (const auto* boolean = std::get_if<bool>(&value)) {
        return std::int64_t{*boolean};
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return *integer;
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return *number;
    }
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? store::SqlValue() : store::SqlValue(*text);
}

FieldValue from_sql(FieldKind kind, store::SqlValue value) {
    if (auto* text = std::get_if<std::string>(&value)) {
        return std::move(*text);
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return *number;
    }
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer == nullptr) {
        return {};
    }
    if (kind == FieldKind::boolean) {
        return *integer != 0;
    }
    return kind == FieldKind::number ? FieldValue(static_cast<double>(*integer)) : FieldValue(*integer);
}

Record read_record(const Type& type, store::SqlRow row) {
    const auto integer = [&](std::size_t i) { return std::get<std::int64_t>(row[i]); };
    const auto text = [&](std::size_t i) {
        auto* held = std::get_if<std::string>(&row[i]);
        return held == nullptr ? std::string() : std::move(*held);
    };
    Record record{.id = RecordId{integer(0)},
                  .type = type.name,
                  .code = text(1),
                  .title = text(2),
                  .geometry = text(3),
                  .version = integer(4),
                  .created_ms = integer(5),
                  .changed_ms = integer(6),
                  .fields = {}};
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const auto& field = type.fields[i];
        record.fields.emplace(field.name, from_sql(field.kind, std::move(row[built_in_columns + i])));
    }
    return record;
}

std::vector<store::SqlValue> insert_parameters(const Type& type, const Record& record) {
    std::vector<store::SqlValue> parameters = {record.id.value, record.code,       record.title,     record.geometry,
                                               record.version,  record.created_ms, record.changed_ms};
    for (const auto& field : type.fields) {
        parameters.push_back(to_sql(record.fields.at(field.name)));
    }
    return parameters;
}

std::vector<store::SqlValue> update_parameters(const Type& type, const Record& record, std::int64_t stored_version) {
    std::vector<store::SqlValue> parameters = {record.title, record.geometry, record.version, record.changed_ms};
    for (const auto& field : type.fields) {
        parameters.push_back(to_sql(record.fields.at(field.name)));
    }
    parameters.insert(parameters.end(), {record.code, stored_version});
    return parameters;
}

}  // namespace nuanshu::records
