#include "platform/historian/src/int_lines.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nuanshu::historian {

IntRange range_of_plainly(std::span<const std::int32_t> numbers) {
    IntRange range{numbers[0], numbers[0]};
    for (const auto number : numbers) {
        range.min = std::min(range.min, number);
        range.max = std::max(range.max, number);
    }
    return range;
}

std::size_t first_of_plainly(std::span<const std::int32_t> numbers, std::int32_t wanted) {
    return static_cast<std::size_t>(std::find(numbers.begin(), numbers.end(), wanted) - numbers.begin());
}

#if defined(__x86_64__)
namespace {

/// Numbers in one line. What does not fill the last line is looked at together with some before it, once more.
constexpr std::size_t line = 8;

[[gnu::target("avx2")]] __m256i load(const std::int32_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

[[gnu::target("avx2")]] IntRange range_by_lines(const std::int32_t* numbers, std::size_t count) {
    __m256i low = load(numbers + count - line);
    __m256i high = low;
    for (std::size_t i = 0; i + line <= count; i += line) {
        const __m256i here = load(numbers + i);
        low = _mm256_min_epi32(low, here);
        high = _mm256_max_epi32(high, here);
    }
    __m128i least = _mm_min_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
    least = _mm_min_epi32(least, _mm_shuffle_epi32(least, 0b01'00'11'10));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0b01'00'11'10));
    least = _mm_min_epi32(least, _mm_shuffle_epi32(least, 0b10'11'00'01));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0b10'11'00'01));
    return {_mm_cvtsi128_si32(least), _mm_cvtsi128_si32(most)};
}

[[gnu::target("avx2")]] std::size_t find_by_lines(const std::int32_t* numbers, std::size_t count, std::int32_t wanted) {
    const __m256i all_wanted = _mm256_set1_epi32(wanted);
    for (std::size_t i = 0;; i = std::min(i + line, count - line)) {
        const __m256i same = _mm256_cmpeq_epi32(load(numbers + i), all_wanted);
        if (const auto found = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(same))); found != 0) {
            return i + static_cast<std::size_t>(std::countr_zero(found));
        }
        if (i + line == count) {
            return count;
        }
    }
}

bool in_lines(std::size_t count) {
    return count >= line && __builtin_cpu_supports("avx2") != 0;
}

}  // namespace

IntRange range_of(std::span<const std::int32_t> numbers) {
    return in_lines(numbers.size()) ? range_by_lines(numbers.data(), numbers.size()) : range_of_plainly(numbers);
}

std::size_t first_of(std::span<const std::int32_t> numbers, std::int32_t wanted) {
    return in_lines(numbers.size()) ? find_by_lines(numbers.data(), numbers.size(), wanted)
                                    : first_of_plainly(numbers, wanted);
}

#else

IntRange range_of(std::span<const std::int32_t> numbers) {
    return range_of_plainly(numbers);
}

std::size_t first_of(std::span<const std::int32_t> numbers, std::int32_t wanted) {
    return first_of_plainly(numbers, wanted);
}

#endif

}  // namespace nuanshu::historian
