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
    int telemetry_shards = 0;    ///< 0: one a core, at most 8
    int session_hours = 12;
};

/// Reads the file, then environment variables NUANSHU_<KEY IN CAPITALS>, which win.
Result<Config> load_config(const std::string& path);

}  // namespace nuanshu
