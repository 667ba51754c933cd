#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "platform/store/database.h"

namespace nuanshu::records {

/// A value in an expression: null, bool, number, text. Integers and reals are one kind here: double.
using ExpressionValue = std::variant<std::monostate, bool, double, std::string>;
/// What a value can be, in the order of ExpressionValue's alternatives.
enum class ExpressionKind { null, boolean, number, text };

/// The house's one expression language: a subset of CEL (Common Expression Language): literals (true, false, null,
/// numbers, 'text', "text"), names with dots (`status`, `parent.running`), `! - * / % + < <= > >= == != && || ?:`, `in
/// [a, b]`, `has(name)`, and the text methods
/// `.startsWith(s) .endsWith(s) .contains(s)`. Nesting at most 64, text at most 4 096 bytes. Immutable; thread-safe.
class Expression {
 public:
    /// Errors: invalid, with the column and what was expected there.
    static Result<Expression> parse(std::string_view text);

    /// Names it uses, each once.
    std::vector<std::string> names() const;

    /// The kind it has when its names have the kinds that `kind_of` gives. Errors: invalid (`status > 5` when status is
    /// text), with the column; whatever `kind_of` says. For checking a rule or filter before it meets values.
    Result<ExpressionKind> kind(const std::function<Result<ExpressionKind>(std::string_view name)>& kind_of) const;

    /// Errors: invalid (wrong kinds, division by zero), whatever `resolve` says. `&&` and `||` follow CEL: false &&
    /// error is false.
    /// `==` and `!=` know null as a value; `<`, arithmetic and `&&` with null are errors. `has(name)` is false for null
    /// and for not_found.
    Result<ExpressionValue> evaluate(
        const std::function<Result<ExpressionValue>(std::string_view name)>& resolve) const;

    /// A WHERE condition in the dialect; values go into `parameters` and appear as `:n`, numbered after those already
    /// there. `column` gives a name's quoted column or nothing when it is no field. It selects the rows for which
    /// evaluate() says true. Check kind() first: PostgreSQL would refuse what SQLite bends. Errors: invalid.
    Result<std::string> to_sql(store::Dialect dialect,
                               const std::function<std::optional<std::string>(std::string_view name)>& column,
                               std::vector<store::SqlValue>& parameters) const;

    struct Node;

 private:
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace nuanshu::records
