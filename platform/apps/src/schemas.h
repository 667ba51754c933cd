#pragma once

#include <string_view>

namespace nuanshu::apps {

// The published JSON Schemas, as text.
extern const std::string_view app_schema;
extern const std::string_view type_schema;
extern const std::string_view profile_schema;

}  // namespace nuanshu::apps
