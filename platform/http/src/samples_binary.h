#pragma once

#include <span>
#include <string>

#include "platform/http/src/samples.h"

// NSB2: samples as a browser reads them without copying. Little-endian; every array begins at a multiple of 8 bytes
// from the start, so that typed arrays can be laid over the answer. Bytes between are 0.
//
//   head, 16 bytes
//     0  "NSB2"
//     4  u32  number of series
//     8  u64  0
//   each series: head, 32 bytes
//     0  u32  rows
//     4  u16  bytes of the point's code
//     6  u8   form of the times: 0 f64, Unix ms; 1 u32, ticks since the first
//     7  u8   form of the qualities: 0 all alike; 1 u8 each
//     8  f64  time of the first row, Unix ms (0 without rows)
//    16  f64  length of a tick, ms
//    24  u16  columns: 1 for samples; for windows one each figure, in the order asked
//    26  u8   flags: 1 truncated, there are more samples than were sent
//    27  u8   quality, when all are alike
//    28  u32  0
//   the code, UTF-8, filled up to 8
//   the times, filled up to 8
//   each column: head, 8 bytes
//     0  u8   form of the values: 0 f64, NaN for none; 1 i32 decimals
//     1  u8   places: value = number / 10^places, exactly the double that was stored
//     2  6 ×  0
//   its values, filled up to 8; -2147483648 for none
//   the qualities, filled up to 8; nothing when all are alike
//
// A bad sample's value is none. A plant's samples mostly come as 4 bytes of time and 4 of value.

namespace nuanshu::http {

/// What is written of one point.
struct BinarySeries {
    std::string_view code;
    std::span<const std::int64_t> time_ms;  ///< rising
    std::vector<std::span<const double>> columns;
    std::span<const Quality> quality;
    bool truncated = false;
};

void append_binary_head(std::string& out, std::size_t series);
void append_binary(std::string& out, const BinarySeries& series);

}  // namespace nuanshu::http
