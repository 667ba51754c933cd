#include "platform/historian/src/log_barrier.h"

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

constexpr char kind = 2;

}  // namespace

std::string encode_barrier(const LogBarrier& barrier) {
    std::string out(1, kind);
    put_fixed(out, barrier.point.value);
    put_fixed(out, barrier.first_ms);
    put_fixed(out, barrier.last_ms);
    return out;
}

bool is_barrier(std::string_view record) {
    return !record.empty() && record[0] == kind;
}

Result<LogBarrier> decode_barrier(std::string_view record) {
    ByteReader in(record);
    in.u8();
    LogBarrier barrier;
    barrier.point = PointId{in.fixed<std::uint32_t>()};
    barrier.first_ms = in.fixed<std::int64_t>();
    barrier.last_ms = in.fixed<std::int64_t>();
    if (!in.ok() || in.left() != 0) {
        return fail(ErrorCode::corrupt, "log barrier", "{} bytes; 21 are right", record.size());
    }
    return barrier;
}

}  // namespace nuanshu::historian
