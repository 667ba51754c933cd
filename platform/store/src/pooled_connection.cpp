#include "platform/store/src/pooled_connection.h"

#include <cctype>
#include <cmath>

#include "base/check.h"

namespace nuanshu::store {
namespace {

bool is_storable(const SqlValue& value) {
    if (const auto* number = std::get_if<double>(&value)) {
        return std::isfinite(*number);
    }
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr || text->find('\0') == std::string::npos;
}

bool starts_with_word(std::string_view sql, std::string_view word) {
    if (sql.size() < word.size()) {
        return false;
    }
    return std::equal(word.begin(), word.end(), sql.begin(),
                      [](char wanted, char c) { return wanted == std::toupper(static_cast<unsigned char>(c)); });
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

Result<> check_parameters(std::span<const SqlValue> parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!is_storable(parameters[i])) {
            return fail(ErrorCode::invalid, "database",
                        "parameter :{} is not storable: numbers must be finite, text without zero bytes", i + 1);
        }
    }
    return {};
}

bool changes_schema(std::string_view sql) {
    return starts_with_word(sql, "CREATE") || starts_with_word(sql, "ALTER") || starts_with_word(sql, "DROP");
}

std::string quoted(std::string_view name) {
    NUANSHU_CHECK(
        !name.empty() && std::all_of(name.begin(), name.end(), is_name_character) && (name[0] < '0' || name[0] > '9'),
        "`{}` is no SQL name", name);
    return fmt::format("\"{}\"", name);
}

}  // namespace nuanshu::store
