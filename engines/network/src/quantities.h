#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engines/network/simulate.h"

/// The names of what a simulation can be asked for.
namespace nuanshu::network {

/// In the enumeration's order.
std::span<const std::string_view> quantity_names();
/// The kind of element it belongs to; nothing for the network's own.
std::optional<ElementKind> kind_of(Quantity quantity);

}  // namespace nuanshu::network
