#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/records/records.h"
#include "platform/records/src/heating_types_for_tests.h"

namespace nuanshu::records {

/// The URL of an empty database that lasts as long as `owner`.
struct EmptyDatabase {
    std::string url;
    std::shared_ptr<void> owner;
};
EmptyDatabase make_empty_database(store::Dialect dialect);

/// Records of the heating types in an empty database, once in SQLite and once in PostgreSQL.
class AnyRecords : public testing::TestWithParam<store::Dialect> {
 protected:
    void SetUp() override {
        database_ = value_or_throw(store::open_database(empty_.url));
        open(heating_types());
    }

    void open(std::vector<Type> types) {
        records_.reset();
        registry_ = registry_of(std::move(types));
        records_ = value_or_throw(Records::open(*database_, registry_, clock_));
    }
    Result<> try_open(std::vector<Type> types) {
        auto registry = registry_of(std::move(types));
        auto opened = Records::open(*database_, registry, clock_);
        return opened ? Result<>() : Result<>(tl::unexpected<Error>(opened.error()));
    }

    Record add(Record record) { return value_or_throw(records_->create(std::move(record))); }
    std::vector<std::string> codes(const Query& query = {}) {
        std::vector<std::string> codes;
        for (const auto& record : value_or_throw(records_->list("station", query)).records) {
            codes.push_back(record.code);
        }
        return codes;
    }
    std::vector<std::string> filtered(const std::string& filter) { return codes({.filter = filter}); }
    /// All codes, gathered page by page.
    std::vector<std::string> paged(Query query) {
        std::vector<std::string> all;
        do {
            auto page = value_or_throw(records_->list("station", query));
            for (const auto& record : page.records) {
                all.push_back(record.code);
            }
            query.after = page.next;
        } while (!query.after.empty());
        return all;
    }
    Error list_error(const Query& query) {
        const auto page = records_->list("station", query);
        return page ? Error{ErrorCode::internal, "test", "no error"} : page.error();
    }
    Result<Record> set(const std::string& code, const std::string& field, FieldValue value) {
        Records::Patch patch;
        patch.fields[field] = std::move(value);
        return records_->change("station", code, patch);
    }

    EmptyDatabase empty_ = make_empty_database(GetParam());
    ManualClock clock_{1'768'465'800'000};
    std::unique_ptr<store::Database> database_;
    TypeRegistry registry_;
    std::unique_ptr<Records> records_;
};

inline std::string dialect_name(const testing::TestParamInfo<store::Dialect>& each) {
    return each.param == store::Dialect::sqlite ? "sqlite" : "postgresql";
}

}  // namespace nuanshu::records

/// Runs a suite that derives from AnyRecords on both.
#define NUANSHU_ON_BOTH_DATABASES(suite)                                                                        \
    INSTANTIATE_TEST_SUITE_P(Store, suite, testing::Values(store::Dialect::sqlite, store::Dialect::postgresql), \
                             dialect_name)
