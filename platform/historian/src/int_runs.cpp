#include "platform/historian/src/int_runs.h"

#include <algorithm>

namespace nuanshu::historian {
namespace {

template <class Visit>
void for_each_run(std::span<const std::int64_t> values, Visit visit) {
    for (std::size_t at = 0; at < values.size();) {
        const auto differs = [&](std::int64_t value) { return value != values[at]; };
        const auto rest = values.subspan(at);
        const auto length = static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), differs) - rest.begin());
        visit(wrapping_subtract(values[at], at == 0 ? 0 : values[at - 1]), length);
        at += length;
    }
}

}  // namespace

void encode_runs(std::string& out, std::span<const std::int64_t> values) {
    for_each_run(values, [&](std::int64_t step, std::size_t length) {
        put_varint(out, zigzag(step));
        put_varint(out, length);
    });
}

std::size_t runs_bytes(std::span<const std::int64_t> values) {
    std::size_t bytes = 0;
    for_each_run(values, [&](std::int64_t step, std::size_t length) {
        bytes += varint_bytes(zigzag(step)) + varint_bytes(length);
    });
    return bytes;
}

void IntRuns::parse(ByteReader& in, std::size_t count) {
    runs_.clear();
    std::int64_t value = 0;
    for (std::size_t at = 0; at < count && in.ok();) {
        value = wrapping_add(value, in.signed_varint());
        const std::uint64_t length = in.varint();
        if (length == 0 || length > count - at) {
            in.refuse();
            return;
        }
        at += length;
        runs_.push_back({value, at});
    }
}

void IntRuns::decode(std::span<std::int64_t> values) const {
    std::size_t at = 0;
    for (const Run& run : runs_) {
        std::fill(values.begin() + static_cast<std::ptrdiff_t>(at),
                  values.begin() + static_cast<std::ptrdiff_t>(run.end), run.value);
        at = run.end;
    }
}

std::size_t IntRuns::run_of(std::size_t index) const {
    const auto found =
        std::partition_point(runs_.begin(), runs_.end(), [&](const Run& run) { return run.end <= index; });
    return static_cast<std::size_t>(found - runs_.begin());
}

IntPart IntRuns::part(std::size_t from, std::size_t to) const {
    std::size_t run = run_of(from);
    const std::int64_t first = runs_[run].value;
    IntPart part{.first = first, .last = first, .min = first, .max = first, .min_at = from, .max_at = from};
    for (; runs_[run].end < to; ++run) {
        const auto& [value, end] = runs_[run + 1];
        if (value < part.min) {
            part.min = value;
            part.min_at = runs_[run].end;
        }
        if (value > part.max) {
            part.max = value;
            part.max_at = runs_[run].end;
        }
        part.last = value;
    }
    return part;
}

WideInt IntRuns::sum(std::size_t from, std::size_t to) const {
    WideInt sum = 0;
    for (std::size_t run = run_of(from); from < to; ++run) {
        const std::size_t end = std::min(to, runs_[run].end);
        sum += WideInt{runs_[run].value} * static_cast<std::int64_t>(end - from);
        from = end;
    }
    return sum;
}

}  // namespace nuanshu::historian
