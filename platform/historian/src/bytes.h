#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace nuanshu::historian {

static_assert(std::endian::native == std::endian::little,
              "the file formats are little-endian and copied as they lie in memory");

/// Signed numbers near 0 as unsigned numbers near 0: 0, -1, 1, -2 … become 0, 1, 2, 3 …
constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// Times and integers wrap around instead of overflowing, so that any two of them have a difference.
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <class Number>
void put_fixed(std::string& out, Number number) {
    char bytes[sizeof(Number)];
    std::memcpy(bytes, &number, sizeof(Number));
    out.append(bytes, sizeof(Number));
}

/// Writes LEB128: 7 bits a byte, lowest first, the top bit set on all but the last. @return the byte behind it
inline char* write_varint(char* at, std::uint64_t value) {
    while (value >= 0x80) {
        *at++ = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    *at++ = static_cast<char>(value);
    return at;
}
constexpr std::size_t max_varint_bytes = 10;

constexpr std::size_t varint_bytes(std::uint64_t value) {
    return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline void put_varint(std::string& out, std::uint64_t value) {
    char bytes[max_varint_bytes];
    write_varint(bytes, value);
    out.append(bytes, varint_bytes(value));
}

/// Reads forward over bytes that may be damaged: reading past the end gives zeros and makes ok() false for good.
class ByteReader {
 public:
    explicit ByteReader(std::string_view bytes)
        : at_(reinterpret_cast<const std::uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}

    bool ok() const { return ok_; }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    std::uint8_t u8() { return fixed<std::uint8_t>(); }

    template <class Number>
    Number fixed() {
        Number number{};
        if (const auto bytes = take(sizeof(Number)); !bytes.empty()) {
            std::memcpy(&number, bytes.data(), sizeof(Number));
        }
        return number;
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 70 && at_ < end_; shift += 7) {
            const std::uint8_t byte = *at_++;
            value |= static_cast<std::uint64_t>(byte & 0x7f) << (shift & 63);
            if (byte < 0x80) {
                return value;
            }
        }
        ok_ = false;
        return 0;
    }
    std::int64_t signed_varint() { return unzigzag(varint()); }

    /// The next `count` bytes, or none (and ok() false) when there are fewer.
    std::span<const std::uint8_t> take(std::size_t count) {
        if (count > left()) {
            ok_ = false;
            at_ = end_;
            return {};
        }
        at_ += count;
        return {at_ - count, count};
    }

    /// Where reading would be safe even beyond what take() returned: the end of all bytes.
    const std::uint8_t* end() const { return end_; }

    /// Marks the bytes as damaged.
    void refuse() { ok_ = false; }

 private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool ok_ = true;
};

}  // namespace nuanshu::historian
