#pragma once

#include <string>

#include "base/result.h"
#include "tests/support/process.h"

namespace nuanshu::support {

/// A PostgreSQL cluster of its own on a free port of 127.0.0.1, in a temporary folder; stopped and removed at the end.
/// Started as root it runs as the user `postgres`, because PostgreSQL refuses root. Durability is off: it is for tests
/// of what we say to it, not of its disk. Starting takes a second or two: share one among a binary's tests (see
/// shared()).
class Postgres {
 public:
    /// Errors: not_found (PostgreSQL is not installed), unavailable (did not start; with its output).
    static Result<Postgres> start();

    /// The cluster of this test binary, started at the first call (from the main thread) and stopped at exit.
    /// Throws FailedResult when it cannot be started.
    static Postgres& shared();

    /// A new, empty database and its URL: "postgresql://nuanshu:nuanshu@127.0.0.1:port/name". Throws FailedResult.
    std::string create_database();

    int port() const { return port_; }
    /// Ends every connection and starts the server again on the same port and data: what a restart looks like to
    /// clients.
    Result<> restart();
    /// Stops the server; the data stay until the end.
    void stop() { server_.stop(SIGINT); }

 private:
    Postgres(TemporaryDirectory directory, Process server, int port);
    static Result<Process> start_server(const std::string& directory, int port);

    TemporaryDirectory directory_;
    Process server_;
    int port_;
    int databases_ = 0;
};

}  // namespace nuanshu::support
