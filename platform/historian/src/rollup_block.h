#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/rollup.h"

namespace nuanshu::historian {

/// An hour or day as it is stored. Of what it was made from, a part may have been retired: that part is never computed
/// again.
struct StoredBucket {
    Rollup total;                   ///< as of the last time it was brought up to date
    std::optional<Rollup> retired;  ///< the part whose raw samples (of an hour) or hours (of a day) are gone
};

/// Buckets of one block, by time, none twice.
using RollupBlock = std::vector<StoredBucket>;

/// The format stands in rollup_block.cpp. @pre not empty, all inside the block
std::string encode_block(const RollupBlock& block, std::int64_t start_ms, Bucket bucket);

/// Errors: corrupt, with the reason.
Result<RollupBlock> decode_block(std::string_view bytes, std::int64_t start_ms, Bucket bucket);

}  // namespace nuanshu::historian
