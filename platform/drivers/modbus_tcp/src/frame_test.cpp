#include "platform/drivers/modbus_tcp/src/frame.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/drivers/modbus_tcp/src/value.h"

namespace nuanshu::modbus_tcp {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> bytes_of(std::istream& hex) {
    std::vector<std::uint8_t> bytes;
    for (unsigned byte = 0; hex >> std::hex >> byte;) {
        bytes.push_back(static_cast<std::uint8_t>(byte));
    }
    return bytes;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const auto byte : bytes) {
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
    }
    return text;
}

/// Plays one cases/*.frames script: `ask` or `write` makes a request (transaction 1), `sent` is how it must go out,
/// `got` is what comes in, and value, values, done, more, exception and fail are what must be understood.
class FrameScript {
 public:
    void play(const fs::path& file) {
        std::ifstream lines(file);
        ASSERT_TRUE(lines) << file;
        std::string line;
        for (int number = 1; std::getline(lines, line); ++number) {
            SCOPED_TRACE(fmt::format("{}:{} {}", file.filename().string(), number, line));
            std::istringstream words(line);
            std::string verb;
            if (words >> verb && verb[0] != '#') {
                step(verb, words);
            }
        }
        EXPECT_GT(checks_, 0) << file << " checks nothing";
    }

 private:
    void step(const std::string& verb, std::istringstream& words) {
        std::string rest;
        if (verb == "ask") {
            std::getline(words, rest);
            ask(rest);
        } else if (verb == "write") {
            std::getline(words, rest);
            write(rest);
        } else if (verb == "got") {
            got_ = bytes_of(words);
        } else {
            ++checks_;
            check(verb, words);
        }
    }

    void ask(std::string text) {
        std::uint16_t count = 0;
        if (const auto at = text.find("count="); at != std::string::npos) {
            const auto end = std::min(text.find(' ', at), text.size());
            std::from_chars(text.data() + at + 6, text.data() + end, count);
            text.erase(at, end - at);
        }
        if (const auto as = text.find(" as "); as != std::string::npos) {
            text.erase(as, 3);
        }
        take_address(text);
        count = count == 0 ? item_count(address_) : count;
        request_ = {.unit = *address_.unit,
                    .function = read_function(address_.table),
                    .first = address_.first,
                    .count = count,
                    .values = {}};
    }

    void write(const std::string& text) {
        const auto equals = text.find(" = ");
        ASSERT_NE(equals, std::string::npos) << "write … = value";
        take_address(text.substr(0, equals));
        auto values = encode_value(address_, std::stod(text.substr(equals + 3)));
        ASSERT_TRUE(values) << values.error().message();
        request_ = write_request(address_, *address_.unit, std::move(*values));
    }

    void take_address(const std::string& text) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << address.error().message();
        address_ = *address;
        ASSERT_TRUE(address_.unit) << "a script names the unit";
    }

    Result<std::optional<Reply>> understood() const {
        NUANSHU_TRY(const auto frame, take_frame(got_));
        if (!frame) {
            return std::nullopt;
        }
        NUANSHU_TRY(auto reply, decode_reply(request_, frame->data));
        return reply;
    }

    void check(const std::string& verb, std::istringstream& words) {
        if (verb == "sent") {
            EXPECT_EQ(hex_of(encode_request(1, request_)), hex_of(bytes_of(words)));
            return;
        }
        const auto result = understood();
        if (verb == "fail") {
            check_failure(result, words);
            return;
        }
        ASSERT_TRUE(result) << result.error().message();
        if (verb == "more") {
            EXPECT_FALSE(*result) << "a whole frame was found";
            return;
        }
        ASSERT_TRUE(*result) << "the frame is not complete";
        check_reply(verb, **result, words);
    }

    void check_reply(const std::string& verb, const Reply& reply, std::istringstream& words) const {
        unsigned exception = 0;
        std::string rest;
        if (verb == "exception") {
            words >> exception;
            std::getline(words >> std::ws, rest);
            EXPECT_EQ(reply.exception, exception);
            EXPECT_EQ(exception_text(reply.exception), fmt::format("exception {}, {}", exception, rest));
            return;
        }
        ASSERT_EQ(reply.exception, 0) << exception_text(reply.exception);
        if (verb == "value") {
            words >> rest;
            const auto value = decode_value(address_, reply.items);
            EXPECT_EQ(value ? fmt::format("{}", *value) : "none", rest);
        } else if (verb == "values") {
            std::vector<std::uint16_t> expected;
            for (std::uint16_t item = 0; words >> item;) {
                expected.push_back(item);
            }
            EXPECT_EQ(reply.items, expected);
        } else {
            EXPECT_EQ(verb, "done") << "no such word in a script";
            EXPECT_TRUE(reply.items.empty());
        }
    }

    static void check_failure(const Result<std::optional<Reply>>& result, std::istringstream& words) {
        ASSERT_FALSE(result) << "it was understood";
        std::string code;
        std::string text;
        words >> code;
        std::getline(words >> std::ws, text);
        EXPECT_EQ(to_string(result.error().code), code);
        EXPECT_EQ(fmt::format("\"{}\"", result.error().what), text);
    }

    Address address_;
    Request request_;
    std::vector<std::uint8_t> got_;
    int checks_ = 0;
};

TEST(ModbusFrames, go_out_and_are_understood_as_the_scripts_say) {
    int scripts = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(NUANSHU_SOURCE_DIR) / NUANSHU_ROOM / "cases")) {
        if (entry.path().extension() == ".frames") {
            ++scripts;
            FrameScript().play(entry.path());
        }
    }
    EXPECT_GE(scripts, 8);
}

TEST(ModbusFrames, follow_each_other_in_the_stream_at_any_cut) {
    const Request request{
        .unit = 7, .function = Function::read_holding_registers, .first = 3, .count = 2, .values = {}};
    const std::vector<std::uint8_t> stream = {0, 9, 0, 0, 0, 7, 7, 3, 4, 1, 2, 3, 4, 0, 10, 0, 0, 0, 3, 7, 0x83, 2};
    for (std::size_t cut = 0; cut < 13; ++cut) {
        const auto frame = take_frame(std::span(stream).first(cut));
        ASSERT_TRUE(frame) << cut;
        EXPECT_FALSE(*frame) << cut;
    }
    const auto first = take_frame(stream).value().value();
    EXPECT_EQ(first.transaction, 9);
    EXPECT_EQ(first.size, 13U);
    EXPECT_EQ(decode_reply(request, first.data)->items, (std::vector<std::uint16_t>{0x0102, 0x0304}));
    const auto second = take_frame(std::span(stream).subspan(first.size)).value().value();
    EXPECT_EQ(second.transaction, 10);
    EXPECT_EQ(decode_reply(request, second.data)->exception, 2);
}

TEST(ModbusFrames, name_what_they_ask_for) {
    EXPECT_EQ(to_string(Request{
                  .unit = 1, .function = Function::read_input_registers, .first = 100, .count = 20, .values = {}}),
              "input 100…119");
    EXPECT_EQ(to_string(Request{.unit = 1, .function = Function::write_coil, .first = 3, .count = 1, .values = {1}}),
              "coil 3");
    EXPECT_EQ(exception_text(9), "exception 9, not in the standard");
    EXPECT_EQ(exception_text(200), "exception 200, not in the standard");
}

}  // namespace
}  // namespace nuanshu::modbus_tcp
