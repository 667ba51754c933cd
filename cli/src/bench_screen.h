#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace nuanshu::cli {

/// GET or POST on loopback; the body of a 2xx answer.
Result<std::string> ask_http(int port, const std::string& method, const std::string& target, const std::string& body);

/// A browser's side of the live values: signs in, subscribes, and notes for each value how old it was when it came.
class Screen {
 public:
    /// Errors: whatever signing in or connecting says.
    static Result<std::unique_ptr<Screen>> open(int port, const std::string& password,
                                                const std::vector<std::string>& points);
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// From now on ages are noted.
    void start();
    /// Ends the connection; ages in ms, sorted.
    std::vector<double> finish();

 private:
    struct Impl;
    explicit Screen(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu::cli
