#include "platform/historian/src/text_cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nuanshu::historian::test {
namespace {

std::string with_bytes(const std::string& line) {
    std::string bytes;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const std::string escape = line.substr(at, 2);
        if (escape == "\\x") {
            bytes += static_cast<char>(std::stoi(line.substr(at + 2, 2), nullptr, 16));
            at += 3;
        } else if (escape == "\\r" || escape == "\\t" || escape == "\\0") {
            bytes += escape == "\\r" ? '\r' : escape == "\\t" ? '\t' : '\0';
            ++at;
        } else {
            bytes += line[at];
        }
    }
    return bytes;
}

void take_line(TextCase& one, const std::string& line) {
    if (line.starts_with(">")) {
        one.text += with_bytes(line.size() > 2 ? line.substr(2) : "") + "\n";
    } else if (line.starts_with("= ")) {
        one.samples.push_back(line.substr(2));
    } else if (line.starts_with("! ")) {
        std::istringstream words(line.substr(2));
        TextCase::Fault fault;
        words >> fault.line >> fault.field >> std::ws;
        std::getline(words, fault.words);
        fault.field = fault.field == "-" ? "" : fault.field;
        one.faults.push_back(fault);
    } else if (line.starts_with("set ")) {
        std::istringstream words(line.substr(4));
        std::string name, value;
        words >> name >> value;
        one.settings[name] = value == "-" ? "" : value;
    }
}

}  // namespace

std::vector<TextCase> read_text_cases(const std::string& folder) {
    std::vector<TextCase> cases;
    const std::string path = std::string(NUANSHU_SOURCE_DIR) + "/" + NUANSHU_ROOM + "/cases/" + folder;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        TextCase one{.name = entry.path().stem()};
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            take_line(one, line);
        }
        cases.push_back(one);
    }
    std::sort(cases.begin(), cases.end(), [](const TextCase& a, const TextCase& b) { return a.name < b.name; });
    return cases;
}

}  // namespace nuanshu::historian::test
