// Hours of one day, or days of 32, of one point. The start of the block stands in the key.
//
//   u8        version, 1
//   varint    count n of buckets, 1 … 32
//   u8 × n    place of each in the block, rising
//   u8 × n    0: nothing of it is retired; 1: all is; 2: a part is
//   figures of the n buckets, then figures of the retired parts, of those marked 2
//   u32       CRC-32C of all bytes before
//
// Figures, each a column of all buckets in turn: integers
//   usable samples, bad ones, begin − start of bucket, end − begin,
//   and of buckets with usable samples: first − begin, end − last, least − begin, greatest − begin, covered time
// and doubles, of buckets with usable samples: first, last, least, greatest, sum, integral; each column a varint, how
// many bytes, and so many bytes of value_codec.cpp. A column of integers is u8 1 and a varint when all are the same, or
// u8 0 and a varint each.

#include "platform/historian/src/rollup_block.h"

#include <algorithm>

#include "base/check.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/value_codec.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::size_t buckets_max = 32;
constexpr std::size_t checksum_bytes = 4;
enum : std::uint8_t { nothing_retired, all_retired, part_retired };

using Rollups = std::vector<Rollup*>;

template <class Number>
Number since(std::int64_t start_ms, std::int64_t time_ms) {
    return static_cast<Number>(wrapping_subtract(time_ms, start_ms));
}

template <class Take>
void write_ints(std::string& out, const Rollups& rollups, Take take) {
    const bool same =
        std::all_of(rollups.begin(), rollups.end(), [&](auto* r) { return take(*r) == take(*rollups[0]); });
    out.push_back(same ? 1 : 0);
    for (std::size_t i = 0; i < (same ? 1 : rollups.size()); ++i) {
        put_varint(out, take(*rollups[i]));
    }
}

template <class Give>
void read_ints(ByteReader& in, const Rollups& rollups, Give give) {
    const std::uint8_t same = in.u8();
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < rollups.size(); ++i) {
        number = same == 1 && i > 0 ? number : in.varint();
        give(*rollups[i], number);
    }
}

struct TimeColumn {
    std::uint64_t (*take)(const Rollup&);
    void (*give)(Rollup&, std::uint64_t);
};

std::int64_t behind(std::int64_t start_ms, std::uint64_t ms) {
    return wrapping_add(start_ms, static_cast<std::int64_t>(ms));
}

constexpr TimeColumn columns_of_all[] = {
    {[](const Rollup& r) { return r.count; }, [](Rollup& r, std::uint64_t n) { r.count = n; }},
    {[](const Rollup& r) { return r.bad_count; }, [](Rollup& r, std::uint64_t n) { r.bad_count = n; }},
    {[](const Rollup& r) { return since<std::uint64_t>(r.from_ms, r.begin_ms); },
     [](Rollup& r, std::uint64_t n) { r.begin_ms = behind(r.from_ms, n); }},
    {[](const Rollup& r) { return since<std::uint64_t>(r.begin_ms, r.end_ms); },
     [](Rollup& r, std::uint64_t n) { r.end_ms = behind(r.begin_ms, n); }},
};

constexpr TimeColumn columns_of_usable[] = {
    {[](const Rollup& r) { return since<std::uint64_t>(r.begin_ms, r.first_ms); },
     [](Rollup& r, std::uint64_t n) { r.first_ms = behind(r.begin_ms, n); }},
    {[](const Rollup& r) { return since<std::uint64_t>(r.last_ms, r.end_ms); },
     [](Rollup& r, std::uint64_t n) { r.last_ms = wrapping_subtract(r.end_ms, static_cast<std::int64_t>(n)); }},
    {[](const Rollup& r) { return since<std::uint64_t>(r.begin_ms, r.min_ms); },
     [](Rollup& r, std::uint64_t n) { r.min_ms = behind(r.begin_ms, n); }},
    {[](const Rollup& r) { return since<std::uint64_t>(r.begin_ms, r.max_ms); },
     [](Rollup& r, std::uint64_t n) { r.max_ms = behind(r.begin_ms, n); }},
    {[](const Rollup& r) { return static_cast<std::uint64_t>(r.covered_ms); },
     [](Rollup& r, std::uint64_t n) { r.covered_ms = static_cast<std::int64_t>(n); }},
};

constexpr double Rollup::*doubles_of_usable[] = {&Rollup::first, &Rollup::last, &Rollup::min,
                                                 &Rollup::max,   &Rollup::sum,  &Rollup::integral};

Rollups usable_of(const Rollups& rollups) {
    Rollups usable;
    std::copy_if(rollups.begin(), rollups.end(), std::back_inserter(usable), [](auto* r) { return r->count > 0; });
    return usable;
}

void write_rollups(std::string& out, const Rollups& rollups) {
    if (rollups.empty()) {
        return;
    }
    for (const auto& column : columns_of_all) {
        write_ints(out, rollups, column.take);
    }
    const Rollups usable = usable_of(rollups);
    if (usable.empty()) {
        return;
    }
    for (const auto& column : columns_of_usable) {
        write_ints(out, usable, column.take);
    }
    std::vector<double> values(usable.size());
    for (const auto member : doubles_of_usable) {
        std::transform(usable.begin(), usable.end(), values.begin(), [&](auto* r) { return r->*member; });
        std::string column;
        encode_values(column, values);
        put_varint(out, column.size());
        out += column;
    }
}

void read_rollups(ByteReader& in, const Rollups& rollups) {
    if (rollups.empty()) {
        return;
    }
    for (const auto& column : columns_of_all) {
        read_ints(in, rollups, column.give);
    }
    const Rollups usable = usable_of(rollups);
    if (usable.empty() || !in.ok()) {
        return;
    }
    for (const auto& column : columns_of_usable) {
        read_ints(in, usable, column.give);
    }
    std::vector<double> values(usable.size());
    for (const auto member : doubles_of_usable) {
        const auto bytes = in.take(in.varint());
        ByteReader column({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        decode_values(column, values);
        if (!column.ok() || column.left() != 0) {
            in.refuse();
            return;
        }
        for (std::size_t i = 0; i < usable.size(); ++i) {
            usable[i]->*member = values[i];
        }
    }
}

std::uint8_t mark_of(const StoredBucket& stored) {
    if (!stored.retired) {
        return nothing_retired;
    }
    const auto samples = [](const Rollup& rollup) { return rollup.count + rollup.bad_count; };
    return samples(*stored.retired) == samples(stored.total) ? all_retired : part_retired;
}

/// The bytes between version and checksum, once both are right.
Result<std::string_view> checked_body(std::string_view bytes) {
    if (bytes.size() < 1 + checksum_bytes || bytes[0] != version) {
        return fail(ErrorCode::corrupt, "", "{} bytes, version {}; this program knows version {}", bytes.size(),
                    bytes.empty() ? -1 : static_cast<int>(bytes[0]), static_cast<int>(version));
    }
    const std::string_view covered = bytes.substr(0, bytes.size() - checksum_bytes);
    const auto stored = ByteReader(bytes.substr(covered.size())).fixed<std::uint32_t>();
    if (const std::uint32_t computed = crc32c(covered); computed != stored) {
        return fail(ErrorCode::corrupt, "", "checksum {:08x} stored, {:08x} computed", stored, computed);
    }
    return covered.substr(1);
}

/// Reads places and marks. @return pointers to what the figures are to fill: all totals, then the retired parts
std::pair<Rollups, Rollups> read_outline(ByteReader& in, std::int64_t start_ms, Bucket bucket, RollupBlock& block) {
    const auto places = in.take(block.size());
    const auto marks = in.take(block.size());
    std::pair<Rollups, Rollups> rollups;
    for (std::size_t i = 0; i < places.size() && i < marks.size(); ++i) {
        if ((i > 0 && places[i] <= places[i - 1]) || places[i] * width_ms(bucket) >= block_width_ms(bucket)) {
            in.refuse();
        }
        block[i].total.from_ms = start_ms + places[i] * width_ms(bucket);
        rollups.first.push_back(&block[i].total);
        if (marks[i] == part_retired) {
            block[i].retired = Rollup{.from_ms = block[i].total.from_ms};
            rollups.second.push_back(&*block[i].retired);
        } else if (marks[i] == all_retired) {
            block[i].retired.emplace();
        }
    }
    return rollups;
}

}  // namespace

std::string encode_block(const RollupBlock& block, std::int64_t start_ms, Bucket bucket) {
    NUANSHU_CHECK(!block.empty() && block.size() <= buckets_max, "{} buckets", block.size());
    std::string out(1, version);
    put_varint(out, block.size());
    RollupBlock copy = block;
    Rollups totals, parts;
    for (auto& stored : copy) {
        out.push_back(static_cast<char>((stored.total.from_ms - start_ms) / width_ms(bucket)));
    }
    for (auto& stored : copy) {
        out.push_back(static_cast<char>(mark_of(stored)));
        totals.push_back(&stored.total);
        if (mark_of(stored) == part_retired) {
            parts.push_back(&*stored.retired);
        }
    }
    write_rollups(out, totals);
    write_rollups(out, parts);
    put_fixed(out, crc32c(out));
    return out;
}

Result<RollupBlock> decode_block(std::string_view bytes, std::int64_t start_ms, Bucket bucket) {
    NUANSHU_TRY(const std::string_view body, checked_body(bytes));
    ByteReader in(body);
    const std::uint64_t count = in.varint();
    RollupBlock block(std::min<std::uint64_t>(count, buckets_max));
    const auto [totals, parts] = read_outline(in, start_ms, bucket, block);
    if (count == 0 || count > buckets_max || !in.ok()) {
        return fail(ErrorCode::corrupt, "", "the checksum is right but the {} buckets do not follow the format", count);
    }
    read_rollups(in, totals);
    read_rollups(in, parts);
    for (auto& stored : block) {
        if (stored.retired && stored.retired->empty()) {
            stored.retired = stored.total;
        }
    }
    if (!in.ok() || in.left() != 0) {
        return fail(ErrorCode::corrupt, "", "the checksum is right but the bytes do not follow the roll-up format");
    }
    return block;
}

}  // namespace nuanshu::historian
