#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/metrics.h"
#include "cli/src/driver_set.h"
#include "platform/points/catalogue.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::cli {

/// Makes what people change in the records take effect: rebuilds the catalogue a moment after a change and tells the
/// pipeline and the drivers. Has a thread of its own.
class CatalogueKeeper {
 public:
    CatalogueKeeper(points::Catalogue& catalogue, telemetry::Pipeline& pipeline, DriverSet& drivers, Metrics& metrics);
    ~CatalogueKeeper();
    CatalogueKeeper(const CatalogueKeeper&) = delete;
    CatalogueKeeper& operator=(const CatalogueKeeper&) = delete;

    /// Rebuilds now, in this thread.
    Result<> apply();
    /// Something changed: apply() will run soon. Many calls in a row make one.
    void changed();
    void stop();

 private:
    void run();

    points::Catalogue& catalogue_;
    telemetry::Pipeline& pipeline_;
    DriverSet& drivers_;
    Gauge& points_;
    Gauge& faults_;
    std::mutex lock_;
    std::condition_variable wake_;
    bool dirty_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace nuanshu::cli
