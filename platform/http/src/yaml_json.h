#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu::http {

/// A YAML mapping's members as JSON texts by name. Unquoted scalars become null, booleans and numbers where they look
/// so. Errors: invalid, with the line.
Result<std::map<std::string, std::string, std::less<>>> yaml_to_json_members(std::string_view yaml);

}  // namespace nuanshu::http
