// Writes what int_blocks.cpp describes and reads.

#include "platform/historian/src/int_blocks.h"

#include <algorithm>
#include <array>
#include <bit>

namespace nuanshu::historian {
namespace {

constexpr std::size_t block_size = lanes_group;

struct Residuals {
    std::int64_t least = 0;
    unsigned width = 0;
};

Residuals measure(std::span<const std::int64_t> residuals) {
    const auto [least, most] = std::minmax_element(residuals.begin(), residuals.end());
    return {*least,
            static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(wrapping_subtract(*most, *least))))};
}

/// The first residual of all is nothing but as small as the others are.
std::vector<std::int64_t> steps_of(std::span<const std::int64_t> values) {
    std::vector<std::int64_t> steps(values.size());
    for (std::size_t i = 1; i < values.size(); ++i) {
        steps[i] = wrapping_subtract(values[i], values[i - 1]);
    }
    if (values.size() > 1) {
        const auto first_block = std::span(steps).first(std::min(block_size, steps.size()));
        steps[0] = *std::min_element(first_block.begin() + 1, first_block.end());
    }
    return steps;
}

template <class Visit>
void for_each_block(std::size_t count, Visit visit) {
    for (std::size_t from = 0; from < count; from += block_size) {
        visit(from, std::min(block_size, count - from));
    }
}

std::size_t packed_size(std::span<const std::int64_t> residuals) {
    std::size_t bytes = 0;
    for_each_block(residuals.size(), [&](std::size_t from, std::size_t count) {
        bytes += lanes_bytes(count, measure(residuals.subspan(from, count)).width);
    });
    return bytes;
}

void put_signed(std::string& out, std::int64_t value) {
    put_varint(out, zigzag(value));
}

/// Writes a list's directory and its bits.
class BlockWriter {
 public:
    BlockWriter(unsigned order, std::span<const std::int64_t> values, std::span<const std::int64_t> residuals)
        : order_(order), values_(values), residuals_(residuals) {}

    void write(std::string& out) {
        out.push_back(static_cast<char>(order_));
        if (order_ == 1) {
            put_signed(out, values_.back());
        }
        std::string bits;
        for_each_block(values_.size(), [&](std::size_t from, std::size_t count) { add_block(out, bits, from, count); });
        out += bits;
    }

 private:
    void add_block(std::string& out, std::string& bits, std::size_t from, std::size_t count) {
        const auto block = residuals_.subspan(from, count);
        const Residuals measured = measure(block);
        if (order_ == 1) {
            const std::int64_t anchor = from == 0 ? wrapping_subtract(values_[0], residuals_[0]) : values_[from - 1];
            put_signed(out, wrapping_subtract(anchor, anchor_));
            anchor_ = anchor;
            put_signed(out, measured.least);
        } else {
            put_signed(out, wrapping_subtract(measured.least, least_));
            least_ = measured.least;
        }
        out.push_back(static_cast<char>(measured.width));
        add_extremes(out, values_.subspan(from, count), measured);
        add_bits(bits, block, measured);
    }

    void add_extremes(std::string& out, std::span<const std::int64_t> block, const Residuals& measured) const {
        const bool rises = order_ == 1 && measured.least >= 0;
        if (measured.width == 0 && (order_ == 0 || rises)) {
            return;
        }
        const auto least = std::min_element(block.begin(), block.end());
        const auto most = std::max_element(block.begin(), block.end());
        if (!rises) {
            out.push_back(static_cast<char>(least - block.begin()));
        }
        out.push_back(static_cast<char>(most - block.begin()));
        if (order_ == 1 && !rises) {
            put_signed(out, wrapping_subtract(*least, anchor_));
            put_signed(out, wrapping_subtract(*most, anchor_));
        }
    }

    static void add_bits(std::string& bits, std::span<const std::int64_t> block, const Residuals& measured) {
        std::array<std::uint64_t, block_size> numbers;
        for (std::size_t i = 0; i < block.size(); ++i) {
            numbers[i] = static_cast<std::uint64_t>(wrapping_subtract(block[i], measured.least));
        }
        pack_lanes(bits, std::span(numbers).first(block.size()), measured.width);
    }

    unsigned order_;
    std::span<const std::int64_t> values_;
    std::span<const std::int64_t> residuals_;
    std::int64_t anchor_ = 0;
    std::int64_t least_ = 0;
};

}  // namespace

void encode_blocks(std::string& out, std::span<const std::int64_t> values) {
    const std::vector<std::int64_t> steps = steps_of(values);
    if (packed_size(steps) < packed_size(values)) {
        BlockWriter(1, values, steps).write(out);
    } else {
        BlockWriter(0, values, values).write(out);
    }
}

}  // namespace nuanshu::historian
