#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "platform/historian/src/bytes.h"
#include "platform/historian/src/int_part.h"

namespace nuanshu::historian {

/// A list of integers of which many in a row are the same: states, set-points. Bytes: until there are as many as the
/// list has, zigzag varint of the integer less the one of the run before (the first: less 0), varint how many.
void encode_runs(std::string& out, std::span<const std::int64_t> values);
std::size_t runs_bytes(std::span<const std::int64_t> values);

/// Reads it. For one thread.
class IntRuns {
 public:
    /// Reads what encode_runs() wrote of `count` ≥ 1 integers. When the bytes are something else, in.ok() is false
    /// afterwards.
    void parse(ByteReader& in, std::size_t count);

    void decode(std::span<std::int64_t> values) const;

    /// @pre from < to ≤ count
    IntPart part(std::size_t from, std::size_t to) const;
    WideInt sum(std::size_t from, std::size_t to) const;

 private:
    struct Run {
        std::int64_t value;
        std::size_t end;  ///< index behind its last one
    };
    std::size_t run_of(std::size_t index) const;

    std::vector<Run> runs_;
};

}  // namespace nuanshu::historian
