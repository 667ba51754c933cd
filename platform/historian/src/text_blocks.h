#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace nuanshu::historian {

/// Reads a file (or, named "-", standard input) in pieces of whole lines. For one thread.
class TextBlocks {
 public:
    /// Errors: not_found, unavailable.
    static Result<TextBlocks> open(const std::string& path);
    ~TextBlocks();
    TextBlocks(TextBlocks&& other) noexcept;
    TextBlocks& operator=(TextBlocks&&) = delete;

    /// The next lines, about `block_bytes` of them; "" at the end. The last line may lack its line end.
    /// Errors: invalid (a line longer than a block), unavailable.
    Result<std::string> next();

    /// The file's size; 0 when it has none, like a pipe.
    std::uint64_t bytes_total() const { return bytes_total_; }

    static constexpr std::size_t block_bytes = 2 * 1024 * 1024;

 private:
    TextBlocks(std::string path, int file, std::uint64_t bytes_total)
        : path_(std::move(path)), file_(file), bytes_total_(bytes_total) {}
    Result<std::size_t> fill(std::string& block, std::size_t from) const;

    std::string path_;
    int file_ = -1;
    std::uint64_t bytes_total_ = 0;
    std::uint64_t bytes_given_ = 0;
    std::string rest_;  ///< the begun line behind the last block
};

}  // namespace nuanshu::historian
