#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace nuanshu {

/// An integer that cannot be mistaken for another kind of id. 0 means none.
template <class Tag, class Integer>
struct Id {
    Integer value = 0;

    constexpr explicit operator bool() const { return value != 0; }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// A point (测点). Given by the historian, dense from 1, the same for ever for the same point code.
using PointId = Id<struct PointTag, std::uint32_t>;

/// A record (对象), unique within the database.
using RecordId = Id<struct RecordTag, std::int64_t>;

}  // namespace nuanshu

template <class Tag, class Integer>
struct std::hash<nuanshu::Id<Tag, Integer>> {
    std::size_t operator()(const nuanshu::Id<Tag, Integer>& id) const noexcept {
        return std::hash<Integer>()(id.value);
    }
};
