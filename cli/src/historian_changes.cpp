#include <cstdlib>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/time.h"
#include "cli/src/historian.h"
#include "cli/src/life_output.h"

namespace nuanshu::cli {
namespace {

struct DeleteOptions {
    SampleFolder folder;
    std::string point, from, to, by, reason;
};

struct ChangesOptions {
    SampleFolder folder;
    std::string point;
};

std::string in_words(const historian::ChangeEntry& change, const std::string& code) {
    return fmt::format("{:>6} {} {}: {} … {}, {} samples → {}, by {}: {}", change.id, format_time(change.at_ms), code,
                       format_time(change.range.from_ms), format_time(change.range.to_ms),
                       as_count(change.samples_before), as_count(change.samples_after), change.by, change.reason);
}

Result<> run_delete(const DeleteOptions& options, const Request& request) {
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    NUANSHU_TRY(const auto points, points_of(*store, {options.point}));
    historian::Correction correction{
        .point = points.front(), .by = options.by, .reason = options.reason, .at_ms = SystemClock().now_ms()};
    NUANSHU_TRY(correction.range, range_of(*store, points, options.from, options.to));
    NUANSHU_TRY(const auto change, life->correct(correction));
    fmt::print("{}\n",
               request.json ? boost::json::serialize(to_json(change, options.point)) : in_words(change, options.point));
    return {};
}

Result<> print_changes(const ChangesOptions& options, const Request& request) {
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    historian::ChangeFilter filter;
    if (!options.point.empty()) {
        NUANSHU_TRY(const auto points, points_of(*store, {options.point}));
        filter.point = points.front();
    }
    boost::json::array rows;
    while (true) {
        NUANSHU_TRY(const auto changes, life->changes(filter));
        for (const auto& change : changes) {
            const auto code = store->code_of(change.point);
            if (request.json) {
                rows.push_back(to_json(change, code));
            } else {
                fmt::print("{}\n", in_words(change, code));
            }
            filter.after_id = change.id;
        }
        if (changes.size() < filter.limit) {
            break;
        }
    }
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"changes", std::move(rows)}}));
    }
    return {};
}

}  // namespace

void add_historian_changes(CLI::App& historian, Request& request) {
    auto erase = std::make_shared<DeleteOptions>();
    const char* user = std::getenv("USER");
    erase->by = user == nullptr ? "" : user;
    auto* command = historian.add_subcommand(
        "delete", "delete a point's samples in a range; who, why and the old values are kept (删除)");
    add_data_option(*command, erase->folder);
    command->add_option("--point", erase->point, "the point's code")->required();
    command->add_option("--from", erase->from, "RFC 3339 or Unix time")->required();
    command->add_option("--to", erase->to, "not included")->required();
    command->add_option("--by", erase->by, "who does it")->capture_default_str();
    command->add_option("--reason", erase->reason, "why")->required();
    command->callback([&request, erase] { request.work = [&request, erase] { return run_delete(*erase, request); }; });

    auto changes = std::make_shared<ChangesOptions>();
    command = historian.add_subcommand("changes", "corrections and deletions that were done (变更记录)");
    add_data_option(*command, changes->folder);
    command->add_option("--point", changes->point, "only of this point");
    command->callback(
        [&request, changes] { request.work = [&request, changes] { return print_changes(*changes, request); }; });
}

}  // namespace nuanshu::cli
