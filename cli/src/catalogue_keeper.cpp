#include "cli/src/catalogue_keeper.h"

#include "base/log.h"

namespace nuanshu::cli {
namespace {

constexpr auto settling_time = std::chrono::milliseconds(200);
constexpr std::size_t faults_logged_max = 20;

}  // namespace

CatalogueKeeper::CatalogueKeeper(points::Catalogue& catalogue, telemetry::Pipeline& pipeline, DriverSet& drivers,
                                 Metrics& metrics)
    : catalogue_(catalogue),
      pipeline_(pipeline),
      drivers_(drivers),
      points_(metrics.gauge("nuanshu_points", "Points in the catalogue.")),
      faults_(metrics.gauge("nuanshu_configuration_faults", "Faults in device records, profiles and addresses.")),
      thread_([this] { run(); }) {}

CatalogueKeeper::~CatalogueKeeper() {
    stop();
}

Result<> CatalogueKeeper::apply() {
    NUANSHU_TRY(auto faults, catalogue_.rebuild());
    NUANSHU_TRY_VOID(pipeline_.set_points(catalogue_.point_settings()));
    const auto more = drivers_.configure(catalogue_.device_configs());
    faults.insert(faults.end(), more.begin(), more.end());
    points_.set(static_cast<double>(catalogue_.size()));
    faults_.set(static_cast<double>(faults.size()));
    for (std::size_t i = 0; i < std::min(faults.size(), faults_logged_max); ++i) {
        log_warn("points", "{}", to_string(faults[i]));
    }
    if (faults.size() > faults_logged_max) {
        log_warn("points", "and {} faults more", faults.size() - faults_logged_max);
    }
    return {};
}

void CatalogueKeeper::changed() {
    const std::scoped_lock guard(lock_);
    dirty_ = true;
    wake_.notify_one();
}

void CatalogueKeeper::stop() {
    {
        const std::scoped_lock guard(lock_);
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void CatalogueKeeper::run() {
    std::unique_lock guard(lock_);
    for (;;) {
        wake_.wait(guard, [&] { return dirty_ || stopping_; });
        wake_.wait_for(guard, settling_time, [&] { return stopping_; });
        if (stopping_) {
            return;
        }
        dirty_ = false;
        guard.unlock();
        if (const auto applied = apply(); !applied) {
            log_error("points", "changes of records have not taken effect: {}", applied.error().message());
        }
        guard.lock();
    }
}

}  // namespace nuanshu::cli
