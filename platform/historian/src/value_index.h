#pragma once

#include <cstdint>
#include <span>

#include "platform/historian/src/bytes.h"
#include "platform/historian/src/decimal_scale.h"
#include "platform/historian/src/int_blocks.h"
#include "platform/historian/src/int_runs.h"

namespace nuanshu::historian {

/// What a part of a list of values comes to.
struct ValuePart {
    double first = 0.0, last = 0.0, min = 0.0, max = 0.0;
    std::size_t min_at = 0, max_at = 0;  ///< index in the list
};

/// Looks into values that are decimal numbers in blocks or in runs (value_codec.cpp, modes 4 and 5) and decodes no more
/// of them than a question needs. For one thread.
class ValueIndex {
 public:
    /// Reads what stands behind the mode. When the bytes are something else, in.ok() is false afterwards. The bytes
    /// must outlive this.
    void parse_blocks(ByteReader& in, std::size_t count);
    void parse_runs(ByteReader& in, std::size_t count);

    void decode(std::span<double> values);

    /// @pre from < to ≤ count
    ValuePart part(std::size_t from, std::size_t to);

    /// Whether sum() is right to the last digit but one: sums of numbers rounded to 32-bit floats are not.
    bool has_sum() const { return scale_.scaling != Scaling::divide_float; }
    /// @pre from < to ≤ count, has_sum()
    double sum(std::size_t from, std::size_t to);

 private:
    bool parse_scale(ByteReader& in);

    Scale scale_;
    bool in_runs_ = false;
    IntBlocks blocks_;
    IntRuns runs_;
    std::vector<std::int64_t> integers_;
};

/// The double nearest to the sum of integers that stand for values.
double unscale_sum(Scale scale, WideInt sum);

/// values[i] is what integers[i] stands for.
void unscale_all(Scale scale, std::span<const std::int64_t> integers, std::span<double> values);

}  // namespace nuanshu::historian
