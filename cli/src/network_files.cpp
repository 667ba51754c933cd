#include "cli/src/network_files.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/core.h>
#include <malloc.h>

namespace nuanshu::cli {
namespace {

using network::Reading;

bool begins_as_json(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos || text[at] == '{' || text[at] == '[';
}

/// EPANET's sections begin with a bracket as JSON's lists do, but a network in JSON is an object.
bool begins_as_epanet(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    return !begins_as_json(text) ||
           (text[at] == '[' && at + 1 < text.size() && std::isalpha(static_cast<unsigned char>(text[at + 1])) != 0);
}

bool mentions(std::string_view text, std::string_view word) {
    constexpr std::size_t head = 4096;
    return text.substr(0, head).find(word) != std::string_view::npos;
}

Reading read_by_content(std::string_view text, const std::string& path, const NetworkFileOptions& options) {
    if (begins_as_epanet(text)) {
        return network::read_epanet(text, path);
    }
    if (mentions(text, "pandapipes")) {
        return network::read_pandapipes(text, path, options.pandapipes);
    }
    if (mentions(text, "FeatureCollection")) {
        return network::read_geojson(text, path, options.geojson);
    }
    return network::read_json(text, path);
}

/// "diameter=DN" sets the property that holds diameters.
Result<> set_field(network::GeoJsonSettings& settings, const std::string& assignment) {
    const auto equals = assignment.find('=');
    const auto name = assignment.substr(0, equals);
    auto* field = name == "id"          ? &settings.id_field
                  : name == "diameter"  ? &settings.diameter_field
                  : name == "length"    ? &settings.length_field
                  : name == "roughness" ? &settings.roughness_field
                  : name == "elevation" ? &settings.elevation_field
                  : name == "side"      ? &settings.side_field
                                        : nullptr;
    if (equals == std::string::npos || field == nullptr) {
        return fail(ErrorCode::invalid, "--field",
                    "`{}`; NAME=PROPERTY is wanted, NAME one of id, diameter, length, roughness, elevation, side",
                    assignment);
    }
    *field = assignment.substr(equals + 1);
    return {};
}

network::Friction friction_of(std::string_view word) {
    return word == "swamee-jain" ? network::Friction::swamee_jain_all
           : word == "colebrook" ? network::Friction::colebrook_all
                                 : network::Friction::nikuradse;
}

Result<NetworkFileOptions> completed(NetworkFileOptions options) {
    options.pandapipes.friction = friction_of(options.friction);
    for (const auto& field : options.fields) {
        NUANSHU_TRY_VOID(set_field(options.geojson, field));
    }
    return options;
}

/// How many columns of a terminal a letter takes: Chinese, Japanese and Korean ones take two.
int columns_of(std::string_view text) {
    int columns = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        columns += byte >= 0xE3 && byte < 0xF0 ? 2 : (byte & 0xC0) == 0x80 ? 0 : 1;
    }
    return columns;
}

/// What reading frees, solving uses again: pages that went back to the system between would be cleared and mapped a
/// second time, which takes longer than the solution of a small city.
void keep_freed_memory() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
    if (path == "-") {
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    std::string text(static_cast<std::size_t>(std::max<std::streamoff>(size, 0)), '\0');
    if (size < 0 || !file.seekg(0) || !file.read(text.data(), size)) {
        return fail(ErrorCode::invalid, path, "{}", say("cannot be read", "无法读取"));
    }
    return text;
}

Result<> write_text(const std::string& path, std::string_view text) {
    std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
    if (file == nullptr) {
        return fail(ErrorCode::invalid, path, "{}", say("cannot be written", "无法写入"));
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = file == stdout ? std::fflush(file) == 0 : std::fclose(file) == 0;
    if (!written || !closed) {
        return fail(ErrorCode::unavailable, path, "{}",
                    say("the disk took only a part of it", "只写入了一部分，请检查磁盘"));
    }
    return {};
}

void add_network_file(CLI::App& command, std::string& path, NetworkFileOptions& options) {
    command.add_option("file", path, "our JSON, EPANET's .inp, pandapipes' JSON or GeoJSON; -: standard input")
        ->required();
    command.add_option("--friction", options.friction, "of a pandapipes file: nikuradse, colebrook or swamee-jain")
        ->capture_default_str()
        ->check(CLI::IsMember({"nikuradse", "colebrook", "swamee-jain"}));
    command.add_option("--snap", options.geojson.snap_m, "GeoJSON: m within which ends of lines are one node")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1000.0));
    command.add_flag("--split-crossings", options.geojson.split_crossings, "GeoJSON: join lines where they meet");
    command.add_option("--field", options.fields, "GeoJSON: NAME=PROPERTY, e.g. diameter=DN");
    command.add_option("--diameter-unit", options.geojson.diameter_unit_m, "GeoJSON: 0.001 where diameters are in mm")
        ->capture_default_str()
        ->check(CLI::Range(1e-4, 1.0));
    command.add_option("--default-diameter", options.geojson.default_diameter_m, "GeoJSON: m, where none is given")
        ->capture_default_str()
        ->check(CLI::Range(1e-3, 5.0));
    command.add_flag("--quiet", options.quiet, "no notes about what a file has and is left out");
}

Result<Reading> read_network_file(const std::string& path, const NetworkFileOptions& options) {
    NUANSHU_TRY(const auto text, read_text(path));
    NUANSHU_TRY(const auto settings, completed(options));
    auto reading = read_by_content(text, path, settings);
    if (reading.faults.empty() && options.check) {
        reading.faults = network::validate(reading.network);
        for (auto& fault : reading.faults) {
            fault.file = path;
        }
    }
    return reading;
}

Result<network::Network> read_network(const std::string& path, const NetworkFileOptions& options) {
    keep_freed_memory();
    NUANSHU_TRY(auto reading, read_network_file(path, options));
    if (!options.quiet) {
        print_diagnostics(reading.notes, say("note: ", "提示："));
    }
    if (!reading.faults.empty()) {
        print_diagnostics(reading.faults, "");
        return fail(ErrorCode::invalid, path, "{} {}", reading.faults.size(), say("faults", "处错误"));
    }
    return std::move(reading.network);
}

void print_diagnostics(const Diagnostics& diagnostics, std::string_view before) {
    constexpr std::size_t lines_max = 50;
    for (std::size_t i = 0; i < std::min(diagnostics.size(), lines_max); ++i) {
        fmt::print(stderr, "{}{}\n", before, to_string(diagnostics[i]));
    }
    if (diagnostics.size() > lines_max) {
        fmt::print(stderr, "{}… {} {}\n", before, diagnostics.size() - lines_max, say("more", "条未列出"));
    }
}

bool speaks_chinese() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            return std::string_view(value).substr(0, 2) == "zh";
        }
    }
    return false;
}

std::string_view say(std::string_view english, std::string_view chinese) {
    return speaks_chinese() ? chinese : english;
}

std::string padded(std::string_view text, int width) {
    return std::string(text) + std::string(static_cast<std::size_t>(std::max(0, width - columns_of(text))), ' ');
}

std::string json_number(double number) {
    return std::isfinite(number) ? fmt::format("{}", number) : "null";
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
            out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
        }
    }
    return out + '"';
}

}  // namespace nuanshu::cli
