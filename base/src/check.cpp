#include "base/check.h"

#include <stdexcept>

#include "base/log.h"

namespace nuanshu {

void check_failed(const char* file, int line, const char* condition, const std::string& text) {
    const auto sentence = fmt::format("{}:{}: broken invariant ({}): {}", file, line, condition, text);
    log_error("base", "{}", sentence);
    throw std::logic_error(sentence);
}

}  // namespace nuanshu
