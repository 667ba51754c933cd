#include "sim/src/register_map.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/units.h"

namespace nuanshu::sim {

namespace {

constexpr std::array<std::string_view, 4> area_names = {"coil", "discrete", "input", "holding"};
constexpr std::array<std::string_view, 9> coding_names = {"bit", "u16", "i16", "u32", "i32",
                                                          "f32", "u64", "i64", "f64"};
constexpr std::array<std::string_view, 4> order_names = {"abcd", "cdab", "badc", "dcba"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto* const found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) {
            words.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

tl::unexpected<Error> bad_address(std::string_view text, std::string_view why) {
    return fail(
        ErrorCode::invalid, fmt::format("address `{}`", text),
        "{}; right is: coil|discrete|input|holding, a number 0 … 65535, then u16|i16|u32|i32|f32|u64|i64|f64 and "
        "abcd|cdab|badc|dcba where needed",
        why);
}

bool is_bit_area(Area area) {
    return area == Area::coil || area == Area::discrete;
}

std::uint16_t swap_bytes(std::uint16_t word) {
    return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

bool words_reversed(ByteOrder order) {
    return order == ByteOrder::cdab || order == ByteOrder::dcba;
}
bool bytes_swapped(ByteOrder order) {
    return order == ByteOrder::badc || order == ByteOrder::dcba;
}

/// From high to low words into the device's order; its own inverse.
void reorder(std::span<std::uint16_t> words, ByteOrder order) {
    if (words_reversed(order)) {
        std::reverse(words.begin(), words.end());
    }
    if (bytes_swapped(order)) {
        std::transform(words.begin(), words.end(), words.begin(), swap_bytes);
    }
}

template <class Integer>
std::uint64_t saturated(double raw) {
    if (std::isnan(raw)) {
        return 0;
    }
    const double rounded = std::round(raw);
    if (rounded <= static_cast<double>(std::numeric_limits<Integer>::min())) {
        return static_cast<std::uint64_t>(std::numeric_limits<Integer>::min());
    }
    if (rounded >= static_cast<double>(std::numeric_limits<Integer>::max())) {
        return static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    }
    return static_cast<std::uint64_t>(static_cast<Integer>(rounded));
}

std::uint64_t bits_of(double raw, Coding coding) {
    switch (coding) {
        case Coding::bit:
            return raw >= 0.5 ? 1 : 0;
        case Coding::u16:
            return saturated<std::uint16_t>(raw);
        case Coding::i16:
            return saturated<std::int16_t>(raw);
        case Coding::u32:
            return saturated<std::uint32_t>(raw);
        case Coding::i32:
            return saturated<std::int32_t>(raw);
        case Coding::u64:
            return saturated<std::uint64_t>(raw);
        case Coding::i64:
            return saturated<std::int64_t>(raw);
        case Coding::f32:
            return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
        default:
            return std::bit_cast<std::uint64_t>(raw);
    }
}

double number_of(std::uint64_t bits, Coding coding) {
    switch (coding) {
        case Coding::i16:
            return static_cast<std::int16_t>(bits);
        case Coding::i32:
            return static_cast<std::int32_t>(bits);
        case Coding::i64:
            return static_cast<double>(static_cast<std::int64_t>(bits));
        case Coding::f32:
            return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        case Coding::f64:
            return std::bit_cast<double>(bits);
        default:
            return static_cast<double>(bits);
    }
}

Result<RegisterLine> read_line(const points::ProfilePoint& point) {
    NUANSHU_TRY(const auto address, read_register_address(point.address));
    if (point.scale == 0.0) {
        return fail(ErrorCode::invalid, point.point, "scale is 0; raw numbers could never be turned into values");
    }
    return RegisterLine{.point = point.point,
                        .unit = point.unit,
                        .address = address,
                        .scale = 1.0 / point.scale,
                        .offset = -point.offset / point.scale,
                        .writable = point.writable};
}

}  // namespace

int RegisterAddress::count() const {
    switch (coding) {
        case Coding::u32:
        case Coding::i32:
        case Coding::f32:
            return 2;
        case Coding::u64:
        case Coding::i64:
        case Coding::f64:
            return 4;
        default:
            return 1;
    }
}

Result<RegisterAddress> read_register_address(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() < 2 || words.size() > 4) {
        return bad_address(text, fmt::format("{} words", words.size()));
    }
    const auto area = named<Area>(area_names, words[0]);
    if (!area) {
        return bad_address(text, fmt::format("no area `{}`", words[0]));
    }
    unsigned first = 0;
    const auto parsed = std::from_chars(words[1].data(), words[1].data() + words[1].size(), first);
    if (parsed.ec != std::errc() || parsed.ptr != words[1].data() + words[1].size() || first > 65'535) {
        return bad_address(text, fmt::format("`{}` is no register number", words[1]));
    }
    const auto normal = is_bit_area(*area) ? Coding::bit : Coding::u16;
    const auto coding = words.size() < 3 ? normal : named<Coding>(coding_names, words[2]);
    const auto order = words.size() < 4 ? ByteOrder::abcd : named<ByteOrder>(order_names, words[3]);
    if (!coding || !order) {
        return bad_address(text, fmt::format("no coding or byte order `{}`", words.back()));
    }
    if (is_bit_area(*area) != (*coding == Coding::bit)) {
        return bad_address(
            text, fmt::format("a {} cannot hold {}", words[0], coding_names[static_cast<std::size_t>(*coding)]));
    }
    const RegisterAddress address{*area, static_cast<std::uint16_t>(first), *coding, *order};
    if (address.end() > 65'536) {
        return bad_address(text, "it ends beyond register 65535");
    }
    return address;
}

void encode_number(double raw, const RegisterAddress& address, std::span<std::uint16_t> registers) {
    std::uint64_t bits = bits_of(raw, address.coding);
    for (std::size_t i = registers.size(); i-- > 0;) {
        registers[i] = static_cast<std::uint16_t>(bits);
        bits >>= 16;
    }
    reorder(registers, address.order);
}

double decode_number(const RegisterAddress& address, std::span<const std::uint16_t> registers) {
    std::array<std::uint16_t, 4> words{};
    const auto used = std::span(words).first(registers.size());
    std::copy(registers.begin(), registers.end(), used.begin());
    reorder(used, address.order);
    std::uint64_t bits = 0;
    for (const auto word : used) {
        bits = bits << 16 | word;
    }
    return number_of(bits, address.coding);
}

Result<std::vector<RegisterLine>> read_register_lines(const points::Profile& profile) {
    std::vector<RegisterLine> lines;
    for (const auto& point : profile.points) {
        auto line = read_line(point);
        if (!line) {
            return within(fmt::format("{}:{}", profile.file, point.line), std::move(line.error()));
        }
        lines.push_back(std::move(*line));
    }
    return lines;
}

Result<RegisterLine> with_unit(RegisterLine line, std::string_view own_unit) {
    if (line.unit.empty() || line.unit == own_unit) {
        return line;
    }
    auto conversion = unit_conversion(own_unit, line.unit);
    if (!conversion) {
        return within(line.point, std::move(conversion.error()));
    }
    line.offset += line.scale * conversion->offset;
    line.scale *= conversion->scale;
    return line;
}

}  // namespace nuanshu::sim
