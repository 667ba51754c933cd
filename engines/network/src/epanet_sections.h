#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

/// An EPANET input file as rows of words by section. Sections may come in any order and more than once; `;` begins a
/// comment; a section's name may be cut after four letters, as EPANET allows.
namespace nuanshu::network::epanet {

enum class Section : std::uint8_t {
    title,
    junctions,
    reservoirs,
    tanks,
    pipes,
    pumps,
    valves,
    demands,
    emitters,
    status,
    patterns,
    curves,
    controls,
    rules,
    options,
    times,
    coordinates,
    other,  ///< known, and of no use here
};
constexpr std::size_t section_count = 18;

struct Row {
    int line = 0;
    std::uint32_t first_word = 0;
    std::uint32_t words = 0;
};

/// Words point into the text, which must outlive it.
class Sections {
 public:
    /// Faults: unknown sections, and text before the first one.
    static Sections split(std::string_view text, const std::string& file, Diagnostics& faults);

    std::span<const Row> rows(Section section) const { return rows_[static_cast<std::size_t>(section)]; }
    std::span<const std::string_view> words(const Row& row) const {
        return std::span(words_).subspan(row.first_word, row.words);
    }

 private:
    void add_row(Section section, int line, std::string_view text);

    std::array<std::vector<Row>, section_count> rows_;
    std::vector<std::string_view> words_;
};

/// Equal but for case.
bool same_word(std::string_view a, std::string_view b);

}  // namespace nuanshu::network::epanet
