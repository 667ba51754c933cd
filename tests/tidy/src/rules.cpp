#include "tests/tidy/rules.h"

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include <fmt/core.h>

namespace nuanshu::tidy {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Folders below a room that belong to it: everything but other rooms. A door stands at the room's root.
bool is_door(const Room& room, const std::string& header) {
    return header.find('/', room.path.size() + 1) == std::string::npos;
}

/// "tests/support" as CMake's target: nuanshu_support.
std::string target_of(const std::string& room) {
    return "nuanshu_" + room.substr(room.rfind('/') + 1);
}

void check_include(const House& house, const SourceFile& file, const Room& room, const Include& include,
                   std::set<std::string>& entered, Diagnostics& faults) {
    const auto* other = house.room_of(include.path);
    if (other == nullptr || other->path == room.path) {
        return;
    }
    entered.insert(other->path);
    if (!is_door(*other, include.path)) {
        faults.push_back(
            {file.path, include.line, "",
             fmt::format("{} is behind {}'s door; include one of the headers at its root", include.path, other->path)});
    }
    const bool allowed = contains(room.depends, other->path) ||
                         (file.is_test() && contains(room.test_libraries, target_of(other->path)));
    if (!allowed) {
        faults.push_back(
            {file.path, include.line, "",
             fmt::format("{} is not among the DEPENDS of {}; add it there if that keeps the floors in order",
                         other->path, room.path)});
    }
}

int floor_of(const std::string& room) {
    static const std::vector<std::string> floors = {"base", "engines", "platform", "apps", "sim", "cli", "tests"};
    const auto floor = room.substr(0, room.find('/'));
    return static_cast<int>(std::find(floors.begin(), floors.end(), floor) - floors.begin());
}

std::string app_of(const std::string& room) {
    return room.starts_with("apps/") ? room.substr(5, room.find('/', 5) - 5) : "";
}

void check_dependency(const House& house, const Room& room, const std::string& other, Diagnostics& faults) {
    const auto file = room.path + "/CMakeLists.txt";
    if (!house.rooms.contains(other)) {
        faults.push_back({file, room.depends_line, other, "there is no such room"});
    } else if (floor_of(other) > floor_of(room.path)) {
        faults.push_back(
            {file, room.depends_line, other, fmt::format("{} is a lower floor and may not depend on it", room.path)});
    } else if (room.path.starts_with("engines/") && !other.starts_with("engines/") && other != "base") {
        faults.push_back({file, room.depends_line, other, "an engine uses base and other engines only"});
    } else if (const auto app = app_of(room.path); !app.empty() && !app_of(other).empty() && app_of(other) != app) {
        const auto uses = house.app_uses.find(app);
        if (uses == house.app_uses.end() || !contains(uses->second, app_of(other))) {
            faults.push_back({file, room.depends_line, other,
                              fmt::format("apps/{}/app.yaml must say `uses: [{}]`", app, app_of(other))});
        }
    }
}

/// Walks the dependencies below `room`; a room met twice on one way closes a ring.
void find_rings(const House& house, const std::string& room, std::vector<std::string>& way, std::set<std::string>& done,
                Diagnostics& faults) {
    if (contains(way, room)) {
        faults.push_back(
            {room + "/CMakeLists.txt", 0, "DEPENDS",
             fmt::format("ring: {} comes back to {}; a third room below them is missing", way.back(), room)});
        return;
    }
    const auto found = house.rooms.find(room);
    if (found == house.rooms.end() || !done.insert(room).second) {
        return;
    }
    way.push_back(room);
    for (const auto& other : found->second.depends) {
        find_rings(house, other, way, done, faults);
    }
    way.pop_back();
}

void check_lines(const House& house, const std::function<bool(const SourceFile&)>& wanted, const std::regex& forbidden,
                 const std::string& instead, Diagnostics& faults) {
    for (const auto& file : house.files) {
        if (!wanted(file)) {
            continue;
        }
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            if (std::regex_search(file.lines[i], forbidden)) {
                faults.push_back({file.path, static_cast<int>(i) + 1, "", instead});
            }
        }
    }
}

bool stands_in_tidy(const SourceFile& file) {
    return file.path.starts_with("tests/tidy/");
}

std::string own_header(const House& house, const SourceFile& file) {
    const auto stem = file.path.substr(0, file.path.rfind('.'));
    const auto* room = house.room_of(file.path);
    const auto name = stem.substr(stem.rfind('/') + 1);
    for (const auto& candidate : {stem + ".h", room != nullptr ? room->path + "/" + name + ".h" : std::string()}) {
        const bool exists = std::any_of(house.files.begin(), house.files.end(),
                                        [&](const auto& other) { return other.path == candidate; });
        if (exists) {
            return candidate;
        }
    }
    return "";
}

void check_file_form(const House& house, const SourceFile& file, Diagnostics& faults) {
    if (file.is_header()) {
        if (std::none_of(file.lines.begin(), file.lines.end(),
                         [](const auto& line) { return line == "#pragma once"; })) {
            faults.push_back({file.path, 1, "", "a header begins with #pragma once"});
        }
        return;
    }
    const auto own = file.is_test() ? "" : own_header(house, file);
    if (!own.empty() && (file.includes.empty() || file.includes.front().path != own)) {
        faults.push_back(
            {file.path, file.includes.empty() ? 1 : file.includes.front().line, "",
             fmt::format("its first include is its own header, {}, so that the header is seen to compile alone", own)});
    }
}

}  // namespace

void check_doors(const House& house, Diagnostics& faults) {
    std::map<std::string, std::set<std::string>> entered;
    for (const auto& file : house.files) {
        if (const auto* room = house.room_of(file.path)) {
            for (const auto& include : file.includes) {
                check_include(house, file, *room, include, entered[room->path], faults);
            }
        }
    }
    for (const auto& [path, room] : house.rooms) {
        for (const auto& other : room.depends) {
            if (house.rooms.contains(other) && !entered[path].contains(other)) {
                faults.push_back({path + "/CMakeLists.txt", room.depends_line, "DEPENDS",
                                  fmt::format("{} is never entered; take it out", other)});
            }
        }
    }
}

void check_floors(const House& house, Diagnostics& faults) {
    std::set<std::string> done;
    for (const auto& [path, room] : house.rooms) {
        for (const auto& other : room.depends) {
            check_dependency(house, room, other, faults);
        }
        std::vector<std::string> way;
        find_rings(house, path, way, done, faults);
    }
}

void check_light_doors(const House& house, Diagnostics& faults) {
    static const std::regex heavy(
        R"re(^(boost/|soci|rocksdb/|Eigen/|torch/|spdlog/|yaml-cpp/|modbus|mosquitto|google/protobuf|libpq))re");
    for (const auto& file : house.files) {
        const auto* room = house.room_of(file.path);
        if (room == nullptr || !file.is_header() || !is_door(*room, file.path)) {
            continue;
        }
        for (const auto& include : file.includes) {
            if (include.angled && std::regex_search(include.path, heavy)) {
                faults.push_back(
                    {file.path, include.line, "",
                     fmt::format("<{}> is too heavy for a door; show std types and keep it in src/", include.path)});
            }
        }
    }
}

void check_form(const House& house, Diagnostics& faults) {
    for (const auto& file : house.files) {
        check_file_form(house, file, faults);
    }
    for (const auto& [path, room] : house.rooms) {
        if (!std::filesystem::exists(house.root / path / "README.md")) {
            faults.push_back(
                {path, 0, "",
                 "a room has a README.md of one page: purpose, promises, units, sources, what it refuses to know"});
        }
    }
}

void check_coroutines(const House& house, Diagnostics& faults) {
    static const std::regex brace(R"re(co_await[^;"]*\{)re");
    check_lines(
        house, [](const auto& file) { return !stands_in_tidy(file); }, brace,
        "no `{` after co_await on its line: GCC 12 destroys the temporary twice; name the argument first", faults);
    static const std::regex condition(R"re(\b(if|while) \(.*co_await|(\?|&&|\|\|) *!?co_await)re");
    check_lines(
        house, [](const auto& file) { return !stands_in_tidy(file); }, condition,
        "no co_await in a condition, `?:`, `&&` or `||`: GCC 12 lays the frame out wrongly; name the result first",
        faults);
}

void check_engines_are_pure(const House& house, Diagnostics& faults) {
    static const std::regex impure(
        R"re(#include <(chrono|thread|mutex|fstream|iostream|filesystem|random_device|sys/|boost/asio)|system_clock|std::random_device|getenv)re");
    check_lines(
        house, [](const auto& file) { return file.path.starts_with("engines/") && !file.is_test(); }, impure,
        "an engine is a function of its arguments: pass the time, the seed or the data in", faults);
}

void check_only_commands_write(const House& house, Diagnostics& faults) {
    static const std::regex write(R"re(driver[A-Za-z_()]*(->|\.)write\()re");
    const auto elsewhere = [](const SourceFile& file) {
        return !file.path.starts_with("platform/commands/") && !file.path.starts_with("platform/drivers/") &&
               !stands_in_tidy(file);
    };
    check_lines(house, elsewhere, write, "nothing but platform/commands writes to a device", faults);
}

void check_leftovers(const House& house, Diagnostics& faults) {
    const auto ours = [](const SourceFile& file) { return !stands_in_tidy(file); };
    check_lines(house, ours, std::regex(R"re(\b(TODO|FIXME|XXX|HACK)\b)re"),
                "finish it, or open an issue and leave no note here", faults);
    check_lines(house, ours, std::regex(R"re(catch \(\.\.\.\) \{\s*\})re"),
                "an exception is handled or turned into an Error, never swallowed", faults);
    check_lines(house, ours, std::regex(R"re(["' ](/work/|/home/|/root/))re"), "no machine's own paths in the project",
                faults);
}

Diagnostics check_all(const House& house) {
    Diagnostics faults;
    for (const auto& rule : {check_doors, check_floors, check_light_doors, check_form, check_coroutines,
                             check_engines_are_pure, check_only_commands_write, check_leftovers}) {
        rule(house, faults);
    }
    return faults;
}

}  // namespace nuanshu::tidy
