#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/metrics.h"
#include "platform/historian/store.h"

namespace nuanshu::historian::test {

/// A store in a folder, which can be closed and opened again.
class Store {
 public:
    explicit Store(std::string directory, bool sync = false) : directory_(std::move(directory)), sync_(sync) { open(); }

    void open() { store_ = value_or_throw(open_embedded_store({.directory = directory_, .sync = sync_}, metrics_)); }
    void close() { store_.reset(); }
    void reopen() {
        close();
        open();
    }

    SampleStore* operator->() const { return store_.get(); }
    Metrics& metrics() { return metrics_; }
    SampleStore& operator*() const { return *store_; }

    std::vector<PointId> points(std::size_t count) {
        std::vector<std::string> codes;
        for (std::size_t i = 1; i <= count; ++i) {
            codes.push_back("xc.s01.n1.h" + std::to_string(i) + "/supply_temperature");
        }
        return value_or_throw(store_->intern(codes));
    }

 private:
    std::string directory_;
    bool sync_;
    Metrics metrics_;
    std::unique_ptr<SampleStore> store_;
};

constexpr TimeRange all_time{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

}  // namespace nuanshu::historian::test
