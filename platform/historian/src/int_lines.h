#pragma once

#include <cstdint>
#include <span>

namespace nuanshu::historian {

/// The least and the greatest of some numbers.
struct IntRange {
    std::int32_t min = 0, max = 0;
};

/// @pre !numbers.empty()
IntRange range_of(std::span<const std::int32_t> numbers);
/// Index of the first number that is `wanted`. @pre there is one
std::size_t first_of(std::span<const std::int32_t> numbers, std::int32_t wanted);

/// The same without AVX2, which the two above use where the processor has it.
IntRange range_of_plainly(std::span<const std::int32_t> numbers);
std::size_t first_of_plainly(std::span<const std::int32_t> numbers, std::int32_t wanted);

}  // namespace nuanshu::historian
