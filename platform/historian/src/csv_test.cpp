#include "platform/historian/csv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/line_protocol.h"
#include "platform/historian/query.h"
#include "platform/historian/src/csv_lines.h"
#include "platform/historian/src/number_text.h"
#include "platform/historian/src/test_store.h"
#include "platform/historian/src/text_cases.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

std::string as_text(const std::string& code, const StoredSample& sample) {
    std::string text = code + " " + std::to_string(sample.time_ms) + " ";
    put_number(text, sample.value);
    text += " ";
    put_quality(text, sample.quality);
    return text;
}

class CsvTest : public ::testing::Test {
 protected:
    std::string write(const std::string& text) {
        const std::string path = folder_.path() + "/samples.csv";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    ImportResult import(const std::string& text, ImportSettings settings = {}) {
        return import_csv(write(text), *store_, settings).value();
    }

    std::vector<PointId> all_points() {
        std::vector<PointId> points;
        for (std::uint32_t id = 1; !store_->code_of(PointId{id}).empty(); ++id) {
            points.push_back(PointId{id});
        }
        return points;
    }

    std::vector<std::string> stored() {
        std::vector<std::string> samples;
        for (const PointId point : all_points()) {
            for (const auto& sample : value_or_throw(store_->read(point, test::all_time, 1'000'000))) {
                samples.push_back(as_text(store_->code_of(point), sample));
            }
        }
        return samples;
    }

    std::string exported(const ExportSettings& settings = {}) {
        std::string text;
        const auto write = [&](std::string_view piece) -> Result<> {
            EXPECT_TRUE(piece.ends_with('\n'));
            text += piece;
            return {};
        };
        value_or_throw(export_csv(*store_, all_points(), widest_range, settings, write));
        return text;
    }

    support::TemporaryDirectory folder_;
    test::Store store_{folder_.path() + "/store"};
};

TEST(CsvCases, every_text_gives_its_samples_and_faults) {
    const auto cases = test::read_text_cases("csv");
    ASSERT_GE(cases.size(), 8U);
    for (const auto& one : cases) {
        SCOPED_TRACE(one.name);
        const support::TemporaryDirectory folder;
        test::Store store(folder.path() + "/store");
        std::ofstream(folder.path() + "/text.csv", std::ios::binary) << one.text;
        const auto result = import_csv(folder.path() + "/text.csv", *store, {}).value();
        std::vector<std::string> expected = one.samples;
        std::vector<std::string> found;
        for (std::uint32_t id = 1; !store->code_of(PointId{id}).empty(); ++id) {
            for (const auto& sample : value_or_throw(store->read(PointId{id}, test::all_time, 1'000))) {
                found.push_back(as_text(store->code_of(PointId{id}), sample));
            }
        }
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
        EXPECT_EQ(found, expected);
        ASSERT_EQ(result.faults.size(), one.faults.size());
        EXPECT_EQ(result.bad_lines, one.faults.size());
        EXPECT_EQ(result.samples, one.samples.size());
        for (std::size_t i = 0; i < one.faults.size(); ++i) {
            EXPECT_EQ(result.faults[i].line, one.faults[i].line);
            EXPECT_EQ(result.faults[i].field, one.faults[i].field) << result.faults[i].text;
            EXPECT_NE(result.faults[i].text.find(one.faults[i].words), std::string::npos) << result.faults[i].text;
        }
    }
}

TEST_F(CsvTest, a_bad_line_makes_no_point) {
    import("ghost,yesterday,1\nreal,1,1\nghost2,1,x\n");
    EXPECT_EQ(all_points().size(), 1U);
    EXPECT_EQ(store_->code_of(PointId{1}), "real");
}

TEST_F(CsvTest, the_last_line_may_lack_its_end_and_an_empty_file_is_none) {
    EXPECT_EQ(import("a,1,1\na,2,2").samples, 2U);
    EXPECT_EQ(import("").lines, 0U);
    EXPECT_EQ(import("point,time,value").lines, 0U);
}

/// Some 12 MB over several pieces and threads; each point's value at each time is written twice, the right one later.
TEST_F(CsvTest, over_many_pieces_the_later_line_wins_and_line_numbers_are_right) {
    std::string text;
    std::vector<int> bad_lines;
    int line = 0;
    for (int pass = 0; pass < 2; ++pass) {
        for (int i = 0; i < 150'000; ++i) {
            text +=
                fmt::format("station.{:03}/supply_temperature,{},{}\n", i % 300, 1'700'000'000 + i / 300, i * 2 + pass);
            ++line;
            if (i % 30'001 == 7) {
                text += "broken line\n";
                bad_lines.push_back(++line);
            }
        }
    }
    const auto result = import(text, {.threads = 4});
    EXPECT_EQ(result.samples, 300'000U);
    EXPECT_EQ(result.lines, 300'000U + bad_lines.size());
    ASSERT_EQ(result.faults.size(), bad_lines.size());
    for (std::size_t i = 0; i < bad_lines.size(); ++i) {
        EXPECT_EQ(result.faults[i].line, bad_lines[i]);
    }
    for (int i = 0; i < 150'000; i += 997) {
        const auto point = store_->find(fmt::format("station.{:03}/supply_temperature", i % 300)).value();
        EXPECT_EQ(store_->value_as_of(point, (1'700'000'000LL + i / 300) * 1'000).value()->value, i * 2 + 1);
    }
    EXPECT_EQ(value_or_throw(store_->size()).samples, 150'000U);
}

TEST_F(CsvTest, kept_faults_are_bounded_and_all_are_counted) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "wrong wrong wrong wrong wrong wrong wrong wrong\n";
    }
    const auto result = import(text + "a,1,1\n", {.faults_max = 5});
    EXPECT_EQ(result.bad_lines, 100'000U);
    EXPECT_EQ(result.samples, 1U);
    ASSERT_EQ(result.faults.size(), 5U);
    EXPECT_EQ(result.faults[4].line, 5);
}

TEST_F(CsvTest, files_that_are_none_are_named) {
    const auto missing = import_csv(folder_.path() + "/absent.csv", *store_, {});
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_NE(missing.error().message().find("absent.csv"), std::string::npos);
    EXPECT_EQ(import_csv(folder_.path(), *store_, {}).error().code, ErrorCode::unavailable);
    const auto binary = import_csv(write(std::string(5'000'000, 'x')), *store_, {});
    EXPECT_EQ(binary.error().code, ErrorCode::invalid);
    EXPECT_NE(binary.error().what.find("is this text?"), std::string::npos);
}

TEST_F(CsvTest, a_stop_ends_an_import_and_doing_it_again_gives_the_same) {
    std::string text;
    for (int i = 0; i < 400'000; ++i) {
        text += fmt::format("p{},{},{}\n", i % 10, 1'700'000'000 + i / 10, i);
    }
    const auto path = write(text);
    std::stop_source stop;
    ImportSettings settings;
    settings.progress = [&](const ImportProgress& progress) {
        EXPECT_EQ(progress.bytes_total, text.size());
        stop.request_stop();
    };
    const auto stopped = import_csv(path, *store_, settings, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_EQ(import_csv(path, *store_, {}).value().samples, 400'000U);
    EXPECT_EQ(value_or_throw(store_->size()).samples, 400'000U);
}

TEST_F(CsvTest, a_text_that_ended_while_the_import_was_stopped_does_not_pass_for_whole) {
    std::stop_source stop;
    stop.request_stop();
    const auto path = write("");
    EXPECT_EQ(import_csv(path, *store_, {}, stop.get_token()).error().code, ErrorCode::cancelled);
    EXPECT_EQ(import_line_protocol(path, *store_, {}, {}, stop.get_token()).error().code, ErrorCode::cancelled);
}

TEST_F(CsvTest, what_is_exported_reads_back_the_same) {
    std::mt19937_64 random(5);
    const auto points = store_->intern(std::vector<std::string>{"a/x", "with, comma", "say \"hi\"", "17"}).value();
    std::vector<Sample> samples;
    for (int i = 0; i < 20'000; ++i) {
        double value = 0;
        const std::uint64_t bits = random();
        std::memcpy(&value, &bits, sizeof value);
        value = random() % 4 == 0 ? value : static_cast<double>(random() % 100'000) / 100;
        value = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
        const auto time_ms = static_cast<std::int64_t>(random() % 4'000'000'000'000) - 1'000'000'000'000;
        samples.push_back({points[random() % 4], static_cast<Quality>(random() % 256), time_ms, value});
    }
    samples.push_back({points[0], Quality::good, 253'402'300'799'999, -0.0});
    value_or_throw(store_->append(samples));
    const auto before = stored();
    for (const bool iso_times : {false, true}) {
        const std::string text = exported({.iso_times = iso_times});
        EXPECT_TRUE(text.starts_with("point,time,value,quality\n"));
        store_.close();
        std::filesystem::remove_all(folder_.path() + "/store");
        store_.open();
        value_or_throw(store_->intern(std::vector<std::string>{"a/x", "with, comma", "say \"hi\"", "17"}));
        const auto result = import(text);
        EXPECT_EQ(result.bad_lines, 0U) << to_string(result.faults);
        EXPECT_EQ(stored(), before);
    }
}

TEST_F(CsvTest, a_writer_that_fails_ends_the_export) {
    import("a,1,1\n");
    const auto refuse = [](std::string_view) -> Result<> { return fail(ErrorCode::exhausted, "disk", "full"); };
    EXPECT_EQ(export_csv(*store_, all_points(), widest_range, {}, refuse).error().code, ErrorCode::exhausted);
    std::stop_source stop;
    stop.request_stop();
    const auto take = [](std::string_view) -> Result<> { return {}; };
    EXPECT_EQ(export_csv(*store_, all_points(), widest_range, {}, take, stop.get_token()).error().code,
              ErrorCode::cancelled);
    EXPECT_EQ(export_csv(*store_, std::vector{PointId{9}}, widest_range, {}, take).error().code, ErrorCode::not_found);
}

/// The library's own reading is the judge.
TEST(NumberText, numbers_are_read_as_the_library_reads_them) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 200'000; ++i) {
        const auto digits = random() >> (random() % 64);
        std::string text = std::to_string(digits);
        text.insert(random() % (text.size() + 1), random() % 2 == 0 ? "." : "");
        text = (random() % 3 == 0 ? "-" : "") + text +
               (random() % 8 == 0 ? "e" + std::to_string(static_cast<int>(random() % 40) - 20) : "");
        double number = 0;
        const char* end = read_number(text.data(), text.data() + text.size(), number);
        ASSERT_EQ(end, text.data() + text.size()) << text;
        ASSERT_EQ(number, std::strtod(text.c_str(), nullptr)) << text;
    }
}

TEST(NumberText, what_is_written_reads_back) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 100'000; ++i) {
        const auto time_ms = static_cast<std::int64_t>(random() >> (random() % 63)) * (random() % 2 == 0 ? 1 : -1);
        std::string text;
        put_unix_time(text, time_ms);
        std::int64_t back = 0;
        ASSERT_EQ(read_unix_time(text.data(), text.data() + text.size(), back), text.data() + text.size()) << text;
        ASSERT_EQ(back, time_ms) << text;
    }
}

}  // namespace
}  // namespace nuanshu::historian
