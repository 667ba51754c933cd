// Recursive descent over CEL's grammar (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax), the part
// of it we have:
//
//   conditional = or ["?" or ":" conditional]
//   or          = and {"||" and}
//   and         = relation {"&&" relation}
//   relation    = sum {("<"|"<="|">"|">="|"=="|"!=") sum | "in" list}
//   sum         = product {("+"|"-") product}
//   product     = unary {("*"|"/"|"%") unary}
//   unary       = {"!"|"-"} member
//   member      = primary {"." word ["(" conditional ")"]}
//   primary     = literal | word | "has" "(" name ")" | "(" conditional ")"

#include <algorithm>
#include <array>
#include <optional>

#include "platform/records/src/expression_lexer.h"
#include "platform/records/src/expression_node.h"
#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

constexpr int nesting_max = 64;
constexpr std::size_t bytes_max = 4'096;

using NodePointer = std::shared_ptr<const Expression::Node>;
using Parsed = Result<NodePointer>;

struct Symbol {
    std::string_view text;
    Operation operation;
};

constexpr std::array relations = {Symbol{"<", Operation::less},    Symbol{"<=", Operation::less_equal},
                                  Symbol{">", Operation::greater}, Symbol{">=", Operation::greater_equal},
                                  Symbol{"==", Operation::equal},  Symbol{"!=", Operation::not_equal}};
constexpr std::array sums = {Symbol{"+", Operation::add}, Symbol{"-", Operation::subtract}};
constexpr std::array products = {Symbol{"*", Operation::multiply}, Symbol{"/", Operation::divide},
                                 Symbol{"%", Operation::remainder}};
constexpr std::array methods = {Symbol{"startsWith", Operation::starts_with}, Symbol{"endsWith", Operation::ends_with},
                                Symbol{"contains", Operation::contains}};

template <std::size_t n>
std::optional<Operation> find(const std::array<Symbol, n>& symbols, const Token& token) {
    const auto found =
        std::find_if(symbols.begin(), symbols.end(), [&](const Symbol& symbol) { return token.is(symbol.text); });
    return found == symbols.end() ? std::nullopt : std::optional(found->operation);
}

class Parser {
 public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Parsed parse_all() {
        NUANSHU_TRY(auto root, parse_conditional());
        if (next().kind != Token::Kind::end) {
            return unexpected("an operator or the end");
        }
        return root;
    }

 private:
    Parsed parse_conditional();
    Parsed parse_chain(Operation operation, std::string_view symbol, Parsed (Parser::*parse_operand)());
    Parsed parse_or() { return parse_chain(Operation::logical_or, "||", &Parser::parse_and); }
    Parsed parse_and() { return parse_chain(Operation::logical_and, "&&", &Parser::parse_relation); }
    Parsed parse_relation();
    Parsed parse_in(NodePointer wanted);
    template <std::size_t n>
    Parsed parse_left(const std::array<Symbol, n>& symbols, Parsed (Parser::*parse_operand)());
    Parsed parse_sum() { return parse_left(sums, &Parser::parse_product); }
    Parsed parse_product() { return parse_left(products, &Parser::parse_unary); }
    Parsed parse_unary();
    Parsed parse_member();
    Parsed parse_method(NodePointer object, const Token& name);
    Parsed parse_primary();
    Parsed parse_group();
    Parsed parse_has();
    Parsed parse_word();
    Result<std::string> parse_name();

    Parsed make(Operation operation, std::size_t column, std::vector<NodePointer> operands);
    static Parsed make_literal(const Token& token, ExpressionValue value);
    Result<> expect(std::string_view symbol);
    bool skip(std::string_view symbol) {
        const bool found = next().is(symbol);
        at_ += found ? 1 : 0;
        return found;
    }
    const Token& next() const { return tokens_[at_]; }
    const Token& take() { return tokens_[at_++]; }
    tl::unexpected<Error> unexpected(std::string_view wanted) const {
        return fail(ErrorCode::invalid, fmt::format("column {}", next().column), "{} where {} was expected",
                    next().described(), wanted);
    }
    static tl::unexpected<Error> too_deep(std::size_t column) {
        return fail(ErrorCode::invalid, fmt::format("column {}", column), "nested deeper than {}", nesting_max);
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int nesting_ = 0;
};

Parsed Parser::make(Operation operation, std::size_t column, std::vector<NodePointer> operands) {
    auto node = std::make_shared<Expression::Node>();
    node->operation = operation;
    node->column = column;
    for (const auto& operand : operands) {
        node->depth = std::max(node->depth, operand->depth + 1);
    }
    if (node->depth > nesting_max) {
        return too_deep(column);
    }
    node->operands = std::move(operands);
    return node;
}

Parsed Parser::make_literal(const Token& token, ExpressionValue value) {
    auto node = std::make_shared<Expression::Node>();
    node->column = token.column;
    node->value = std::move(value);
    return node;
}

Result<> Parser::expect(std::string_view symbol) {
    if (!skip(symbol)) {
        return unexpected(fmt::format("`{}`", symbol));
    }
    return {};
}

/// Every way of nesting goes through here or through parse_unary.
Parsed Parser::parse_conditional() {
    if (++nesting_ > nesting_max) {
        return too_deep(next().column);
    }
    NUANSHU_TRY(auto condition, parse_or());
    const std::size_t column = next().column;
    if (skip("?")) {
        NUANSHU_TRY(auto chosen, parse_or());
        NUANSHU_TRY_VOID(expect(":"));
        NUANSHU_TRY(auto otherwise, parse_conditional());
        NUANSHU_TRY(condition, make(Operation::conditional, column, {condition, chosen, otherwise}));
    }
    --nesting_;
    return condition;
}

Parsed Parser::parse_chain(Operation operation, std::string_view symbol, Parsed (Parser::*parse_operand)()) {
    const std::size_t column = next().column;
    std::vector<NodePointer> operands;
    do {
        NUANSHU_TRY(auto operand, (this->*parse_operand)());
        operands.push_back(std::move(operand));
    } while (skip(symbol));
    if (operands.size() == 1) {
        return std::move(operands.front());
    }
    return make(operation, column, std::move(operands));
}

Parsed Parser::parse_relation() {
    NUANSHU_TRY(auto left, parse_sum());
    while (true) {
        const std::size_t column = next().column;
        if (const auto operation = find(relations, next())) {
            take();
            NUANSHU_TRY(auto right, parse_sum());
            NUANSHU_TRY(left, make(*operation, column, {left, right}));
        } else if (next().is("in")) {
            NUANSHU_TRY(left, parse_in(left));
        } else {
            return left;
        }
    }
}

Parsed Parser::parse_in(NodePointer wanted) {
    const std::size_t column = take().column;
    NUANSHU_TRY_VOID(expect("["));
    std::vector<NodePointer> operands = {std::move(wanted)};
    do {
        NUANSHU_TRY(auto element, parse_conditional());
        if (element->operation == Operation::literal && std::holds_alternative<std::monostate>(element->value)) {
            return fail_at(*element, "null is in no list; write `== null`");
        }
        operands.push_back(std::move(element));
    } while (skip(","));
    NUANSHU_TRY_VOID(expect("]"));
    return make(Operation::in_list, column, std::move(operands));
}

template <std::size_t n>
Parsed Parser::parse_left(const std::array<Symbol, n>& symbols, Parsed (Parser::*parse_operand)()) {
    NUANSHU_TRY(auto left, (this->*parse_operand)());
    while (const auto operation = find(symbols, next())) {
        const std::size_t column = take().column;
        NUANSHU_TRY(auto right, (this->*parse_operand)());
        NUANSHU_TRY(left, make(*operation, column, {left, right}));
    }
    return left;
}

Parsed Parser::parse_unary() {
    const std::size_t column = next().column;
    const bool is_not = next().is("!");
    if (!is_not && !next().is("-")) {
        return parse_member();
    }
    take();
    if (++nesting_ > nesting_max) {
        return too_deep(column);
    }
    NUANSHU_TRY(auto operand, parse_unary());
    --nesting_;
    const auto* number = std::get_if<double>(&operand->value);
    if (!is_not && number != nullptr) {
        return make_literal(Token{.column = column}, -*number);
    }
    return make(is_not ? Operation::logical_not : Operation::negate, column, {operand});
}

Parsed Parser::parse_member() {
    NUANSHU_TRY(auto object, parse_primary());
    while (skip(".")) {
        if (next().kind != Token::Kind::word) {
            return unexpected("a name");
        }
        const Token name = take();
        if (next().is("(")) {
            NUANSHU_TRY(object, parse_method(object, name));
        } else if (object->operation == Operation::name) {
            auto longer = std::make_shared<Expression::Node>(*object);
            longer->name += "." + name.text;
            object = std::move(longer);
        } else {
            return fail(ErrorCode::invalid, fmt::format("column {}", name.column),
                        "`.{}` stands after something that has no parts", shortened(name.text));
        }
    }
    return object;
}

Parsed Parser::parse_method(NodePointer object, const Token& name) {
    const auto operation = find(methods, name);
    if (!operation) {
        return fail(ErrorCode::invalid, fmt::format("column {}", name.column),
                    "no method `{}`; there are startsWith, endsWith and contains", shortened(name.text));
    }
    NUANSHU_TRY_VOID(expect("("));
    NUANSHU_TRY(auto argument, parse_conditional());
    NUANSHU_TRY_VOID(expect(")"));
    return make(*operation, name.column, {std::move(object), std::move(argument)});
}

Parsed Parser::parse_primary() {
    switch (next().kind) {
        case Token::Kind::number: {
            const auto& token = take();
            return make_literal(token, token.number);
        }
        case Token::Kind::text: {
            const auto& token = take();
            return make_literal(token, token.text);
        }
        case Token::Kind::word:
            return parse_word();
        default:
            return next().is("(") ? parse_group() : unexpected("a value, a name or `(`");
    }
}

Parsed Parser::parse_group() {
    NUANSHU_TRY_VOID(expect("("));
    NUANSHU_TRY(auto inner, parse_conditional());
    NUANSHU_TRY_VOID(expect(")"));
    return inner;
}

Parsed Parser::parse_word() {
    if (next().is("in")) {
        return unexpected("a value, a name or `(`");
    }
    const Token word = take();
    if (word.text == "true" || word.text == "false") {
        return make_literal(word, word.text == "true");
    }
    if (word.text == "null") {
        return make_literal(word, std::monostate());
    }
    if (next().is("(")) {
        return word.text == "has" ? parse_has()
                                  : fail(ErrorCode::invalid, fmt::format("column {}", word.column),
                                         "no function `{}`; there is has(name)", shortened(word.text));
    }
    auto node = std::make_shared<Expression::Node>();
    node->operation = Operation::name;
    node->column = word.column;
    node->name = word.text;
    return node;
}

Parsed Parser::parse_has() {
    const std::size_t column = take().column;
    NUANSHU_TRY(auto name, parse_name());
    NUANSHU_TRY_VOID(expect(")"));
    auto node = std::make_shared<Expression::Node>();
    node->operation = Operation::has;
    node->column = column;
    node->name = std::move(name);
    return node;
}

Result<std::string> Parser::parse_name() {
    std::string name;
    do {
        if (next().kind != Token::Kind::word) {
            return unexpected("a name");
        }
        name += (name.empty() ? "" : ".") + take().text;
    } while (skip("."));
    return name;
}

}  // namespace

Result<std::shared_ptr<const Expression::Node>> parse_expression(std::string_view text) {
    if (text.size() > bytes_max) {
        return fail(ErrorCode::invalid, "expression", "{} bytes; at most {}", text.size(), bytes_max);
    }
    if (!utf8_length(text) || text.find('\0') != std::string_view::npos) {
        return fail(ErrorCode::invalid, "expression", "is not UTF-8 text");
    }
    NUANSHU_TRY(auto tokens, read_tokens(text));
    return Parser(std::move(tokens)).parse_all();
}

}  // namespace nuanshu::records
