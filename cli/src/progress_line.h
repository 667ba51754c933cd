#pragma once

#include <chrono>
#include <string>

namespace nuanshu::cli {

/// Tells on stderr how far long work has come: on a terminal in one line that is written over several times a second,
/// elsewhere in a line every ten seconds, so that short work says nothing. For one thread at a time.
class ProgressLine {
 public:
    ProgressLine();
    /// Ends the line, if one was begun.
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const std::string& text);

 private:
    bool on_terminal_;
    std::chrono::steady_clock::time_point shown_;
    std::size_t width_ = 0;  ///< of what stands on the terminal's line
};

/// "12.3 MB".
std::string as_bytes(double bytes);
/// "1 234 567".
std::string as_count(std::uint64_t count);

}  // namespace nuanshu::cli
