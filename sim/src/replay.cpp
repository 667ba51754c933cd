#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/time.h"
#include "sim/run.h"
#include "sim/src/csv.h"
#include "sim/src/loop.h"
#include "sim/src/modbus_server.h"
#include "sim/src/mqtt_link.h"

namespace nuanshu::sim {

namespace {

constexpr std::int64_t tick_ms = 50;

/// A sink for rows: the protocol the measurements come out of.
class RowFace : public Face {
 public:
    virtual void take(const Recording& recording, std::size_t row, std::int64_t now_ms) = 0;
    /// Whether rows can be taken now; the tape stands still until then.
    virtual bool ready() const = 0;
    /// Whether everything taken has left the house.
    virtual bool drained() const = 0;
};

class ModbusRows final : public RowFace {
 public:
    static Result<std::unique_ptr<ModbusRows>> open(const ReplayOptions& options, int& port) {
        auto rows = std::make_unique<ModbusRows>();
        std::vector<RegisterField> fields;
        for (const auto& column : options.columns) {
            auto address = read_register_address(column.target);
            if (!address) {
                return within(fmt::format("column {}", column.column), std::move(address.error()));
            }
            fields.push_back({*address, false});
            rows->scales_.push_back(column.scale);
        }
        const std::size_t bank = rows->server_.add_bank(std::move(fields));
        NUANSHU_TRY(port, rows->server_.listen(options.host, options.modbus_port, {{1, bank}}));
        return rows;
    }

    void collect(std::vector<pollfd>& wanted) override { server_.collect(wanted); }
    void serve(std::span<const pollfd> happened) override { server_.serve(happened); }
    void tick(std::int64_t now_ms) override { server_.tick(now_ms); }
    bool ready() const override { return true; }
    bool drained() const override { return true; }

    void take(const Recording& recording, std::size_t row, std::int64_t) override {
        for (std::size_t i = 0; i < recording.columns.size(); ++i) {
            const double value = recording.columns[i][row];
            if (!std::isnan(value)) {
                server_.bank(0).set(i, value / scales_[i]);
            }
        }
    }

 private:
    std::vector<double> scales_;
    ModbusServer server_{{.before_read = [](std::size_t) {}, .written = [](std::size_t, std::size_t, double) {}}};
};

class MqttRows final : public RowFace {
 public:
    MqttRows(const ReplayOptions& options, BrokerAddress address)
        : topic_(options.mqtt_topic),
          columns_(options.columns),
          broker_{std::move(address), 0},
          link_(broker_, fmt::format("nuanshu-replay-{}", SystemClock().steady_ns()),
                {.connecting = [](MqttLink&) {}, .connected = [](MqttLink&) {}, .message = nullptr}) {}

    void collect(std::vector<pollfd>& wanted) override { wanted.push_back(link_.wanted()); }
    void serve(std::span<const pollfd> happened) override {
        if (happened[0].revents != 0) {
            link_.serve(happened[0].revents);
        }
    }
    void tick(std::int64_t now_ms) override { link_.tick(now_ms); }
    bool ready() const override { return link_.can_publish(); }
    bool drained() const override { return link_.unacknowledged() == 0; }

    void take(const Recording& recording, std::size_t row, std::int64_t now_ms) override {
        std::string json = fmt::format(R"({{"ts":{})", now_ms);
        for (std::size_t i = 0; i < recording.columns.size(); ++i) {
            const double value = recording.columns[i][row];
            if (!std::isnan(value)) {
                const bool mapped = !columns_.empty();
                json += fmt::format(R"(,"{}":{})", mapped ? columns_[i].target : recording.names[i],
                                    mapped ? value / columns_[i].scale : value);
            }
        }
        link_.publish(topic_, json + "}", 1);
    }

 private:
    MosquittoLibrary library_;
    const std::string topic_;
    const std::vector<ReplayColumn> columns_;
    Broker broker_;
    MqttLink link_;
};

/// A key goes into JSON text as it is.
bool is_plain(const std::string& name) {
    return !name.empty() &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; });
}

/// Plays the rows that have become due, in order; each stays for the time to the next, the last as long as the one
/// before. Begins anew when told to repeat.
class Tape {
 public:
    Tape(const Recording& recording, double speed, bool repeat)
        : recording_(recording), speed_(speed), repeat_(repeat), start_ns_(clock_.steady_ns()) {}

    /// False when it is over and everything has been delivered.
    bool advance(RowFace& face, std::int64_t now_ms) {
        if (next_ == 0 && !face.ready()) {
            start_ns_ = clock_.steady_ns();
            return true;
        }
        const double passed_ms = static_cast<double>(clock_.steady_ns() - start_ns_) * 1e-6 * speed_;
        while (next_ < recording_.time_ms.size() && face.ready() && since_start(next_) <= passed_ms) {
            face.take(recording_, next_++, now_ms);
        }
        const bool over = next_ == recording_.time_ms.size() && passed_ms >= end_ms();
        if (over && repeat_) {
            next_ = 0;
            start_ns_ = clock_.steady_ns();
        }
        return !over || repeat_ || !face.drained();
    }

 private:
    double since_start(std::size_t row) const {
        return static_cast<double>(recording_.time_ms[row] - recording_.time_ms.front());
    }

    double end_ms() const {
        const std::size_t last = recording_.time_ms.size() - 1;
        return since_start(last) + (last > 0 ? since_start(last) - since_start(last - 1) : 0.0);
    }

    const Recording& recording_;
    const double speed_;
    const bool repeat_;
    SystemClock clock_;
    std::int64_t start_ns_;
    std::size_t next_ = 0;
};

Result<std::unique_ptr<RowFace>> open_face(const ReplayOptions& options, const Recording& recording, int& port) {
    if (options.protocol == "modbus") {
        if (options.columns.empty()) {
            return fail(ErrorCode::invalid, "replay",
                        "Modbus needs a register for each column: `heat_load_mw` → `holding 0 f32`");
        }
        NUANSHU_TRY(auto face, ModbusRows::open(options, port));
        return face;
    }
    if (options.protocol != "mqtt") {
        return fail(ErrorCode::invalid, "replay", "no protocol `{}`; there are modbus and mqtt", options.protocol);
    }
    const auto plain_target = [](const ReplayColumn& column) { return is_plain(column.target); };
    if (!std::all_of(recording.names.begin(), recording.names.end(), is_plain) ||
        !std::all_of(options.columns.begin(), options.columns.end(), plain_target)) {
        return fail(ErrorCode::invalid, "replay",
                    "a column's name is empty or has quotes in it; give it another target");
    }
    NUANSHU_TRY(auto address, read_mqtt_url(options.mqtt_url));
    return std::make_unique<MqttRows>(options, std::move(address));
}

Result<> check(const ReplayOptions& options) {
    if (!(options.speed > 0.0) || !std::isfinite(options.speed)) {
        return fail(ErrorCode::invalid, "replay", "speed {} is not above 0", options.speed);
    }
    for (const auto& column : options.columns) {
        if (column.scale == 0.0 || !std::isfinite(column.scale)) {
            return fail(ErrorCode::invalid, column.column, "scale {} cannot be divided by", column.scale);
        }
    }
    return {};
}

}  // namespace

Result<> run_replay(const ReplayOptions& options, const std::function<void(const ReplayReady&)>& ready,
                    std::stop_token stop) {
    NUANSHU_TRY_VOID(check(options));
    std::vector<std::string> names;
    for (const auto& column : options.columns) {
        names.push_back(column.column);
    }
    NUANSHU_TRY(const auto recording,
                read_recording(options.csv_path, options.time_column, names, options.utc_offset_ms));
    if (recording.time_ms.empty()) {
        return fail(ErrorCode::invalid, options.csv_path, "a head line and no rows");
    }
    ReplayReady told{.rows = recording.time_ms.size()};
    NUANSHU_TRY(const auto face, open_face(options, recording, told.modbus_port));
    Tape tape(recording, options.speed, options.repeat);
    if (ready) {
        ready(told);
    }
    return run_loop(
        {face.get()}, tick_ms, [&](std::int64_t now_ms) { return tape.advance(*face, now_ms); }, stop);
}

}  // namespace nuanshu::sim
