#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/src/chunk_reader.h"
#include "platform/historian/src/int_blocks.h"
#include "platform/historian/src/int_lines.h"
#include "platform/historian/src/int_runs.h"
#include "platform/historian/src/packed_lanes.h"

namespace nuanshu::historian {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

TEST(PackedLanes, every_width_and_count_comes_back) {
    std::mt19937_64 random(3);
    for (unsigned width = 0; width <= 64; ++width) {
        for (const std::size_t count : {1U, 3U, 4U, 5U, 31U, 97U, 127U, 128U}) {
            std::vector<std::uint64_t> numbers(count);
            for (auto& number : numbers) {
                number = width == 0 ? 0 : random() >> (64 - width);
            }
            std::string bytes;
            pack_lanes(bytes, numbers, width);
            ASSERT_EQ(bytes.size(), lanes_bytes(count, width));
            const std::string exactly_so_many = bytes;
            const PackedGroup group{reinterpret_cast<const std::uint8_t*>(exactly_so_many.data()), count, width};
            std::array<std::uint64_t, lanes_group> back;
            unpack_lanes_wide(group, back);
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(back[i], numbers[i]) << "width " << width << ", number " << i << " of " << count;
                ASSERT_EQ(unpack_one(group, i), numbers[i]);
            }
        }
    }
}

TEST(PackedLanes, a_whole_group_takes_no_more_bytes_than_its_bits) {
    for (unsigned width = 0; width <= 64; ++width) {
        EXPECT_EQ(lanes_bytes(lanes_group, width), width * lanes_group / 8);
    }
}

TEST(IntLines, agree_with_the_plain_way_at_every_length) {
    std::mt19937 random(6);
    for (std::size_t count = 1; count <= 130; ++count) {
        std::vector<std::int32_t> numbers(count);
        std::generate(numbers.begin(), numbers.end(), [&] { return static_cast<std::int32_t>(random() % 50) - 25; });
        const IntRange range = range_of(numbers);
        EXPECT_EQ(range.min, range_of_plainly(numbers).min);
        EXPECT_EQ(range.max, range_of_plainly(numbers).max);
        EXPECT_EQ(first_of(numbers, range.min), first_of_plainly(numbers, range.min));
        EXPECT_EQ(first_of(numbers, numbers.back()), first_of_plainly(numbers, numbers.back()));
    }
}

IntPart plain_part(std::span<const std::int64_t> values, std::size_t from, std::size_t to) {
    const auto part = values.subspan(from, to - from);
    const auto min = std::min_element(part.begin(), part.end());
    const auto max = std::max_element(part.begin(), part.end());
    return {part.front(),
            part.back(),
            *min,
            *max,
            from + static_cast<std::size_t>(min - part.begin()),
            from + static_cast<std::size_t>(max - part.begin())};
}

void expect_same(const IntPart& got, const IntPart& expected) {
    EXPECT_EQ(got.first, expected.first);
    EXPECT_EQ(got.last, expected.last);
    EXPECT_EQ(got.min, expected.min);
    EXPECT_EQ(got.max, expected.max);
    EXPECT_EQ(got.min_at, expected.min_at);
    EXPECT_EQ(got.max_at, expected.max_at);
}

/// Reads `values` back in whole and in parts. @return bytes
template <class Form, class Encode>
std::size_t check_form(Encode encode, std::span<const std::int64_t> values) {
    std::string bytes;
    encode(bytes, values);
    ByteReader in(bytes);
    Form form;
    form.parse(in, values.size());
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.left(), 0U);
    std::vector<std::int64_t> back(values.size());
    form.decode(back);
    EXPECT_TRUE(std::equal(values.begin(), values.end(), back.begin(), back.end()));
    std::mt19937_64 random(9);
    for (int i = 0; i < 60; ++i) {
        const std::size_t from = random() % values.size();
        const std::size_t to = from + 1 + random() % (values.size() - from);
        expect_same(form.part(from, to), plain_part(values, from, to));
        WideInt sum = 0;
        for (const auto value : values.subspan(from, to - from)) {
            sum += value;
        }
        EXPECT_TRUE(form.sum(from, to) == sum) << from << " … " << to;
    }
    return bytes.size();
}

void check_both(const std::vector<std::int64_t>& values) {
    check_form<IntBlocks>(encode_blocks, values);
    check_form<IntRuns>(encode_runs, values);
}

template <class Next>
std::vector<std::int64_t> list_of(std::size_t count, Next next) {
    std::vector<std::int64_t> values(count);
    std::generate(values.begin(), values.end(), next);
    return values;
}

TEST(IntParts, are_those_of_the_plain_list_whatever_the_list) {
    std::mt19937_64 random(1);
    for (const std::size_t count : {1U, 2U, 127U, 128U, 129U, 256U, 1'000U, 1'024U, 3'000U}) {
        SCOPED_TRACE(count);
        std::int64_t level = 0;
        check_both(list_of(count, [&] { return std::int64_t{7}; }));
        check_both(list_of(count, [&] { return level += 5; }));
        check_both(list_of(count, [&] { return level -= 5; }));
        check_both(list_of(count, [&] { return level += static_cast<std::int64_t>(random() % 3); }));
        check_both(list_of(count, [&] { return level += static_cast<std::int64_t>(random() % 3) - 1; }));
        check_both(list_of(count, [&] { return level += random() % 90 == 0 ? 1 : 0; }));
        check_both(list_of(count, [&] { return static_cast<std::int64_t>(random() % 1'000'000'000); }));
        check_both(list_of(count, [&] { return static_cast<std::int64_t>(random()); }));
        check_both(list_of(count, [&] { return random() % 2 == 0 ? most : least; }));
        check_both(list_of(count, [&] { return static_cast<std::int64_t>(random() >> random() % 64); }));
    }
}

TEST(IntBlocks, an_order_that_is_none_a_width_too_great_and_a_short_end_are_refused) {
    std::string bytes;
    encode_blocks(bytes, list_of(300, [i = std::int64_t{0}]() mutable { return (i += 37) % 1'000; }));
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
        ByteReader in(std::string_view(bytes).substr(0, cut));
        IntBlocks blocks;
        blocks.parse(in, 300);
        EXPECT_FALSE(in.ok()) << cut;
    }
    for (const auto& [at, byte] : {std::pair<std::size_t, char>{0, 2}, {2, 65}}) {
        std::string wrong = std::string("\0\0\0", 3) + std::string(600, '\0');
        wrong[at] = byte;
        ByteReader in(wrong);
        IntBlocks blocks;
        blocks.parse(in, 128);
        EXPECT_FALSE(in.ok()) << at;
    }
}

Columns decimals(std::size_t count, bool evenly) {
    std::mt19937_64 random(2);
    Columns columns;
    std::int64_t level = 400;
    std::int64_t time_ms = -5'000;
    for (std::size_t i = 0; i < count; ++i) {
        level += static_cast<std::int64_t>(random() % 5) - 2;
        time_ms += evenly ? 10'000 : 1 + static_cast<std::int64_t>(random() % 20'000);
        columns.push_back(time_ms, static_cast<double>(level) / 10, Quality::manual);
    }
    return columns;
}

TEST(ChunkReader, a_part_is_what_its_samples_come_to) {
    std::mt19937_64 random(4);
    for (const bool evenly : {true, false}) {
        const Columns columns = decimals(1'000, evenly);
        const std::string bytes = encode_chunk(columns.view());
        ChunkReader reader;
        ASSERT_TRUE(reader.open(bytes, columns.time_ms[0]));
        ASSERT_TRUE(reader.open_index().value());
        for (int i = 0; i < 200; ++i) {
            const std::size_t from = random() % columns.size();
            const std::size_t to = from + 1 + random() % (columns.size() - from);
            const ChunkSummary expected = summarise(columns.view().part(from, to));
            const ChunkSummary got = reader.part(from, to);
            EXPECT_EQ(got.first_ms, expected.first_ms);
            EXPECT_EQ(got.last_ms, expected.last_ms);
            EXPECT_EQ(got.min_ms, expected.min_ms);
            EXPECT_EQ(got.max_ms, expected.max_ms);
            EXPECT_EQ(got.min, expected.min);
            EXPECT_EQ(got.max, expected.max);
            EXPECT_EQ(got.first, expected.first);
            EXPECT_EQ(got.last, expected.last);
            EXPECT_NEAR(reader.sum(from, to), expected.sum, 1e-9);
            const std::int64_t time_ms = columns.time_ms[from] + static_cast<std::int64_t>(random() % 3) - 1;
            EXPECT_EQ(reader.first_at_or_after(time_ms), first_at_or_after(columns.view(), time_ms));
        }
    }
}

TEST(ChunkReader, a_summary_is_the_same_written_as_integers_or_not) {
    Columns columns = decimals(700, true);
    for (const double odd : {0.1, std::nan(""), -0.0, 1e300}) {
        columns.value[13] = odd;
        const ChunkSummary expected = summarise(columns.view());
        const ChunkSummary got = read_chunk_summary(encode_chunk(columns.view()), columns.time_ms[0]).value();
        EXPECT_EQ(got.count, expected.count);
        EXPECT_EQ(got.bad_count, expected.bad_count);
        EXPECT_EQ(got.min, expected.min);
        EXPECT_EQ(got.max, expected.max);
        EXPECT_EQ(got.max_ms, expected.max_ms);
        EXPECT_EQ(got.min_ms, expected.min_ms);
        EXPECT_NEAR(got.sum, expected.sum, std::abs(expected.sum) * 1e-12);
        EXPECT_EQ(got.quality, Quality::manual);
    }
}

TEST(ChunkReader, what_cannot_be_looked_into_says_so) {
    Columns columns = decimals(500, true);
    columns.quality[3] = Quality::wire_break;
    ChunkReader reader;
    const std::string mixed = encode_chunk(columns.view());
    ASSERT_TRUE(reader.open(mixed, columns.time_ms[0]));
    EXPECT_FALSE(reader.open_index().value());
    columns = decimals(500, true);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        columns.value[i] = std::sqrt(static_cast<double>(i));
    }
    const std::string irrational = encode_chunk(columns.view());
    ASSERT_TRUE(reader.open(irrational, columns.time_ms[0]));
    EXPECT_FALSE(reader.open_index().value());
}

}  // namespace
}  // namespace nuanshu::historian
