#include <mutex>
#include <set>

#include "platform/records/records.h"
#include "platform/records/src/field_value.h"
#include "platform/records/src/list_query.h"
#include "platform/records/src/record_check.h"
#include "platform/records/src/record_writer.h"
#include "platform/records/src/schema.h"
#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

using store::Connection;

class SqlRecords final : public Records {
 public:
    SqlRecords(store::Database& database, const TypeRegistry& types, const Clock& clock)
        : database_(database), types_(types), clock_(clock) {
        for (const auto& type : types.all()) {
            tables_.emplace(type.name, Table(type));
        }
    }

    const TypeRegistry& types() const override { return types_; }
    Result<Page> list(std::string_view type, const Query& query) const override;
    Result<std::uint64_t> count(std::string_view type, const Query& query) const override;
    Result<Record> get(std::string_view type, std::string_view code) const override;
    Result<std::string> type_of(std::string_view code) const override;
    Result<Record> create(Record record) override;
    Result<Record> change(std::string_view type, std::string_view code, const Patch& patch) override;
    Result<> remove(std::string_view type, std::string_view code) override;
    Result<std::size_t> upsert(std::span<const Record> records) override;
    void on_change(std::function<void(std::span<const Change>)> listener) override;

 private:
    Result<const Type*> find_type(std::string_view name) const;
    const Table& table(const Type& type) const { return tables_.find(type.name)->second; }
    Result<> write(const std::function<Result<>(RecordWriter&)>& work, std::size_t* written = nullptr);
    void tell(std::span<const Change> changes);
    Error with_clash_named(Error error, const Type& type, const Record& record) const;

    store::Database& database_;
    const TypeRegistry& types_;
    const Clock& clock_;
    Tables tables_;
    std::mutex listeners_mutex_;
    std::vector<std::function<void(std::span<const Change>)>> listeners_;
};

Result<const Type*> SqlRecords::find_type(std::string_view name) const {
    if (const Type* type = types_.find(name)) {
        return type;
    }
    std::vector<std::string_view> names;
    for (const auto& type : types_.all()) {
        names.push_back(type.name);
    }
    return fail(ErrorCode::not_found, "records", "there is no type `{}`{}", shortened(name), suggestion(name, names));
}

Result<Page> SqlRecords::list(std::string_view type_name, const Query& query) const {
    NUANSHU_TRY(const Type* type, find_type(type_name));
    NUANSHU_TRY(const auto sql, list_sql(query, *type, database_.dialect()));
    const auto& of_type = table(*type);
    const auto statement = fmt::format("SELECT {} FROM {}{}{} LIMIT {}", of_type.columns, of_type.name, sql.where,
                                       sql.order, query.limit + 1);
    Page page;
    NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
        page.records.clear();
        NUANSHU_TRY(auto rows, connection.query(statement, sql.parameters));
        for (auto& row : rows) {
            page.records.push_back(read_record(*type, std::move(row)));
        }
        return {};
    }));
    if (page.records.size() > query.limit) {
        page.records.pop_back();
        page.next = page_token(query, *type, page.records.back());
    }
    return page;
}

Result<std::uint64_t> SqlRecords::count(std::string_view type_name, const Query& query) const {
    NUANSHU_TRY(const Type* type, find_type(type_name));
    NUANSHU_TRY(const auto sql, count_sql(query, *type, database_.dialect()));
    std::uint64_t number = 0;
    NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(
            const auto rows,
            connection.query(fmt::format("SELECT count(*) FROM {}{}", table(*type).name, sql.where), sql.parameters));
        number = static_cast<std::uint64_t>(std::get<std::int64_t>(rows.at(0).at(0)));
        return {};
    }));
    return number;
}

Result<Record> SqlRecords::get(std::string_view type_name, std::string_view code) const {
    NUANSHU_TRY(const Type* type, find_type(type_name));
    const auto& of_type = table(*type);
    Record record;
    NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
        if (!is_record_code(code)) {
            return fail_not_found(connection, *type, code);
        }
        const store::SqlValue parameter = std::string(code);
        NUANSHU_TRY(auto rows, connection.query(
                                   fmt::format("SELECT {} FROM {} WHERE \"code\" = :1", of_type.columns, of_type.name),
                                   std::span(&parameter, 1)));
        if (rows.empty()) {
            return fail_not_found(connection, *type, code);
        }
        record = read_record(*type, std::move(rows.front()));
        return {};
    }));
    return record;
}

Result<std::string> SqlRecords::type_of(std::string_view code) const {
    std::map<std::string, std::string> types;
    const std::string wanted(code);
    if (is_record_code(code)) {
        NUANSHU_TRY_VOID(database_.read([&](Connection& connection) -> Result<> {
            NUANSHU_TRY(types, types_of(connection, std::span(&wanted, 1)));
            return {};
        }));
    }
    const auto found = types.find(wanted);
    if (found == types.end() || types_.find(found->second) == nullptr) {
        return fail(ErrorCode::not_found, shortened(code), "there is no such record");
    }
    return found->second;
}

Result<> SqlRecords::write(const std::function<Result<>(RecordWriter&)>& work, std::size_t* written) {
    std::vector<Change> changes;
    const auto all = [&](Connection& connection) -> Result<> {
        RecordWriter writer(connection, tables_, clock_.now_ms());
        NUANSHU_TRY_VOID(work(writer));
        NUANSHU_TRY_VOID(writer.finish());
        changes = writer.changes();
        return {};
    };
    NUANSHU_TRY_VOID(database_.transaction(all));
    if (written != nullptr) {
        *written = changes.size();
    }
    tell(changes);
    return {};
}

void SqlRecords::tell(std::span<const Change> changes) {
    if (changes.empty()) {
        return;
    }
    std::unique_lock lock(listeners_mutex_);
    const auto listeners = listeners_;
    lock.unlock();
    for (const auto& listener : listeners) {
        listener(changes);
    }
}

void SqlRecords::on_change(std::function<void(std::span<const Change>)> listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
}

/// A database says only which index was hurt; this finds the field and the record that has the value already.
Error SqlRecords::with_clash_named(Error error, const Type& type, const Record& record) const {
    if (error.code != ErrorCode::conflict) {
        return error;
    }
    const auto named = database_.read([&](Connection& connection) -> Result<> {
        for (const auto& field : type.fields) {
            const auto value = record.fields.find(field.name);
            if (!field.unique || value == record.fields.end() || is_null(value->second)) {
                continue;
            }
            const std::vector<store::SqlValue> parameters = {to_sql(value->second), record.code};
            NUANSHU_TRY(const auto rows,
                        connection.query(fmt::format("SELECT \"code\" FROM {} WHERE {} = :1 AND \"code\" <> :2",
                                                     table(type).name, store::quoted(field.name)),
                                         parameters));
            if (!rows.empty()) {
                return fail(ErrorCode::conflict, fmt::format("{} {}", type.name, record.code),
                            "{}: must be unique; {} has this value already", field.name,
                            std::get<std::string>(rows.front().front()));
            }
        }
        return {};
    });
    return named ? error : named.error();
}

Result<Record> SqlRecords::create(Record record) {
    NUANSHU_TRY(const Type* type, find_type(record.type));
    std::vector<FieldFault> faults;
    complete_record(record, *type, faults);
    if (!faults.empty()) {
        return fail_with(fmt::format("{} {}", type->name, shortened(record.code)), faults);
    }
    Record stored;
    auto done = write([&](RecordWriter& writer) -> Result<> {
        NUANSHU_TRY(stored, writer.create(*type, record));
        return {};
    });
    return done ? Result<Record>(std::move(stored))
                : tl::unexpected<Error>(with_clash_named(std::move(done.error()), *type, record));
}

Result<Record> SqlRecords::change(std::string_view type_name, std::string_view code, const Patch& patch) {
    NUANSHU_TRY(const Type* type, find_type(type_name));
    Patch checked = patch;
    std::vector<FieldFault> faults;
    check_title(checked.title.value_or(""), faults);
    if (checked.geometry) {
        check_geometry(*checked.geometry, *type, faults);
    }
    check_fields(checked.fields, *type, faults);
    if (!faults.empty()) {
        return fail_with(fmt::format("{} {}", type->name, shortened(code)), faults);
    }
    if (!is_record_code(code)) {
        return fail(ErrorCode::not_found, fmt::format("{} {}", type->name, shortened(code)), "there is no such record");
    }
    Record stored;
    auto done = write([&](RecordWriter& writer) -> Result<> {
        NUANSHU_TRY(stored, writer.change(*type, code, checked));
        return {};
    });
    if (done) {
        return stored;
    }
    Record attempted;
    attempted.code = code;
    attempted.fields = std::move(checked.fields);
    return tl::unexpected<Error>(with_clash_named(std::move(done.error()), *type, attempted));
}

Result<> SqlRecords::remove(std::string_view type_name, std::string_view code) {
    NUANSHU_TRY(const Type* type, find_type(type_name));
    if (!is_record_code(code)) {
        return fail(ErrorCode::not_found, fmt::format("{} {}", type->name, shortened(code)), "there is no such record");
    }
    return write([&](RecordWriter& writer) { return writer.remove(*type, code); });
}

Result<std::size_t> SqlRecords::upsert(std::span<const Record> records) {
    std::vector<Record> checked(records.begin(), records.end());
    std::map<const Type*, std::vector<const Record*>> by_type;
    std::set<std::string_view> codes;
    for (auto& record : checked) {
        NUANSHU_TRY(const Type* type, find_type(record.type));
        std::vector<FieldFault> faults;
        check_code(record.code, faults);
        if (!codes.insert(record.code).second) {
            faults.push_back({"code", "stands twice in one batch"});
        }
        check_title(record.title, faults);
        check_geometry(record.geometry, *type, faults);
        check_fields(record.fields, *type, faults);
        if (!faults.empty()) {
            return fail_with(fmt::format("{} {}", type->name, shortened(record.code)), faults);
        }
        by_type[type].push_back(&record);
    }
    std::size_t written = 0;
    const auto write_groups = [&](RecordWriter& writer) -> Result<> {
        for (const auto& [type, group] : by_type) {
            NUANSHU_TRY_VOID(writer.upsert(*type, group));
        }
        return {};
    };
    NUANSHU_TRY_VOID(write(write_groups, &written));
    return written;
}

}  // namespace

Result<std::unique_ptr<Records>> Records::open(store::Database& database, const TypeRegistry& types,
                                               const Clock& clock) {
    NUANSHU_TRY_VOID(migrate_schema(database, types));
    return std::make_unique<SqlRecords>(database, types, clock);
}

}  // namespace nuanshu::records
