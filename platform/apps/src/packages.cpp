#include "platform/apps/packages.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "platform/apps/src/read.h"
#include "platform/apps/src/schemas.h"
#include "platform/apps/src/spelling.h"

namespace nuanshu::apps {
namespace fs = std::filesystem;
namespace {

/// The folder's *.yaml files by name, so that faults and tables come in the same order everywhere.
std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<Document> checked_document(const fs::path& file, std::string_view schema, Diagnostics& faults) {
    auto document = load_document(file.string(), faults);
    if (!document || !follows_schema(*document, schema, faults)) {
        return std::nullopt;
    }
    return document;
}

void load_app(const fs::path& folder, Packages& packages, Diagnostics& faults) {
    const auto manifest = checked_document(folder / "app.yaml", app_schema, faults);
    if (!manifest) {
        return;
    }
    auto app = read_app(*manifest);
    app.folder = folder.string();
    if (app.id != folder.filename().string()) {
        faults.push_back({manifest->file, manifest->line_of("/id"), "id",
                          fmt::format("`{}` must be the folder's name, `{}`", app.id, folder.filename().string())});
    }
    const auto quantities = read_quantities(*manifest, faults);
    for (const auto& file : yaml_files(folder / "types")) {
        if (const auto document = checked_document(file, type_schema, faults)) {
            packages.types.push_back(read_type(*document, app, quantities, faults));
        }
    }
    for (const auto& file : yaml_files(folder / "profiles")) {
        if (const auto document = checked_document(file, profile_schema, faults)) {
            packages.profiles.push_back(read_profile(*document, app, faults));
        }
    }
    packages.apps.push_back(std::move(app));
}

/// Names must be unique over all apps: a type's is its table, a profile's is what device records say.
template <class Item>
void find_twins(const std::vector<Item>& items, const char* what, Diagnostics& faults) {
    std::map<std::string, std::string> seen;
    for (const auto& item : items) {
        const auto [first, fresh] = seen.try_emplace(item.name, item.file);
        if (!fresh) {
            faults.push_back({item.file, 1, "",
                              fmt::format("{} `{}` is declared in {} too", what, item.name,
                                          fs::path(first->second).filename().string())});
        }
    }
}

void check_profiles(const Packages& packages, Diagnostics& faults) {
    std::vector<std::string> type_names;
    std::set<std::string> point_names;
    for (const auto& type : packages.types) {
        type_names.push_back(type.name);
        for (const auto& point : type.points) {
            point_names.insert(point.name);
        }
    }
    const std::vector<std::string> known_points(point_names.begin(), point_names.end());
    for (const auto& profile : packages.profiles) {
        if (std::find(type_names.begin(), type_names.end(), profile.for_type) == type_names.end()) {
            faults.push_back(
                {profile.file, 1, "for",
                 fmt::format("there is no type `{}`{}", profile.for_type, did_you_mean(profile.for_type, type_names))});
        }
        std::set<std::string> seen;
        for (const auto& point : profile.points) {
            const auto name = point.point.substr(point.point.rfind('/') + 1);
            if (!point_names.contains(name)) {
                faults.push_back({profile.file, point.line, point.point,
                                  fmt::format("no type has a point `{}`{}", name, did_you_mean(name, known_points))});
            }
            if (!seen.insert(point.point).second) {
                faults.push_back({profile.file, point.line, point.point, "mapped twice"});
            }
        }
    }
}

void check_uses(const Packages& packages, Diagnostics& faults) {
    for (const auto& app : packages.apps) {
        for (const auto& used : app.uses) {
            const bool known = std::any_of(packages.apps.begin(), packages.apps.end(),
                                           [&](const App& other) { return other.id == used; });
            if (!known) {
                faults.push_back({app.folder + "/app.yaml", 1, "uses", fmt::format("there is no app `{}`", used)});
            }
        }
    }
}

}  // namespace

Packages load_packages(const std::string& apps_dir, Diagnostics& faults) {
    Packages packages;
    std::error_code error;
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(apps_dir, error)) {
        if (fs::exists(entry.path() / "app.yaml")) {
            folders.push_back(entry.path());
        }
    }
    if (folders.empty()) {
        faults.push_back({apps_dir, 0, "", "no app here: wanted at least one folder with an app.yaml"});
    }
    std::sort(folders.begin(), folders.end());
    for (const auto& folder : folders) {
        load_app(folder, packages, faults);
    }
    find_twins(packages.types, "type", faults);
    find_twins(packages.profiles, "profile", faults);
    check_profiles(packages, faults);
    check_uses(packages, faults);
    if (faults.empty()) {
        records::TypeRegistry::create(packages.types, faults);
    }
    return packages;
}

}  // namespace nuanshu::apps
