#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/records/expression.h"

namespace nuanshu::records {

enum class Operation {
    literal,
    name,
    has,
    logical_not,
    negate,
    multiply,
    divide,
    remainder,
    add,
    subtract,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    in_list,      ///< the first operand in the others
    logical_and,  ///< of two or more
    logical_or,   ///< of two or more
    conditional,  ///< condition, then, else
    starts_with,
    ends_with,
    contains,
};

/// As it is written: "+", "in", "startsWith".
std::string_view to_string(Operation operation);

/// One operation of an expression with its operands; immutable once parsed.
struct Expression::Node {
    Operation operation = Operation::literal;
    std::size_t column = 0;  ///< where it stands in the text, characters from 1
    ExpressionValue value;   ///< of a literal
    std::string name;        ///< of a name and of has(name)
    std::vector<std::shared_ptr<const Node>> operands;
    int depth = 1;  ///< of the tree from here down
};

/// The fault at a node's place: "column 7".
template <class... Args>
tl::unexpected<Error> fail_at(const Expression::Node& node, fmt::format_string<Args...> text, Args&&... args) {
    return fail(ErrorCode::invalid, fmt::format("column {}", node.column), text, std::forward<Args>(args)...);
}

/// "a number", "text", "true or false", "null".
std::string_view kind_text(const ExpressionValue& value);

Result<std::shared_ptr<const Expression::Node>> parse_expression(std::string_view text);

Result<ExpressionValue> evaluate_node(const Expression::Node& node,
                                      const std::function<Result<ExpressionValue>(std::string_view)>& resolve);

Result<std::string> node_to_sql(const Expression::Node& root, store::Dialect dialect,
                                const std::function<std::optional<std::string>(std::string_view)>& column,
                                std::vector<store::SqlValue>& parameters);

Result<ExpressionKind> kind_of_node(const Expression::Node& node,
                                    const std::function<Result<ExpressionKind>(std::string_view)>& kind_of);

}  // namespace nuanshu::records
