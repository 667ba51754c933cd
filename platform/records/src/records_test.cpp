#include "platform/records/records.h"

#include <cmath>
#include <future>
#include <set>

#include <gtest/gtest.h>

#include "platform/records/src/heating_types_for_tests.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace nuanshu::records {
namespace {

using store::Dialect;

class AnyRecords : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        const auto url = GetParam() == Dialect::sqlite ? "sqlite://" + directory_.path() + "/test.db"
                                                       : support::Postgres::shared().create_database();
        database_ = value_or_throw(store::open_database(url));
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

    support::TemporaryDirectory directory_;
    ManualClock clock_{1'768'465'800'000};
    std::unique_ptr<store::Database> database_;
    TypeRegistry registry_;
    std::unique_ptr<Records> records_;
};

INSTANTIATE_TEST_SUITE_P(Store, AnyRecords, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& each) { return each.param == Dialect::sqlite ? "sqlite" : "postgresql"; });

TEST_P(AnyRecords, a_record_comes_back_as_it_was_made) {
    auto made = station("xc.s01.n1.h023", "花园小区站");
    made.geometry = R"({"type":"Point","coordinates":[116.4,39.9]})";
    made.fields = {{"heated_area", 52'000.5},
                   {"floors", std::int64_t{9'007'199'254'740'993}},
                   {"automatic", true},
                   {"installed_on", "2019-10-15"},
                   {"inspected_at", std::int64_t{1'768'465'800'250}},
                   {"status", "running"},
                   {"notes", "two\nlines"},
                   {"settings", R"({"a":[1,2.5,null]})"}};
    const auto stored = add(made);
    EXPECT_TRUE(stored.id);
    EXPECT_EQ(stored.version, 1);
    EXPECT_EQ(stored.created_ms, clock_.now_ms());
    const auto read = value_or_throw(records_->get("station", "xc.s01.n1.h023"));
    EXPECT_EQ(read.id, stored.id);
    EXPECT_EQ(read.title, "花园小区站");
    EXPECT_EQ(read.geometry, made.geometry);
    EXPECT_EQ(read.fields, stored.fields);
    for (const auto& [name, value] : made.fields) {
        EXPECT_EQ(read.fields.at(name), value) << name;
    }
    EXPECT_EQ(read.fields.at("source"), FieldValue()) << "a field that was not given is null";
    EXPECT_EQ(read.fields.at("loops"), FieldValue(std::int64_t{1})) << "or its default";
}

TEST_P(AnyRecords, a_code_is_unique_over_all_types) {
    add(station("xc.a", "A"));
    const auto second = records_->create(source("xc.a", "also A"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_NE(second.error().message().find("taken by a station"), std::string::npos) << second.error().message();
    EXPECT_EQ(value_or_throw(records_->type_of("xc.a")), "station");
    EXPECT_EQ(records_->type_of("xc.b").error().code, ErrorCode::not_found);
}

TEST_P(AnyRecords, ids_are_unique_over_all_types_and_never_used_again) {
    const auto first = add(station("xc.a", "A")).id;
    const auto second = add(source("xc.b", "B")).id;
    EXPECT_NE(first, second);
    ASSERT_TRUE(records_->remove("heat_source", "xc.b"));
    EXPECT_NE(add(source("xc.b", "B")).id, second);
}

TEST_P(AnyRecords, all_faults_of_a_record_are_told_at_once) {
    auto wrong = station("No Code", std::string(201, 'x'));
    wrong.geometry = R"({"type":"Point","coordinates":[200,39.9]})";
    wrong.fields = {{"heated_area", std::nan("")},    {"floors", 1.5},      {"automatic", std::string("yes")},
                    {"installed_on", "2019-02-30"},   {"status", "runing"}, {"source", "Not a code"},
                    {"serial", std::string(31, 'x')}, {"heatd_area", 1.0}};
    const auto result = records_->create(wrong);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    const auto text = result.error().message();
    for (const char* wanted : {"code: ", "title: 201 characters", "geometry: [200, 39.9] is not on Earth",
                               "heated_area: nan", "floors: 1.5", "automatic: ", "installed_on: `2019-02-30`",
                               "status: `runing` is none of its choices; did you mean `running`?",
                               "source: ", "serial: 31 characters; at most 30",
                               "heatd_area: no field `heatd_area` in station; did you mean `heated_area`?"}) {
        EXPECT_NE(text.find(wanted), std::string::npos) << wanted << " in " << text;
    }
    EXPECT_EQ(value_or_throw(records_->count("station", {})), 0U);
}

TEST_P(AnyRecords, limits_and_required_fields_are_kept) {
    auto low = station("xc.a", "A");
    low.fields["heated_area"] = -5.0;
    EXPECT_NE(records_->create(low).error().message().find("heated_area: -5 is below 0"), std::string::npos);
    auto missing = source("xc.b", "B");
    missing.fields.erase("fuel");
    EXPECT_NE(records_->create(missing).error().message().find("fuel: is required"), std::string::npos);
    add(source("xc.b", "B"));
    Records::Patch clear;
    clear.fields["fuel"] = std::monostate();
    EXPECT_EQ(records_->change("heat_source", "xc.b", clear).error().code, ErrorCode::invalid);
}

TEST_P(AnyRecords, a_change_sets_what_it_names_and_counts_the_version) {
    add(station("xc.a", "A"));
    clock_.advance_ms(1'000);
    const auto changed = value_or_throw(set("xc.a", "heated_area", 5.0));
    EXPECT_EQ(changed.version, 2);
    EXPECT_EQ(changed.changed_ms, clock_.now_ms());
    EXPECT_EQ(changed.created_ms, clock_.now_ms() - 1'000);
    EXPECT_EQ(changed.title, "A");
    EXPECT_EQ(value_or_throw(set("xc.a", "heated_area", std::int64_t{5})).version, 2) << "the same value is no change";
    EXPECT_EQ(value_or_throw(set("xc.a", "heated_area", {})).fields.at("heated_area"), FieldValue());
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).version, 3);
}

TEST_P(AnyRecords, two_people_changing_one_record_do_not_overwrite_each_other) {
    const auto read = add(station("xc.a", "A"));
    Records::Patch first{.title = "first", .geometry = {}, .fields = {}, .expected_version = read.version};
    Records::Patch second{.title = "second", .geometry = {}, .fields = {}, .expected_version = read.version};
    ASSERT_TRUE(records_->change("station", "xc.a", first));
    const auto result = records_->change("station", "xc.a", second);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::conflict);
    EXPECT_NE(result.error().message().find("version 2 is stored, not 1"), std::string::npos)
        << result.error().message();
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).title, "first");
}

TEST_P(AnyRecords, at_the_same_moment_one_of_many_wins) {
    constexpr int people = 6;
    const auto read = add(station("xc.a", "A"));
    std::vector<std::future<bool>> attempts;
    for (int i = 0; i < people; ++i) {
        attempts.push_back(std::async(std::launch::async, [&, i] {
            const Records::Patch patch{
                .title = fmt::format("person {}", i), .geometry = {}, .fields = {}, .expected_version = read.version};
            return records_->change("station", "xc.a", patch).has_value();
        }));
    }
    int won = 0;
    for (auto& attempt : attempts) {
        won += attempt.get() ? 1 : 0;
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).version, 2);
}

TEST_P(AnyRecords, a_unique_value_that_is_taken_names_who_has_it) {
    auto first = station("xc.a", "A");
    first.fields["serial"] = "S-1";
    add(first);
    auto second = station("xc.b", "B");
    second.fields["serial"] = "S-1";
    const auto result = records_->create(second);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::conflict);
    EXPECT_NE(result.error().message().find("serial: must be unique; xc.a has this value already"), std::string::npos)
        << result.error().message();
    add(station("xc.b", "B"));
    add(station("xc.c", "two without a serial are fine"));
    EXPECT_EQ(set("xc.b", "serial", "S-1").error().code, ErrorCode::conflict);
}

TEST_P(AnyRecords, links_lead_to_records_of_the_right_type) {
    auto linked = station("xc.a", "A");
    linked.fields["source"] = "xc.s01";
    EXPECT_NE(records_->create(linked).error().message().find("there is no heat_source `xc.s01`"), std::string::npos);
    add(station("xc.other", "O"));
    linked.fields["source"] = "xc.other";
    EXPECT_NE(records_->create(linked).error().message().find("`xc.other` is a station; wanted a heat_source"),
              std::string::npos);
    add(source("xc.s01", "S"));
    linked.fields["source"] = "xc.s01";
    add(linked);
    const auto removed = records_->remove("heat_source", "xc.s01");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, ErrorCode::refused);
    EXPECT_NE(removed.error().message().find("station xc.a still links to it by `source`"), std::string::npos)
        << removed.error().message();
    ASSERT_TRUE(records_->remove("station", "xc.a"));
    EXPECT_TRUE(records_->remove("heat_source", "xc.s01"));
}

TEST_P(AnyRecords, what_has_something_below_is_not_removed) {
    add(station("xc.a", "A"));
    add(station("xc.a.b", "below"));
    add(station("xc.a-1", "beside"));
    const auto removed = records_->remove("station", "xc.a");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, ErrorCode::refused);
    EXPECT_NE(removed.error().message().find("xc.a.b"), std::string::npos);
    ASSERT_TRUE(records_->remove("station", "xc.a.b"));
    EXPECT_TRUE(records_->remove("station", "xc.a"));
    EXPECT_EQ(records_->get("station", "xc.a").error().code, ErrorCode::not_found);
}

TEST_P(AnyRecords, what_is_not_there_is_not_found_and_near_names_are_told) {
    EXPECT_NE(records_->get("statoin", "xc.a").error().message().find("did you mean `station`?"), std::string::npos);
    EXPECT_EQ(records_->get("station", "xc.nobody").error().code, ErrorCode::not_found);
    add(source("xc.s01", "S"));
    EXPECT_NE(records_->get("station", "xc.s01").error().message().find("is a heat_source"), std::string::npos);
    EXPECT_EQ(records_->change("station", "xc.nobody", {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->remove("station", "xc.nobody").error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->get("station", "'; DROP TABLE record_index; --").error().code, ErrorCode::not_found);
}

TEST_P(AnyRecords, upsert_writes_only_what_differs) {
    std::vector<Record> batch;
    for (int i = 0; i < 450; ++i) {
        batch.push_back(station(fmt::format("xc.h{:03}", i), fmt::format("站 {}", i)));
        batch.back().fields["floors"] = std::int64_t{i};
    }
    batch.push_back(source("xc.s01", "source"));
    batch[7].fields["source"] = "xc.s01";
    EXPECT_EQ(value_or_throw(records_->upsert(batch)), 451U);
    EXPECT_EQ(value_or_throw(records_->upsert(batch)), 0U);
    batch[3].fields["floors"] = std::int64_t{99};
    EXPECT_EQ(value_or_throw(records_->upsert(batch)), 1U);
    const auto changed = value_or_throw(records_->get("station", "xc.h003"));
    EXPECT_EQ(changed.version, 2);
    EXPECT_EQ(changed.fields.at("floors"), FieldValue(std::int64_t{99}));
    EXPECT_EQ(changed.fields.at("loops"), FieldValue(std::int64_t{1})) << "made with its default";
}

TEST_P(AnyRecords, upsert_is_all_or_nothing) {
    std::vector<Record> batch = {station("xc.a", "A"), station("xc.b", "B")};
    batch[1].fields["source"] = "xc.nobody";
    EXPECT_EQ(records_->upsert(batch).error().code, ErrorCode::invalid);
    EXPECT_EQ(value_or_throw(records_->count("station", {})), 0U);
    batch[1] = station("xc.a", "again");
    EXPECT_NE(records_->upsert(batch).error().message().find("twice"), std::string::npos);
    EXPECT_EQ(value_or_throw(records_->upsert({})), 0U);
    const std::vector<Record> incomplete = {[] {
        Record record = source("xc.s", "S");
        record.fields.clear();
        return record;
    }()};
    EXPECT_NE(records_->upsert(incomplete).error().message().find("fuel: is required"), std::string::npos);
}

TEST_P(AnyRecords, upsert_does_not_take_a_code_from_another_type) {
    add(source("xc.a", "A"));
    const std::vector<Record> batch = {station("xc.a", "A")};
    EXPECT_EQ(records_->upsert(batch).error().code, ErrorCode::conflict);
}

TEST_P(AnyRecords, listeners_hear_once_after_the_commit) {
    std::vector<std::vector<std::string>> heard;
    records_->on_change([&](std::span<const Change> changes) {
        std::vector<std::string> all;
        for (const auto& change : changes) {
            EXPECT_EQ(records_->get(change.type, change.code).has_value(), change.what != Change::What::removed)
                << "committed by now";
            all.push_back(fmt::format("{} {} {}", static_cast<int>(change.what), change.type, change.code));
        }
        heard.push_back(all);
    });
    add(station("xc.a", "A"));
    const std::vector<Record> batch = {station("xc.a", "A2"), station("xc.b", "B")};
    ASSERT_TRUE(records_->upsert(batch));
    ASSERT_TRUE(records_->upsert(batch));
    EXPECT_FALSE(records_->create(station("xc.a", "A")));
    ASSERT_TRUE(records_->remove("station", "xc.b"));
    EXPECT_EQ(heard, (std::vector<std::vector<std::string>>{
                         {"0 station xc.a"}, {"1 station xc.a", "0 station xc.b"}, {"2 station xc.b"}}));
}

TEST_P(AnyRecords, under_means_itself_and_what_lies_below) {
    for (const char* code : {"xc", "xc.a", "xc.a.b", "xc.a-1", "xc.ab", "xc.b.a"}) {
        add(station(code, code));
    }
    EXPECT_EQ(codes({.under = "xc.a"}), (std::vector<std::string>{"xc.a", "xc.a.b"}));
    EXPECT_EQ(codes({.under = "xc"}).size(), 6U);
    EXPECT_EQ(list_error({.under = "xc.%"}).code, ErrorCode::invalid);
}

TEST_P(AnyRecords, search_finds_text_in_code_and_title_as_it_stands) {
    add(station("xc.h01", "花园小区 100% A_b"));
    add(station("xc.h02", "东湖 Garden"));
    EXPECT_EQ(codes({.search = "小区"}), std::vector<std::string>{"xc.h01"});
    EXPECT_EQ(codes({.search = "garden"}), std::vector<std::string>{"xc.h02"});
    EXPECT_EQ(codes({.search = "H02"}), std::vector<std::string>{"xc.h02"});
    EXPECT_EQ(codes({.search = "0%"}), std::vector<std::string>{"xc.h01"});
    EXPECT_EQ(codes({.search = "a_b"}), std::vector<std::string>{"xc.h01"});
    for (const char* nothing : {"%", "_", "' OR 1=1 --", "\\", ":1"}) {
        EXPECT_LT(codes({.search = nothing}).size(), 2U) << nothing;
    }
    EXPECT_EQ(list_error({.search = std::string(201, 'x')}).code, ErrorCode::invalid);
    EXPECT_EQ(list_error({.search = "\xff"}).code, ErrorCode::invalid);
}

class AnyFilter : public AnyRecords {
 protected:
    void SetUp() override {
        AnyRecords::SetUp();
        const auto make = [&](const char* code, FieldValue area, FieldValue status, FieldValue automatic,
                              FieldValue floors) {
            auto record = station(code, std::string("title of ") + code);
            record.fields = {{"heated_area", std::move(area)},
                             {"status", std::move(status)},
                             {"automatic", std::move(automatic)},
                             {"floors", std::move(floors)}};
            add(record);
        };
        make("a", 1'000.0, "running", true, std::int64_t{7});
        make("b", 2'000.5, "stopped", false, std::int64_t{8});
        make("c", {}, {}, {}, {});
    }
};

INSTANTIATE_TEST_SUITE_P(Store, AnyFilter, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& each) { return each.param == Dialect::sqlite ? "sqlite" : "postgresql"; });

TEST_P(AnyFilter, selects_the_records_for_which_it_is_true) {
    using Codes = std::vector<std::string>;
    const std::vector<std::pair<std::string, Codes>> cases = {
        {"heated_area > 1000", {"b"}},
        {"heated_area >= 1000", {"a", "b"}},
        {"heated_area == 2000.5", {"b"}},
        {"1000 == heated_area", {"a"}},
        {"heated_area != 1000", {"b", "c"}},
        {"heated_area == null", {"c"}},
        {"has(heated_area)", {"a", "b"}},
        {"!has(heated_area)", {"c"}},
        {"status == 'running'", {"a"}},
        {"status != 'running'", {"b", "c"}},
        {"!(status == 'running')", {"b", "c"}},
        {"status in ['running', 'stopped']", {"a", "b"}},
        {"!(status in ['running'])", {"b", "c"}},
        {"status < 'sa'", {"a"}},
        {"automatic", {"a"}},
        {"!automatic", {"b"}},
        {"automatic == true", {"a"}},
        {"automatic != true", {"b", "c"}},
        {"(heated_area > 1500) == automatic", {}},
        {"(heated_area > 1500) != automatic", {"a", "b"}},
        {"true", {"a", "b", "c"}},
        {"false", {}},
        {"floors == 7", {"a"}},
        {"floors > 7.5", {"b"}},
        {"floors in [7, 8.0]", {"a", "b"}},
        {"floors / 2 > 3.6", {"b"}},
        {"floors / 2 == 3.5", {"a"}},
        {"floors % 4 == 3", {"a"}},
        {"-floors == -7", {"a"}},
        {"floors / 0 > 1", {}},
        {"floors % 0 == 1", {}},
        {"heated_area + floors * 2 - 1 < 1014", {"a"}},
        {"1 + 1 == 2", {"a", "b", "c"}},
        {"1 / 2 == 0.5", {"a", "b", "c"}},
        {"'a' == 'a'", {"a", "b", "c"}},
        {"floors > 7 || status == 'running'", {"a", "b"}},
        {"floors > 7 || code == 'c'", {"b", "c"}},
        {"status.startsWith('run')", {"a"}},
        {"status.endsWith('ped')", {"b"}},
        {"status.contains('n')", {"a"}},
        {"status.contains('')", {"a", "b"}},
        {"status.endsWith('')", {"a", "b"}},
        {"status.endsWith('unstopped')", {}},
        {"status.contains('%')", {}},
        {"title.contains(code)", {"a", "b", "c"}},
        {"title.endsWith(code)", {"a", "b", "c"}},
        {"title.startsWith(code)", {}},
        {"(automatic ? floors : heated_area) > 6", {"a", "b"}},
        {"automatic ? true : status == 'stopped'", {"a", "b"}},
        {"created_ms > 0 && changed_ms < 1e15", {"a", "b", "c"}},
        {"status == \"' OR 1=1 --\"", {}},
        {"status == ':1'", {}},
    };
    for (const auto& [filter, wanted] : cases) {
        const auto page = records_->list("station", {.filter = filter});
        ASSERT_TRUE(page) << filter << ": " << page.error().message();
        Codes got;
        for (const auto& record : page->records) {
            got.push_back(record.code);
        }
        EXPECT_EQ(got, wanted) << filter;
        EXPECT_EQ(value_or_throw(records_->count("station", {.filter = filter})), wanted.size()) << filter;
    }
}

TEST_P(AnyFilter, what_cannot_be_a_filter_is_refused_with_its_place) {
    for (const char* filter : {"heatd_area > 1", "heated_area >", "status > 5", "status", "5", "'x'", "null", "id == 1",
                               "1=1; DROP TABLE station", "status == 'a", "\"status\" OR 1", "heated_area.x > 1",
                               "automatic + 1 > 0", "status == ''; --"}) {
        const auto error = list_error({.filter = filter});
        EXPECT_EQ(error.code, ErrorCode::invalid) << filter << ": " << error.message();
        EXPECT_EQ(error.where.substr(0, 6), "filter") << filter << ": " << error.message();
    }
    EXPECT_NE(list_error({.filter = "heatd_area > 1"}).message().find("did you mean `heated_area`?"),
              std::string::npos);
}

TEST_P(AnyRecords, pages_cover_everything_exactly_once_in_any_order) {
    std::vector<Record> batch;
    for (int i = 0; i < 53; ++i) {
        batch.push_back(station(fmt::format("xc.h{:02}", i), fmt::format("title {}", i % 5)));
        batch.back().fields["heated_area"] = i % 4 == 0 ? FieldValue() : FieldValue(0.1 * (i % 7));
        batch.back().fields["automatic"] = i % 3 == 0 ? FieldValue() : FieldValue(i % 2 == 0);
        batch.back().fields["status"] = i % 2 == 0 ? FieldValue() : FieldValue(i % 3 == 0 ? "running" : "stopped");
    }
    ASSERT_TRUE(records_->upsert(batch));
    const std::vector<std::vector<SortKey>> sorts = {{},
                                                     {{"code", true}},
                                                     {{"title"}},
                                                     {{"title", true}, {"code", true}},
                                                     {{"heated_area"}},
                                                     {{"heated_area", true}},
                                                     {{"status", true}, {"heated_area"}, {"automatic", true}},
                                                     {{"changed_ms", true}, {"automatic"}}};
    for (const auto& sort : sorts) {
        for (const std::size_t limit : {1U, 7U, 53U, 54U, 1'000U}) {
            const Query whole{.sort = sort, .limit = 1'000};
            const Query parts{.sort = sort, .limit = limit};
            EXPECT_EQ(paged(parts), codes(whole)) << limit;
        }
    }
}

TEST_P(AnyRecords, null_sorts_last_both_ways) {
    for (const auto& [code, area] : std::map<std::string, FieldValue>{{"a", 2.0}, {"b", FieldValue()}, {"c", 1.0}}) {
        auto record = station(code, code);
        record.fields["heated_area"] = area;
        add(record);
    }
    EXPECT_EQ(codes({.sort = {{"heated_area"}}}), (std::vector<std::string>{"c", "a", "b"}));
    EXPECT_EQ(codes({.sort = {{"heated_area", true}}}), (std::vector<std::string>{"a", "c", "b"}));
}

TEST_P(AnyRecords, text_sorts_by_bytes) {
    for (const char* code : {"a", "b", "c", "d"}) {
        add(station(code,
                    std::map<std::string, std::string>{{"a", "ab"}, {"b", "B"}, {"c", "a-c"}, {"d", "暖"}}[code]));
    }
    EXPECT_EQ(codes({.sort = {{"title"}}}), (std::vector<std::string>{"b", "c", "a", "d"}));
}

TEST_P(AnyRecords, a_page_goes_on_where_it_ended_although_records_came_and_went) {
    for (const char* code : {"a", "b", "c", "d"}) {
        add(station(code, code));
    }
    const auto first = value_or_throw(records_->list("station", {.limit = 2}));
    ASSERT_TRUE(records_->remove("station", "b"));
    add(station("aa", "came before"));
    add(station("cc", "came after"));
    EXPECT_EQ(codes({.limit = 10, .after = first.next}), (std::vector<std::string>{"c", "cc", "d"}));
}

TEST_P(AnyRecords, wrong_sorts_limits_and_tokens_are_refused) {
    for (const char* code : {"a", "b"}) {
        add(station(code, code));
    }
    EXPECT_NE(list_error({.sort = {{"heatd_area"}}}).message().find("did you mean `heated_area`?"), std::string::npos);
    EXPECT_EQ(list_error({.sort = {{"code\"; DROP TABLE record_index; --"}}}).code, ErrorCode::invalid);
    EXPECT_EQ(list_error({.limit = 0}).code, ErrorCode::invalid);
    EXPECT_EQ(list_error({.limit = 1'001}).code, ErrorCode::invalid);
    for (const char* token : {"x", "!!", "bm9wZQ", "W10", "WyJjb2RlIl0", "WyJjb2RlIiwiYSIsImIiXQ", "WyJjb2RlIixbXV0"}) {
        EXPECT_EQ(list_error({.after = token}).code, ErrorCode::invalid) << token;
    }
    const auto by_title = value_or_throw(records_->list("station", {.sort = {{"title"}}, .limit = 1}));
    EXPECT_NE(list_error({.after = by_title.next}).message().find("sorted by `title,code`"), std::string::npos);
    EXPECT_EQ(codes({.sort = {{"title"}}, .after = by_title.next}), std::vector<std::string>{"b"});
}

TEST_P(AnyRecords, a_token_with_a_value_of_the_wrong_kind_is_refused_or_harmless) {
    add(station("a", "a"));
    const auto page =
        records_->list("station", {.sort = {{"heated_area"}}, .after = "WyJoZWF0ZWRfYXJlYSxjb2RlIiwieCIsImEiXQ"});
    EXPECT_TRUE(page || page.error().code == ErrorCode::invalid) << page.error().message();
}

TEST_P(AnyRecords, new_types_and_fields_appear_by_themselves) {
    add(station("xc.a", "A"));
    auto types = heating_types();
    types[0].fields.push_back({.name = "design_flow", .kind = FieldKind::number, .default_value = "2.5", .line = 7});
    types[0].fields.push_back({.name = "remark", .kind = FieldKind::text});
    types.push_back({.name = "valve", .file = "types/valve.yaml"});
    open(types);
    const auto old = value_or_throw(records_->get("station", "xc.a"));
    EXPECT_EQ(old.fields.at("design_flow"), FieldValue(2.5));
    EXPECT_EQ(old.fields.at("remark"), FieldValue());
    EXPECT_EQ(old.version, 1);
    Record valve;
    valve.type = "valve";
    valve.code = "xc.a.v1";
    add(valve);
    open(types);
    EXPECT_EQ(value_or_throw(records_->type_of("xc.a.v1")), "valve");
}

TEST_P(AnyRecords, a_new_required_field_needs_a_default_once_there_are_records) {
    auto types = heating_types();
    types[0].fields.push_back({.name = "design_flow", .kind = FieldKind::number, .required = true, .line = 42});
    EXPECT_TRUE(try_open(types)) << "no records yet";
    open(types);
    auto record = station("xc.a", "A");
    record.fields["design_flow"] = 1.0;
    add(record);
    types[0].fields.push_back({.name = "loops_max", .kind = FieldKind::integer, .required = true, .line = 43});
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    EXPECT_NE(refused.error().what.find("types/station.yaml:43"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("default"), std::string::npos) << refused.error().what;
}

TEST_P(AnyRecords, a_field_with_data_is_not_dropped_and_the_way_out_works) {
    auto record = station("xc.a", "A");
    record.fields["status"] = "running";
    add(record);
    auto types = heating_types();
    std::erase_if(types[0].fields, [](const Field& field) { return field.name == "status"; });
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    for (const char* wanted :
         {"types/station.yaml", "fields.status", "1 records hold a value", "declare it again", "null"}) {
        EXPECT_NE(refused.error().what.find(wanted), std::string::npos) << wanted << " in " << refused.error().what;
    }
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).fields.at("status"), FieldValue("running"));
    ASSERT_TRUE(set("xc.a", "status", {}));
    EXPECT_TRUE(try_open(types));
    open(types);
    EXPECT_FALSE(value_or_throw(records_->get("station", "xc.a")).fields.contains("status"));
}

TEST_P(AnyRecords, a_kind_changes_only_while_the_column_is_empty) {
    auto record = station("xc.a", "A");
    record.fields["floors"] = std::int64_t{3};
    add(record);
    auto types = heating_types();
    auto& floors = *std::find_if(types[0].fields.begin(), types[0].fields.end(),
                                 [](const Field& field) { return field.name == "floors"; });
    floors.kind = FieldKind::text;
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("was `integer` and is now `text`"), std::string::npos) << refused.error().what;
    ASSERT_TRUE(set("xc.a", "floors", {}));
    open(types);
    EXPECT_EQ(value_or_throw(set("xc.a", "floors", "three")).fields.at("floors"), FieldValue("three"));
}

TEST_P(AnyRecords, all_that_stands_in_the_way_is_told_at_once_and_nothing_is_done) {
    auto record = station("xc.a", "A");
    record.fields = {{"floors", std::int64_t{3}}, {"status", "running"}};
    add(record);
    auto types = heating_types();
    std::erase_if(types[0].fields, [](const Field& field) { return field.name == "status" || field.name == "floors"; });
    types[0].fields.push_back({.name = "brand_new", .kind = FieldKind::text});
    const auto refused = try_open(types);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("fields.status"), std::string::npos);
    EXPECT_NE(refused.error().what.find("fields.floors"), std::string::npos);
    open(heating_types());
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).fields.at("floors"), FieldValue(std::int64_t{3}));
}

TEST_P(AnyRecords, unique_can_be_switched_on_and_off) {
    auto types = heating_types();
    auto& serial = *std::find_if(types[0].fields.begin(), types[0].fields.end(),
                                 [](const Field& field) { return field.name == "serial"; });
    serial.unique = false;
    open(types);
    for (const char* code : {"xc.a", "xc.b"}) {
        auto record = station(code, code);
        record.fields["serial"] = "S-1";
        add(record);
    }
    const auto refused = try_open(heating_types());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("is now unique"), std::string::npos) << refused.error().what;
    ASSERT_TRUE(set("xc.b", "serial", "S-2"));
    open(heating_types());
    EXPECT_EQ(set("xc.b", "serial", "S-1").error().code, ErrorCode::conflict);
}

TEST_P(AnyRecords, a_type_that_goes_keeps_its_records_for_its_return) {
    add(station("xc.a", "A"));
    auto types = heating_types();
    types.erase(types.begin());
    open(types);
    EXPECT_EQ(records_->type_of("xc.a").error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->create(source("xc.a", "A")).error().code, ErrorCode::conflict) << "its code stays taken";
    open(heating_types());
    EXPECT_EQ(value_or_throw(records_->get("station", "xc.a")).title, "A");
}

TEST_P(AnyRecords, very_long_names_make_tables_and_indexes_too) {
    const std::string long_type(48, 't');
    Type type{.name = long_type, .file = "types/long.yaml"};
    for (const char last : {'a', 'b'}) {
        type.fields.push_back({.name = std::string(62, 'f') + last, .kind = FieldKind::text, .unique = true});
    }
    auto types = heating_types();
    types.push_back(type);
    open(types);
    open(types);
    for (const char* code : {"xc.a", "xc.b"}) {
        Record record;
        record.type = long_type;
        record.code = code;
        record.fields[type.fields[1].name] = "same";
        EXPECT_EQ(records_->create(record).has_value(), std::string(code) == "xc.a");
    }
}

}  // namespace
}  // namespace nuanshu::records
