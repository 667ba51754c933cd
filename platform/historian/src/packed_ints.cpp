// A list of n 64-bit integers, n being known to the reader. All arithmetic wraps around at 2^64.
//
//   u8       bits 0-1: order k, 0 … 2; bits 2-3: coding; the rest 0
//   k ×      zigzag varint: the first value (k ≥ 1), then the first difference (k = 2)
//   then the n − k residuals, which are the values (k = 0), their differences (k = 1) or the differences of those (k =
//   2): coding 0, constant   one zigzag varint: they are all the same coding 1, packed     blocks of 128 residuals, the
//   last one shorter:
//                          zigzag varint  least residual of the block
//                          u8             width w, 0 … 64
//                          ⌈count·w/8⌉ B  residual − least in w bits each, the lowest bit of the first byte first
//   coding 2, runs       until there are n − k: zigzag varint residual, varint how many times it comes
//
// A list of fewer than two integers is written with k = 0. Steady times are 3 to 6 bytes (k = 1, constant), meters that
// count evenly pack their second differences, switches are runs.

#include "platform/historian/src/packed_ints.h"

#include <algorithm>
#include <array>
#include <vector>

namespace nuanshu::historian {
namespace {

constexpr std::size_t block_size = 128;
constexpr unsigned max_order = 2;

enum Coding : std::uint8_t { constant = 0, packed = 1, runs = 2 };

struct Block {
    std::int64_t least;
    unsigned width;
};

Block measure_block(std::span<const std::int64_t> residuals) {
    std::int64_t least = residuals[0];
    std::int64_t most = residuals[0];
    for (const auto residual : residuals) {
        least = std::min(least, residual);
        most = std::max(most, residual);
    }
    return {least, static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(wrapping_subtract(most, least))))};
}

constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
    return (count * width + 7) / 8;
}

template <class Visit>
void for_each_block(std::span<const std::int64_t> residuals, Visit visit) {
    for (std::size_t at = 0; at < residuals.size(); at += block_size) {
        visit(residuals.subspan(at, std::min(block_size, residuals.size() - at)));
    }
}

template <class Visit>
void for_each_run(std::span<const std::int64_t> residuals, Visit visit) {
    for (std::size_t at = 0; at < residuals.size();) {
        std::size_t end = at + 1;
        while (end < residuals.size() && residuals[end] == residuals[at]) {
            ++end;
        }
        visit(residuals[at], end - at);
        at = end;
    }
}

std::size_t packed_cost(std::span<const std::int64_t> residuals) {
    std::size_t bytes = 0;
    for_each_block(residuals, [&](auto block) {
        const auto [least, width] = measure_block(block);
        bytes += varint_bytes(zigzag(least)) + 1 + packed_bytes(block.size(), width);
    });
    return bytes;
}

std::size_t runs_cost(std::span<const std::int64_t> residuals) {
    std::size_t bytes = 0;
    for_each_run(residuals, [&](std::int64_t residual, std::size_t times) {
        bytes += varint_bytes(zigzag(residual)) + varint_bytes(times);
    });
    return bytes;
}

struct Choice {
    Coding coding;
    std::size_t bytes;
};

Choice cheapest_coding(std::span<const std::int64_t> residuals) {
    const auto differs = [&](auto residual) { return residual != residuals[0]; };
    if (residuals.empty() || std::none_of(residuals.begin(), residuals.end(), differs)) {
        return {constant, residuals.empty() ? 1 : varint_bytes(zigzag(residuals[0]))};
    }
    const std::size_t as_blocks = packed_cost(residuals);
    const std::size_t as_runs = runs_cost(residuals);
    return as_runs < as_blocks ? Choice{runs, as_runs} : Choice{packed, as_blocks};
}

void write_block(std::string& out, std::span<const std::int64_t> block) {
    const auto [least, width] = measure_block(block);
    put_varint(out, zigzag(least));
    out.push_back(static_cast<char>(width));
    std::uint64_t pending = 0;
    unsigned pending_bits = 0;
    for (const auto residual : block) {
        const auto bits = static_cast<std::uint64_t>(wrapping_subtract(residual, least));
        pending |= bits << pending_bits;
        if (pending_bits + width < 64) {
            pending_bits += width;
            continue;
        }
        put_fixed(out, pending);
        const unsigned written = 64 - pending_bits;
        pending = written < 64 ? bits >> written : 0;
        pending_bits = width - written;
    }
    char bytes[sizeof(pending)];
    std::memcpy(bytes, &pending, sizeof(pending));
    out.append(bytes, (pending_bits + 7) / 8);
}

void write_residuals(std::string& out, Coding coding, std::span<const std::int64_t> residuals) {
    switch (coding) {
        case constant:
            put_varint(out, residuals.empty() ? 0 : zigzag(residuals[0]));
            break;
        case packed:
            for_each_block(residuals, [&](auto block) { write_block(out, block); });
            break;
        case runs:
            for_each_run(residuals, [&](std::int64_t residual, std::size_t times) {
                put_varint(out, zigzag(residual));
                put_varint(out, times);
            });
            break;
    }
}

std::vector<std::int64_t> differences(std::span<const std::int64_t> values) {
    std::vector<std::int64_t> result(values.size() - 1);
    for (std::size_t i = 1; i < values.size(); ++i) {
        result[i - 1] = wrapping_subtract(values[i], values[i - 1]);
    }
    return result;
}

/// 8 bytes as a number; what lies behind `end` counts as 0.
std::uint64_t load_word(const std::uint8_t* at, const std::uint8_t* end) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, std::min<std::size_t>(8, static_cast<std::size_t>(end - at)));
    return word;
}

std::int64_t unpack_at(std::span<const std::uint8_t> bytes, std::size_t index, unsigned width, std::int64_t least) {
    const std::size_t bit = index * width;
    const std::uint8_t* at = bytes.data() + bit / 8;
    const std::uint8_t* end = bytes.data() + bytes.size();
    const auto shift = static_cast<unsigned>(bit % 8);
    std::uint64_t word = load_word(at, end) >> shift;
    if (shift + width > 64) {
        word |= static_cast<std::uint64_t>(at[8]) << (64 - shift);
    }
    const std::uint64_t mask = width == 64 ? ~0ULL : (1ULL << width) - 1;
    return wrapping_add(static_cast<std::int64_t>(word & mask), least);
}

/// How many of the first values can be read as whole 8-byte words without touching what lies behind `readable` bytes.
std::size_t whole_words(std::size_t readable, std::size_t count, unsigned width) {
    return readable < 8 ? 0 : std::min(count, (readable - 8) * 8 / width + 1);
}

void unpack(std::span<const std::uint8_t> bytes, std::size_t readable, unsigned width, std::int64_t least,
            std::span<std::int64_t> out) {
    std::size_t i = 0;
    if (width <= 56) {
        const std::uint64_t mask = (1ULL << width) - 1;
        const std::size_t fast = whole_words(readable, out.size(), width);
        for (; i < fast; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + i * width / 8, 8);
            out[i] = wrapping_add(static_cast<std::int64_t>((word >> (i * width % 8)) & mask), least);
        }
    }
    for (; i < out.size(); ++i) {
        out[i] = unpack_at(bytes, i, width, least);
    }
}

void read_block(ByteReader& in, std::span<std::int64_t> out) {
    const std::int64_t least = in.signed_varint();
    const unsigned width = in.u8();
    if (width == 0) {
        std::fill(out.begin(), out.end(), least);
        return;
    }
    if (width > 64) {
        in.refuse();
        return;
    }
    const std::size_t readable = in.left();
    const auto bytes = in.take(packed_bytes(out.size(), width));
    if (in.ok()) {
        unpack(bytes, readable, width, least, out);
    }
}

void read_packed(ByteReader& in, std::span<std::int64_t> out) {
    for (std::size_t at = 0; at < out.size() && in.ok(); at += block_size) {
        read_block(in, out.subspan(at, std::min(block_size, out.size() - at)));
    }
}

void read_runs(ByteReader& in, std::span<std::int64_t> out) {
    for (std::size_t at = 0; at < out.size() && in.ok();) {
        const std::int64_t residual = in.signed_varint();
        const std::uint64_t times = in.varint();
        if (times == 0 || times > out.size() - at) {
            in.refuse();
            return;
        }
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at), times, residual);
        at += times;
    }
}

void read_residuals(ByteReader& in, unsigned coding, std::span<std::int64_t> out) {
    switch (coding) {
        case constant:
            std::fill(out.begin(), out.end(), in.signed_varint());
            break;
        case packed:
            read_packed(in, out);
            break;
        case runs:
            read_runs(in, out);
            break;
        default:
            in.refuse();
    }
}

void sum_up(std::span<std::int64_t> values) {
    for (std::size_t i = 1; i < values.size(); ++i) {
        values[i] = wrapping_add(values[i], values[i - 1]);
    }
}

}  // namespace

void encode_ints(std::string& out, std::span<const std::int64_t> values) {
    std::array<std::vector<std::int64_t>, max_order + 1> residuals;
    residuals[0].assign(values.begin(), values.end());
    unsigned best = 0;
    Choice choice = cheapest_coding(residuals[0]);
    for (unsigned order = 1; order <= max_order && order < values.size() && choice.bytes > 1; ++order) {
        residuals[order] = differences(residuals[order - 1]);
        const Choice other = cheapest_coding(residuals[order]);
        if (other.bytes + order * 2 < choice.bytes) {
            best = order;
            choice = other;
        }
    }
    out.push_back(static_cast<char>(best | static_cast<unsigned>(choice.coding) << 2));
    for (unsigned order = 0; order < best; ++order) {
        put_varint(out, zigzag(residuals[order][0]));
    }
    write_residuals(out, choice.coding, residuals[best]);
}

void decode_ints(ByteReader& in, std::span<std::int64_t> values) {
    const unsigned kind = in.u8();
    const std::size_t order = kind & 3;
    if (order > max_order || (order > 0 && order >= values.size()) || kind >> 4 != 0) {
        in.refuse();
        return;
    }
    for (std::size_t i = 0; i < order; ++i) {
        values[i] = in.signed_varint();
    }
    read_residuals(in, kind >> 2, values.subspan(order));
    for (std::size_t i = order; i > 0; --i) {
        sum_up(values.subspan(i - 1));
    }
}

}  // namespace nuanshu::historian
