#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "engines/network/network.h"

namespace nuanshu::network {

/// How many elements of a kind a network has.
std::size_t count_of(const Network& network, ElementKind kind);

/// "node" … "tank"; nothing for other words.
std::optional<ElementKind> element_kind_of(std::string_view word);

/// Positions of elements by id; a kind is indexed when it is first asked for. The network must outlive it.
class ElementIds {
 public:
    explicit ElementIds(const Network& network) : network_(network) {}
    std::optional<std::int32_t> find(ElementKind kind, std::string_view id);

 private:
    const Network& network_;
    std::array<std::optional<std::unordered_map<std::string_view, std::int32_t>>, 8> by_kind_;
};

}  // namespace nuanshu::network
