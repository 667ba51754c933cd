#pragma once

#include <cstdint>
#include <functional>

#include "base/diagnostic.h"

namespace nuanshu::historian {

// What the imports of all text formats have in common.

/// How far an import has come, for whoever shows it.
struct ImportProgress {
    std::uint64_t bytes = 0;        ///< of the text, read and stored
    std::uint64_t bytes_total = 0;  ///< 0 when not known
    std::uint64_t samples = 0;
};

struct ImportSettings {
    std::size_t faults_max = 100;                         ///< more are counted, not kept
    unsigned threads = 0;                                 ///< that read text; 0: one a core, at most 8
    std::function<void(const ImportProgress&)> progress;  ///< called now and then, from one thread at a time
};

struct ImportResult {
    std::uint64_t lines = 0;    ///< with content, without the header
    std::uint64_t samples = 0;  ///< stored
    std::uint64_t bad_lines = 0;
    Diagnostics faults;  ///< the first `faults_max` bad lines, by line number
};

}  // namespace nuanshu::historian
