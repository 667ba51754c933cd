#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/config.h"
#include "base/result.h"

namespace nuanshu::cli {

struct PlatformOptions {
    std::string import_path;  ///< JSON lines of records, taken in before anything starts; "" for none
    bool demo = false;        ///< shown by the pages: the values come from a virtual city
};

/// The whole platform in one process: built top to bottom, taken down in reverse.
class Platform {
 public:
    /// Everything runs when it returns. Errors say which part did not start and why.
    static Result<std::unique_ptr<Platform>> start(const Config& config, const PlatformOptions& options);
    ~Platform();
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;

    int http_port() const;
    /// The administrator's password, when this was the first start.
    std::optional<std::string> first_password() const;
    /// Stops taking in, lets what was taken reach the disk, closes. Called by the destructor too.
    void stop();

 private:
    struct Parts;
    explicit Platform(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// Opens the address of the database that the settings mean: the one named, or SQLite in the state folder.
std::string database_url(const Config& config);

/// The version of this build.
std::string_view version();

}  // namespace nuanshu::cli
