#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/config.h"
#include "cli/src/health.h"
#include "cli/src/subcommands.h"

namespace nuanshu::cli {
namespace {

Result<> examine_and_tell(const std::string& config_path, bool as_json) {
    NUANSHU_TRY(const auto config, load_config(config_path));
    boost::json::array rows;
    std::size_t failed = 0;
    for (const auto& check : examine(config)) {
        failed += check.ok ? 0 : 1;
        rows.push_back(boost::json::object{{"name", check.name}, {"ok", check.ok}, {"text", check.text}});
        if (!as_json) {
            fmt::print("{} {:<13} {}\n", check.ok ? "✓" : "✗", check.name, check.text);
        }
    }
    if (as_json) {
        fmt::print("{}\n", boost::json::serialize(rows));
    }
    if (failed > 0) {
        return fail(ErrorCode::unavailable, "doctor", "{} of {} checks failed", failed, rows.size());
    }
    return {};
}

}  // namespace

void add_doctor(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand(
        "doctor", "check settings, apps, disk, database, port, broker and clock, and say what to do");
    command->callback(
        [&request] { request.work = [&request] { return examine_and_tell(request.config_path, request.json); }; });
}

}  // namespace nuanshu::cli
