#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/drivers/mqtt/src/sparkplug_payload.h"
#include "platform/drivers/mqtt/src/taken.h"

namespace nuanshu::drivers::mqtt {

/// A point bound to a metric. Point 0 stands for a metric of the birth that nobody wants.
struct MetricSlot {
    PointId point = {};
    DeviceKey owner = 0;
    std::uint32_t type = 0;  ///< of the birth; 0 before it
};

/// The metrics of one edge node or of one device behind it: which points they are bound to, and under which alias the
/// newest birth put them. Dense aliases, which nearly all edge nodes use, are found by index.
class MetricTable {
 public:
    struct Bound {
        MetricSlot slot;
        std::optional<std::uint64_t> alias = {};
        bool in_birth = false;
    };

    /// False when the metric is bound already. Takes effect with resolve().
    bool bind(std::string_view name, PointId point, DeviceKey owner);
    /// Takes all points of this device out. Takes effect with resolve().
    void unbind(DeviceKey owner);
    /// Finds the bound metrics in the newest birth again.
    void resolve();
    bool empty() const { return bound_.empty(); }

    /// Takes over names, aliases and types of a birth; what was known before is forgotten.
    void take_birth(const std::vector<SparkplugMetric>& metrics);
    /// As before the first birth.
    void forget_birth();
    bool born() const { return born_; }

    /// Nothing when the newest birth did not name the alias.
    const MetricSlot* find_alias(std::uint64_t alias) const {
        if (alias < dense_.size()) {
            const auto& entry = dense_[static_cast<std::size_t>(alias)];
            return entry.known ? &entry.slot : nullptr;
        }
        return find_sparse(alias);
    }
    /// Nothing when no point is bound to the name.
    const Bound* find_name(std::string_view name) const;

    const TextMap<Bound>& bound() const { return bound_; }

 private:
    struct Entry {
        MetricSlot slot;
        bool known = false;
    };
    struct BirthMetric {
        std::string name;
        std::optional<std::uint64_t> alias;
        std::uint32_t type;
    };

    const MetricSlot* find_sparse(std::uint64_t alias) const;
    void put_alias(std::uint64_t alias, const MetricSlot& slot);

    TextMap<Bound> bound_;
    std::vector<BirthMetric> birth_;
    std::vector<Entry> dense_;
    std::unordered_map<std::uint64_t, MetricSlot> sparse_;
    bool born_ = false;
};

}  // namespace nuanshu::drivers::mqtt
