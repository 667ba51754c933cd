#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/src/chunk.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/log_record.h"
#include "platform/historian/src/packed_ints.h"
#include "platform/historian/src/value_codec.h"

namespace nuanshu::historian {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

/// Bytes that `values` take, having checked that they come back.
std::size_t check_ints(const std::vector<std::int64_t>& values) {
    std::string bytes;
    encode_ints(bytes, values);
    std::vector<std::int64_t> back(values.size());
    ByteReader in(bytes);
    decode_ints(in, back);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.left(), 0U);
    EXPECT_EQ(back, values);
    return bytes.size();
}

std::size_t check_values(const std::vector<double>& values) {
    std::string bytes;
    encode_values(bytes, values);
    std::vector<double> back(values.size());
    ByteReader in(bytes);
    decode_values(in, back);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.left(), 0U);
    EXPECT_EQ(std::memcmp(back.data(), values.data(), values.size() * sizeof(double)), 0);
    return bytes.size();
}

template <class Make>
std::vector<double> make_values(std::size_t count, Make make) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(make(i));
    }
    return values;
}

TEST(Crc32c, agrees_with_the_published_check_value_and_with_the_table) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    std::string bytes;
    for (int i = 0; i < 2'400; ++i) {
        ASSERT_EQ(crc32c(bytes), crc32c_by_table(bytes)) << i;
        bytes.push_back(static_cast<char>(i * 37 + i / 256));
    }
}

TEST(PackedInts, round_trip_edges) {
    check_ints({});
    check_ints({0});
    check_ints({most});
    check_ints({least, most});
    check_ints({least, most, least, 0, -1, 1, most, most});
    check_ints({5, 5, 5, 5, 9, 9, 9, 9, 9, 9});
}

TEST(PackedInts, every_width_comes_back) {
    std::mt19937_64 random(7);
    for (unsigned width = 0; width <= 64; ++width) {
        std::vector<std::int64_t> values(300);
        for (auto& value : values) {
            value = width == 0 ? -3 : static_cast<std::int64_t>(random() >> (64 - width));
        }
        check_ints(values);
    }
}

TEST(PackedInts, steady_steps_take_a_few_bytes) {
    std::vector<std::int64_t> steps(1000, 10'000);
    EXPECT_LE(check_ints(steps), 5U);
    std::vector<std::int64_t> counter(1000);
    for (std::size_t i = 0; i < counter.size(); ++i) {
        counter[i] = 1'000'000 + static_cast<std::int64_t>(i) * 17;
    }
    EXPECT_LE(check_ints(counter), 8U);
}

TEST(PackedInts, switches_take_a_few_bytes_a_change) {
    std::vector<std::int64_t> states(1000, 0);
    std::fill(states.begin() + 400, states.begin() + 700, 1);
    EXPECT_LE(check_ints(states), 12U);
}

TEST(PackedInts, damaged_bytes_are_refused) {
    std::string bytes;
    std::vector<std::int64_t> values(100);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::int64_t>(i * i * i % 1009);
    }
    encode_ints(bytes, values);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        ByteReader in(std::string_view(bytes).substr(0, length));
        decode_ints(in, values);
        EXPECT_FALSE(in.ok()) << length;
    }
}

TEST(ValueCodec, any_double_comes_back_bit_for_bit) {
    const double quiet = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    const double denormal = std::numeric_limits<double>::denorm_min();
    check_values({});
    check_values({0.0});
    check_values({-0.0});
    check_values({-0.0, 0.0, -0.0});
    check_values({quiet, std::bit_cast<double>(0x7ff4'dead'beef'0001ULL), -quiet});
    check_values({infinite, -infinite, 1.5, 1e308, -1e308, denormal, -denormal, 0.1, 1e-300});
    check_values({4503599627370497.5, 9007199254740993.0, 2251799813685248.0, -2251799813685247.0});
}

TEST(ValueCodec, a_few_odd_values_among_decimals_are_exceptions) {
    auto values = make_values(1000, [](std::size_t i) { return static_cast<double>(400 + i % 9) / 10; });
    values[3] = std::numeric_limits<double>::quiet_NaN();
    values[500] = -0.0;
    values[999] = 1.0 / 3;
    EXPECT_LT(check_values(values), 1000U * 5 / 8);
}

TEST(ValueCodec, one_value_of_many_digits_does_not_spoil_the_rest) {
    auto values = make_values(1000, [](std::size_t i) { return static_cast<double>(400 + i % 2) / 10; });
    values[77] = 45.123456789;
    EXPECT_LT(check_values(values), 300U);
}

TEST(ValueCodec, tenths_are_packed_however_they_were_computed) {
    const auto digits = [](std::size_t i) { return static_cast<double>(400 + i * 7 % 16); };
    EXPECT_LT(check_values(make_values(1000, [&](std::size_t i) { return digits(i) / 10; })), 700U);
    EXPECT_LT(check_values(make_values(1000, [&](std::size_t i) { return digits(i) * 0.1; })), 700U);
    EXPECT_LT(check_values(make_values(1000, [&](std::size_t i) { return static_cast<float>(digits(i) / 10); })), 700U);
}

TEST(ValueCodec, true_floats_cost_no_more_than_they_are) {
    std::mt19937_64 random(3);
    std::normal_distribution<double> noise;
    EXPECT_LE(check_values(make_values(1000, [&](std::size_t) { return noise(random); })), 8001U);
    EXPECT_LE(check_values(make_values(1000, [&](std::size_t) { return std::bit_cast<double>(random()); })), 8001U);
}

TEST(ValueCodec, adversarial_lists_come_back) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 300; ++round) {
        const auto kind = random() % 5;
        const int exponent = static_cast<int>(random() % 20);
        check_values(make_values(random() % 400, [&](std::size_t) {
            const auto integer = static_cast<double>(static_cast<std::int64_t>(random() >> (random() % 64)));
            switch (random() % 8 == 0 ? random() % 5 : kind) {
                case 0:
                    return integer / std::pow(10, exponent);
                case 1:
                    return integer * std::pow(10, -exponent);
                case 2:
                    return static_cast<double>(static_cast<float>(integer / std::pow(10, exponent)));
                case 3:
                    return std::bit_cast<double>(random());
                default:
                    return 20.5;
            }
        }));
    }
}

Columns some_samples(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Columns samples;
    std::int64_t time_ms = -5'000;
    for (std::size_t i = 0; i < count; ++i) {
        time_ms += 1 + static_cast<std::int64_t>(random() % 3) * 5'000;
        samples.push_back(time_ms, static_cast<double>(random() % 100) / 10,
                          random() % 9 == 0 ? Quality::range : Quality::good);
    }
    return samples;
}

void check_chunk(const Columns& samples) {
    const std::string bytes = encode_chunk(samples.view());
    Columns back;
    ASSERT_TRUE(decode_chunk(bytes, samples.time_ms[0], back));
    EXPECT_EQ(back.time_ms, samples.time_ms);
    EXPECT_EQ(back.quality, samples.quality);
    EXPECT_EQ(std::memcmp(back.value.data(), samples.value.data(), samples.size() * sizeof(double)), 0);
    const auto summary = read_chunk_summary(bytes, samples.time_ms[0]);
    const ChunkSummary expected = summarise(samples.view());
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->count, expected.count);
    EXPECT_EQ(summary->bad_count, expected.bad_count);
    EXPECT_EQ(summary->last_ms, expected.last_ms);
    EXPECT_EQ(summary->min, expected.min);
    EXPECT_EQ(summary->max_ms, expected.max_ms);
    EXPECT_EQ(summary->quality, expected.quality);
}

TEST(Chunk, round_trip) {
    for (const std::size_t count : {1, 2, 3, 127, 128, 129, 1024, 65'536}) {
        check_chunk(some_samples(count, count));
    }
    check_chunk({{least, -1, 0, most}, {1, 2, 3, 4}, std::vector(4, Quality::good)});
    check_chunk({{least, most}, {1, 2}, std::vector(2, Quality::range)});
}

TEST(Chunk, summary_leaves_bad_samples_and_numbers_that_are_none_out) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const Columns samples{{10, 20, 30, 40, 50},
                          {99, 2, none, 5, -7},
                          {Quality::range, Quality::good, Quality::good, Quality::spike, Quality::gap}};
    const auto summary = summarise(samples.view());
    EXPECT_EQ(summary.count, 5U);
    EXPECT_EQ(summary.bad_count, 3U);
    EXPECT_EQ(summary.first_usable_ms, 20);
    EXPECT_EQ(summary.last_usable_ms, 40);
    EXPECT_EQ(summary.min, 2);
    EXPECT_EQ(summary.max, 5);
    EXPECT_EQ(summary.sum, 7);
    EXPECT_FALSE(summary.quality);
}

TEST(Chunk, every_flipped_bit_is_noticed) {
    const Columns samples = some_samples(40, 1);
    const std::string bytes = encode_chunk(samples.view());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        Columns back;
        const auto decoded = decode_chunk(damaged, samples.time_ms[0], back);
        ASSERT_FALSE(decoded);
        EXPECT_EQ(decoded.error().code, ErrorCode::corrupt);
    }
}

TEST(Chunk, another_version_is_named) {
    std::string bytes = encode_chunk(some_samples(3, 1).view());
    bytes[0] = 9;
    Columns back;
    const auto decoded = decode_chunk(bytes, 0, back);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().what, "version 9; this program knows version 2");
}

TEST(LogRecord, keeps_the_order_given) {
    const std::vector<Sample> samples{
        {PointId{7}, Quality::good, 1000, 1.5},
        {PointId{1}, Quality::range, least, -0.0},
        {PointId{4'000'000'000}, Quality::never, most, std::numeric_limits<double>::infinity()},
        {PointId{7}, Quality::good, 1000, 2.5}};
    const std::string record = encode_log_record(samples);
    const auto back = decode_log_record(record);
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ((*back)[i].point, samples[i].point);
        EXPECT_EQ((*back)[i].quality, samples[i].quality);
        EXPECT_EQ((*back)[i].time_ms, samples[i].time_ms);
        EXPECT_EQ(std::bit_cast<std::uint64_t>((*back)[i].value), std::bit_cast<std::uint64_t>(samples[i].value));
    }
}

TEST(LogRecord, cut_short_it_is_refused) {
    const std::string record = encode_log_record(std::vector<Sample>(5, {PointId{3}, Quality::good, 12'345, 6.5}));
    for (std::size_t length = 0; length < record.size(); ++length) {
        EXPECT_FALSE(decode_log_record(std::string_view(record).substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace nuanshu::historian
