#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nuanshu::tidy {

/// One line `#include "…"` or `#include <…>`.
struct Include {
    int line = 0;
    std::string path;
    bool angled = false;
};

struct SourceFile {
    std::string path;  ///< from the root, with slashes
    std::vector<std::string> lines;
    std::vector<Include> includes;

    bool is_header() const { return path.ends_with(".h"); }
    bool is_test() const {
        return path.ends_with("_test.cpp") || path.ends_with("_bench.cpp") || path.ends_with("_fuzz.cpp");
    }
};

/// A folder whose CMakeLists.txt says nuanshu_room(<its path> …).
struct Room {
    std::string path;
    std::vector<std::string> depends;
    std::vector<std::string> test_libraries;
    int depends_line = 0;
};

/// The tree as the rules see it.
struct House {
    std::filesystem::path root;
    std::map<std::string, Room> rooms;
    std::vector<SourceFile> files;                             ///< .h and .cpp below the floors
    std::map<std::string, std::vector<std::string>> app_uses;  ///< app id → `uses` of its app.yaml

    /// The room a file stands in: the one with the longest matching path.
    const Room* room_of(const std::string& file) const;
};

House read_house(const std::filesystem::path& root);

}  // namespace nuanshu::tidy
