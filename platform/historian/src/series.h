#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// Point codes and their ids, all of them in memory. Ids are dense from 1. Thread-safe.
class Series {
 public:
    explicit Series(SampleFiles& files) : files_(files) {}

    /// Reads what is stored; called once, before anything else. Errors: corrupt, when an id is missing.
    Result<> load();

    Result<std::vector<PointId>> intern(std::span<const std::string> codes);
    std::optional<PointId> find(std::string_view code) const;
    std::string code_of(PointId point) const;
    std::size_t size() const;

 private:
    void add(std::string code);
    Result<> store(std::span<const std::string> codes, std::size_t known);

    SampleFiles& files_;
    std::mutex interning_;  ///< one intern() at a time; readers go on while it writes
    mutable std::shared_mutex mutex_;
    std::deque<std::string> codes_;  ///< of point i + 1; a deque, so that the map's views stay
    std::unordered_map<std::string_view, PointId> ids_;
};

}  // namespace nuanshu::historian
