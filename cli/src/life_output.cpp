#include "cli/src/life_output.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "base/time.h"

namespace nuanshu::cli {

historian::JobControl JobWatch::control() const {
    const auto show = [this](const historian::JobProgress& progress) {
        line_.show(progress.total == 0 ? fmt::format("{}: {}, {}", name_, progress.step, as_count(progress.done))
                                       : fmt::format("{}: {}, {} of {}", name_, progress.step, as_count(progress.done),
                                                     as_count(progress.total)));
    };
    return {.progress = show, .stop = signals_.token()};
}

boost::json::object to_json(const historian::Verification& found) {
    boost::json::array damages;
    for (const auto& damage : found.damages) {
        damages.push_back(boost::json::object{{"place", damage.place}, {"what", damage.what}});
    }
    return {{"files", found.files},
            {"bytes", found.bytes},
            {"chunks", found.chunks},
            {"samples", found.samples},
            {"damage_count", found.damage_count},
            {"damages", std::move(damages)}};
}

boost::json::object to_json(const historian::Retired& gone) {
    return {{"points", gone.points},
            {"samples", gone.samples},
            {"hours", gone.hours},
            {"days", gone.days},
            {"old_values", gone.old_values}};
}

boost::json::object to_json(const historian::Backup& backup) {
    return {{"name", backup.name()},
            {"at", format_time(backup.at_ms)},
            {"kind", backup.full ? "full" : "incremental"},
            {"bytes", backup.bytes}};
}

boost::json::object to_json(const historian::ChangeEntry& change, const std::string& code) {
    return {{"id", change.id},
            {"point", code},
            {"from", format_time(change.range.from_ms)},
            {"to", format_time(change.range.to_ms)},
            {"by", change.by},
            {"reason", change.reason},
            {"at", format_time(change.at_ms)},
            {"samples_before", change.samples_before},
            {"samples_after", change.samples_after},
            {"rollups_removed", change.rollups_removed}};
}

}  // namespace nuanshu::cli
