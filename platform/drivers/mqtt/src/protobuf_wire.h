#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace nuanshu::drivers::mqtt {

enum class WireKind : std::uint8_t {
    varint = 0,
    fixed_64 = 1,
    bytes = 2,
    group_start = 3,
    group_end = 4,
    fixed_32 = 5
};

/// One field of a protobuf message: its number, and its value as a number or as bytes.
struct ProtobufField {
    std::uint32_t number = 0;
    WireKind kind = WireKind::varint;
    std::uint64_t value = 0;
    std::span<const std::uint8_t> bytes;
};

/// Walks the fields of one protobuf message (https://protobuf.dev/programming-guides/encoding). Groups, which nothing
/// since 2008 writes, are a fault.
class ProtobufReader {
 public:
    explicit ProtobufReader(std::span<const std::uint8_t> bytes)
        : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

    bool good() const { return good_; }
    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

    /// False at the end and at a fault.
    bool next(ProtobufField& field) {
        if (at_ == end_ || !good_) {
            return false;
        }
        const std::uint64_t key = varint();
        field.number = static_cast<std::uint32_t>(key >> 3);
        field.kind = static_cast<WireKind>(key & 7);
        good_ = good_ && field.number != 0 && key >> 32 == 0;
        return good_ && read_value(field);
    }

 private:
    bool read_value(ProtobufField& field) {
        switch (field.kind) {
            case WireKind::varint:
                field.value = varint();
                break;
            case WireKind::fixed_64:
                field.value = fixed<std::uint64_t>();
                break;
            case WireKind::fixed_32:
                field.value = fixed<std::uint32_t>();
                break;
            case WireKind::bytes:
                field.bytes = delimited();
                break;
            default:
                good_ = false;
        }
        return good_;
    }

    std::uint64_t varint() {
        if (at_ != end_ && *at_ < 0x80) [[likely]] {
            return *at_++;
        }
        return long_varint();
    }

    std::uint64_t long_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift <= 63 && at_ != end_; shift += 7) {
            const std::uint8_t byte = *at_++;
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        good_ = false;
        return 0;
    }

    template <class Number>
    Number fixed() {
        static_assert(std::endian::native == std::endian::little);
        Number number = 0;
        if (static_cast<std::size_t>(end_ - at_) < sizeof number) {
            good_ = false;
            return 0;
        }
        std::memcpy(&number, at_, sizeof number);
        at_ += sizeof number;
        return number;
    }

    std::span<const std::uint8_t> delimited() {
        const std::uint64_t size = varint();
        if (!good_ || size > static_cast<std::uint64_t>(end_ - at_)) {
            good_ = false;
            return {};
        }
        const std::span<const std::uint8_t> taken(at_, static_cast<std::size_t>(size));
        at_ += size;
        return taken;
    }

    const std::uint8_t* begin_;
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool good_ = true;
};

class ProtobufWriter {
 public:
    explicit ProtobufWriter(std::vector<std::uint8_t>& out) : out_(out) {}

    void varint(std::uint32_t number, std::uint64_t value) {
        raw_varint(key(number, WireKind::varint));
        raw_varint(value);
    }
    template <class Fixed>
    void fixed(std::uint32_t number, Fixed value) {
        raw_varint(key(number, sizeof value == 8 ? WireKind::fixed_64 : WireKind::fixed_32));
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
        out_.insert(out_.end(), bytes, bytes + sizeof value);
    }
    void bytes(std::uint32_t number, std::span<const std::uint8_t> value) {
        raw_varint(key(number, WireKind::bytes));
        raw_varint(value.size());
        out_.insert(out_.end(), value.begin(), value.end());
    }
    void text(std::uint32_t number, std::string_view value) {
        bytes(number, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    }

 private:
    static std::uint64_t key(std::uint32_t number, WireKind kind) {
        return static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(kind);
    }
    void raw_varint(std::uint64_t value) {
        while (value >= 0x80) {
            out_.push_back(static_cast<std::uint8_t>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<std::uint8_t>(value));
    }

    std::vector<std::uint8_t>& out_;
};

}  // namespace nuanshu::drivers::mqtt
