#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace nuanshu::historian {

/// Appends numbers of 1 … 64 bits to a string, the highest bit first.
class BitWriter {
 public:
    explicit BitWriter(std::string& out) : out_(out) {}

    void put(std::uint64_t number, unsigned bits) {
        while (bits > 0) {
            const unsigned taken = bits < 8 - used_ ? bits : 8 - used_;
            const auto part = static_cast<std::uint8_t>((number >> (bits - taken)) & ((1U << taken) - 1));
            pending_ = static_cast<std::uint8_t>(pending_ | part << (8 - used_ - taken));
            used_ += taken;
            bits -= taken;
            if (used_ == 8) {
                finish();
            }
        }
    }

    /// Fills the last byte up with zeros.
    void finish() {
        if (used_ > 0) {
            out_.push_back(static_cast<char>(pending_));
            pending_ = 0;
            used_ = 0;
        }
    }

 private:
    std::string& out_;
    std::uint8_t pending_ = 0;
    unsigned used_ = 0;
};

/// Reads them back; beyond the end it gives zeros and ok() is false for good.
class BitReader {
 public:
    explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }

    std::uint64_t get(unsigned bits) {
        if (at_ + bits > bytes_.size() * 8) {
            ok_ = false;
            return 0;
        }
        std::uint64_t number = 0;
        while (bits > 0) {
            const auto offset = static_cast<unsigned>(at_ % 8);
            const unsigned taken = bits < 8 - offset ? bits : 8 - offset;
            number = number << taken | ((bytes_[at_ / 8] >> (8 - offset - taken)) & ((1U << taken) - 1));
            at_ += taken;
            bits -= taken;
        }
        return number;
    }

 private:
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace nuanshu::historian
