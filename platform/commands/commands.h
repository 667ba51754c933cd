#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/points/catalogue.h"
#include "platform/store/database.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::commands {

/// A value that was checked and may be executed once, by the one who selected it, until it expires.
struct Selection {
    std::string id;
    std::string point;
    double value = 0.0;
    double present_value = 0.0;  ///< of the read-back point
    Quality present_quality = Quality::never;
    std::int64_t expires_ms = 0;  ///< 30 s after selecting
};

enum class Outcome {
    running,
    confirmed,      ///< written and read back within tolerance and time
    not_confirmed,  ///< written, but the read-back did not follow in time
    failed          ///< not written: refused by the device, silent, interlock came between
};
std::string_view to_string(Outcome outcome);

/// What happened, kept for ever: who, when, what, how it ended, how long each step took.
struct CommandRecord {
    std::int64_t id = 0;
    std::string point;
    std::string user;
    double value = 0.0;
    double value_before = 0.0;
    Quality quality_before = Quality::never;
    std::int64_t selected_ms = 0;
    std::int64_t executed_ms = 0;
    std::optional<std::int64_t> written_after_ms;    ///< from executing to the device's confirmation
    std::optional<std::int64_t> confirmed_after_ms;  ///< from executing to the read-back
    std::optional<double> value_read_back;
    Outcome outcome = Outcome::running;
    std::string reason;  ///< a sentence when it did not end well
};

struct CommandQuery {
    std::string point;           ///< "" for all
    std::size_t limit = 50;      ///< newest first, 1 … 1 000
    std::int64_t before_id = 0;  ///< older than this one; 0 for the newest
};

/// Finds the driver that holds a device; given by whoever built the drivers.
using DriverOf = std::function<drivers::Driver*(std::string_view device_code)>;

/// The way down, and the only one: limits → interlock → select → execute (checked again) → write → read back → kept.
/// Thread-safe. Whether somebody may command a point at all is decided above, where users and scopes are known.
/// `execute` and `list` use the database.
class Commands {
 public:
    struct Needs {
        store::Database& database;
        const points::Catalogue& catalogue;
        telemetry::Pipeline& pipeline;
        DriverOf driver_of;
        const Clock& clock;
        Metrics& metrics;
    };
    /// A command still `running` in the database (the process ended meanwhile) becomes `failed` with that reason.
    static Result<std::unique_ptr<Commands>> open(Needs needs);
    virtual ~Commands() = default;

    /// Errors: not_found, invalid (outside the limits: names them; not a number; a state that is no whole number),
    /// refused (not writable; no read-back point; interlock, with its reason, or with what of it could not be known),
    /// exhausted (too many selections wait).
    virtual Result<Selection> select(std::string_view user, std::string_view point, double value) = 0;

    /// Starts the selected command. `done` is called once, with the final record, from another thread.
    /// Errors: not_found (unknown or used selection), conflict (expired, another's, or the point is being commanded;
    /// then the selection can still be used), refused (interlock), unavailable (no driver holds the device), exhausted,
    /// cancelled (stopping), or why it cannot be recorded: what cannot be recorded is not sent. After an error `done`
    /// is not called; what an interlock or a missing driver stopped is kept as failed.
    virtual Result<CommandRecord> execute(std::string_view user, std::string_view selection,
                                          std::function<void(const CommandRecord&)> done) = 0;

    virtual Result<CommandRecord> get(std::int64_t id) const = 0;
    virtual Result<std::vector<CommandRecord>> list(const CommandQuery& query) const = 0;
    /// Takes no more, and waits for running commands to end: at most 30 s for the write and the point's own time for
    /// the read-back. Stop the drivers after it. Called by the destructor too.
    virtual void stop() = 0;
};

}  // namespace nuanshu::commands
