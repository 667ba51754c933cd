#include <optional>

#include "platform/records/src/expression_node.h"

namespace nuanshu::records {
namespace {

using Node = Expression::Node;
using KindOf = std::function<Result<ExpressionKind>(std::string_view)>;

std::string_view kind_text(ExpressionKind kind) {
    switch (kind) {
        case ExpressionKind::null:
            return "null";
        case ExpressionKind::boolean:
            return "true or false";
        case ExpressionKind::number:
            return "a number";
        default:
            return "text";
    }
}

Result<> expect_kind(const Node& node, ExpressionKind wanted, const KindOf& kind_of) {
    NUANSHU_TRY(const auto kind, kind_of_node(node, kind_of));
    if (kind != wanted) {
        return fail_at(node, "{} where {} is needed", kind_text(kind), kind_text(wanted));
    }
    return {};
}

/// All operands are of kind `operands`; then the result is of kind `result`.
Result<ExpressionKind> uniform(const Node& node, ExpressionKind operands, ExpressionKind result,
                               const KindOf& kind_of) {
    for (const auto& operand : node.operands) {
        NUANSHU_TRY_VOID(expect_kind(*operand, operands, kind_of));
    }
    return result;
}

/// The kind that both may have: null goes with everything.
Result<ExpressionKind> common(const Node& node, ExpressionKind left, ExpressionKind right) {
    if (left != right && left != ExpressionKind::null && right != ExpressionKind::null) {
        return fail_at(node, "{} is compared with {}", kind_text(left), kind_text(right));
    }
    return left == ExpressionKind::null ? right : left;
}

Result<ExpressionKind> kind_of_comparison(const Node& node, const KindOf& kind_of) {
    NUANSHU_TRY(const auto first, kind_of_node(*node.operands[0], kind_of));
    for (std::size_t i = 1; i < node.operands.size(); ++i) {
        NUANSHU_TRY(const auto kind, kind_of_node(*node.operands[i], kind_of));
        NUANSHU_TRY_VOID(common(node, first, kind));
    }
    return ExpressionKind::boolean;
}

Result<ExpressionKind> kind_of_order(const Node& node, const KindOf& kind_of) {
    NUANSHU_TRY(const auto kind, kind_of_node(*node.operands[0], kind_of));
    if (kind != ExpressionKind::number && kind != ExpressionKind::text) {
        return fail_at(node, "{} has no order; numbers and texts have", kind_text(kind));
    }
    return uniform(node, kind, ExpressionKind::boolean, kind_of);
}

Result<ExpressionKind> kind_of_conditional(const Node& node, const KindOf& kind_of) {
    NUANSHU_TRY_VOID(expect_kind(*node.operands[0], ExpressionKind::boolean, kind_of));
    NUANSHU_TRY(const auto chosen, kind_of_node(*node.operands[1], kind_of));
    NUANSHU_TRY(const auto otherwise, kind_of_node(*node.operands[2], kind_of));
    return common(node, chosen, otherwise);
}

ExpressionKind kind_of_value(const ExpressionValue& value) {
    return static_cast<ExpressionKind>(value.index());
}

}  // namespace

Result<ExpressionKind> kind_of_node(const Node& node, const KindOf& kind_of) {
    switch (node.operation) {
        case Operation::literal:
            return kind_of_value(node.value);
        case Operation::name:
            return kind_of(node.name);
        case Operation::has:
            NUANSHU_TRY_VOID(kind_of(node.name));
            return ExpressionKind::boolean;
        case Operation::equal:
        case Operation::not_equal:
        case Operation::in_list:
            return kind_of_comparison(node, kind_of);
        case Operation::less:
        case Operation::less_equal:
        case Operation::greater:
        case Operation::greater_equal:
            return kind_of_order(node, kind_of);
        case Operation::conditional:
            return kind_of_conditional(node, kind_of);
        case Operation::logical_not:
        case Operation::logical_and:
        case Operation::logical_or:
            return uniform(node, ExpressionKind::boolean, ExpressionKind::boolean, kind_of);
        case Operation::starts_with:
        case Operation::ends_with:
        case Operation::contains:
            return uniform(node, ExpressionKind::text, ExpressionKind::boolean, kind_of);
        default:
            return uniform(node, ExpressionKind::number, ExpressionKind::number, kind_of);
    }
}

}  // namespace nuanshu::records
