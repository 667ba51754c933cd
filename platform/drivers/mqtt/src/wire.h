#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nuanshu::drivers::mqtt {

/// Takes big-endian numbers, strings and 7-bit integers from the front of some bytes. Reading beyond the end gives
/// zeros and is remembered: look at good() when everything has been read.
class WireReader {
 public:
    explicit WireReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    bool good() const { return good_; }
    bool empty() const { return bytes_.empty(); }
    std::span<const std::uint8_t> rest() const { return bytes_; }

    std::span<const std::uint8_t> take(std::size_t count) {
        if (count > bytes_.size()) {
            good_ = false;
            bytes_ = {};
            return {};
        }
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }

    std::uint8_t u8() {
        const auto b = take(1);
        return b.empty() ? std::uint8_t{0} : b[0];
    }

    std::uint16_t u16() {
        const auto b = take(2);
        return b.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(b[0] << 8 | b[1]);
    }

    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16 | u16();
    }

    /// At most four bytes; a fifth is a fault.
    std::uint32_t variable() {
        std::uint32_t value = 0;
        for (unsigned shift = 0; shift < 28; shift += 7) {
            const std::uint8_t byte = u8();
            value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
        good_ = false;
        return 0;
    }

    std::string_view string() {
        const auto b = take(u16());
        return {reinterpret_cast<const char*>(b.data()), b.size()};
    }

 private:
    std::span<const std::uint8_t> bytes_;
    bool good_ = true;
};

/// Appends what WireReader reads.
class WireWriter {
 public:
    explicit WireWriter(std::vector<std::uint8_t>& out) : out_(out) {}

    void u8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
    void u16(unsigned value) {
        u8(value >> 8 & 0xFF);
        u8(value & 0xFF);
    }
    void u32(std::uint32_t value) {
        u16(value >> 16);
        u16(value & 0xFFFF);
    }
    void variable(std::size_t value) {
        do {
            const auto low = static_cast<unsigned>(value & 0x7F);
            value >>= 7;
            u8(value > 0 ? low | 0x80 : low);
        } while (value > 0);
    }
    void raw(std::span<const std::uint8_t> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    void string(std::string_view text) {
        u16(static_cast<unsigned>(text.size()));
        out_.insert(out_.end(), text.begin(), text.end());
    }

 private:
    std::vector<std::uint8_t>& out_;
};

}  // namespace nuanshu::drivers::mqtt
