#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/records/records.h"
#include "platform/records/src/table.h"

namespace nuanshu::records {

using Tables = std::map<std::string, Table, std::less<>>;

/// Writes records inside one transaction and remembers what changed. Links are checked by finish(), when all records of
/// the transaction stand.
class RecordWriter {
 public:
    RecordWriter(store::Connection& connection, const Tables& tables, std::int64_t now_ms)
        : connection_(connection), tables_(tables), now_ms_(now_ms) {}

    /// Returns it as stored: id, version and times set. @pre complete_record() found no faults
    Result<Record> create(const Type& type, Record record);
    /// Returns it as stored; nothing is written when nothing differs. @pre check_fields() found no faults
    Result<Record> change(const Type& type, std::string_view code, const Records::Patch& patch);
    Result<> remove(const Type& type, std::string_view code);
    /// Creates or changes records of one type, all with different codes.
    Result<> upsert(const Type& type, std::span<const Record* const> records);
    /// Errors: invalid (a link to a record that is not there or of another type).
    Result<> finish();

    const std::vector<Change>& changes() const { return changes_; }

 private:
    Result<Record> find(const Type& type, std::string_view code);
    Result<std::map<std::string, Record>> find_many(const Type& type, std::span<const Record* const> records);
    Result<> insert(const Type& type, Record& record);
    Result<> update(const Type& type, Record& changed, const Record& stored);
    Result<> refuse_when_parent(std::string_view code);
    Result<> refuse_when_linked(const Type& type, std::string_view code);
    void remember_links(const Type& type, const Record& record);
    const Table& table(const Type& type) const { return tables_.find(type.name)->second; }

    store::Connection& connection_;
    const Tables& tables_;
    std::int64_t now_ms_;
    std::vector<Change> changes_;
    /// Linked code → the first link to it with each wanted type.
    struct Link {
        std::string wanted_type;
        std::string place;
    };
    std::map<std::string, std::vector<Link>> links_;
};

/// Rows of record_index for these codes: code → type.
Result<std::map<std::string, std::string>> types_of(store::Connection& connection, std::span<const std::string> codes);

/// "no station `xc.s02`", or which type the code belongs to.
tl::unexpected<Error> fail_not_found(store::Connection& connection, const Type& type, std::string_view code);

}  // namespace nuanshu::records
