#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "base/sample.h"

namespace nuanshu::historian {

/// The point codes that a text has named so far, by how they stand in it. Texts name points in the same order again and
/// again, so the one that followed last time is tried first.
class CodeTable {
 public:
    struct Entry {
        std::string raw;   ///< as it stands in the text, quotes and all
        std::string code;  ///< what it means
        PointId point;     ///< none until the store has given it one
        std::uint32_t next = 0;
        bool asked = false;  ///< the store was asked for the point
    };

    /// The entry whose raw text, with a comma behind it, stands at the front of `line`; -1: none was guessed.
    std::int64_t guess(std::string_view line) const;
    /// The entry with this raw text, made when new. @pre it is a right code
    std::uint32_t find_or_add(std::string_view raw);
    /// `entry` is what the line before the next one named.
    void went_to(std::uint32_t entry) {
        entries_[newest_].next = entry;
        newest_ = entry;
    }

    std::vector<Entry>& entries() { return entries_; }
    const std::vector<Entry>& entries() const { return entries_; }

 private:
    std::vector<Entry> entries_{Entry{}};  ///< [0] is none
    std::unordered_map<std::string, std::uint32_t> by_raw_;
    std::uint32_t newest_ = 0;
};

/// What the lines of a piece of text gave.
struct CsvLines {
    std::vector<Sample> samples;  ///< `point` is the index of the code's entry until it is replaced by the store's id
    std::uint64_t lines = 0;      ///< all, also empty ones
    std::uint64_t lines_filled = 0;  ///< with content
    std::uint64_t bad_lines = 0;
    Diagnostics faults;  ///< line: counted from 1 in this piece
};

/// Whether a text's first line is a header: it has a second field that begins no time and a third that is no number.
bool is_csv_header(std::string_view line);

/// Reads whole lines. @param faults_max  more faults are counted, not kept
CsvLines read_csv_lines(std::string_view text, CodeTable& codes, std::size_t faults_max);

}  // namespace nuanshu::historian
