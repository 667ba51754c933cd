#include <map>

#include <gtest/gtest.h>

#include "platform/records/src/records_fixture_for_tests.h"

namespace nuanshu::records {
namespace {

class RecordsListing : public AnyRecords {};
NUANSHU_ON_BOTH_DATABASES(RecordsListing);

TEST_P(RecordsListing, under_means_itself_and_what_lies_below) {
    for (const char* code : {"xc", "xc.a", "xc.a.b", "xc.a-1", "xc.ab", "xc.b.a"}) {
        add(station(code, code));
    }
    EXPECT_EQ(codes({.under = "xc.a"}), (std::vector<std::string>{"xc.a", "xc.a.b"}));
    EXPECT_EQ(codes({.under = "xc"}).size(), 6U);
    EXPECT_EQ(list_error({.under = "xc.%"}).code, ErrorCode::invalid);
}

TEST_P(RecordsListing, search_finds_text_in_code_and_title_as_it_stands) {
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

NUANSHU_ON_BOTH_DATABASES(AnyFilter);

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

TEST_P(RecordsListing, pages_cover_everything_exactly_once_in_any_order) {
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

TEST_P(RecordsListing, null_sorts_last_both_ways) {
    for (const auto& [code, area] : std::map<std::string, FieldValue>{{"a", 2.0}, {"b", FieldValue()}, {"c", 1.0}}) {
        auto record = station(code, code);
        record.fields["heated_area"] = area;
        add(record);
    }
    EXPECT_EQ(codes({.sort = {{"heated_area"}}}), (std::vector<std::string>{"c", "a", "b"}));
    EXPECT_EQ(codes({.sort = {{"heated_area", true}}}), (std::vector<std::string>{"a", "c", "b"}));
}

TEST_P(RecordsListing, text_sorts_by_bytes) {
    for (const char* code : {"a", "b", "c", "d"}) {
        add(station(code,
                    std::map<std::string, std::string>{{"a", "ab"}, {"b", "B"}, {"c", "a-c"}, {"d", "暖"}}[code]));
    }
    EXPECT_EQ(codes({.sort = {{"title"}}}), (std::vector<std::string>{"b", "c", "a", "d"}));
}

TEST_P(RecordsListing, a_page_goes_on_where_it_ended_although_records_came_and_went) {
    for (const char* code : {"a", "b", "c", "d"}) {
        add(station(code, code));
    }
    const auto first = value_or_throw(records_->list("station", {.limit = 2}));
    ASSERT_TRUE(records_->remove("station", "b"));
    add(station("aa", "came before"));
    add(station("cc", "came after"));
    EXPECT_EQ(codes({.limit = 10, .after = first.next}), (std::vector<std::string>{"c", "cc", "d"}));
}

TEST_P(RecordsListing, wrong_sorts_limits_and_tokens_are_refused) {
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

TEST_P(RecordsListing, a_token_with_a_value_of_the_wrong_kind_is_refused_or_harmless) {
    add(station("a", "a"));
    const auto page =
        records_->list("station", {.sort = {{"heated_area"}}, .after = "WyJoZWF0ZWRfYXJlYSxjb2RlIiwieCIsImEiXQ"});
    EXPECT_TRUE(page || page.error().code == ErrorCode::invalid) << page.error().message();
}

}  // namespace
}  // namespace nuanshu::records
