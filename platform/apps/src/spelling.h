#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nuanshu::apps {

/// "; did you mean `title`?" when one of the known names is within two edits of `name`, else "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace nuanshu::apps
