#pragma once

#include <span>
#include <string>
#include <vector>

namespace nuanshu {

/// One fault in a file that a person wrote: shown as `file:line field: text`, all of them, not the first.
struct Diagnostic {
    std::string file;
    int line = 0;  ///< from 1; 0 when the whole file is meant
    std::string field;
    std::string text;
};

using Diagnostics = std::vector<Diagnostic>;

/// "types/station.yaml:42 points.flow.unit: `m3/hq` is no unit UDUNITS knows; m3/h?"
std::string to_string(const Diagnostic& diagnostic);

/// One line each.
std::string to_string(std::span<const Diagnostic> diagnostics);

}  // namespace nuanshu
