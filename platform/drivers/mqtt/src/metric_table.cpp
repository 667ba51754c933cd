#include "platform/drivers/mqtt/src/metric_table.h"

#include <utility>

namespace nuanshu::drivers::mqtt {

bool MetricTable::bind(std::string_view name, PointId point, DeviceKey owner) {
    return bound_.try_emplace(std::string(name), Bound{.slot = {.point = point, .owner = owner}}).second;
}

void MetricTable::unbind(DeviceKey owner) {
    std::erase_if(bound_, [&](const auto& entry) { return entry.second.slot.owner == owner; });
}

void MetricTable::take_birth(const std::vector<SparkplugMetric>& metrics) {
    birth_.clear();
    for (const auto& metric : metrics) {
        birth_.push_back({.name = std::string(metric.name),
                          .alias = metric.has_alias ? std::optional(metric.alias) : std::nullopt,
                          .type = metric.type});
    }
    born_ = true;
    resolve();
}

void MetricTable::forget_birth() {
    birth_.clear();
    born_ = false;
    resolve();
}

const MetricTable::Bound* MetricTable::find_name(std::string_view name) const {
    const auto found = bound_.find(name);
    return found == bound_.end() ? nullptr : &found->second;
}

const MetricSlot* MetricTable::find_sparse(std::uint64_t alias) const {
    const auto found = sparse_.find(alias);
    return found == sparse_.end() ? nullptr : &found->second;
}

void MetricTable::resolve() {
    dense_.clear();
    sparse_.clear();
    for (auto& [name, bound] : bound_) {
        bound.in_birth = false;
        bound.alias.reset();
        bound.slot.type = 0;
    }
    for (const auto& metric : birth_) {
        MetricSlot slot{.type = metric.type};
        const auto found = bound_.find(metric.name);
        if (found != bound_.end()) {
            auto& bound = found->second;
            bound.in_birth = true;
            bound.alias = metric.alias;
            bound.slot.type = metric.type;
            slot = bound.slot;
        }
        if (metric.alias) {
            put_alias(*metric.alias, slot);
        }
    }
}

// An alias may be any 64-bit number. Those below a few times the number of metrics are kept by index.
void MetricTable::put_alias(std::uint64_t alias, const MetricSlot& slot) {
    constexpr std::size_t dense_at_least = 1'024;
    constexpr std::size_t dense_factor = 4;
    if (alias >= dense_at_least + dense_factor * birth_.size()) {
        sparse_[alias] = slot;
        return;
    }
    if (alias >= dense_.size()) {
        dense_.resize(static_cast<std::size_t>(alias) + 1);
    }
    dense_[static_cast<std::size_t>(alias)] = {slot, true};
}

}  // namespace nuanshu::drivers::mqtt
