#pragma once

#include <optional>

#include "engines/network/sensitivity.h"

namespace nuanshu::network {

/// The element that a boundary value belongs to; nothing for the network's ambient temperature.
std::optional<Element> element_of(const BoundaryValue& boundary);

/// Whether its element exists.
bool exists(const Network& network, Element element);

/// A network of one link and its two nodes, to move a value of it without touching the whole.
Network only(const Network& network, Element link);

/// The value in such a network of one link, made explicit where it follows from others; nullptr where the element does
/// not have it (the return temperature of a consumer without one).
double* value_of(Network& single, BoundaryKind kind);

/// By how much to move a value for a difference.
double step_of(BoundaryKind kind, double value);

}  // namespace nuanshu::network
