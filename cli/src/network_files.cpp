#include "cli/src/network_files.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/core.h>

namespace nuanshu::cli {
namespace {

using network::Reading;

/// How many columns of a terminal a letter takes: Chinese, Japanese and Korean ones take two.
int columns_of(std::string_view text) {
    int columns = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        columns += byte >= 0xE3 && byte < 0xF0 ? 2 : (byte & 0xC0) == 0x80 ? 0 : 1;
    }
    return columns;
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

Result<Reading> read_network_file(const std::string& path, const NetworkFileOptions& options) {
    NUANSHU_TRY(const auto text, read_text(path));
    auto reading = network::read_json(text, path);
    if (reading.faults.empty() && options.check) {
        reading.faults = network::validate(reading.network);
        for (auto& fault : reading.faults) {
            fault.file = path;
        }
    }
    return reading;
}

Result<network::Network> read_network(const std::string& path, const NetworkFileOptions& options) {
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
