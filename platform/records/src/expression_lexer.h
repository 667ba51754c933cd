#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nuanshu::records {

struct Token {
    enum class Kind { number, text, word, symbol, end } kind = Kind::end;
    std::string text = {};  ///< of a text, without quotes and escapes; else as written
    double number = 0.0;
    std::size_t column = 1;  ///< characters from 1

    bool is(std::string_view symbol_or_word) const {
        return (kind == Kind::symbol || kind == Kind::word) && text == symbol_or_word;
    }
    /// "`+`", "the text", "the end".
    std::string described() const;
};

/// The tokens of an expression, the last of kind `end`. Errors: invalid, with the column.
Result<std::vector<Token>> read_tokens(std::string_view text);

}  // namespace nuanshu::records
