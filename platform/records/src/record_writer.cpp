#include "platform/records/src/record_writer.h"

#include <algorithm>

#include "platform/records/src/field_value.h"
#include "platform/records/src/record_check.h"
#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

using store::SqlRow;
using store::SqlValue;

/// Codes asked for in one statement. Shorter lists are filled up, so that one prepared statement serves all.
constexpr std::size_t codes_at_once = 200;

std::string place_of(const Type& type, std::string_view code) {
    return fmt::format("{} {}", type.name, shortened(code));
}

/// Runs `sql`, in which "{}" stands for the list of places, for all codes.
template <class OnRow>
Result<> query_by_codes(store::Connection& connection, std::string_view sql, std::span<const std::string> codes,
                        OnRow on_row) {
    const std::string statement = fmt::format(fmt::runtime(sql), placeholders(codes_at_once));
    for (std::size_t from = 0; from < codes.size(); from += codes_at_once) {
        const auto chunk = codes.subspan(from, std::min(codes_at_once, codes.size() - from));
        std::vector<SqlValue> parameters(chunk.begin(), chunk.end());
        parameters.resize(codes_at_once, parameters.back());
        NUANSHU_TRY(auto rows, connection.query(statement, parameters));
        for (auto& row : rows) {
            on_row(std::move(row));
        }
    }
    return {};
}

/// What a patch makes of a stored record.
Record patched(Record record, const Records::Patch& patch) {
    record.title = patch.title.value_or(record.title);
    record.geometry = patch.geometry.value_or(record.geometry);
    for (const auto& [name, value] : patch.fields) {
        record.fields[name] = value;
    }
    return record;
}

/// What an upsert brings: title and geometry when they are not empty, and the fields it has.
Records::Patch patch_from(const Record& record) {
    Records::Patch patch;
    if (!record.title.empty()) {
        patch.title = record.title;
    }
    if (!record.geometry.empty()) {
        patch.geometry = record.geometry;
    }
    patch.fields = record.fields;
    return patch;
}

bool same_content(const Record& a, const Record& b) {
    return a.title == b.title && a.geometry == b.geometry && a.fields == b.fields;
}

}  // namespace

Result<std::map<std::string, std::string>> types_of(store::Connection& connection, std::span<const std::string> codes) {
    std::map<std::string, std::string> types;
    NUANSHU_TRY_VOID(query_by_codes(
        connection, "SELECT code, type FROM record_index WHERE code IN ({})", codes,
        [&](SqlRow row) { types.emplace(std::get<std::string>(row[0]), std::get<std::string>(row[1])); }));
    return types;
}

tl::unexpected<Error> fail_not_found(store::Connection& connection, const Type& type, std::string_view code) {
    const std::string wanted(code);
    const auto types =
        is_record_code(code) ? types_of(connection, std::span(&wanted, 1)) : std::map<std::string, std::string>();
    if (!types) {
        return tl::unexpected<Error>(types.error());
    }
    const auto found = types->find(wanted);
    return found == types->end()
               ? fail(ErrorCode::not_found, place_of(type, code), "there is no such record")
               : fail(ErrorCode::not_found, place_of(type, code), "this record is a {}", found->second);
}

Result<Record> RecordWriter::find(const Type& type, std::string_view code) {
    const auto& of_type = table(type);
    const SqlValue parameter = std::string(code);
    NUANSHU_TRY(auto rows,
                connection_.query(fmt::format("SELECT {} FROM {} WHERE \"code\" = :1", of_type.columns, of_type.name),
                                  std::span(&parameter, 1)));
    if (rows.empty()) {
        return fail_not_found(connection_, type, code);
    }
    return read_record(type, std::move(rows.front()));
}

Result<Record> RecordWriter::create(const Type& type, Record record) {
    NUANSHU_TRY(const auto types, types_of(connection_, std::span(&record.code, 1)));
    if (!types.empty()) {
        return fail(ErrorCode::conflict, place_of(type, record.code), "the code is taken by a {}",
                    types.begin()->second);
    }
    NUANSHU_TRY_VOID(insert(type, record));
    return record;
}

Result<> RecordWriter::insert(const Type& type, Record& record) {
    const std::vector<SqlValue> index_row = {record.code, type.name};
    NUANSHU_TRY(const auto rows,
                connection_.query("INSERT INTO record_index (code, type) VALUES (:1, :2) RETURNING id", index_row));
    record.id = RecordId{std::get<std::int64_t>(rows.at(0).at(0))};
    record.version = 1;
    record.created_ms = now_ms_;
    record.changed_ms = now_ms_;
    if (auto done = connection_.execute(table(type).insert, insert_parameters(type, record)); !done) {
        return within(place_of(type, record.code), std::move(done.error()));
    }
    remember_links(type, record);
    changes_.push_back({Change::What::created, type.name, record.code});
    return {};
}

Result<Record> RecordWriter::change(const Type& type, std::string_view code, const Records::Patch& patch) {
    NUANSHU_TRY(const auto stored, find(type, code));
    if (patch.expected_version && *patch.expected_version != stored.version) {
        return fail(ErrorCode::conflict, place_of(type, code),
                    "somebody changed it meanwhile: version {} is stored, not {}; read it again", stored.version,
                    *patch.expected_version);
    }
    auto changed = patched(stored, patch);
    NUANSHU_TRY_VOID(update(type, changed, stored));
    return changed;
}

Result<> RecordWriter::update(const Type& type, Record& changed, const Record& stored) {
    if (same_content(changed, stored)) {
        return {};
    }
    ++changed.version;
    changed.changed_ms = now_ms_;
    auto count = connection_.execute(table(type).update, update_parameters(type, changed, stored.version));
    if (!count) {
        return within(place_of(type, changed.code), std::move(count.error()));
    }
    if (*count != 1) {
        return fail(ErrorCode::conflict, place_of(type, changed.code), "somebody changed it meanwhile; read it again");
    }
    remember_links(type, changed);
    changes_.push_back({Change::What::changed, type.name, changed.code});
    return {};
}

Result<> RecordWriter::upsert(const Type& type, std::span<const Record* const> records) {
    NUANSHU_TRY(auto stored, find_many(type, records));
    for (const Record* record : records) {
        const auto known = stored.find(record->code);
        if (known == stored.end()) {
            Record created = *record;
            std::vector<FieldFault> faults;
            complete_record(created, type, faults);
            if (!faults.empty()) {
                return fail_with(place_of(type, created.code), faults);
            }
            NUANSHU_TRY_VOID(insert(type, created));
        } else {
            auto changed = patched(known->second, patch_from(*record));
            NUANSHU_TRY_VOID(update(type, changed, known->second));
        }
    }
    return {};
}

Result<std::map<std::string, Record>> RecordWriter::find_many(const Type& type,
                                                              std::span<const Record* const> records) {
    std::vector<std::string> codes;
    for (const Record* record : records) {
        codes.push_back(record->code);
    }
    NUANSHU_TRY(const auto types, types_of(connection_, codes));
    for (const auto& [code, known_type] : types) {
        if (known_type != type.name) {
            return fail(ErrorCode::conflict, place_of(type, code), "the code is taken by a {}", known_type);
        }
    }
    std::map<std::string, Record> stored;
    if (!types.empty()) {
        const auto sql =
            fmt::format("SELECT {} FROM {} WHERE \"code\" IN ({{}})", table(type).columns, table(type).name);
        NUANSHU_TRY_VOID(query_by_codes(connection_, sql, codes, [&](SqlRow row) {
            auto record = read_record(type, std::move(row));
            stored.emplace(record.code, std::move(record));
        }));
    }
    return stored;
}

Result<> RecordWriter::remove(const Type& type, std::string_view code) {
    NUANSHU_TRY(const auto stored, find(type, code));
    NUANSHU_TRY_VOID(refuse_when_parent(code));
    NUANSHU_TRY_VOID(refuse_when_linked(type, code));
    const SqlValue parameter = stored.code;
    NUANSHU_TRY_VOID(connection_.execute(fmt::format("DELETE FROM {} WHERE \"code\" = :1", table(type).name),
                                         std::span(&parameter, 1)));
    NUANSHU_TRY_VOID(connection_.execute("DELETE FROM record_index WHERE code = :1", std::span(&parameter, 1)));
    changes_.push_back({Change::What::removed, type.name, stored.code});
    return {};
}

Result<> RecordWriter::refuse_when_parent(std::string_view code) {
    const std::vector<SqlValue> range = {std::string(code) + ".", std::string(code) + "/"};
    NUANSHU_TRY(
        const auto below,
        connection_.query("SELECT code FROM record_index WHERE code >= :1 AND code < :2 ORDER BY code LIMIT 1", range));
    if (!below.empty()) {
        return fail(ErrorCode::refused, shortened(code),
                    "records lie below it in the tree, the first is {}; remove them first",
                    std::get<std::string>(below.front().front()));
    }
    return {};
}

Result<> RecordWriter::refuse_when_linked(const Type& type, std::string_view code) {
    const SqlValue parameter = std::string(code);
    for (const auto& [name, other] : tables_) {
        for (const auto& field : other.type->fields) {
            if (field.kind != FieldKind::link || (!field.link_type.empty() && field.link_type != type.name)) {
                continue;
            }
            NUANSHU_TRY(
                const auto rows,
                connection_.query(fmt::format("SELECT \"code\" FROM {} WHERE {} = :1 AND \"code\" <> :1 LIMIT 1",
                                              other.name, store::quoted(field.name)),
                                  std::span(&parameter, 1)));
            if (!rows.empty()) {
                return fail(ErrorCode::refused, shortened(code), "{} {} still links to it by `{}`; change that first",
                            name, std::get<std::string>(rows.front().front()), field.name);
            }
        }
    }
    return {};
}

void RecordWriter::remember_links(const Type& type, const Record& record) {
    for (const auto& field : type.fields) {
        const auto* code =
            field.kind == FieldKind::link ? std::get_if<std::string>(&record.fields.at(field.name)) : nullptr;
        if (code == nullptr) {
            continue;
        }
        auto& links = links_[*code];
        if (std::none_of(links.begin(), links.end(),
                         [&](const Link& link) { return link.wanted_type == field.link_type; })) {
            links.push_back({field.link_type, fmt::format("{}, {}", place_of(type, record.code), field.name)});
        }
    }
}

Result<> RecordWriter::finish() {
    std::vector<std::string> codes;
    for (const auto& [code, links] : links_) {
        codes.push_back(code);
    }
    NUANSHU_TRY(const auto types, types_of(connection_, codes));
    for (const auto& [code, links] : links_) {
        const auto found = types.find(code);
        for (const auto& link : links) {
            if (found == types.end()) {
                return fail(ErrorCode::invalid, link.place, "there is no {} `{}`",
                            link.wanted_type.empty() ? "record" : link.wanted_type, code);
            }
            if (!link.wanted_type.empty() && found->second != link.wanted_type) {
                return fail(ErrorCode::invalid, link.place, "`{}` is a {}; wanted a {}", code, found->second,
                            link.wanted_type);
            }
        }
    }
    return {};
}

}  // namespace nuanshu::records
