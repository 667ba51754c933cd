#pragma once

namespace nuanshu::cli {

/// The whole command line: parses, runs, says what went wrong on stderr. Returns the exit code: 0 done, 1 failed, 2 bad
/// input, 3 a network without solution, or `historian` could not.
int run(int argument_count, char** arguments);

}  // namespace nuanshu::cli
