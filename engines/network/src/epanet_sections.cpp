#include "engines/network/src/epanet_sections.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

namespace nuanshu::network::epanet {
namespace {

constexpr std::string_view blanks = " \t\r,";

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

struct Name {
    std::string_view letters;  ///< the first four
    Section section;
};
constexpr Name names[] = {{"TITL", Section::title},    {"JUNC", Section::junctions},   {"RESE", Section::reservoirs},
                          {"TANK", Section::tanks},    {"PIPE", Section::pipes},       {"PUMP", Section::pumps},
                          {"VALV", Section::valves},   {"DEMA", Section::demands},     {"EMIT", Section::emitters},
                          {"STAT", Section::status},   {"PATT", Section::patterns},    {"CURV", Section::curves},
                          {"CONT", Section::controls}, {"RULE", Section::rules},       {"OPTI", Section::options},
                          {"TIME", Section::times},    {"COOR", Section::coordinates}, {"VERT", Section::other},
                          {"LABE", Section::other},    {"BACK", Section::other},       {"TAGS", Section::other},
                          {"QUAL", Section::other},    {"SOUR", Section::other},       {"REAC", Section::other},
                          {"MIXI", Section::other},    {"REPO", Section::other},       {"ENER", Section::other},
                          {"ROUG", Section::other},    {"LEAK", Section::other},       {"END", Section::other},
                          {"END]", Section::other}};

/// "[PIPES]" → Section::pipes
std::optional<Section> section_of(std::string_view heading) {
    const auto letters = heading.substr(1, 4);
    const auto at = std::find_if(std::begin(names), std::end(names), [&](const Name& name) {
        return name.letters.size() == letters.size() && same_word(name.letters, letters);
    });
    return at == std::end(names) ? std::nullopt : std::optional(at->section);
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return upper(x) == upper(y); });
}

void Sections::add_row(Section section, int line, std::string_view text) {
    Row row{line, static_cast<std::uint32_t>(words_.size()), 0};
    for (auto begin = text.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(blanks, begin), text.size());
        words_.push_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(blanks, end);
    }
    row.words = static_cast<std::uint32_t>(words_.size()) - row.first_word;
    rows_[static_cast<std::size_t>(section)].push_back(row);
}

Sections Sections::split(std::string_view text, const std::string& file, Diagnostics& faults) {
    Sections sections;
    std::optional<Section> section;
    int line = 0;
    while (!text.empty()) {
        ++line;
        const auto end = std::min(text.find('\n'), text.size());
        const auto content = trimmed(text.substr(0, std::min(end, text.find(';'))));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (content.empty()) {
            continue;
        }
        if (content.front() == '[') {
            section = section_of(content);
            if (!section) {
                faults.push_back({file, line, "", fmt::format("{} is no section of EPANET", content.substr(0, 40))});
                section = Section::other;
            }
        } else if (!section) {
            faults.push_back({file, line, "", "is neither JSON nor EPANET: text stands before the first [SECTION]"});
            return sections;
        } else if (*section != Section::other) {
            sections.add_row(*section, line, content);
        }
    }
    if (!section) {
        faults.push_back({file, 0, "", "is empty"});
    }
    return sections;
}

}  // namespace nuanshu::network::epanet
