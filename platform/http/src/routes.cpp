#include "platform/http/src/routes.h"

namespace nuanshu::http {

Routes all_routes() {
    Routes routes;
    add_session_routes(routes);
    add_record_routes(routes);
    add_point_routes(routes);
    add_sample_routes(routes);
    add_writing_routes(routes);
    add_grafana_routes(routes);
    add_prometheus_routes(routes);
    add_command_routes(routes);
    add_device_routes(routes);
    add_system_routes(routes);
    return routes;
}

Parameter after_parameter() {
    return {"after", text_schema(), "`next` of the page before; empty for the first page"};
}

Parameter limit_parameter(int most, int usual) {
    return {"limit", integer_schema().between(1, most), fmt::format("items a page; {} when not given", usual)};
}

Parameter search_parameter(std::string_view what) {
    return {"search", text_schema().at_most(500), std::string(what)};
}
Parameter under_parameter(std::string_view what) {
    return {"under", text_schema().at_most(200), std::string(what)};
}

}  // namespace nuanshu::http
