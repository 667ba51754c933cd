#include "platform/http/src/static_files.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 256 << 10;

struct Encoding {
    std::string_view name;
    std::string_view suffix;
};
constexpr std::array<Encoding, 2> encodings = {{{"br", ".br"}, {"gzip", ".gz"}}};

/// A file on disk and how it is packed.
struct Found {
    fs::path path;
    std::string_view encoding;
};

bool is_safe_segment(std::string_view segment) {
    return !segment.empty() && segment.front() != '.' && segment.find_first_of("/\\") == std::string_view::npos;
}

/// "/assets/a%20b.js" → "assets/a b.js"; nothing when a segment tries to be more than a name.
std::optional<fs::path> relative_path(std::string_view url_path) {
    fs::path path;
    for (const auto segment : split_path(url_path)) {
        const auto name = percent_decode(segment);
        if (!name || !is_safe_segment(*name)) {
            return std::nullopt;
        }
        path /= *name;
    }
    return path;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    std::error_code error;
    const auto real = fs::canonical(path, error).string();
    const auto real_directory = fs::canonical(directory, error).string();
    return !error && real.starts_with(real_directory + "/");
}

bool is_served_file(const fs::path& path, const fs::path& directory) {
    std::error_code error;
    return fs::is_regular_file(path, error) && is_below(path, directory);
}

bool wants_page(const Request& request) {
    if (request.path.starts_with("/assets/")) {
        return false;
    }
    const auto name = split_path(request.path).back();
    return request.accept.find("text/html") != std::string::npos || name.find('.') == std::string_view::npos;
}

std::optional<fs::path> find_path(const fs::path& directory, const Request& request) {
    const auto relative = request.path == "/" ? std::optional<fs::path>("index.html") : relative_path(request.path);
    if (!relative) {
        return std::nullopt;
    }
    if (is_served_file(directory / *relative, directory)) {
        return directory / *relative;
    }
    const auto index = directory / "index.html";
    return wants_page(request) && is_served_file(index, directory) ? std::optional(index) : std::nullopt;
}

Found pick_encoding(const fs::path& path, const fs::path& directory, std::string_view accepted) {
    for (const auto& encoding : encodings) {
        auto packed = path;
        packed += encoding.suffix;
        if (accepted.find(encoding.name) != std::string_view::npos && is_served_file(packed, directory)) {
            return {packed, encoding.name};
        }
    }
    return {path, {}};
}

/// Changes when the file does.
std::string etag_of(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    const auto time = fs::last_write_time(path, error).time_since_epoch().count();
    return fmt::format("\"{:x}-{:x}\"", size, time);
}

NextChunk read_pieces(const fs::path& path) {
    auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    return [file](std::string& chunk) -> Result<bool> {
        const auto before = chunk.size();
        chunk.resize(before + piece_bytes);
        file->read(chunk.data() + before, static_cast<std::streamsize>(piece_bytes));
        chunk.resize(before + static_cast<std::size_t>(file->gcount()));
        return file->gcount() > 0;
    };
}

/// Small files whole, with their length; long ones piece by piece.
Result<> fill_body(Response& response, const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) {
        return fail(ErrorCode::not_found, path.filename().string(), "{}", error.message());
    }
    auto next = read_pieces(path);
    if (size > 4 * piece_bytes) {
        response.next_chunk = std::move(next);
        return {};
    }
    for (bool more = true; more;) {
        NUANSHU_TRY(more, next(response.body));
    }
    return {};
}

Response headers_for(const Found& found, const fs::path& plain, const Request& request) {
    Response response{.content_type = std::string(content_type_of(plain.filename().string()))};
    const bool for_ever = request.path.starts_with("/assets/");
    response.headers.emplace_back("Cache-Control", for_ever ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.emplace_back("ETag", etag_of(found.path));
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!found.encoding.empty()) {
        response.headers.emplace_back("Content-Encoding", found.encoding);
    }
    return response;
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
    struct Type {
        std::string_view ending, type;
    };
    static constexpr std::array<Type, 22> types = {{{".html", "text/html; charset=utf-8"},
                                                    {".js", "text/javascript; charset=utf-8"},
                                                    {".mjs", "text/javascript; charset=utf-8"},
                                                    {".css", "text/css; charset=utf-8"},
                                                    {".json", "application/json"},
                                                    {".map", "application/json"},
                                                    {".geojson", "application/geo+json"},
                                                    {".webmanifest", "application/manifest+json"},
                                                    {".svg", "image/svg+xml"},
                                                    {".png", "image/png"},
                                                    {".jpg", "image/jpeg"},
                                                    {".jpeg", "image/jpeg"},
                                                    {".webp", "image/webp"},
                                                    {".gif", "image/gif"},
                                                    {".ico", "image/x-icon"},
                                                    {".woff", "font/woff"},
                                                    {".woff2", "font/woff2"},
                                                    {".ttf", "font/ttf"},
                                                    {".wasm", "application/wasm"},
                                                    {".pbf", "application/x-protobuf"},
                                                    {".txt", "text/plain; charset=utf-8"},
                                                    {".xml", "application/xml"}}};
    for (const auto& [ending, type] : types) {
        if (file_name.ends_with(ending)) {
            return type;
        }
    }
    return "application/octet-stream";
}

Reply serve_file(const std::string& directory, const Request& request) {
    const auto plain = directory.empty() ? std::nullopt : find_path(directory, request);
    if (!plain) {
        const auto* hint =
            request.path == "/" ? "the web pages are not built: web_dir has no index.html" : "there is no such file";
        return tl::unexpected(Failure(Error{ErrorCode::not_found, request.path, hint}));
    }
    const auto found = pick_encoding(*plain, directory, request.accept_encoding);
    auto response = headers_for(found, *plain, request);
    if (!request.if_none_match.empty() && request.if_none_match.find(etag_of(found.path)) != std::string::npos) {
        response.status = 304;
        return response;
    }
    NUANSHU_TRY_VOID(fill_body(response, found.path));
    return response;
}

}  // namespace nuanshu::http
