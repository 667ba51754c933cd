#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/records/expression.h"

using namespace nuanshu;
using namespace nuanshu::records;

namespace {

/// Names stand for a value of the kind their first letter says, so that all operations are reached.
Result<ExpressionValue> resolve(std::string_view name) {
    switch (name.front()) {
        case 'a':
            return 12.5;
        case 'b':
            return true;
        case 'c':
            return std::string("text");
        case 'd':
            return std::monostate();
        default:
            return fail(ErrorCode::not_found, std::string(name), "no such name");
    }
}

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

/// Whatever the text, parsing ends, and evaluating and translating what was parsed end in a value or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto expression = Expression::parse(text);
    if (!expression) {
        require(expression.error().code == ErrorCode::invalid && !expression.error().what.empty());
        return 0;
    }
    static_cast<void>(expression->evaluate(resolve));
    for (const auto dialect : {store::Dialect::sqlite, store::Dialect::postgresql}) {
        std::vector<store::SqlValue> parameters;
        const auto column = [](std::string_view) { return std::optional<std::string>("\"f\""); };
        const auto sql = expression->to_sql(dialect, column, parameters);
        require(!sql || std::count(sql->begin(), sql->end(), '\'') == 0);
    }
    return 0;
}
