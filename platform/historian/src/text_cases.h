#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nuanshu::historian::test {

/// One case of cases/: see the README there.
struct TextCase {
    std::string name;
    std::map<std::string, std::string> settings;
    std::string text;
    std::vector<std::string> samples;  ///< "CODE TIME_MS VALUE QUALITY"
    struct Fault {
        int line = 0;
        std::string field, words;
    };
    std::vector<Fault> faults;
};

/// The cases of cases/`folder`.
std::vector<TextCase> read_text_cases(const std::string& folder);

}  // namespace nuanshu::historian::test
