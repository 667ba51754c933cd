#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using support::TemporaryDirectory;

constexpr std::size_t point_count = 3;
constexpr std::int64_t batch_samples = 200;  ///< of each point

/// Sample i of batch b of a point: what it must be is known from its place.
double value_of(PointId point, std::int64_t time_ms) {
    return static_cast<double>(time_ms * 7 + point.value) / 10;
}

std::vector<Sample> batch(std::span<const PointId> points, std::int64_t number) {
    std::vector<Sample> samples;
    for (std::int64_t i = 0; i < batch_samples; ++i) {
        const std::int64_t time_ms = number * batch_samples + i;
        for (const PointId point : points) {
            samples.push_back({point, Quality::good, time_ms, value_of(point, time_ms)});
        }
    }
    return samples;
}

/// Checks that the store holds the first `acknowledged` batches, and of later ones only whole ones. @return how many it
/// holds
std::int64_t check_batches(test::Store& store, std::span<const PointId> points, std::int64_t acknowledged) {
    std::int64_t held = -1;
    for (const PointId point : points) {
        const auto samples = store->read(point, test::all_time, 10'000'000).value();
        const auto count = static_cast<std::int64_t>(samples.size());
        EXPECT_GE(count, acknowledged * batch_samples);
        EXPECT_EQ(count % batch_samples, 0);
        EXPECT_TRUE(held < 0 || held == count / batch_samples) << "a batch is stored for one point and not for another";
        held = count / batch_samples;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto& sample = samples[static_cast<std::size_t>(i)];
            if (sample.time_ms != i || sample.value != value_of(point, i)) {
                ADD_FAILURE() << "sample " << i << " of point " << point.value << " is " << sample.time_ms << ", "
                              << sample.value;
                return held;
            }
        }
    }
    return held;
}

/// The other process of the test below: appends and says so, until it is killed.
TEST(KilledProcess, DISABLED_appends) {
    const char* directory = std::getenv("NUANSHU_TEST_STORE");
    const char* first = std::getenv("NUANSHU_TEST_FIRST_BATCH");
    ASSERT_TRUE(directory != nullptr && first != nullptr);
    test::Store store(directory);
    const auto points = store.points(point_count);
    for (std::int64_t number = std::atoll(first);; ++number) {
        value_or_throw(store->append(batch(points, number)));
        const std::string line = fmt::format("stored {};\n", number);
        ASSERT_EQ(::write(STDOUT_FILENO, line.data(), line.size()), static_cast<ssize_t>(line.size()));
        if (number % 7 == 6) {
            value_or_throw(store->flush());
        }
    }
}

std::int64_t last_stored(const std::string& output, std::int64_t first) {
    std::int64_t number = first - 1;
    while (output.find(fmt::format("stored {};", number + 1)) != std::string::npos) {
        ++number;
    }
    return number;
}

/// NUANSHU_KILL_ROUNDS, or as many as are quick.
int kill_rounds() {
    const char* wanted = std::getenv("NUANSHU_KILL_ROUNDS");
    return wanted == nullptr ? 20 : std::max(1, std::atoi(wanted));
}

/// Lets another process append to the folder's store and kills it: as soon as it has stored some batches, or some
/// milliseconds later, in the middle of whatever it does then. @return how many batches it has acknowledged in all
std::int64_t append_and_kill(const std::string& folder, std::int64_t stored, std::mt19937& random) {
    auto process = value_or_throw(support::Process::start(
        {"env", "NUANSHU_TEST_STORE=" + folder, "NUANSHU_TEST_FIRST_BATCH=" + std::to_string(stored),
         std::filesystem::read_symlink("/proc/self/exe"), "--gtest_filter=KilledProcess.DISABLED_appends",
         "--gtest_also_run_disabled_tests"}));
    const auto wanted = stored + static_cast<std::int64_t>(random() % 25);
    EXPECT_TRUE(process.wait_for_output(fmt::format("stored {};", wanted), 30'000)) << process.output();
    EXPECT_FALSE(process.wait_for_output("never written", static_cast<int>(random() % 20)));
    process.kill_now();
    return last_stored(process.output(), stored) + 1;
}

TEST(EmbeddedStore, loses_nothing_acknowledged_when_killed) {
    std::mt19937 random(5);
    std::int64_t total = 0;
    const int rounds = kill_rounds();
    for (int round = 0; round < rounds && !::testing::Test::HasFailure();) {
        const TemporaryDirectory folder;
        std::int64_t stored = 0;
        for (int life = 0; life < 25 && round < rounds && !::testing::Test::HasFailure(); ++life, ++round) {
            const std::int64_t acknowledged = append_and_kill(folder.path(), stored, random);
            test::Store store(folder.path());
            stored = check_batches(store, store.points(point_count), acknowledged);
            EXPECT_EQ(store->size().value().samples, static_cast<std::uint64_t>(stored * batch_samples) * point_count);
        }
        total += stored;
    }
    fmt::print("killed {} times, {} samples acknowledged\n", rounds,
               total * batch_samples * static_cast<std::int64_t>(point_count));
    EXPECT_GT(total, rounds);
}

/// A file system of 32 MiB in memory, as long as the object.
class SmallDisk {
 public:
    SmallDisk() { mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=32m") == 0; }
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(folder_.path().c_str(), MNT_DETACH);
        }
    }
    bool mounted() const { return mounted_; }
    std::string path() const { return folder_.path(); }

 private:
    TemporaryDirectory folder_;
    bool mounted_ = false;
};

/// Appends until it is refused. @return batches acknowledged in all, and why the next one was not
std::pair<std::int64_t, Error> append_until_refused(test::Store& store, std::span<const PointId> points,
                                                    std::int64_t number) {
    while (number < 1'000'000) {
        if (auto appended = store->append(batch(points, number)); !appended) {
            return {number, appended.error()};
        }
        ++number;
    }
    return {number, Error{}};
}

TEST(EmbeddedStore, a_full_disk_loses_nothing_acknowledged_and_is_left_behind_when_there_is_room) {
    const SmallDisk disk;
    if (!disk.mounted()) {
        GTEST_SKIP() << "mounting a small file system needs root";
    }
    const std::string ballast = disk.path() + "/ballast";
    std::ofstream(ballast) << std::string(12 << 20, 'x');
    test::Store store(disk.path() + "/samples");
    const auto points = store.points(point_count);
    const auto [stored, error] = append_until_refused(store, points, 0);
    EXPECT_EQ(error.code, ErrorCode::exhausted) << error.message();
    EXPECT_NE(error.message().find("disk is full"), std::string::npos) << error.message();
    EXPECT_GT(stored, 0);
    EXPECT_EQ(append_until_refused(store, points, stored).second.code, ErrorCode::exhausted);
    EXPECT_EQ(check_batches(store, points, stored), stored);
    std::filesystem::remove(ballast);
    value_or_throw(store->append(batch(points, stored)));
    value_or_throw(store->append(batch(points, stored + 1)));
    EXPECT_EQ(check_batches(store, points, stored + 2), stored + 2);
    store.reopen();
    EXPECT_EQ(check_batches(store, points, stored + 2), stored + 2);
}

}  // namespace
}  // namespace nuanshu::historian
