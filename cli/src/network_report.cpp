#include "cli/src/network_report.h"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include "cli/src/network_files.h"

namespace nuanshu::cli {

void print_findings(const network::Network& network, const network::Solution& solution, int lines) {
    const auto shown = std::min(solution.findings.size(), static_cast<std::size_t>(lines));
    for (std::size_t i = 0; i < shown; ++i) {
        fmt::print(stderr, "{}\n", network::sentence(network, solution.findings[i]));
    }
    if (shown < solution.findings.size()) {
        fmt::print(stderr, "… {} {}\n", solution.findings.size() - shown, say("more", "条未列出"));
    }
}

std::string findings_json(const network::Network& network, const network::Solution& solution) {
    constexpr std::size_t findings_max = 1000;
    std::string out = "[";
    for (std::size_t i = 0; i < std::min(solution.findings.size(), findings_max); ++i) {
        const auto& finding = solution.findings[i];
        out += fmt::format(R"({}{{"kind":"{}","element":"{}","id":{},"amount":{},"text":{}}})", i > 0 ? "," : "",
                           to_string(finding.kind), to_string(finding.element.kind),
                           json_text(id_of(network, finding.element)), json_number(finding.amount),
                           json_text(sentence(network, finding)));
    }
    return out + "]";
}

}  // namespace nuanshu::cli
