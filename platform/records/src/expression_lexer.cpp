#include "platform/records/src/expression_lexer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

constexpr std::array<std::string_view, 21> symbols = {"&&", "||", "<=", ">=", "==", "!=", "!", "-", "*", "/", "%",
                                                      "+",  "<",  ">",  "?",  ":",  "(",  ")", "[", "]", ","};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool starts_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::optional<char> escaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case '\\':
        case '\'':
        case '"':
            return c;
        default:
            return std::nullopt;
    }
}

class Lexer {
 public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> read_all() {
        std::vector<Token> tokens;
        do {
            NUANSHU_TRY(auto token, read_next());
            tokens.push_back(std::move(token));
        } while (tokens.back().kind != Token::Kind::end);
        return tokens;
    }

 private:
    Result<Token> read_next();
    Result<Token> read_number();
    Result<Token> read_text();
    Token read_word();
    Token taken(Token::Kind kind, std::size_t from) const {
        return Token{.kind = kind, .text = std::string(text_.substr(from, at_ - from)), .column = column(from)};
    }
    std::size_t column(std::size_t byte) const { return utf8_length(text_.substr(0, byte)).value_or(byte) + 1; }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void skip_digits() {
        while (is_digit(peek())) {
            ++at_;
        }
    }
    template <class... Args>
    tl::unexpected<Error> fail_at_byte(std::size_t byte, fmt::format_string<Args...> text, Args&&... args) const {
        return fail(ErrorCode::invalid, fmt::format("column {}", column(byte)), text, std::forward<Args>(args)...);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Result<Token> Lexer::read_next() {
    while (is_blank(peek())) {
        ++at_;
    }
    if (at_ == text_.size()) {
        return Token{.column = column(at_)};
    }
    if (is_digit(peek())) {
        return read_number();
    }
    if (starts_word(peek())) {
        return read_word();
    }
    if (peek() == '\'' || peek() == '"') {
        return read_text();
    }
    const std::size_t from = at_;
    if (peek() == '.') {
        ++at_;
        return taken(Token::Kind::symbol, from);
    }
    for (const auto symbol : symbols) {
        if (text_.substr(at_).starts_with(symbol)) {
            at_ += symbol.size();
            return taken(Token::Kind::symbol, from);
        }
    }
    return fail_at_byte(at_, "`{}` is not part of the language; text stands in quotes",
                        shortened(text_.substr(at_), 1));
}

Token Lexer::read_word() {
    const std::size_t from = at_;
    while (starts_word(peek()) || is_digit(peek())) {
        ++at_;
    }
    return taken(Token::Kind::word, from);
}

Result<Token> Lexer::read_number() {
    const std::size_t from = at_;
    skip_digits();
    if (peek() == '.' && is_digit(peek(1))) {
        ++at_;
        skip_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) {
            at_ += 1 + sign;
            skip_digits();
        }
    }
    auto token = taken(Token::Kind::number, from);
    const auto [end, error] = std::from_chars(text_.data() + from, text_.data() + at_, token.number);
    if (error != std::errc() || !std::isfinite(token.number)) {
        return fail_at_byte(from, "`{}` is too large or too small for a number", shortened(token.text));
    }
    if (starts_word(peek())) {
        return fail_at_byte(at_, "`{}` directly after a number; a unit has no place here", peek());
    }
    return token;
}

Result<Token> Lexer::read_text() {
    const std::size_t from = at_;
    const char quote = text_[at_++];
    Token token{.kind = Token::Kind::text, .column = column(from)};
    while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\') {
            const auto character = escaped(peek(1));
            if (!character) {
                return fail_at_byte(at_, "unknown escape; known are \\\\ \\' \\\" \\n \\t \\r");
            }
            token.text += *character;
            at_ += 2;
        } else {
            token.text += text_[at_++];
        }
    }
    if (at_ == text_.size()) {
        return fail_at_byte(from, "this text has no closing {}", quote);
    }
    ++at_;
    return token;
}

}  // namespace

std::string Token::described() const {
    if (kind == Kind::end) {
        return "the end";
    }
    return kind == Kind::text ? fmt::format("the text '{}'", shortened(text)) : fmt::format("`{}`", shortened(text));
}

Result<std::vector<Token>> read_tokens(std::string_view text) {
    return Lexer(text).read_all();
}

}  // namespace nuanshu::records
