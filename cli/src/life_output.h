#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cli/src/progress_line.h"
#include "cli/src/stop_signals.h"
#include "platform/historian/life.h"

namespace nuanshu::cli {

/// Follows a long job on stderr and stops it at Ctrl-C. Made before a store is opened: the store's threads must not get
/// the signal.
class JobWatch {
 public:
    explicit JobWatch(std::string name) : name_(std::move(name)) {}
    /// @pre the watch outlives the job
    historian::JobControl control() const;

 private:
    std::string name_;
    StopSignals signals_;
    mutable ProgressLine line_;
};

boost::json::object to_json(const historian::Verification& found);
boost::json::object to_json(const historian::Retired& gone);
boost::json::object to_json(const historian::Backup& backup);
boost::json::object to_json(const historian::ChangeEntry& change, const std::string& code);

}  // namespace nuanshu::cli
