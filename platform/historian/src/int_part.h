#pragma once

#include <cstdint>

namespace nuanshu::historian {

__extension__ using WideInt = __int128;

/// What a part of a list of integers comes to. Of equal extremes the first one is named.
struct IntPart {
    std::int64_t first = 0, last = 0, min = 0, max = 0;
    std::size_t min_at = 0, max_at = 0;  ///< index in the whole list
};

}  // namespace nuanshu::historian
