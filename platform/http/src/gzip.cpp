#include "platform/http/src/gzip.h"

#include <zlib.h>

namespace nuanshu::http {
namespace {

constexpr const char* where = "gzip body";
constexpr int gzip_window_bits = 15 + 16;
constexpr std::size_t piece_bytes = 256 << 10;

/// zlib's state, ended with its scope.
struct Inflater {
    z_stream stream{};
    bool ready = inflateInit2(&stream, gzip_window_bits) == Z_OK;

    Inflater() = default;
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ready) {
            inflateEnd(&stream);
        }
    }
};

/// Appends the next piece; true when the stream has ended.
Result<bool> inflate_piece(z_stream& stream, std::string& out) {
    const auto before = out.size();
    out.resize(before + piece_bytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(piece_bytes);
    const int status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (status == Z_STREAM_END) {
        return true;
    }
    if (status != Z_OK) {
        return fail(ErrorCode::corrupt, where, "{}", stream.msg != nullptr ? stream.msg : "ends before its end");
    }
    return false;
}

}  // namespace

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max) {
    Inflater inflater;
    if (!inflater.ready) {
        return fail(ErrorCode::exhausted, where, "no memory to unpack it");
    }
    inflater.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    inflater.stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    bool ended = false;
    while (!ended) {
        NUANSHU_TRY(ended, inflate_piece(inflater.stream, out));
        if (out.size() > bytes_max) {
            return fail(ErrorCode::exhausted, where, "unpacks to more than {} bytes; send it in parts", bytes_max);
        }
    }
    return out;
}

}  // namespace nuanshu::http
