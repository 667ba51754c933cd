#include <algorithm>
#include <cmath>

#include "platform/records/src/expression_node.h"

namespace nuanshu::records {
namespace {

using Node = Expression::Node;
using Value = Result<ExpressionValue>;
using Resolve = std::function<Value(std::string_view)>;

bool is_null(const ExpressionValue& value) {
    return std::holds_alternative<std::monostate>(value);
}

template <class T>
Result<T> evaluate_as(const Node& node, std::string_view wanted, const Resolve& resolve) {
    NUANSHU_TRY(const auto value, evaluate_node(node, resolve));
    if (const auto* typed = std::get_if<T>(&value)) {
        return *typed;
    }
    return fail_at(node, "{} where {} is needed", kind_text(value), wanted);
}

Result<bool> evaluate_condition(const Node& node, const Resolve& resolve) {
    return evaluate_as<bool>(node, "true or false", resolve);
}

/// `and`: one false decides whatever the others say, errors included; `or`: one true does.
Value evaluate_logical(const Node& node, const Resolve& resolve) {
    const bool deciding = node.operation == Operation::logical_or;
    std::optional<Error> first_error;
    for (const auto& operand : node.operands) {
        auto value = evaluate_condition(*operand, resolve);
        if (!value) {
            first_error = first_error ? first_error : std::optional(std::move(value.error()));
        } else if (*value == deciding) {
            return deciding;
        }
    }
    if (first_error) {
        return tl::unexpected<Error>(std::move(*first_error));
    }
    return !deciding;
}

double computed(Operation operation, double left, double right) {
    switch (operation) {
        case Operation::add:
            return left + right;
        case Operation::subtract:
            return left - right;
        case Operation::multiply:
            return left * right;
        case Operation::divide:
            return left / right;
        default:
            return std::fmod(left, right);
    }
}

Value evaluate_arithmetic(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const double left, evaluate_as<double>(*node.operands[0], "a number", resolve));
    NUANSHU_TRY(const double right, evaluate_as<double>(*node.operands[1], "a number", resolve));
    if (right == 0.0 && (node.operation == Operation::divide || node.operation == Operation::remainder)) {
        return fail_at(node, "division by zero");
    }
    const double value = computed(node.operation, left, right);
    if (!std::isfinite(value)) {
        return fail_at(node, "{} {} {} is too large for a number", left, to_string(node.operation), right);
    }
    return value;
}

template <class T>
bool ordered(Operation operation, const T& left, const T& right) {
    switch (operation) {
        case Operation::less:
            return left < right;
        case Operation::less_equal:
            return left <= right;
        case Operation::greater:
            return left > right;
        default:
            return left >= right;
    }
}

Value evaluate_order(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const auto left, evaluate_node(*node.operands[0], resolve));
    NUANSHU_TRY(const auto right, evaluate_node(*node.operands[1], resolve));
    if (std::holds_alternative<double>(left) && std::holds_alternative<double>(right)) {
        return ordered(node.operation, std::get<double>(left), std::get<double>(right));
    }
    if (std::holds_alternative<std::string>(left) && std::holds_alternative<std::string>(right)) {
        return ordered(node.operation, std::get<std::string>(left), std::get<std::string>(right));
    }
    return fail_at(node, "{} {} {}; two numbers or two texts have an order", kind_text(left), to_string(node.operation),
                   kind_text(right));
}

Result<bool> equals(const Node& node, const ExpressionValue& left, const ExpressionValue& right) {
    if (left.index() != right.index() && !is_null(left) && !is_null(right)) {
        return fail_at(node, "{} is compared with {}", kind_text(left), kind_text(right));
    }
    return left == right;
}

Value evaluate_equality(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const auto left, evaluate_node(*node.operands[0], resolve));
    NUANSHU_TRY(const auto right, evaluate_node(*node.operands[1], resolve));
    NUANSHU_TRY(const bool equal, equals(node, left, right));
    return equal == (node.operation == Operation::equal);
}

Value evaluate_in(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const auto wanted, evaluate_node(*node.operands[0], resolve));
    bool found = false;
    for (std::size_t i = 1; i < node.operands.size(); ++i) {
        NUANSHU_TRY(const auto element, evaluate_node(*node.operands[i], resolve));
        NUANSHU_TRY(const bool equal, equals(node, wanted, element));
        found = found || (equal && !is_null(wanted));
    }
    return found;
}

Value evaluate_text_method(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const auto text, evaluate_as<std::string>(*node.operands[0], "text", resolve));
    NUANSHU_TRY(const auto part, evaluate_as<std::string>(*node.operands[1], "text", resolve));
    if (node.operation == Operation::starts_with) {
        return text.starts_with(part);
    }
    return node.operation == Operation::ends_with ? text.ends_with(part) : text.find(part) != std::string::npos;
}

Value evaluate_has(const Node& node, const Resolve& resolve) {
    const auto value = resolve(node.name);
    if (!value && value.error().code != ErrorCode::not_found) {
        return tl::unexpected<Error>(value.error());
    }
    return value && !is_null(*value);
}

Value evaluate_conditional(const Node& node, const Resolve& resolve) {
    NUANSHU_TRY(const bool condition, evaluate_condition(*node.operands[0], resolve));
    return evaluate_node(*node.operands[condition ? 1 : 2], resolve);
}

Value evaluate_unary(const Node& node, const Resolve& resolve) {
    if (node.operation == Operation::negate) {
        NUANSHU_TRY(const double number, evaluate_as<double>(*node.operands[0], "a number", resolve));
        return -number;
    }
    NUANSHU_TRY(const bool condition, evaluate_condition(*node.operands[0], resolve));
    return !condition;
}

}  // namespace

Result<ExpressionValue> evaluate_node(const Node& node, const Resolve& resolve) {
    switch (node.operation) {
        case Operation::literal:
            return node.value;
        case Operation::name:
            return resolve(node.name);
        case Operation::has:
            return evaluate_has(node, resolve);
        case Operation::logical_not:
        case Operation::negate:
            return evaluate_unary(node, resolve);
        case Operation::multiply:
        case Operation::divide:
        case Operation::remainder:
        case Operation::add:
        case Operation::subtract:
            return evaluate_arithmetic(node, resolve);
        case Operation::less:
        case Operation::less_equal:
        case Operation::greater:
        case Operation::greater_equal:
            return evaluate_order(node, resolve);
        case Operation::equal:
        case Operation::not_equal:
            return evaluate_equality(node, resolve);
        case Operation::in_list:
            return evaluate_in(node, resolve);
        case Operation::logical_and:
        case Operation::logical_or:
            return evaluate_logical(node, resolve);
        case Operation::conditional:
            return evaluate_conditional(node, resolve);
        default:
            return evaluate_text_method(node, resolve);
    }
}

}  // namespace nuanshu::records
