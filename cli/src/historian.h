#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "cli/src/subcommands.h"
#include "platform/historian/life.h"
#include "platform/historian/store.h"

namespace nuanshu::cli {

/// Where samples lie, as the commands of `nuanshu historian` are told.
struct SampleFolder {
    std::string directory;  ///< "": that of the settings file
};

/// --data, with its help.
void add_data_option(CLI::App& command, SampleFolder& folder);

/// A store opened for one command, with what it needs around it.
class OpenStore {
 public:
    enum class Absent { make, refuse };
    /// Errors: not_found (there is no store, and it is not to be made), unavailable (a running `serve` has it), and the
    /// store's.
    static Result<OpenStore> open(const SampleFolder& folder, const std::string& config_path, Absent absent);

    historian::SampleStore& operator*() const { return *store_; }
    historian::SampleStore* operator->() const { return store_.get(); }
    const std::string& directory() const { return directory_; }
    /// Errors: unsupported, for a store without it.
    Result<historian::Life*> life() const;

 private:
    std::string directory_;
    std::unique_ptr<Metrics> metrics_;
    std::unique_ptr<historian::SampleStore> store_;
};

/// The points with these codes, in their order; all points for an empty list. Errors: not_found, naming the code and
/// some that there are.
Result<std::vector<PointId>> points_of(const historian::SampleStore& store, const std::vector<std::string>& codes);

/// From the first sample of the points to just behind their last, for what of `from` and `to` (RFC 3339 or Unix time)
/// is empty.
Result<historian::TimeRange> range_of(const historian::SampleStore& store, const std::vector<PointId>& points,
                                      const std::string& from, const std::string& to);

// Each adds its subcommands to `historian`.
void add_historian_import(CLI::App& historian, Request& request);
void add_historian_query(CLI::App& historian, Request& request);
void add_historian_export(CLI::App& historian, Request& request);
void add_historian_care(CLI::App& historian, Request& request);
void add_historian_backup(CLI::App& historian, Request& request);
void add_historian_changes(CLI::App& historian, Request& request);

}  // namespace nuanshu::cli
