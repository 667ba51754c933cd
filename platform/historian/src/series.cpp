#include "platform/historian/src/series.h"

#include <unordered_set>

#include <rocksdb/db.h>

namespace nuanshu::historian {
namespace {

constexpr std::size_t max_code_bytes = 512;
constexpr std::size_t max_points = 0xFFFF'FFFE;

Result<> check_codes(std::span<const std::string> codes) {
    for (const auto& code : codes) {
        if (code.empty() || code.size() > max_code_bytes) {
            return fail(ErrorCode::invalid, "point code", "`{}` has {} bytes; 1 … {} are right", code.substr(0, 40),
                        code.size(), max_code_bytes);
        }
    }
    return {};
}

}  // namespace

Result<> Series::load() {
    std::uint64_t expected = 1;
    return files_.for_each(files_.series(), [&](std::string_view key, std::string_view code) -> Result<> {
        if (const std::uint64_t found = get_big_endian(key); found != expected) {
            return fail(ErrorCode::corrupt, "sample store",
                        "point {} has no code in `series`; the next one there is {}", expected, found);
        }
        add(std::string(code));
        ++expected;
        return {};
    });
}

void Series::add(std::string code) {
    codes_.push_back(std::move(code));
    ids_.emplace(codes_.back(), PointId{static_cast<std::uint32_t>(codes_.size())});
}

Result<> Series::store(std::span<const std::string> codes, std::size_t known) {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const PointId point{static_cast<std::uint32_t>(known + i + 1)};
        if (const auto status = batch.Put(files_.series(), series_key(point), codes[i]); !status.ok()) {
            return tl::unexpected<Error>(files_.error_of(status));
        }
    }
    return files_.write(batch, SampleFiles::Durability::power_failure);
}

Result<std::vector<PointId>> Series::intern(std::span<const std::string> codes) {
    NUANSHU_TRY_VOID(check_codes(codes));
    const std::lock_guard interning(interning_);
    std::vector<std::string> unknown;
    std::unordered_set<std::string_view> seen;
    for (const auto& code : codes) {
        if (!find(code) && seen.insert(code).second) {
            unknown.push_back(code);
        }
    }
    if (unknown.size() > max_points - size()) {
        return fail(ErrorCode::exhausted, "sample store", "{} points are the most there can be", max_points);
    }
    if (!unknown.empty()) {
        NUANSHU_TRY_VOID(store(unknown, size()));
        const std::unique_lock lock(mutex_);
        for (auto& code : unknown) {
            add(std::move(code));
        }
    }
    std::vector<PointId> points;
    points.reserve(codes.size());
    for (const auto& code : codes) {
        points.push_back(find(code).value());
    }
    return points;
}

std::optional<PointId> Series::find(std::string_view code) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(code);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::string Series::code_of(PointId point) const {
    const std::shared_lock lock(mutex_);
    return point && point.value <= codes_.size() ? codes_[point.value - 1] : "";
}

std::size_t Series::size() const {
    const std::shared_lock lock(mutex_);
    return codes_.size();
}

}  // namespace nuanshu::historian
