#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/tidy/rules.h"

namespace nuanshu::tidy {
namespace {

namespace fs = std::filesystem;

TEST(House, keeps_its_rules) {
    const auto faults = check_all(read_house(NUANSHU_SOURCE_DIR));
    EXPECT_TRUE(faults.empty()) << to_string(faults);
}

/// A small tree written to disk, to see a rule fail.
class MadeUpHouse : public testing::Test {
 protected:
    MadeUpHouse() : root_(fs::path(testing::TempDir()) / fmt::format("tidy_{}", ::getpid())) {
        fs::remove_all(root_);
        room("base", "");
        room("engines/network", "base");
        room("platform/store", "base");
        room("platform/records", "base platform/store");
        write("base/result.h", "#pragma once\n");
        write("platform/store/database.h", "#pragma once\n#include \"base/result.h\"\n");
        write("platform/store/src/pool.h", "#pragma once\n");
        write("platform/records/records.h",
              "#pragma once\n#include \"base/result.h\"\n#include \"platform/store/database.h\"\n");
        write("engines/network/solve.h", "#pragma once\n#include \"base/result.h\"\n");
    }
    ~MadeUpHouse() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }
    void room(const std::string& path, const std::string& depends) {
        write(path + "/CMakeLists.txt", fmt::format("nuanshu_room({} DEPENDS {})\n", path, depends));
        write(path + "/README.md", "A room.\n");
    }
    std::string check() { return to_string(check_all(read_house(root_))); }
    void expect_fault(const std::string& text) { EXPECT_NE(check().find(text), std::string::npos) << check(); }

 private:
    fs::path root_;
};

TEST_F(MadeUpHouse, has_no_fault_when_it_is_in_order) {
    EXPECT_EQ(check(), "");
}

TEST_F(MadeUpHouse, entering_behind_a_door_is_found) {
    write("platform/records/src/a.cpp", "#include \"platform/store/src/pool.h\"\n");
    expect_fault("platform/records/src/a.cpp:1: platform/store/src/pool.h is behind platform/store's door");
}

TEST_F(MadeUpHouse, an_undeclared_dependency_is_found) {
    write("platform/store/src/a.cpp", "\n#include \"platform/records/records.h\"\n");
    expect_fault("platform/store/src/a.cpp:2: platform/records is not among the DEPENDS of platform/store");
}

TEST_F(MadeUpHouse, a_dependency_nobody_uses_is_found) {
    room("platform/identity", "base");
    expect_fault("platform/identity/CMakeLists.txt:1 DEPENDS: base is never entered");
}

TEST_F(MadeUpHouse, a_ring_of_rooms_is_found) {
    room("platform/store", "base platform/records");
    write("platform/store/database.h",
          "#pragma once\n#include \"base/result.h\"\n#include \"platform/records/records.h\"\n");
    expect_fault("ring:");
}

TEST_F(MadeUpHouse, a_floor_never_leans_on_a_higher_one) {
    room("engines/network", "base platform/store");
    write("engines/network/solve.h",
          "#pragma once\n#include \"base/result.h\"\n#include \"platform/store/database.h\"\n");
    expect_fault("engines/network is a lower floor");
}

TEST_F(MadeUpHouse, an_app_uses_another_only_when_its_package_says_so) {
    room("apps/billing", "base");
    room("apps/service", "base apps/billing");
    write("apps/billing/bill.h", "#pragma once\n#include \"base/result.h\"\n");
    write("apps/service/call.h", "#pragma once\n#include \"base/result.h\"\n#include \"apps/billing/bill.h\"\n");
    write("apps/service/app.yaml", "id: service\n");
    expect_fault("apps/service/app.yaml must say `uses: [billing]`");
    write("apps/service/app.yaml", "id: service\nuses: [billing]\n");
    EXPECT_EQ(check(), "");
}

TEST_F(MadeUpHouse, a_heavy_header_in_a_door_is_found) {
    write("platform/store/database.h", "#pragma once\n#include <soci/soci.h>\n#include \"base/result.h\"\n");
    expect_fault("platform/store/database.h:2: <soci/soci.h> is too heavy for a door");
}

TEST_F(MadeUpHouse, a_brace_after_co_await_is_found) {
    write("platform/store/src/a.cpp", "auto x = co_await link.ask({1, 2}, 2s);\n");
    expect_fault("platform/store/src/a.cpp:1: no `{` after co_await");
}

TEST_F(MadeUpHouse, a_co_await_in_a_condition_is_found) {
    write("platform/store/src/a.cpp", "while (co_await read()) {}\nx = head ? co_await a() : 1;\n");
    expect_fault("platform/store/src/a.cpp:1: no co_await in a condition");
    expect_fault("platform/store/src/a.cpp:2: no co_await in a condition");
}

TEST_F(MadeUpHouse, an_engine_that_reads_the_clock_is_found) {
    write("engines/network/src/a.cpp", "auto t = std::chrono::system_clock::now();\n");
    expect_fault("engines/network/src/a.cpp:1: an engine is a function of its arguments");
}

TEST_F(MadeUpHouse, a_write_past_commands_is_found) {
    write("platform/records/src/a.cpp", "driver->write(point, 1.0, done);\n");
    expect_fault("nothing but platform/commands writes to a device");
}

TEST_F(MadeUpHouse, a_header_without_pragma_once_and_a_room_without_readme_are_found) {
    write("platform/store/src/pool.h", "struct Pool {};\n");
    fs::remove(fs::path(testing::TempDir()) / fmt::format("tidy_{}", ::getpid()) / "platform/store/README.md");
    expect_fault("platform/store/src/pool.h:1: a header begins with #pragma once");
    expect_fault("platform/store: a room has a README.md");
}

TEST_F(MadeUpHouse, the_own_header_comes_first) {
    write("platform/store/src/pool.cpp", "#include <vector>\n#include \"platform/store/src/pool.h\"\n");
    expect_fault("platform/store/src/pool.cpp:1: its first include is its own header");
}

TEST_F(MadeUpHouse, leftovers_are_found) {
    write("platform/store/src/a.cpp", std::string("// TO") + "DO later\nconst char* p = \"/ho" + "me/me\";\n");
    expect_fault("platform/store/src/a.cpp:1: finish it");
    expect_fault("platform/store/src/a.cpp:2: no machine's own paths");
}

}  // namespace
}  // namespace nuanshu::tidy
