#include "platform/historian/src/value_index.h"

namespace nuanshu::historian {
namespace {

template <Scaling scaling>
void unscale_each(int exponent, std::span<const std::int64_t> integers, std::span<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = unscale({scaling, exponent}, integers[i]);
    }
}

}  // namespace

double unscale_sum(Scale scale, WideInt sum) {
    const auto near = static_cast<std::int64_t>(sum);
    return unscale(scale, near == sum ? static_cast<double>(near) : static_cast<double>(sum));
}

void unscale_all(Scale scale, std::span<const std::int64_t> integers, std::span<double> values) {
    switch (scale.scaling) {
        case Scaling::divide:
            return unscale_each<Scaling::divide>(scale.exponent, integers, values);
        case Scaling::multiply:
            return unscale_each<Scaling::multiply>(scale.exponent, integers, values);
        case Scaling::divide_float:
            return unscale_each<Scaling::divide_float>(scale.exponent, integers, values);
    }
}

bool ValueIndex::parse_scale(ByteReader& in) {
    const std::uint8_t byte = in.u8();
    if (!is_scale(byte)) {
        in.refuse();
        return false;
    }
    scale_ = scale_of(byte);
    return in.ok();
}

void ValueIndex::parse_blocks(ByteReader& in, std::size_t count) {
    in_runs_ = false;
    if (parse_scale(in)) {
        blocks_.parse(in, count);
    }
}

void ValueIndex::parse_runs(ByteReader& in, std::size_t count) {
    in_runs_ = true;
    if (parse_scale(in)) {
        runs_.parse(in, count);
    }
}

void ValueIndex::decode(std::span<double> values) {
    integers_.resize(values.size());
    if (in_runs_) {
        runs_.decode(integers_);
    } else {
        blocks_.decode(integers_);
    }
    unscale_all(scale_, integers_, values);
}

ValuePart ValueIndex::part(std::size_t from, std::size_t to) {
    const IntPart part = in_runs_ ? runs_.part(from, to) : blocks_.part(from, to);
    return {unscale(scale_, part.first),
            unscale(scale_, part.last),
            unscale(scale_, part.min),
            unscale(scale_, part.max),
            part.min_at,
            part.max_at};
}

double ValueIndex::sum(std::size_t from, std::size_t to) {
    return unscale_sum(scale_, in_runs_ ? runs_.sum(from, to) : blocks_.sum(from, to));
}

}  // namespace nuanshu::historian
