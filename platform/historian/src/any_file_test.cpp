// Whatever happens to the files of a store that is closed, opening it and asking gives what was stored, less what the
// damage took and is reported; never something else.

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;

constexpr std::size_t point_count = 3;

double value_of(std::int64_t time_ms) {
    return static_cast<double>(time_ms * 37 % 10'007) / 10;
}

std::vector<Sample> batch(std::span<const PointId> points, std::int64_t number) {
    std::vector<Sample> samples;
    for (std::int64_t i = 0; i < 50; ++i) {
        for (const PointId point : points) {
            const std::int64_t time_ms = number * 50 + i;
            samples.push_back({point, Quality::good, time_ms, value_of(time_ms)});
        }
    }
    return samples;
}

/// A store with chunks in files, a log that is needed, and everything else it writes.
void fill(const std::string& folder, std::int64_t batches) {
    test::Store store(folder);
    const auto points = store.points(point_count);
    for (std::int64_t number = 0; number < batches; ++number) {
        ASSERT_TRUE(store->append(batch(points, number)));
        if (number == batches / 2) {
            ASSERT_TRUE(store->flush());
        }
    }
}

/// How many samples are there and right; what is not right is a failure of the test.
std::size_t count_right(const SampleStore& store) {
    std::size_t right = 0;
    for (std::uint32_t id = 1; id <= point_count; ++id) {
        for (std::int64_t from_ms = 0; from_ms < 6'000; from_ms += 500) {
            const auto samples = store.read(PointId{id}, {from_ms, from_ms + 500}, 1'000);
            if (!samples) {
                EXPECT_EQ(samples.error().code, ErrorCode::corrupt) << samples.error().message();
                EXPECT_NE(samples.error().message().find("point"), std::string::npos) << samples.error().message();
                continue;
            }
            for (const auto& sample : *samples) {
                EXPECT_EQ(sample.value, value_of(sample.time_ms));
                EXPECT_EQ(sample.quality, Quality::good);
            }
            right += samples->size();
        }
    }
    return right;
}

void flip(const fs::path& path, std::uintmax_t at, char by) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ by);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    ASSERT_TRUE(file.good());
}

std::vector<fs::path> files_of(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.file_size() > 0) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

TEST(AnyFile, with_a_flipped_byte_gives_right_samples_or_an_error_that_names_the_place) {
    const TemporaryDirectory original;
    fill(original.path(), 100);
    std::mt19937_64 random(11);
    for (const auto& file : files_of(original.path())) {
        for (int i = 0; i < 3; ++i) {
            SCOPED_TRACE(file.filename().string());
            const TemporaryDirectory folder;
            fs::copy(original.path(), folder.path(), fs::copy_options::recursive);
            flip(fs::path(folder.path()) / file.filename(), random() % fs::file_size(file), static_cast<char>(1 << i));
            Metrics metrics;
            const auto store = open_embedded_store({.directory = folder.path()}, metrics);
            if (!store) {
                EXPECT_NE(store.error().message().find(folder.path()), std::string::npos) << store.error().message();
                continue;
            }
            count_right(**store);
            const auto point = (*store)->intern(std::vector<std::string>{"new"});
            ASSERT_TRUE(point) << point.error().message();
            EXPECT_TRUE((*store)->append(batch(*point, 1)));
        }
    }
}

/// The newest write-ahead log.
fs::path newest_log(const std::string& folder) {
    fs::path newest;
    for (const auto& file : files_of(folder)) {
        if (file.extension() == ".log") {
            newest = file;
        }
    }
    return newest;
}

void check_torn(const std::string& original, std::uintmax_t cut, std::string_view garbage) {
    const TemporaryDirectory folder;
    fs::copy(original, folder.path(), fs::copy_options::recursive);
    const fs::path log = newest_log(folder.path());
    ASSERT_FALSE(log.empty());
    fs::resize_file(log, fs::file_size(log) - cut);
    std::ofstream(log, std::ios::app | std::ios::binary) << garbage;
    test::Store store(folder.path());
    const std::size_t right = count_right(*store);
    EXPECT_EQ(right % (50 * point_count), 0U) << "a batch is there in part";
    EXPECT_GT(right, 2'500 * point_count);
    const std::int64_t stored = static_cast<std::int64_t>(right / (50 * point_count));
    ASSERT_TRUE(store->append(batch(store.points(point_count), stored)));
    store.reopen();
    EXPECT_EQ(count_right(*store), right + 50 * point_count);
}

TEST(AnyFile, a_torn_end_of_the_write_ahead_log_loses_the_last_batches_as_a_whole_and_no_others) {
    const TemporaryDirectory original;
    fill(original.path(), 100);
    for (const std::uintmax_t cut : {1U, 7U, 400U, 1'500U, 5'000U}) {
        SCOPED_TRACE(cut);
        check_torn(original.path(), cut, "");
        check_torn(original.path(), cut, std::string(3'000, '\0'));
    }
}

TEST(AnyFile, a_read_only_disk_is_named) {
    const TemporaryDirectory disk;
    if (::mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=32m") != 0) {
        GTEST_SKIP() << "mounting a small file system needs root";
    }
    const std::string folder = disk.path() + "/samples";
    fill(folder, 10);
    ASSERT_EQ(::mount("", disk.path().c_str(), "", MS_REMOUNT | MS_RDONLY, ""), 0);
    Metrics metrics;
    const auto store = open_embedded_store({.directory = folder}, metrics);
    EXPECT_FALSE(store);
    if (!store) {
        EXPECT_EQ(store.error().code, ErrorCode::unavailable);
        EXPECT_NE(store.error().message().find(folder), std::string::npos) << store.error().message();
        EXPECT_NE(store.error().message().find("Read-only file system"), std::string::npos) << store.error().message();
    }
    ASSERT_EQ(::mount("", disk.path().c_str(), "", MS_REMOUNT, ""), 0);
    {
        test::Store again(folder);
        EXPECT_EQ(count_right(*again), 500 * point_count);
    }
    ::umount2(disk.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace nuanshu::historian
