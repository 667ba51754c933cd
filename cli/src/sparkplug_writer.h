#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nuanshu::cli {

/// Writes Sparkplug B payloads (protobuf wire format) metric by metric, for load tests: no message tree, one buffer.
/// Field numbers: Sparkplug specification 3.0, chapter 6.4.
class SparkplugWriter {
 public:
    static constexpr std::uint64_t datatype_double = 10;

    void begin(std::int64_t time_ms) {
        buffer_.clear();
        number(buffer_, 1, static_cast<std::uint64_t>(time_ms));
    }

    /// `name` may be empty when a birth has given the alias; `datatype` 0 is left out.
    void metric(std::string_view name, std::uint64_t alias, std::uint64_t datatype, double value) {
        metric_.clear();
        if (!name.empty()) {
            text(metric_, 1, name);
        }
        number(metric_, 2, alias);
        if (datatype != 0) {
            number(metric_, 4, datatype);
        }
        metric_ += static_cast<char>(13 << 3 | 1);
        char bytes[sizeof(double)];
        std::memcpy(bytes, &value, sizeof(value));
        metric_.append(bytes, sizeof(bytes));
        text(buffer_, 2, metric_);
    }

    const std::string& end(std::uint64_t sequence) {
        number(buffer_, 3, sequence);
        return buffer_;
    }

 private:
    static void varint(std::string& out, std::uint64_t value) {
        while (value >= 0x80) {
            out += static_cast<char>(value | 0x80);
            value >>= 7;
        }
        out += static_cast<char>(value);
    }
    static void number(std::string& out, unsigned field, std::uint64_t value) {
        varint(out, field << 3);
        varint(out, value);
    }
    static void text(std::string& out, unsigned field, std::string_view value) {
        varint(out, field << 3 | 2);
        varint(out, value.size());
        out.append(value);
    }

    std::string buffer_;
    std::string metric_;
};

}  // namespace nuanshu::cli
