#include "tests/support/process.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/src/port.h"

namespace nuanshu::support {
namespace {

constexpr int patience_ms = 10'000;

TEST(Process, its_output_and_exit_code_are_kept) {
    auto process = value_or_throw(Process::start({"sh", "-c", "echo warm; echo pivot >&2; exit 7"}));
    EXPECT_TRUE(process.wait_for_output("pivot", patience_ms));
    EXPECT_EQ(process.wait_exit(patience_ms), 7);
    EXPECT_EQ(process.output(), "warm\npivot\n");
}

TEST(Process, a_missing_program_is_an_error) {
    const auto process = Process::start({"no-such-program-here"});
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().code, ErrorCode::not_found);
}

TEST(Process, a_missing_folder_is_an_error) {
    EXPECT_FALSE(Process::start({"true"}, "/no/such/folder"));
}

TEST(Process, stop_ends_it_and_its_output) {
    auto process = value_or_throw(Process::start({"sleep", "1000"}));
    EXPECT_TRUE(process.running());
    process.stop();
    EXPECT_FALSE(process.running());
    EXPECT_EQ(process.wait_exit(0), 128 + SIGTERM);
}

TEST(Process, waiting_ends_when_the_process_does) {
    auto process = value_or_throw(Process::start({"true"}));
    EXPECT_FALSE(process.wait_for_port(free_port(), patience_ms));
    EXPECT_FALSE(process.wait_for_output("never said", patience_ms));
}

TEST(Process, mosquitto_answers_on_its_port_until_stopped) {
    const int port = free_port();
    EXPECT_FALSE(port_answers(port));
    auto broker = value_or_throw(start_mosquitto(port));
    EXPECT_TRUE(port_answers(port));
    broker.kill_now();
    EXPECT_FALSE(port_answers(port));
}

TEST(Process, a_wrong_mosquitto_line_is_told_with_its_output) {
    const auto broker = start_mosquitto(free_port(), {"no_such_setting 1"});
    ASSERT_FALSE(broker);
    EXPECT_NE(broker.error().what.find("no_such_setting"), std::string::npos) << broker.error().what;
}

TEST(TemporaryDirectory, is_removed_with_what_is_in_it) {
    std::string path;
    {
        const TemporaryDirectory directory;
        path = directory.path();
        std::filesystem::create_directory(path + "/inside");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace nuanshu::support
