#pragma once

#include <string>
#include <vector>

#include "platform/http/src/context.h"
#include "platform/http/src/router.h"

namespace nuanshu::http {

using Routes = std::vector<Route>;

/// Every route of the server, in the order of docs/api.md.
Routes all_routes();

void add_session_routes(Routes& routes);
void add_record_routes(Routes& routes);
void add_point_routes(Routes& routes);
void add_sample_routes(Routes& routes);
void add_writing_routes(Routes& routes);
void add_grafana_routes(Routes& routes);
void add_prometheus_routes(Routes& routes);
void add_command_routes(Routes& routes);
void add_device_routes(Routes& routes);
void add_system_routes(Routes& routes);

/// The answer of GET /api/v1/drivers. Errors: invalid, when a manifest is no YAML mapping.
Result<std::string> drivers_json(std::span<const drivers::DriverKind> drivers);

/// Query parameters that several lists take.
Parameter after_parameter();
Parameter limit_parameter(int most, int usual);
Parameter search_parameter(std::string_view what);
Parameter under_parameter(std::string_view what);

}  // namespace nuanshu::http
