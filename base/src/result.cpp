#include "base/result.h"

#include <array>

namespace nuanshu {

std::string_view to_string(ErrorCode code) {
    static constexpr std::array<std::string_view, 12> names = {
        "invalid", "not_found", "conflict",  "unauthenticated", "refused",     "unavailable",
        "timeout", "corrupt",   "exhausted", "cancelled",       "unsupported", "internal"};
    return names[static_cast<std::size_t>(code)];
}

}  // namespace nuanshu
