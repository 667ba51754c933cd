#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "platform/historian/src/sample_files.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using support::TemporaryDirectory;

/// Values that cannot be compressed, so that the files are large and a byte in the middle belongs to some chunk.
std::vector<Sample> noise(std::span<const PointId> points, std::int64_t count) {
    std::mt19937_64 random(1);
    std::vector<Sample> samples;
    for (std::int64_t i = 0; i < count; ++i) {
        for (const PointId point : points) {
            samples.push_back({point, Quality::good, i * 1'000, static_cast<double>(random()) * 1e-3});
        }
    }
    return samples;
}

std::string largest_file(const std::string& folder, const std::string& extension) {
    std::string largest;
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == extension && entry.file_size() > bytes) {
            bytes = entry.file_size();
            largest = entry.path();
        }
    }
    return largest;
}

void flip_byte_in_the_middle(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 0x20);
    file.seekp(at);
    file.put(byte);
    ASSERT_TRUE(file.good());
}

TEST(DamagedStore, a_flipped_byte_in_a_file_is_named_and_the_rest_is_served) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(3);
    ASSERT_TRUE(store->append(noise(points, 10'000)));
    ASSERT_TRUE(store->flush());
    store.close();
    flip_byte_in_the_middle(largest_file(folder.path(), ".sst"));
    store.open();
    std::vector<Error> errors;
    for (const PointId point : points) {
        if (const auto samples = store->read(point, test::all_time, 100'000); !samples) {
            errors.push_back(samples.error());
        } else {
            EXPECT_EQ(samples->size(), 10'000U);
        }
    }
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].code, ErrorCode::corrupt);
    EXPECT_NE(errors[0].message().find("point "), std::string::npos) << errors[0].message();
    EXPECT_NE(errors[0].message().find(".sst"), std::string::npos) << errors[0].message();
    EXPECT_TRUE(store->append(noise(points, 1)));
    EXPECT_TRUE(store->size());
}

TEST(DamagedStore, a_flipped_byte_in_the_log_leaves_what_was_logged_before_it) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(1);
    const auto samples = noise(points, 1'000);
    for (std::size_t i = 0; i < samples.size(); i += 10) {
        ASSERT_TRUE(store->append(std::span(samples).subspan(i, 10)));
    }
    store.close();
    flip_byte_in_the_middle(largest_file(folder.path(), ".log"));
    store.open();
    const auto left = store->read(points[0], test::all_time, 10'000).value();
    EXPECT_GT(left.size(), 300U);
    EXPECT_LT(left.size(), 1'000U);
    for (std::size_t i = 0; i < left.size(); ++i) {
        EXPECT_EQ(left[i].time_ms, samples[i].time_ms);
    }
    EXPECT_TRUE(store->append(samples));
}

/// Puts bytes that are no chunk where point 1's chunk from `first_ms` would be.
void spoil_chunk(const std::string& folder, std::int64_t first_ms) {
    const auto files = value_or_throw(SampleFiles::open(folder));
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(files->chunks(), chunk_key(PointId{1}, first_ms), "\x02 no chunk at all").ok());
    ASSERT_TRUE(files->write(batch, SampleFiles::Durability::process_end));
}

TEST(DamagedStore, a_damaged_chunk_is_named_and_other_times_of_the_point_are_served) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto point = store.points(1);
    ASSERT_TRUE(store->append(noise(point, 100)));
    ASSERT_TRUE(store->flush());
    store.close();
    spoil_chunk(folder.path(), 1'000'000);
    store.open();
    EXPECT_EQ(store->read(point[0], {0, 1'000'000}, 1'000).value().size(), 100U);
    const auto damaged = store->read(point[0], test::all_time, 1'000);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
    EXPECT_NE(damaged.error().message().find("point 1, chunk from 1000000 ms: checksum"), std::string::npos)
        << damaged.error().message();
    EXPECT_FALSE(store->value_as_of(point[0], 2'000'000));
}

TEST(DamagedStore, samples_that_fall_into_a_damaged_chunk_are_stored) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto point = store.points(1);
    store.close();
    spoil_chunk(folder.path(), 5'000);
    store.open();
    ASSERT_TRUE(store->append(noise(point, 100)));
    ASSERT_TRUE(store->flush());
    store.reopen();
    EXPECT_EQ(store->read(point[0], test::all_time, 1'000).value().size(), 100U);
}

/// Appends of one sample of each point, all in the log and none in a chunk, and the log in a file of its own.
std::vector<Sample> write_log_file(test::Store& store, const std::string& folder, std::size_t point_count) {
    const auto points = store.points(point_count);
    auto samples = noise(points, 900);
    for (std::size_t i = 0; i < samples.size(); i += point_count) {
        EXPECT_TRUE(store->append(std::span(samples).subspan(i, point_count)));
    }
    store.close();
    const auto files = value_or_throw(SampleFiles::open(folder));
    EXPECT_TRUE(files->flush());
    return samples;
}

TEST(DamagedStore, a_flipped_byte_in_a_file_of_the_log_costs_the_entries_around_it_once) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto samples = write_log_file(store, folder.path(), 20);
    flip_byte_in_the_middle(largest_file(folder.path(), ".sst"));
    store.open();
    const auto left = store->read(PointId{1}, test::all_time, 10'000).value();
    EXPECT_GT(left.size(), 600U);
    EXPECT_LT(left.size(), 900U);
    EXPECT_EQ(left.front().time_ms, samples.front().time_ms);
    EXPECT_EQ(left.back().time_ms, samples.back().time_ms);
    store.reopen();
    EXPECT_EQ(store->read(PointId{1}, test::all_time, 10'000).value().size(), left.size());
    EXPECT_TRUE(store->append(samples));
    ASSERT_TRUE(store->flush());
    store.reopen();
    EXPECT_EQ(store->read(PointId{1}, test::all_time, 10'000).value().size(), 900U);
    EXPECT_EQ(store->size().value().samples, samples.size());
}

TEST(DamagedStore, damage_found_while_files_are_merged_does_not_stop_the_writing) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(4);
    ASSERT_TRUE(store->append(noise(std::span(points).first(1), 20'000)));
    ASSERT_TRUE(store->flush());
    store.close();
    flip_byte_in_the_middle(largest_file(folder.path(), ".sst"));
    store.open();
    const auto written = std::span(points).subspan(1);
    std::int64_t rounds = 0;
    // Each flush makes a file, and a few files make a merge, which meets the damage.
    while (store.metrics().counter("nuanshu_historian_damaged_files_total", "").value() == 0 && rounds < 400) {
        auto samples = noise(points, 30);
        for (auto& sample : samples) {
            sample.time_ms += (100'000 + rounds * 30) * 1'000;
        }
        ++rounds;
        ASSERT_TRUE(store->append(samples));
        ASSERT_TRUE(store->flush());
    }
    EXPECT_LT(rounds, 400);
    for (int more = 0; more < 8; ++more) {
        ASSERT_TRUE(store->append(noise(written, 30)));
        ASSERT_TRUE(store->flush());
    }
    for (const PointId point : written) {
        EXPECT_EQ(store->read(point, {90'000'000, std::numeric_limits<std::int64_t>::max()}, 100'000).value().size(),
                  static_cast<std::size_t>(rounds * 30));
    }
    const auto damaged = store->read(points[0], test::all_time, 100'000);
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.error().message().find(".sst"), std::string::npos) << damaged.error().message();
    store.reopen();
    EXPECT_TRUE(store->append(noise(written, 30)));
}

TEST(DamagedStore, another_format_is_refused_with_the_way_out) {
    const TemporaryDirectory folder;
    {
        const auto files = value_or_throw(SampleFiles::open(folder.path()));
        rocksdb::WriteBatch batch;
        ASSERT_TRUE(batch.Put("format", "\x01").ok());
        ASSERT_TRUE(files->write(batch, SampleFiles::Durability::process_end));
    }
    Metrics metrics;
    const auto store = open_embedded_store({.directory = folder.path()}, metrics);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::unsupported);
    EXPECT_NE(store.error().message().find("format 1; this program knows format 2"), std::string::npos);
}

}  // namespace
}  // namespace nuanshu::historian
