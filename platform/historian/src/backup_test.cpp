#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "platform/historian/life.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t start_ms = 1'768'464'000'000;  // 2026-01-15T08:00:00Z

/// A store with a backup folder beside it.
class BackupTest : public ::testing::Test {
 protected:
    BackupTest() : point_(store_.points(1)[0]) {}

    void append(std::int64_t count) {
        std::vector<Sample> samples;
        for (std::int64_t i = 0; i < count; ++i) {
            samples.push_back({point_, Quality::good, next_ms_, static_cast<double>(next_ms_ % 977)});
            next_ms_ += minute_ms;
        }
        value_or_throw(store_->append(samples));
    }

    Backup back_up(BackupKind kind, std::int64_t at_ms, int chains_kept = 0) {
        return value_or_throw(store_->life()->back_up(
            {.directory = backups(), .kind = kind, .at_ms = at_ms, .chains_kept = chains_kept}, {}));
    }

    Result<Backup> restore(const std::string& name, std::optional<std::int64_t> moment_ms, const std::string& to) {
        return restore_backup({.backup_directory = backups(), .name = name, .moment_ms = moment_ms, .to = path(to)},
                              {});
    }

    std::size_t samples_in(const std::string& restored) {
        test::Store store(path(restored));
        EXPECT_EQ(store->life()->verify({}).value().damage_count, 0U);
        return store->size().value().samples;
    }

    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string backups() const { return path("backups"); }

    TemporaryDirectory folder_;
    test::Store store_{folder_.path() + "/store"};
    PointId point_;
    std::int64_t next_ms_ = start_ms;
};

/// Flips a bit in the middle of the largest file below a folder. @return its path
std::string damage_largest_file(const std::string& folder) {
    fs::path largest;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && (largest.empty() || entry.file_size() > fs::file_size(largest))) {
            largest = entry.path();
        }
    }
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(largest) / 2);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(middle);
    file.put(byte);
    return largest.string();
}

TEST_F(BackupTest, a_store_is_restored_as_it_was_at_any_of_its_backups) {
    append(5'000);
    const Backup first = back_up(BackupKind::full, start_ms);
    append(300);
    const Backup second = back_up(BackupKind::incremental, start_ms + 10);
    value_or_throw(store_->flush());
    append(7);
    const Backup third = back_up(BackupKind::full, start_ms + 20);
    EXPECT_EQ(first.name(), "20260115T080000Z/1");
    EXPECT_EQ(second.name(), "20260115T080000Z/2");
    EXPECT_EQ(third.name(), "20260115T080001Z/1");
    EXPECT_TRUE(first.full);
    EXPECT_FALSE(second.full);
    EXPECT_TRUE(third.full);
    const auto listed = list_backups(backups()).value();
    ASSERT_EQ(listed.size(), 3U);
    EXPECT_EQ(listed[1].name(), second.name());
    EXPECT_EQ(listed[2].at_ms, start_ms + 20);
    EXPECT_EQ(restore("", {}, "newest").value().name(), third.name());
    EXPECT_EQ(samples_in("newest"), 5'307U);
    EXPECT_EQ(restore("", start_ms + 19, "moment").value().name(), second.name());
    EXPECT_EQ(samples_in("moment"), 5'300U);
    EXPECT_EQ(restore(first.name(), {}, "named").value().name(), first.name());
    EXPECT_EQ(samples_in("named"), 5'000U);
}

TEST_F(BackupTest, what_cannot_be_restored_says_what_can) {
    append(10);
    back_up(BackupKind::full, start_ms);
    const auto too_old = restore("", start_ms - 1, "to");
    ASSERT_FALSE(too_old);
    EXPECT_EQ(too_old.error().code, ErrorCode::not_found);
    EXPECT_NE(too_old.error().message().find("20260115T080000Z/1 of 2026-01-15T08:00:00Z"), std::string::npos)
        << too_old.error().message();
    EXPECT_EQ(restore("", {}, "store").error().code, ErrorCode::conflict);
    EXPECT_EQ(restore_backup({.backup_directory = path("none"), .name = "", .moment_ms = {}, .to = path("to")}, {})
                  .error()
                  .code,
              ErrorCode::not_found);
    EXPECT_FALSE(fs::exists(path("to")));
    EXPECT_TRUE(list_backups(path("none")).value().empty());
}

TEST_F(BackupTest, a_journal_leads_a_backup_on_to_any_moment) {
    Metrics metrics;
    const EmbeddedSettings settings{
        .directory = path("journaled"), .sync = false, .day_offset_ms = 8 * 3'600'000LL, .journal = true};
    auto store = value_or_throw(open_embedded_store(settings, metrics));
    const auto points = value_or_throw(store->intern(std::array{std::string("a/flow"), std::string("a/heat")}));
    std::int64_t value = 0;
    const auto write = [&](std::int64_t at_ms) {
        for (int i = 0; i < 100; ++i, ++value) {
            value_or_throw(store->append(std::array{Sample{points[0], Quality::good, start_ms + value, 1.0},
                                                    Sample{points[1], Quality::good, start_ms - value, 2.0}}));
        }
        value_or_throw(store->life()->write_journal(backups(), at_ms));
    };
    const auto back_up_at = [&](std::int64_t at_ms) {
        value_or_throw(store->life()->back_up(
            {.directory = backups(), .kind = BackupKind::incremental, .at_ms = at_ms, .chains_kept = 0}, {}));
    };
    write(start_ms);
    back_up_at(start_ms + 1'000);
    write(start_ms + 5'000);
    value_or_throw(store->flush());
    write(start_ms + 10'000);
    const Correction mistake{.point = points[0],
                             .range = {0, start_ms + 250},
                             .samples = {},
                             .by = "wang",
                             .reason = "wrong point",
                             .at_ms = 0};
    value_or_throw(store->life()->correct(mistake));
    write(start_ms + 15'000);
    store.reset();
    store = value_or_throw(open_embedded_store(settings, metrics));
    write(start_ms + 20'000);
    back_up_at(start_ms + 21'000);
    write(start_ms + 25'000);
    const auto restored_to = [&](std::int64_t moment_ms) {
        const std::string to = fmt::format("at {}", moment_ms);
        const auto backup = value_or_throw(restore("", moment_ms, to));
        test::Store at_moment(path(to));
        EXPECT_EQ(at_moment->life()->verify({}).value().damage_count, 0U);
        return std::tuple(backup.at_ms - start_ms, at_moment->read(points[0], test::all_time, 10'000).value().size(),
                          at_moment->read(points[1], test::all_time, 10'000).value().size());
    };
    EXPECT_EQ(restored_to(start_ms + 4'999), std::tuple(1'000, 100U, 100U));
    EXPECT_EQ(restored_to(start_ms + 5'000), std::tuple(5'000, 200U, 200U));
    EXPECT_EQ(restored_to(start_ms + 14'999), std::tuple(10'000, 300U, 300U));
    EXPECT_EQ(restored_to(start_ms + 19'999), std::tuple(15'000, 150U, 400U));
    EXPECT_EQ(restored_to(start_ms + 20'500), std::tuple(20'000, 250U, 500U));
    EXPECT_EQ(restored_to(start_ms + 22'000), std::tuple(21'000, 250U, 500U));
    EXPECT_EQ(restored_to(start_ms + 99'000), std::tuple(25'000, 350U, 600U));
}

TEST_F(BackupTest, a_journal_that_is_cut_off_or_damaged_ends_there) {
    Metrics metrics;
    const EmbeddedSettings settings{.directory = path("journaled"), .sync = false, .day_offset_ms = 0, .journal = true};
    auto store = value_or_throw(open_embedded_store(settings, metrics));
    const PointId flow = value_or_throw(store->intern(std::array{std::string("a/flow")}))[0];
    value_or_throw(store->life()->write_journal(backups(), start_ms));
    value_or_throw(store->life()->back_up(
        {.directory = backups(), .kind = BackupKind::full, .at_ms = start_ms, .chains_kept = 0}, {}));
    for (int i = 0; i < 10; ++i) {
        value_or_throw(store->append(std::array{Sample{flow, Quality::good, start_ms + i, 1.0}}));
        value_or_throw(store->life()->write_journal(backups(), start_ms + i));
    }
    const auto file = fs::directory_iterator(backups() + "/journal")->path();
    fs::resize_file(file, fs::file_size(file) - 3);
    EXPECT_EQ(value_or_throw(restore("", start_ms + 100, "cut")).at_ms, start_ms + 8);
    EXPECT_EQ(samples_in("cut"), 9U);
    damage_largest_file(backups() + "/journal");
    const auto reached = value_or_throw(restore("", start_ms + 100, "damaged")).at_ms - start_ms;
    EXPECT_LT(reached, 8);
    EXPECT_EQ(samples_in("damaged"), static_cast<std::size_t>(reached) + 1);
    EXPECT_EQ(store_->life()->write_journal(backups(), start_ms).error().code, ErrorCode::unsupported);
}

TEST_F(BackupTest, only_so_many_chains_are_kept) {
    for (int i = 0; i < 4; ++i) {
        append(5);
        back_up(BackupKind::full, start_ms + i * 3'600'000, 2);
    }
    const auto listed = list_backups(backups()).value();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].chain, "20260115T100000Z");
    EXPECT_EQ(restore("20260115T100000Z/1", {}, "kept").value().number, 1U);
    EXPECT_EQ(samples_in("kept"), 15U);
}

TEST_F(BackupTest, a_stopped_backup_or_restore_leaves_nothing_that_is_taken_for_whole) {
    append(20'000);
    value_or_throw(store_->flush());
    std::stop_source stop;
    stop.request_stop();
    const JobControl stopped{.progress = {}, .stop = stop.get_token()};
    const BackupRequest request{.directory = backups(), .kind = BackupKind::full, .at_ms = start_ms, .chains_kept = 0};
    EXPECT_EQ(store_->life()->back_up(request, stopped).error().code, ErrorCode::cancelled);
    EXPECT_TRUE(list_backups(backups()).value().empty());
    back_up(BackupKind::incremental, start_ms + 1);
    EXPECT_EQ(list_backups(backups()).value().size(), 1U);
    EXPECT_TRUE(list_backups(backups()).value()[0].full);
    const RestoreRequest back{.backup_directory = backups(), .name = "", .moment_ms = {}, .to = path("to")};
    EXPECT_EQ(restore_backup(back, stopped).error().code, ErrorCode::cancelled);
    EXPECT_FALSE(fs::exists(path("to")));
    EXPECT_TRUE(restore_backup(back, {}));
    EXPECT_EQ(samples_in("to"), 20'000U);
    EXPECT_EQ(store_->life()->verify(stopped).error().code, ErrorCode::cancelled);
    EXPECT_EQ(store_->life()->compact(stopped).error().code, ErrorCode::cancelled);
}

TEST_F(BackupTest, damage_in_a_backup_is_found_and_never_restored) {
    append(20'000);
    value_or_throw(store_->flush());
    const Backup good = back_up(BackupKind::full, start_ms);
    const Backup bad = back_up(BackupKind::full, start_ms + 1'000);
    EXPECT_EQ(verify_backups(backups(), "", {}).value().damage_count, 0U);
    damage_largest_file(backups() + "/" + bad.chain);
    const auto found = verify_backups(backups(), "", {}).value();
    ASSERT_EQ(found.damage_count, 1U);
    EXPECT_EQ(found.damages[0].place, bad.name());
    EXPECT_GT(found.files, 2U);
    EXPECT_EQ(verify_backups(backups(), good.name(), {}).value().damage_count, 0U);
    EXPECT_EQ(verify_backups(backups(), "20260115T080000Z/9", {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(restore(bad.name(), {}, "to").error().code, ErrorCode::corrupt);
    EXPECT_FALSE(fs::exists(path("to")));
    EXPECT_TRUE(restore(good.name(), {}, "to"));
}

TEST_F(BackupTest, verify_names_the_damaged_file_and_point_and_reads_on) {
    append(50'000);
    value_or_throw(store_->flush());
    value_or_throw(store_->life()->compact({}));
    EXPECT_EQ(store_->life()->verify({}).value().damage_count, 0U);
    store_.close();
    const std::string damaged = damage_largest_file(path("store"));
    store_.open();
    const auto found = store_->life()->verify({}).value();
    ASSERT_GE(found.damage_count, 2U);
    EXPECT_EQ(found.damages[0].place, damaged);
    EXPECT_NE(found.damages[1].place.find("xc.s01.n1.h1/supply_temperature"), std::string::npos)
        << found.damages[1].place;
    EXPECT_GT(found.files, 1U);
    EXPECT_GT(found.bytes, 0U);
}

}  // namespace
}  // namespace nuanshu::historian
