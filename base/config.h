#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu {

/// Settings of the process, from `nuanshu.yaml`; a missing file means all defaults. An unknown key is an error that
/// names file and line.
struct Config {
    std::string state_dir = "var";  ///< database, samples, secrets, logs
    std::string database;           ///< "" for SQLite under state_dir, or "postgresql://…"
    std::string apps_dir = "apps";
    std::string web_dir = "web/dist";
    std::string listen_address = "127.0.0.1";
    int http_port = 8080;         ///< 0 takes a free one
    std::string tls_certificate;  ///< PEM files; with both, only HTTPS is spoken
    std::string tls_key;
    std::string mqtt_url = "mqtt://127.0.0.1:1883";
    std::string time_zone = "Asia/Shanghai";
    std::string log_level = "info";
    bool log_json = false;
    bool historian_sync = true;  ///< fsync before acknowledging
    /// How long samples are kept: rules `PATTERN [raw=365d] [hourly=10y] [daily=30y]`, split by `;`, the first that
    /// matches a point's code counts; what is not said is kept for ever (platform/historian/life.h).
    std::string historian_retention = "* raw=365d";
    std::string historian_backup_dir;     ///< "": no backups; else a full one each week, incremental ones each night
    bool historian_journal = true;        ///< with a backup folder: all writes go there too, for restores to any moment
    int historian_backup_chains = 4;      ///< weeks of backups that are kept; 0: all
    int historian_disk_refuse_mib = 512;  ///< with less free space, new samples are refused until there is more
    int historian_disk_warn_mib = 5'120;  ///< with less, there are warnings; also when it will be full in 14 days
    int telemetry_shards = 0;             ///< 0: one a core, at most 8
    int session_hours = 12;
};

/// Reads the file, then environment variables NUANSHU_<KEY IN CAPITALS>, which win.
Result<Config> load_config(const std::string& path);

}  // namespace nuanshu
