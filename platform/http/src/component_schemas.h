#pragma once

#include "platform/http/src/schema.h"
#include "platform/records/type.h"

namespace nuanshu::http {

/// The named schemas of the OpenAPI document: the platform's own, and two for each record type (as stored, as sent for
/// a new one).
std::vector<Property> component_schemas(const records::TypeRegistry& types);

}  // namespace nuanshu::http
