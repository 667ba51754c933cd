#include "platform/drivers/mqtt/src/sparkplug_payload.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <sparkplug_b.pb.h>

#include "platform/drivers/mqtt/src/peer_for_tests.h"

namespace nuanshu::drivers::mqtt {
namespace {

using Type = SparkplugType;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Carrier carrier_of(const oracle::Payload::Metric& metric) {
    switch (metric.value_case()) {
        case oracle::Payload::Metric::kIntValue:
            return Carrier::integer;
        case oracle::Payload::Metric::kLongValue:
            return Carrier::long_integer;
        case oracle::Payload::Metric::kFloatValue:
            return Carrier::single;
        case oracle::Payload::Metric::kDoubleValue:
            return Carrier::twofold;
        case oracle::Payload::Metric::kBooleanValue:
            return Carrier::truth;
        case oracle::Payload::Metric::VALUE_NOT_SET:
            return Carrier::none;
        default:
            return Carrier::other;
    }
}

std::uint64_t bits_of(const oracle::Payload::Metric& metric) {
    switch (carrier_of(metric)) {
        case Carrier::integer:
            return metric.int_value();
        case Carrier::long_integer:
            return metric.long_value();
        case Carrier::single:
            return std::bit_cast<std::uint32_t>(metric.float_value());
        case Carrier::twofold:
            return std::bit_cast<std::uint64_t>(metric.double_value());
        case Carrier::truth:
            return metric.boolean_value() ? 1 : 0;
        default:
            return 0;
    }
}

void check_same(const SparkplugMetric& ours, const oracle::Payload::Metric& theirs) {
    EXPECT_EQ(ours.name, theirs.name());
    EXPECT_EQ(ours.has_alias, theirs.has_alias());
    EXPECT_EQ(ours.alias, theirs.alias());
    EXPECT_EQ(ours.timestamp_ms, theirs.timestamp());
    EXPECT_EQ(ours.type, theirs.datatype());
    EXPECT_EQ(ours.historical, theirs.is_historical());
    EXPECT_EQ(ours.null, theirs.is_null());
    EXPECT_EQ(ours.carrier, carrier_of(theirs));
    EXPECT_EQ(ours.bits, bits_of(theirs));
}

/// Both readers say the same of these bytes: the same values, or both that they are broken.
void check_same(const std::string& bytes) {
    oracle::Payload theirs;
    SparkplugPayload ours;
    const bool good = decode_sparkplug(bytes_of(bytes), ours).has_value();
    ASSERT_EQ(good, theirs.ParseFromString(bytes));
    if (!good) {
        return;
    }
    EXPECT_EQ(ours.timestamp_ms, theirs.timestamp());
    EXPECT_EQ(ours.sequence.has_value(), theirs.has_seq());
    EXPECT_EQ(ours.sequence.value_or(0), theirs.seq());
    ASSERT_EQ(ours.metrics.size(), static_cast<std::size_t>(theirs.metrics_size()));
    for (std::size_t i = 0; i < ours.metrics.size(); ++i) {
        check_same(ours.metrics[i], theirs.metrics(static_cast<int>(i)));
    }
}

/// Payloads with everything in them that the format has, and numbers of every length.
class Author {
 public:
    explicit Author(unsigned seed) : random_(seed) {}

    std::string payload() {
        oracle::Payload payload;
        if (chance()) {
            payload.set_timestamp(number());
        }
        for (auto metrics = number() % 6; metrics > 0; --metrics) {
            write(*payload.add_metrics());
        }
        if (chance()) {
            payload.set_seq(number());
        }
        if (chance()) {
            payload.set_uuid("4711");
        }
        return payload.SerializeAsString();
    }

    bool chance() { return random_() % 2 == 0; }
    std::uint64_t number() { return random_() >> (random_() % 64); }

 private:
    void write(oracle::Payload::Metric& metric) {
        if (chance()) {
            metric.set_name("Supply/Temperature");
        }
        if (chance()) {
            metric.set_alias(number());
        }
        if (chance()) {
            metric.set_timestamp(number());
        }
        if (chance()) {
            metric.set_datatype(static_cast<std::uint32_t>(number()));
        }
        metric.set_is_historical(chance());
        if (chance()) {
            metric.set_is_null(chance());
        }
        if (chance()) {
            metric.mutable_properties()->add_keys("Quality");
            metric.mutable_properties()->add_values()->set_int_value(192);
        }
        write_value(metric);
    }

    void write_value(oracle::Payload::Metric& metric) {
        switch (random_() % 8) {
            case 0:
                return metric.set_int_value(static_cast<std::uint32_t>(number()));
            case 1:
                return metric.set_long_value(number());
            case 2:
                return metric.set_float_value(std::bit_cast<float>(static_cast<std::uint32_t>(number())));
            case 3:
                return metric.set_double_value(std::bit_cast<double>(number()));
            case 4:
                return metric.set_boolean_value(chance());
            case 5:
                return metric.set_string_value("text");
            case 6:
                return metric.set_bytes_value("bytes");
            default:
                return;
        }
    }

    std::mt19937_64 random_;
};

TEST(SparkplugPayload, reads_what_protoc_s_reader_reads) {
    Author author(1);
    for (int i = 0; i < 5'000; ++i) {
        check_same(author.payload());
        ASSERT_FALSE(HasFailure()) << "payload " << i;
    }
}

TEST(SparkplugPayload, refuses_cut_messages_where_protoc_s_reader_does) {
    Author author(2);
    for (int i = 0; i < 300; ++i) {
        const auto payload = author.payload();
        for (std::size_t size = 0; size < payload.size(); ++size) {
            check_same(payload.substr(0, size));
            ASSERT_FALSE(HasFailure()) << "payload " << i << " cut at " << size;
        }
    }
}

TEST(SparkplugPayload, the_last_of_several_values_counts_as_in_protobuf) {
    oracle::Payload first;
    auto& metric = *first.add_metrics();
    metric.set_int_value(1);
    auto bytes = first.SerializeAsString();
    check_same(std::string("\x12\x07\x50\x01\x65\x00\x00\x80\x3f", 9));  // int_value 1, then float_value 1.0
    check_same(std::string("\x12\x07\x65\x00\x00\x80\x3f\x50\x01", 9));
    check_same(std::string("\x12\x04\x55\x00\x00\x00", 6));      // cut inside
    check_same(std::string("\x12\x05\x55\x00\x00\x00\x00", 7));  // int_value with the wire type of a float: unknown
    check_same(bytes + bytes);
}

struct Number {
    Type type;
    double value;
};

TEST(SparkplugPayload, every_numeric_type_comes_back_as_it_was_written) {
    const std::vector<Number> numbers = {
        {Type::int8, -128},
        {Type::int8, 127},
        {Type::int16, -32'768},
        {Type::int32, -2'147'483'648.0},
        {Type::int64, -9.0e18},
        {Type::int64, -1},
        {Type::uint8, 255},
        {Type::uint16, 65'535},
        {Type::uint32, 4'294'967'295.0},
        {Type::uint64, 1.8e19},
        {Type::float32, -0.5},
        {Type::float64, 1.0 / 3},
        {Type::boolean, 1},
        {Type::date_time, 1.7e12},
    };
    for (const auto& [type, value] : numbers) {
        SparkplugPayload payload;
        const auto bytes = testing::payload_of({testing::metric("m", type, value)}, 0);
        check_same(bytes);
        ASSERT_TRUE(decode_sparkplug(bytes_of(bytes), payload));
        EXPECT_EQ(metric_value(payload.metrics[0], 0), value) << "type " << static_cast<unsigned>(type);
        auto untyped = payload.metrics[0];
        untyped.type = 0;
        EXPECT_EQ(metric_value(untyped, static_cast<std::uint32_t>(type)), value) << "with the type of the birth";
    }
}

TEST(SparkplugPayload, not_a_number_and_infinity_pass_as_they_are) {
    const SparkplugMetric none{.bits = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN()),
                               .type = 9,
                               .carrier = Carrier::single};
    const SparkplugMetric endless{.bits = std::bit_cast<std::uint64_t>(-std::numeric_limits<double>::infinity()),
                                  .type = 10,
                                  .carrier = Carrier::twofold};
    EXPECT_TRUE(std::isnan(metric_value(none, 0).value()));
    EXPECT_EQ(metric_value(endless, 0), -std::numeric_limits<double>::infinity());
}

TEST(SparkplugPayload, text_and_missing_values_are_no_numbers) {
    EXPECT_FALSE(metric_value({.type = 12, .carrier = Carrier::other}, 0));
    EXPECT_FALSE(metric_value({.type = 10, .carrier = Carrier::none}, 0));
    EXPECT_FALSE(metric_value({.bits = 1, .carrier = Carrier::integer}, 16)) << "a data set";
}

TEST(SparkplugPayload, numbers_that_do_not_fit_are_refused_with_what_would_fit) {
    const std::vector<Number> numbers = {{Type::int8, 128},   {Type::int8, 1.5},     {Type::uint8, -1},
                                         {Type::uint32, 5e9}, {Type::int64, 9.3e18}, {Type::uint64, 1.9e19},
                                         {Type::boolean, 2},  {Type::float32, 1e39}, {Type::int32, std::nan("")}};
    for (const auto& [type, value] : numbers) {
        SparkplugMetric metric{.type = static_cast<std::uint32_t>(type)};
        const auto set = set_metric_value(metric, value);
        EXPECT_TRUE(!set && set.error().code == ErrorCode::invalid) << static_cast<unsigned>(type) << " " << value;
    }
    SparkplugMetric text{.type = static_cast<std::uint32_t>(Type::string)};
    EXPECT_EQ(set_metric_value(text, 1).error().code, ErrorCode::unsupported);
}

TEST(SparkplugPayload, the_quality_property_and_null_are_device_faults) {
    oracle::Payload payload;
    for (const std::uint32_t quality : {192U, 0U, 500U}) {
        auto& properties = *payload.add_metrics()->mutable_properties();
        properties.add_keys("engUnit");
        properties.add_values()->set_string_value("kW");
        properties.add_keys("Quality");
        properties.add_values()->set_int_value(quality);
    }
    payload.add_metrics()->set_is_null(true);
    payload.add_metrics();
    const auto bytes = payload.SerializeAsString();
    SparkplugPayload ours;
    ASSERT_TRUE(decode_sparkplug(bytes_of(bytes), ours));
    std::vector<Quality> qualities;
    for (const auto& metric : ours.metrics) {
        qualities.push_back(metric_quality(metric));
    }
    EXPECT_EQ(qualities, (std::vector{Quality::good, Quality::device_fault, Quality::device_fault,
                                      Quality::device_fault, Quality::good}));
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
