#include "platform/records/expression.h"

#include <algorithm>
#include <array>

#include "platform/records/src/expression_node.h"

namespace nuanshu::records {
namespace {

constexpr std::array<std::string_view, 23> operation_texts = {
    "literal", "name", "has", "!",  "-",  "*",  "/",  "%",  "+",          "-",        "<",       "<=",
    ">",       ">=",   "==",  "!=", "in", "&&", "||", "?:", "startsWith", "endsWith", "contains"};

void collect_names(const Expression::Node& node, std::vector<std::string>& names) {
    if (!node.name.empty() && std::find(names.begin(), names.end(), node.name) == names.end()) {
        names.push_back(node.name);
    }
    for (const auto& operand : node.operands) {
        collect_names(*operand, names);
    }
}

}  // namespace

std::string_view to_string(Operation operation) {
    return operation_texts[static_cast<std::size_t>(operation)];
}

std::string_view kind_text(const ExpressionValue& value) {
    constexpr std::array<std::string_view, 4> texts = {"null", "true or false", "a number", "text"};
    return texts[value.index()];
}

Result<Expression> Expression::parse(std::string_view text) {
    NUANSHU_TRY(auto root, parse_expression(text));
    return Expression(std::move(root));
}

std::vector<std::string> Expression::names() const {
    std::vector<std::string> names;
    collect_names(*root_, names);
    return names;
}

Result<ExpressionValue> Expression::evaluate(
    const std::function<Result<ExpressionValue>(std::string_view name)>& resolve) const {
    return evaluate_node(*root_, resolve);
}

Result<std::string> Expression::to_sql(store::Dialect dialect,
                                       const std::function<std::optional<std::string>(std::string_view name)>& column,
                                       std::vector<store::SqlValue>& parameters) const {
    return node_to_sql(*root_, dialect, column, parameters);
}

Result<ExpressionKind> Expression::kind(
    const std::function<Result<ExpressionKind>(std::string_view name)>& kind_of) const {
    return kind_of_node(*root_, kind_of);
}

}  // namespace nuanshu::records
