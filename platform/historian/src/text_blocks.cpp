#include "platform/historian/src/text_blocks.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nuanshu::historian {
namespace {

tl::unexpected<Error> cannot_read(const std::string& path) {
    const int reason = errno;
    return fail(reason == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable, path, "cannot be read: {}",
                std::strerror(reason));
}

}  // namespace

Result<TextBlocks> TextBlocks::open(const std::string& path) {
    const int file = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (file < 0 || ::fstat(file, &about) != 0) {
        auto failed = cannot_read(path);
        if (file >= 0) {
            ::close(file);
        }
        return failed;
    }
    return TextBlocks(path, file, S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size) : 0);
}

TextBlocks::TextBlocks(TextBlocks&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      bytes_total_(other.bytes_total_),
      bytes_given_(other.bytes_given_),
      rest_(std::move(other.rest_)) {}

TextBlocks::~TextBlocks() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

/// Reads until the block is full or the file ends. @return bytes of the block now filled
Result<std::size_t> TextBlocks::fill(std::string& block, std::size_t from) const {
    while (from < block.size()) {
        const ssize_t got = ::read(file_, block.data() + from, block.size() - from);
        if (got < 0 && errno != EINTR) {
            return cannot_read(path_);
        }
        if (got == 0) {
            break;
        }
        from += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return from;
}

Result<std::string> TextBlocks::next() {
    std::string block = std::move(rest_);
    rest_.clear();
    const std::size_t begun = block.size();
    block.resize(block_bytes);
    NUANSHU_TRY(const std::size_t filled, fill(block, begun));
    block.resize(filled);
    if (filled == block_bytes) {
        const std::size_t last = block.rfind('\n');
        if (last == std::string::npos) {
            return fail(ErrorCode::invalid, path_,
                        "the line that begins at byte {} is longer than {} bytes; is this text?", bytes_given_,
                        block_bytes);
        }
        rest_ = block.substr(last + 1);
        block.resize(last + 1);
    }
    bytes_given_ += block.size();
    return block;
}

}  // namespace nuanshu::historian
