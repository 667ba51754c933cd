#include "platform/historian/line_protocol.h"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "platform/historian/src/number_text.h"
#include "platform/historian/src/test_store.h"
#include "platform/historian/src/text_cases.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

/// Gives points in the order in which their codes are asked for, and counts the asking.
class Codes {
 public:
    FindPoint finder() {
        return [this](std::string_view code) -> Result<PointId> {
            ++asked;
            if (code.starts_with("bad")) {
                return fail(ErrorCode::invalid, "point", "`{}` may not be written to", code);
            }
            if (code.starts_with("gone")) {
                return fail(ErrorCode::unavailable, "sample store", "the disk does not answer");
            }
            const auto [found, added] =
                ids_.try_emplace(std::string(code), PointId{static_cast<std::uint32_t>(names.size() + 1)});
            if (added) {
                names.emplace_back(code);
            }
            return found->second;
        };
    }

    std::vector<std::string> names;
    int asked = 0;

 private:
    std::map<std::string, PointId> ids_;
};

LineProtocolSettings settings_of(const test::TextCase& one) {
    LineProtocolSettings settings;
    for (const auto& [name, value] : one.settings) {
        if (name == "precision") {
            settings.precision = parse_time_precision(value).value();
        } else if (name == "now_ms") {
            settings.now_ms = std::stoll(value);
        } else if (name == "code_pattern") {
            settings.code_pattern = value;
        } else if (name == "point_tag") {
            settings.point_tag = value;
        } else {
            ADD_FAILURE() << name << " is no setting";
        }
    }
    return settings;
}

std::string as_text(const Codes& codes, const Sample& sample) {
    std::string text = codes.names[sample.point.value - 1] + " " + std::to_string(sample.time_ms) + " ";
    put_number(text, sample.value);
    text += " ";
    put_quality(text, sample.quality);
    return text;
}

TEST(LineProtocolCases, every_text_gives_its_samples_and_faults) {
    const auto cases = test::read_text_cases("line_protocol");
    ASSERT_GE(cases.size(), 7U);
    for (const auto& one : cases) {
        SCOPED_TRACE(one.name);
        Codes codes;
        const auto result = parse_line_protocol(one.text, settings_of(one), codes.finder()).value();
        std::vector<std::string> found;
        for (const auto& sample : result.samples) {
            found.push_back(as_text(codes, sample));
        }
        EXPECT_EQ(found, one.samples);
        ASSERT_EQ(result.faults.size(), one.faults.size());
        for (std::size_t i = 0; i < one.faults.size(); ++i) {
            EXPECT_EQ(result.faults[i].line, one.faults[i].line);
            EXPECT_EQ(result.faults[i].field, one.faults[i].field) << result.faults[i].text;
            EXPECT_NE(result.faults[i].text.find(one.faults[i].words), std::string::npos) << result.faults[i].text;
        }
    }
}

TEST(LineProtocol, a_series_point_is_asked_for_once) {
    Codes codes;
    std::string text;
    for (int i = 0; i < 1'000; ++i) {
        text += fmt::format("m,unit=u{} a={},b={} {}\n", i % 10, i, i, i);
    }
    const auto result =
        parse_line_protocol(text, {.precision = TimePrecision::seconds, .code_pattern = "{tag:unit}/{field}"},
                            codes.finder())
            .value();
    EXPECT_EQ(result.samples.size(), 2'000U);
    EXPECT_EQ(result.lines, 1'000U);
    EXPECT_EQ(codes.asked, 20);
    EXPECT_EQ(codes.names[19], "u9/b");
    EXPECT_EQ(result.samples.back().value, 999);
    EXPECT_EQ(result.samples.back().point, PointId{20});
}

TEST(LineProtocol, fields_may_come_in_any_order) {
    Codes codes;
    const auto result = parse_line_protocol("m a=1,b=2 1\nm b=3,a=4 2\nm c=5,b=6 3\n", {}, codes.finder()).value();
    std::vector<std::string> order;
    for (const auto& sample : result.samples) {
        order.push_back(codes.names[sample.point.value - 1]);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"m/a", "m/b", "m/b", "m/a", "m/c", "m/b"}));
}

TEST(LineProtocol, a_point_that_may_not_be_written_is_its_lines_fault_and_a_broken_store_ends_all) {
    Codes codes;
    const auto result = parse_line_protocol("bad v=1\nm v=2\n", {}, codes.finder()).value();
    EXPECT_EQ(result.bad_lines, 1U);
    EXPECT_EQ(result.samples.size(), 1U);
    EXPECT_NE(result.faults.at(0).text.find("may not be written"), std::string::npos);
    EXPECT_EQ(parse_line_protocol("m v=1\ngone v=1\n", {}, codes.finder()).error().code, ErrorCode::unavailable);
}

TEST(LineProtocol, refused_strings_count_only_in_lines_that_are_right) {
    Codes codes;
    const auto result = parse_line_protocol("m s=\"x\",v=1\nm s=\"x\"\nm s=\"x\",v=?\n", {}, codes.finder()).value();
    EXPECT_EQ(result.refused_fields, 1U);
    EXPECT_EQ(result.bad_lines, 2U);
    EXPECT_EQ(result.samples.size(), 1U);
}

TEST(LineProtocol, a_series_that_ends_with_a_backslash_is_not_taken_for_the_beginning_of_another) {
    Codes codes;
    const auto result = parse_line_protocol("\\\n\\\n\\ 0~=T\n", {}, codes.finder()).value();
    EXPECT_EQ(result.bad_lines, 3U);
    EXPECT_TRUE(result.samples.empty());
}

TEST(LineProtocol, faults_kept_are_bounded) {
    Codes codes;
    std::string text;
    for (int i = 0; i < 1'000; ++i) {
        text += "nonsense\n";
    }
    const auto result = parse_line_protocol(text, {.faults_max = 3}, codes.finder()).value();
    EXPECT_EQ(result.bad_lines, 1'000U);
    EXPECT_EQ(result.faults.size(), 3U);
}

TEST(LineProtocol, a_file_of_many_pieces_goes_into_the_store_with_its_line_numbers) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path() + "/store");
    {
        std::ofstream file(folder.path() + "/text");
        for (int i = 0; i < 200'000; ++i) {
            file << fmt::format("station,unit=u{} flow={} {}\n", i % 100, i, 1'700'000'000'000LL + i);
        }
        file << "station,unit=u1 flow=none 1\n";
    }
    const LineProtocolSettings protocol{.precision = TimePrecision::milliseconds, .code_pattern = "{tag:unit}/{field}"};
    const auto result = import_line_protocol(folder.path() + "/text", *store, protocol, {}).value();
    EXPECT_EQ(result.samples, 200'000U);
    EXPECT_EQ(value_or_throw(store->size()).points, 100U);
    ASSERT_EQ(result.faults.size(), 1U);
    EXPECT_EQ(result.faults[0].line, 200'001);
    EXPECT_EQ(store->value_as_of(store->find("u99/flow").value(), 1'800'000'000'000).value()->value, 199'999);
    EXPECT_EQ(import_line_protocol(folder.path() + "/absent", *store, protocol, {}).error().code, ErrorCode::not_found);
}

TEST(LineProtocol, patterns_and_precisions_that_are_none_are_refused) {
    Codes codes;
    for (const std::string pattern : {"{host}/{field}", "{tag:}", "{field"}) {
        EXPECT_EQ(parse_line_protocol("", {.code_pattern = pattern}, codes.finder()).error().code, ErrorCode::invalid)
            << pattern;
    }
    EXPECT_EQ(parse_time_precision("h").error().code, ErrorCode::invalid);
    EXPECT_EQ(parse_time_precision("u").value(), TimePrecision::microseconds);
}

}  // namespace
}  // namespace nuanshu::historian
