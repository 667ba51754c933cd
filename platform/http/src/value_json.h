#pragma once

#include "platform/commands/commands.h"
#include "platform/http/src/json_writer.h"
#include "platform/identity/identity.h"
#include "platform/points/catalogue.h"
#include "platform/records/type.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::http {

/// The platform's own structs as the JSON of docs/api.md. Each writes one value where the writer stands.
void write_title(JsonWriter& json, const records::Title& title);
void write_type(JsonWriter& json, const records::Type& type);
void write_user(JsonWriter& json, const identity::User& user);
/// null when no sample has ever come.
void write_value(JsonWriter& json, const telemetry::CurrentValue& value);
void write_point(JsonWriter& json, const points::PointDefinition& point, const telemetry::CurrentValue& value);
void write_command(JsonWriter& json, const commands::CommandRecord& command);

}  // namespace nuanshu::http
