#include <cmath>
#include <future>

#include <gtest/gtest.h>

#include "platform/records/src/records_fixture_for_tests.h"

namespace nuanshu::records {
namespace {

class RecordsWriting : public AnyRecords {};
NUANSHU_ON_BOTH_DATABASES(RecordsWriting);

TEST_P(RecordsWriting, a_record_comes_back_as_it_was_made) {
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

TEST_P(RecordsWriting, a_code_is_unique_over_all_types) {
    add(station("xc.a", "A"));
    const auto second = records_->create(source("xc.a", "also A"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_NE(second.error().message().find("taken by a station"), std::string::npos) << second.error().message();
    EXPECT_EQ(value_or_throw(records_->type_of("xc.a")), "station");
    EXPECT_EQ(records_->type_of("xc.b").error().code, ErrorCode::not_found);
}

TEST_P(RecordsWriting, ids_are_unique_over_all_types_and_never_used_again) {
    const auto first = add(station("xc.a", "A")).id;
    const auto second = add(source("xc.b", "B")).id;
    EXPECT_NE(first, second);
    ASSERT_TRUE(records_->remove("heat_source", "xc.b"));
    EXPECT_NE(add(source("xc.b", "B")).id, second);
}

TEST_P(RecordsWriting, all_faults_of_a_record_are_told_at_once) {
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

TEST_P(RecordsWriting, limits_and_required_fields_are_kept) {
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

TEST_P(RecordsWriting, a_change_sets_what_it_names_and_counts_the_version) {
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

TEST_P(RecordsWriting, two_people_changing_one_record_do_not_overwrite_each_other) {
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

TEST_P(RecordsWriting, at_the_same_moment_one_of_many_wins) {
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

TEST_P(RecordsWriting, a_unique_value_that_is_taken_names_who_has_it) {
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

TEST_P(RecordsWriting, links_lead_to_records_of_the_right_type) {
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

TEST_P(RecordsWriting, what_has_something_below_is_not_removed) {
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

TEST_P(RecordsWriting, what_is_not_there_is_not_found_and_near_names_are_told) {
    EXPECT_NE(records_->get("statoin", "xc.a").error().message().find("did you mean `station`?"), std::string::npos);
    EXPECT_EQ(records_->get("station", "xc.nobody").error().code, ErrorCode::not_found);
    add(source("xc.s01", "S"));
    EXPECT_NE(records_->get("station", "xc.s01").error().message().find("is a heat_source"), std::string::npos);
    EXPECT_EQ(records_->change("station", "xc.nobody", {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->remove("station", "xc.nobody").error().code, ErrorCode::not_found);
    EXPECT_EQ(records_->get("station", "'; DROP TABLE record_index; --").error().code, ErrorCode::not_found);
}

TEST_P(RecordsWriting, upsert_writes_only_what_differs) {
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

TEST_P(RecordsWriting, upsert_is_all_or_nothing) {
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

TEST_P(RecordsWriting, upsert_does_not_take_a_code_from_another_type) {
    add(source("xc.a", "A"));
    const std::vector<Record> batch = {station("xc.a", "A")};
    EXPECT_EQ(records_->upsert(batch).error().code, ErrorCode::conflict);
}

TEST_P(RecordsWriting, listeners_hear_once_after_the_commit) {
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

}  // namespace
}  // namespace nuanshu::records
