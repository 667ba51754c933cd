#include "cli/src/historian.h"

#include <algorithm>
#include <filesystem>

#include "base/config.h"
#include "base/time.h"
#include "platform/historian/query.h"

namespace nuanshu::cli {
namespace {

constexpr std::size_t codes_shown = 5;

std::string some_codes(const historian::SampleStore& store) {
    std::string codes;
    for (std::uint32_t id = 1; id <= codes_shown; ++id) {
        const auto code = store.code_of(PointId{id});
        codes += code.empty() ? "" : (id > 1 ? ", " : "") + code;
    }
    return codes.empty() ? "it has none" : "it has " + codes + " …";
}

/// From the first sample of all to just behind the last.
Result<historian::TimeRange> extent_of(const historian::SampleStore& store, const std::vector<PointId>& points) {
    historian::TimeRange extent{historian::widest_range.to_ms, historian::widest_range.from_ms};
    for (const PointId point : points) {
        NUANSHU_TRY(const auto first, store.read(point, historian::widest_range, 1));
        NUANSHU_TRY(const auto last, store.value_as_of(point, historian::widest_range.to_ms - 1));
        if (!first.empty() && last) {
            extent.from_ms = std::min(extent.from_ms, first.front().time_ms);
            extent.to_ms = std::max(extent.to_ms, last->time_ms + 1);
        }
    }
    return extent.from_ms < extent.to_ms ? extent : historian::TimeRange{0, 1};
}

}  // namespace

void add_data_option(CLI::App& command, SampleFolder& folder) {
    command.add_option("--data", folder.directory,
                       "the folder where samples lie; else `samples` in the settings' state_dir");
}

Result<OpenStore> OpenStore::open(const SampleFolder& folder, const std::string& config_path, Absent absent) {
    NUANSHU_TRY(const auto config, load_config(config_path));
    OpenStore opened;
    opened.directory_ = folder.directory.empty() ? config.state_dir + "/samples" : folder.directory;
    if (absent == Absent::refuse && !std::filesystem::exists(opened.directory_ + "/CURRENT")) {
        return fail(ErrorCode::not_found, opened.directory_, "no samples lie there; name their folder with --data");
    }
    opened.metrics_ = std::make_unique<Metrics>();
    const historian::EmbeddedSettings settings{.directory = opened.directory_, .sync = false};
    NUANSHU_TRY(opened.store_, historian::open_embedded_store(settings, *opened.metrics_));
    return opened;
}

Result<historian::Life*> OpenStore::life() const {
    if (auto* life = store_->life()) {
        return life;
    }
    return fail(ErrorCode::unsupported, directory_, "this store's database takes care of that by itself");
}

Result<std::vector<PointId>> points_of(const historian::SampleStore& store, const std::vector<std::string>& codes) {
    std::vector<PointId> points;
    for (const auto& code : codes) {
        const auto point = store.find(code);
        if (!point) {
            return fail(ErrorCode::not_found, "point " + code, "the store does not know it; {}", some_codes(store));
        }
        points.push_back(*point);
    }
    for (std::uint32_t id = 1; codes.empty() && !store.code_of(PointId{id}).empty(); ++id) {
        points.push_back(PointId{id});
    }
    return points;
}

Result<historian::TimeRange> range_of(const historian::SampleStore& store, const std::vector<PointId>& points,
                                      const std::string& from, const std::string& to) {
    historian::TimeRange range = historian::widest_range;
    if (from.empty() || to.empty()) {
        NUANSHU_TRY(range, extent_of(store, points));
    }
    if (!from.empty()) {
        NUANSHU_TRY(range.from_ms, parse_time(from));
    }
    if (!to.empty()) {
        NUANSHU_TRY(range.to_ms, parse_time(to));
    }
    if (range.to_ms <= range.from_ms) {
        return fail(ErrorCode::invalid, "range", "it begins at {} and ends at {}; --to must be later than --from",
                    format_time(range.from_ms), format_time(range.to_ms));
    }
    return range;
}

void add_historian(CLI::App& app, Request& request) {
    auto* historian = app.add_subcommand(
        "historian", "samples on disk: import, query, export, backup, care (历史数据); not while `serve` runs on them");
    historian->require_subcommand(1)->fallthrough();
    historian->preparse_callback([&request](std::size_t) { request.failed_exit_code = 3; });
    add_historian_import(*historian, request);
    add_historian_query(*historian, request);
    add_historian_export(*historian, request);
    add_historian_care(*historian, request);
    add_historian_backup(*historian, request);
    add_historian_changes(*historian, request);
}

}  // namespace nuanshu::cli
