#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "platform/points/profile.h"
#include "platform/records/type.h"

namespace nuanshu::apps {

/// One app package: a folder with an app.yaml.
struct App {
    std::string id;
    std::string version;
    records::Title title;
    records::Title summary;
    std::vector<std::string> uses;  ///< apps whose types this one may link to
    std::string folder;
};

/// Everything the app packages of a folder declare.
struct Packages {
    std::vector<App> apps;
    std::vector<records::Type> types;
    std::vector<points::Profile> profiles;
};

/// Reads every `<apps_dir>/*/app.yaml` with its types/*.yaml and profiles/*.yaml, and checks them: against the published JSON Schemas
/// (platform/apps/schemas), then what a schema cannot say: names used twice, units, quantities, links, profiles' types and points.
/// Every fault is appended to `faults` with file, line and field; the packages are usable only when there are none.
Packages load_packages(const std::string& apps_dir, Diagnostics& faults);

}  // namespace nuanshu::apps
