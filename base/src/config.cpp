#include "base/config.h"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>

#include <yaml-cpp/yaml.h>

namespace nuanshu {
namespace {

using Setter = std::function<void(Config&, const YAML::Node&)>;

template <class T>
Setter set(T Config::*member) {
    return [member](Config& config, const YAML::Node& node) { config.*member = node.as<T>(); };
}

const std::map<std::string, Setter>& setters() {
    static const std::map<std::string, Setter> all = {
        {"state_dir", set(&Config::state_dir)},
        {"database", set(&Config::database)},
        {"apps_dir", set(&Config::apps_dir)},
        {"web_dir", set(&Config::web_dir)},
        {"listen_address", set(&Config::listen_address)},
        {"http_port", set(&Config::http_port)},
        {"tls_certificate", set(&Config::tls_certificate)},
        {"tls_key", set(&Config::tls_key)},
        {"mqtt_url", set(&Config::mqtt_url)},
        {"time_zone", set(&Config::time_zone)},
        {"log_level", set(&Config::log_level)},
        {"log_json", set(&Config::log_json)},
        {"historian_sync", set(&Config::historian_sync)},
        {"historian_retention", set(&Config::historian_retention)},
        {"historian_backup_dir", set(&Config::historian_backup_dir)},
        {"historian_journal", set(&Config::historian_journal)},
        {"historian_backup_chains", set(&Config::historian_backup_chains)},
        {"historian_disk_refuse_mib", set(&Config::historian_disk_refuse_mib)},
        {"historian_disk_warn_mib", set(&Config::historian_disk_warn_mib)},
        {"telemetry_shards", set(&Config::telemetry_shards)},
        {"session_hours", set(&Config::session_hours)},
    };
    return all;
}

Result<> apply(Config& config, const std::string& key, const YAML::Node& value, const std::string& where) {
    const auto found = setters().find(key);
    if (found == setters().end()) {
        std::string known;
        for (const auto& [name, setter] : setters()) {
            known += (known.empty() ? "" : ", ") + name;
        }
        return fail(ErrorCode::invalid, where, "`{}` is no setting; there are: {}", key, known);
    }
    try {
        found->second(config, value);
    } catch (const YAML::Exception&) {
        return fail(ErrorCode::invalid, where, "{}: `{}` is not of the right kind", key,
                    value.IsScalar() ? value.Scalar() : "…");
    }
    return {};
}

Result<> apply_file(Config& config, const std::string& path) {
    try {
        const auto root = YAML::LoadFile(path);
        if (!root.IsMap() && !root.IsNull()) {
            return fail(ErrorCode::invalid, path, "wanted `key: value` lines");
        }
        for (const auto& entry : root) {
            NUANSHU_TRY_VOID(apply(config, entry.first.as<std::string>(), entry.second,
                                   fmt::format("{}:{}", path, entry.first.Mark().line + 1)));
        }
    } catch (const YAML::Exception& e) {
        return fail(ErrorCode::invalid, fmt::format("{}:{}", path, e.mark.line + 1), "{}", e.msg);
    }
    return {};
}

Result<> apply_environment(Config& config) {
    for (const auto& [key, setter] : setters()) {
        std::string name = "NUANSHU_";
        for (const char c : key) {
            name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
        if (const char* value = std::getenv(name.c_str())) {
            NUANSHU_TRY_VOID(apply(config, key, YAML::Node(std::string(value)), name));
        }
    }
    return {};
}

}  // namespace

Result<Config> load_config(const std::string& path) {
    Config config;
    if (!path.empty() && std::filesystem::exists(path)) {
        NUANSHU_TRY_VOID(apply_file(config, path));
    }
    NUANSHU_TRY_VOID(apply_environment(config));
    return config;
}

}  // namespace nuanshu
