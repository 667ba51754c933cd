#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/historian/src/bytes.h"
#include "platform/historian/src/decimal_scale.h"
#include "platform/historian/src/value_index.h"

namespace nuanshu::historian {

/// Values as small integers, save those that no integer stands for.
struct ScaledValues {
    struct Exception {
        std::size_t index;
        double value;
    };
    Scale scale;
    std::vector<std::int64_t> integers;  ///< at an exception: the one before it again
    std::vector<Exception> exceptions;
};

/// Finds the scale by which nearly all values are integers, if there is one
std::optional<ScaledValues> scale_values(std::span<const double> values);

/// Appends `values` without loss, bit for bit (NaN payloads, −0 and denormals too), in whichever of the ways described
/// in value_codec.cpp suits them
void encode_values(std::string& out, std::span<const double> values);
/// The same, once scale_values() is known.
void encode_values(std::string& out, std::span<const double> values, const std::optional<ScaledValues>& scaled);

/// Reads back exactly values.size() numbers. When the bytes do not follow the format, `in.ok()` is false afterwards
/// and the values mean nothing.
void decode_values(ByteReader& in, std::span<double> values);

/// Opens an index if the values are so stored that there is one; otherwise gives false and reads nothing. When the
/// bytes do not follow the format, `in.ok()` is false afterwards.
bool open_index(ByteReader& in, std::size_t count, ValueIndex& index);

}  // namespace nuanshu::historian
