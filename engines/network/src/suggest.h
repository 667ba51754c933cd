#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nuanshu::network {

/// "; length_m?" if one of the words is much like the one that was read, otherwise ", only a, b and c" while they are
/// few, otherwise nothing.
std::string suggestion(std::string_view read, std::span<const std::string_view> words);

}  // namespace nuanshu::network
