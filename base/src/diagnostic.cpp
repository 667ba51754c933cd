#include "base/diagnostic.h"

#include <fmt/core.h>

namespace nuanshu {

std::string to_string(const Diagnostic& diagnostic) {
    auto text = diagnostic.file;
    if (diagnostic.line > 0) {
        text += fmt::format(":{}", diagnostic.line);
    }
    if (!diagnostic.field.empty()) {
        text += (text.empty() ? "" : " ") + diagnostic.field;
    }
    return text.empty() ? diagnostic.text : text + ": " + diagnostic.text;
}

std::string to_string(std::span<const Diagnostic> diagnostics) {
    std::string text;
    for (const auto& diagnostic : diagnostics) {
        text += to_string(diagnostic) + "\n";
    }
    return text;
}

}  // namespace nuanshu
