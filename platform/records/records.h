#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "platform/records/type.h"
#include "platform/store/database.h"

namespace nuanshu::records {

/// A field's value. Dates are "2026-01-15", date-times are UTC ms, choices and links their text, JSON and geometry JSON
/// text.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Record {
    RecordId id;
    std::string type;
    std::string code;  ///< unique among all records of all types
    std::string title;
    std::string geometry;      ///< GeoJSON geometry text, "" for none
    std::int64_t version = 0;  ///< 1 at creation, one more with each change
    std::int64_t created_ms = 0;
    std::int64_t changed_ms = 0;
    std::map<std::string, FieldValue, std::less<>> fields;
};

struct SortKey {
    std::string field;  ///< a field, or code, title, created_ms, changed_ms
    bool descending = false;
};

struct Query {
    std::string filter;         ///< expression over the fields, see expression.h; "" for all
    std::string under;          ///< only this code and what lies below it in the tree; "" for all
    std::string search;         ///< text contained in code or title; "" for all
    std::vector<SortKey> sort;  ///< code is always the last key, so that paging is exact
    std::size_t limit = 100;    ///< 1 … 1 000
    std::string after;          ///< Page::next of the page before; "" for the first
};

struct Page {
    std::vector<Record> records;
    std::string next;  ///< "" when this was the last page
};

/// What changed, told after the commit.
struct Change {
    enum class What { created, changed, removed } what = What::created;
    std::string type;
    std::string code;
};

/// The records of all types, in one database. Thread-safe.
/// Errors everywhere: not_found (type, record), invalid (names the field and what would be right), conflict (code or
/// unique field taken; version is not the stored one), refused (somebody still links to the record), exhausted,
/// unavailable.
class Records {
 public:
    /// Makes or additively migrates the tables: new types and fields appear by themselves; a removed or changed field
    /// that holds data is refused, with the way out in the message.
    static Result<std::unique_ptr<Records>> open(store::Database& database, const TypeRegistry& types,
                                                 const Clock& clock);
    virtual ~Records() = default;

    virtual const TypeRegistry& types() const = 0;

    virtual Result<Page> list(std::string_view type, const Query& query) const = 0;
    virtual Result<std::uint64_t> count(std::string_view type, const Query& query) const = 0;
    virtual Result<Record> get(std::string_view type, std::string_view code) const = 0;
    /// The type of the record with this code.
    virtual Result<std::string> type_of(std::string_view code) const = 0;

    /// Fields that are absent get their default, or null; id, version and times are set here. Returns it as stored.
    virtual Result<Record> create(Record record) = 0;
    /// Sets the given fields (and title, geometry where given); `expected_version` must be the stored one, nothing for
    /// any.
    struct Patch {
        std::optional<std::string> title;
        std::optional<std::string> geometry;
        std::map<std::string, FieldValue, std::less<>> fields;
        std::optional<std::int64_t> expected_version;
    };
    /// Null clears a field, "" a geometry. When nothing differs, nothing is written and the version stays.
    virtual Result<Record> change(std::string_view type, std::string_view code, const Patch& patch) = 0;
    /// Refused while records lie below it in the tree or link to it.
    virtual Result<> remove(std::string_view type, std::string_view code) = 0;

    /// Creates or changes many, by code, in one transaction: all or nothing. Unchanged ones are left alone. Returns how
    /// many were written.
    virtual Result<std::size_t> upsert(std::span<const Record> records) = 0;

    /// Called after each commit, from the committing thread, one call for all of a transaction's changes. Listeners
    /// stay for good; what they use must outlive the last write.
    virtual void on_change(std::function<void(std::span<const Change>)> listener) = 0;
};

}  // namespace nuanshu::records
