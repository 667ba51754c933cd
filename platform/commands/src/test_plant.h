#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "platform/commands/commands.h"

namespace nuanshu::commands {

/// A device for tests, with a thread of its own as drivers have: registers that take what is written, or do not, as
/// told.
class BenchDevice final : public drivers::Driver {
 public:
    enum class Manner {
        follows,   ///< the written number can be read at once
        stays,     ///< confirms writes and goes on showing what it had
        refuses,   ///< answers a write with an error
        is_silent  ///< never answers a write
    };

    BenchDevice(telemetry::Intake& intake, const Clock& clock)
        : intake_(intake), clock_(clock), thread_([this] { run(); }) {}
    ~BenchDevice() override { stop(); }

    void behave(Manner manner) {
        const std::scoped_lock guard(lock_);
        manner_ = manner;
    }
    /// The register holds this, and it is read.
    void measure(PointId point, double raw, Quality quality = Quality::good) {
        post([this, point, raw, quality] {
            registers_[point] = raw;
            offer(point, quality);
        });
    }
    /// Where a written number shows: another point than the written one.
    void link(PointId written, PointId shown) {
        post([this, written, shown] { shown_by_[written] = shown; });
    }
    std::vector<double> written() const {
        const std::scoped_lock guard(lock_);
        return written_;
    }

    Diagnostics configure(std::vector<drivers::DeviceConfig>) override { return {}; }
    void write(PointId point, double raw, std::function<void(Result<>)> done) override {
        post([this, point, raw, done = std::move(done)] { answer(point, raw, done); });
    }
    void read_soon(PointId point) override {
        post([this, point] { offer(point, Quality::good); });
    }
    std::vector<drivers::DeviceStatus> statuses() const override { return {}; }
    void stop() override {
        {
            const std::scoped_lock guard(lock_);
            ending_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

 private:
    void post(std::function<void()> task) {
        {
            const std::scoped_lock guard(lock_);
            tasks_.push_back(std::move(task));
        }
        changed_.notify_all();
    }

    void answer(PointId point, double raw, const std::function<void(Result<>)>& done) {
        Manner manner{};
        {
            const std::scoped_lock guard(lock_);
            manner = manner_;
            written_.push_back(raw);
        }
        if (manner == Manner::follows) {
            registers_[shown_by_.contains(point) ? shown_by_[point] : point] = raw;
        }
        if (manner == Manner::refuses) {
            done(fail(ErrorCode::refused, "bench device", "exception 03: illegal data value"));
        } else if (manner != Manner::is_silent) {
            done({});
        }
    }

    void offer(PointId point, Quality quality) {
        telemetry::RawBatch batch;
        batch.samples.push_back({.point = point, .device_quality = quality, .time_ms = 0, .value = registers_[point]});
        batch.received_ms = clock_.now_ms();
        EXPECT_TRUE(intake_.offer(batch));
    }

    void run() {
        std::unique_lock guard(lock_);
        while (true) {
            changed_.wait(guard, [&] { return ending_ || !tasks_.empty(); });
            if (tasks_.empty()) {
                return;
            }
            const auto task = std::move(tasks_.front());
            tasks_.pop_front();
            guard.unlock();
            task();
            guard.lock();
        }
    }

    telemetry::Intake& intake_;
    const Clock& clock_;
    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    std::vector<double> written_;
    Manner manner_ = Manner::follows;
    bool ending_ = false;
    std::map<PointId, double> registers_;  ///< only the thread's
    std::map<PointId, PointId> shown_by_;  ///< only the thread's
    std::thread thread_;
};

/// The points a test made up, by code.
class BenchCatalogue final : public points::Catalogue {
 public:
    void add(points::PointDefinition point) {
        auto code = point.code;
        points_[std::move(code)] = std::make_shared<const points::PointDefinition>(std::move(point));
    }

    std::shared_ptr<const points::PointDefinition> find(std::string_view code) const override {
        const auto at = points_.find(code);
        return at == points_.end() ? nullptr : at->second;
    }
    std::shared_ptr<const points::PointDefinition> get(PointId id) const override {
        for (const auto& [code, point] : points_) {
            if (point->id == id) {
                return point;
            }
        }
        return nullptr;
    }
    std::vector<std::shared_ptr<const points::PointDefinition>> list(const points::PointQuery&) const override {
        return {};
    }
    std::size_t size() const override { return points_.size(); }
    std::vector<telemetry::PointSettings> point_settings() const override {
        std::vector<telemetry::PointSettings> settings;
        for (const auto& [code, point] : points_) {
            settings.push_back(
                {.point = point->id, .conversion = point->conversion, .rules = {}, .expected_interval_ms = 0});
        }
        return settings;
    }
    std::vector<drivers::DeviceConfig> device_configs() const override { return {}; }
    Result<Diagnostics> rebuild() override { return Diagnostics(); }

 private:
    std::map<std::string, std::shared_ptr<const points::PointDefinition>, std::less<>> points_;
};

}  // namespace nuanshu::commands
