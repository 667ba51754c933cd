#include "platform/apps/packages.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "platform/apps/src/document.h"
#include "platform/apps/src/schemas.h"

namespace nuanshu::apps {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(Packages, heating_loads_without_a_fault) {
    Diagnostics faults;
    const auto packages = load_packages(std::string(NUANSHU_SOURCE_DIR) + "/apps", faults);
    EXPECT_TRUE(faults.empty()) << to_string(faults);
    const auto station =
        std::find_if(packages.types.begin(), packages.types.end(), [](const auto& t) { return t.name == "station"; });
    ASSERT_NE(station, packages.types.end());
    const auto* temperature = station->find_point("primary_supply_temperature");
    ASSERT_NE(temperature, nullptr);
    EXPECT_EQ(temperature->unit, "℃");
    EXPECT_EQ(temperature->maximum, 160.0);
    EXPECT_EQ(temperature->frozen_after_ms, 1'800'000);
    EXPECT_EQ(temperature->title.zh, "一次供水温度");
}

/// Each case is a folder: an app with faults, and expected.txt with one diagnostic a line, paths relative to the case.
class PackageCase : public testing::TestWithParam<std::string> {};

TEST_P(PackageCase, is_refused_with_file_and_line) {
    const fs::path folder = fs::path(NUANSHU_SOURCE_DIR) / NUANSHU_ROOM / "cases" / GetParam();
    Diagnostics faults;
    load_packages((folder / "apps").string(), faults);
    std::string got;
    for (auto fault : faults) {
        fault.file = fs::relative(fault.file, folder).string();
        got += to_string(fault) + "\n";
    }
    if (std::getenv("NUANSHU_UPDATE_CASES") != nullptr) {
        std::ofstream(folder / "expected.txt") << got;
    }
    EXPECT_EQ(got, read_file(folder / "expected.txt"));
}

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::path(NUANSHU_SOURCE_DIR) / NUANSHU_ROOM / "cases")) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, PackageCase, testing::ValuesIn(case_names()),
                         [](const auto& named) { return named.param; });

TEST(Document, quoted_numbers_stay_text) {
    Diagnostics faults;
    const auto document = parse_document("a.yaml", "a: \"1\"\nb: 1\nc: 1.5\nd: yes\n", faults);
    ASSERT_TRUE(document);
    EXPECT_TRUE(document->root.at("a").is_string());
    EXPECT_TRUE(document->root.at("b").is_int64());
    EXPECT_TRUE(document->root.at("c").is_double());
    EXPECT_TRUE(document->root.at("d").is_string());
    EXPECT_EQ(document->line_of("/c"), 3);
}

TEST(Document, refuses_bottomless_nesting) {
    Diagnostics faults;
    EXPECT_FALSE(parse_document("a.yaml", std::string(200, '[') + std::string(200, ']'), faults));
    EXPECT_FALSE(faults.empty());
}

}  // namespace
}  // namespace nuanshu::apps
