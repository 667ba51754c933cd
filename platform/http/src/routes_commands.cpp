#include <charconv>

#include <boost/json.hpp>

#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/value_json.h"

namespace nuanshu::http {
namespace {

/// The value of the point that will confirm the command, as it was when selecting.
telemetry::CurrentValue present_value(const Context& context, const commands::Selection& selection) {
    const auto& services = context.services;
    telemetry::CurrentValue present;
    const auto point = services.catalogue.find(selection.point);
    if (point && point->type->command) {
        const auto& name = point->type->command->read_back;
        const auto read_back = name.empty() ? point : services.catalogue.find(point->record_code + "/" + name);
        present = services.pipeline.current(read_back ? read_back->id : point->id);
    }
    present.value = selection.present_value;
    present.quality = selection.present_quality;
    return present;
}

Reply select(const Call& call) {
    const auto& body = call.body->as_object();
    NUANSHU_TRY(const auto selection,
                call.context.services.commands.select(call.user().name, body.at("point").as_string(),
                                                      body.at("value").to_number<double>()));
    JsonWriter json;
    json.object()
        .member("id", selection.id)
        .member("point", selection.point)
        .member("value", selection.value)
        .key("present");
    write_value(json, present_value(call.context, selection));
    json.member("expires_ms", selection.expires_ms).end();
    return json_response(json.take(), 201);
}

std::string command_json(const commands::CommandRecord& command) {
    JsonWriter json;
    write_command(json, command);
    return json.take();
}

/// Tells every live connection how the command ended; does nothing once the server is gone.
std::function<void(const commands::CommandRecord&)> tell_everyone(const std::shared_ptr<LiveHub>& live) {
    return [hub = std::weak_ptr(live)](const commands::CommandRecord& command) {
        if (const auto there = hub.lock()) {
            there->publish(fmt::format(R"({{"op":"command","command":{}}})", command_json(command)));
        }
    };
}

Reply execute(const Call& call) {
    const auto& selection = call.body->as_object().at("selection").as_string();
    NUANSHU_TRY(const auto command,
                call.context.services.commands.execute(call.user().name, selection, tell_everyone(call.context.live)));
    auto response = json_response(command_json(command), 202);
    response.headers.emplace_back("Location", fmt::format("/api/v1/commands/{}", command.id));
    return response;
}

std::optional<std::int64_t> read_id(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc() && end == text.data() + text.size() && id > 0 ? std::optional(id) : std::nullopt;
}

Reply get_command(const Call& call) {
    const auto id = read_id(call.captured("id"));
    if (!id) {
        return tl::unexpected(Failure(
            Error{ErrorCode::not_found, "command " + call.captured("id"), "is not known; ids are whole numbers"}));
    }
    NUANSHU_TRY(const auto command, call.context.services.commands.get(*id));
    return json_response(command_json(command));
}

Reply list_commands(const Call& call) {
    const commands::CommandQuery query{.point = std::string(call.text("point")),
                                       .limit = static_cast<std::size_t>(call.integer("limit", 50)),
                                       .before_id = call.integer("after", 0)};
    NUANSHU_TRY(const auto page, call.context.services.commands.list(query));
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& command : page) {
        write_command(json, command);
    }
    const bool is_last = page.size() < query.limit;
    json.end().member("next", is_last ? std::string() : std::to_string(page.back().id)).end();
    return json_response(json.take());
}

void add_reading_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/commands/{id}",
                      .id = "get_command",
                      .summary = "A command: who, when, what, how it ended",
                      .answers = {{200, "The command", reference_schema("Command")}},
                      .handler = get_command});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/commands",
                      .id = "list_commands",
                      .summary = "Commands, newest first",
                      .query = {{"point", text_schema().at_most(512), "only those to this point"},
                                limit_parameter(1000, 50),
                                {"after", integer_schema().between(0, 9e15), "`next` of the page before"}},
                      .answers = {{200, "One page", page_schema("Command")}},
                      .handler = list_commands});
}

}  // namespace

void add_command_routes(Routes& routes) {
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/commands/selections",
                      .id = "select_command",
                      .summary = "First step: check limits and interlock; nothing is sent to the device yet",
                      .body = object_schema({{"point", text_schema().at_most(512)}, {"value", number_schema()}}),
                      .answers = {{201, "May be executed once, until it expires", reference_schema("Selection")}},
                      .handler = select});
    routes.push_back(
        {.method = "POST",
         .pattern = "/api/v1/commands",
         .id = "execute_command",
         .summary = "Second step: write the selected value to the device and watch it being read back",
         .body = object_schema({{"selection", text_schema().at_most(200)}}),
         .answers = {{202, "Under way; the end is told on the live connection", reference_schema("Command")}},
         .handler = execute});
    add_reading_routes(routes);
}

}  // namespace nuanshu::http
