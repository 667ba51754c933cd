#include "platform/points/catalogue.h"

#include <mutex>

#include "platform/points/src/snapshot.h"

namespace nuanshu::points {
namespace {

class RecordCatalogue final : public Catalogue {
 public:
    RecordCatalogue(records::Records& records, std::vector<Profile> profiles, historian::SampleStore& samples)
        : records_(records),
          profiles_(std::move(profiles)),
          samples_(samples),
          snapshot_(std::make_shared<Snapshot>()) {}

    std::shared_ptr<const PointDefinition> find(std::string_view code) const override {
        const auto now = snapshot();
        const auto found = now->place_of.find(std::string(code));
        return found != now->place_of.end() ? now->by_code[found->second].point : nullptr;
    }

    std::shared_ptr<const PointDefinition> get(PointId id) const override {
        const auto now = snapshot();
        const auto found = now->place_of_id.find(id);
        return found != now->place_of_id.end() ? now->by_code[found->second].point : nullptr;
    }

    std::vector<std::shared_ptr<const PointDefinition>> list(const PointQuery& query) const override {
        return find_points(*snapshot(), query);
    }

    std::size_t size() const override { return snapshot()->by_code.size(); }

    std::vector<telemetry::PointSettings> point_settings() const override {
        const auto now = snapshot();
        std::vector<telemetry::PointSettings> settings;
        settings.reserve(now->by_code.size());
        for (const auto& entry : now->by_code) {
            settings.push_back(settings_of(*entry.point));
        }
        return settings;
    }

    std::vector<drivers::DeviceConfig> device_configs() const override { return snapshot()->devices; }

    Result<Diagnostics> rebuild() override {
        const std::scoped_lock one_at_a_time(rebuilding_);
        Diagnostics faults;
        NUANSHU_TRY(auto fresh, make_snapshot(records_, profiles_, samples_, faults));
        const std::scoped_lock guard(lock_);
        snapshot_ = std::move(fresh);
        return faults;
    }

 private:
    std::shared_ptr<const Snapshot> snapshot() const {
        const std::scoped_lock guard(lock_);
        return snapshot_;
    }

    records::Records& records_;
    const std::vector<Profile> profiles_;
    historian::SampleStore& samples_;
    std::mutex rebuilding_;
    mutable std::mutex lock_;
    std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace

Result<std::unique_ptr<Catalogue>> make_catalogue(records::Records& records, std::vector<Profile> profiles,
                                                  historian::SampleStore& samples) {
    auto catalogue = std::make_unique<RecordCatalogue>(records, std::move(profiles), samples);
    NUANSHU_TRY_VOID(catalogue->rebuild().map([](const auto&) {}));
    return std::unique_ptr<Catalogue>(std::move(catalogue));
}

}  // namespace nuanshu::points
