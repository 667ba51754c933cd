// An expression as a WHERE condition that selects the rows for which evaluate() would say true.
//
// SQL's logic has three values, CEL's has errors; a row whose condition is NULL or would be an error is not selected.
// `==` and `!=` know null as a value: `a != 'x'` is true where a is null. Comparing a column with a literal keeps its
// plain form, so that an index can serve it.

#include <cmath>

#include "platform/records/src/expression_node.h"

namespace nuanshu::records {
namespace {

using Node = Expression::Node;
using Sql = Result<std::string>;

constexpr std::size_t sql_bytes_max = 65'536;
constexpr double exact_integer_max = 9'007'199'254'740'992.0;  // 2^53

bool is_null_literal(const Node& node) {
    return node.operation == Operation::literal && std::holds_alternative<std::monostate>(node.value);
}

/// Whether null is a value of it, not a sign of an error.
bool has_null_as_value(const Node& node) {
    return node.operation == Operation::name || node.operation == Operation::literal ||
           node.operation == Operation::has || node.operation == Operation::conditional;
}

/// The condition, or NULL where the operand could not be computed.
std::string null_unless_known(const Node& operand, const std::string& sql, const std::string& condition) {
    return has_null_as_value(operand) ? condition
                                      : fmt::format("(CASE WHEN {} IS NULL THEN NULL ELSE {} END)", sql, condition);
}

class Writer {
 public:
    Writer(store::Dialect dialect, const std::function<std::optional<std::string>(std::string_view)>& column,
           std::vector<store::SqlValue>& parameters)
        : dialect_(dialect), column_(column), parameters_(parameters) {}

    Sql write(const Node& node) {
        NUANSHU_TRY(auto sql, write_unbounded(node));
        if (sql.size() > sql_bytes_max) {
            return fail_at(node, "too long a condition; say it with fewer nested `?:` and text methods");
        }
        return sql;
    }

 private:
    Sql write_unbounded(const Node& node);
    Sql write_literal(const ExpressionValue& value);
    Sql write_name(const Node& node);
    Sql write_unary(const Node& node);
    Sql write_arithmetic(const Node& node);
    Sql write_order(const Node& node);
    Sql write_equality(const Node& node);
    Sql write_in(const Node& node);
    Sql write_logical(const Node& node);
    Sql write_conditional(const Node& node);
    Sql write_text_method(const Node& node);

    std::string parameter(store::SqlValue value, std::string_view postgresql_type) {
        parameters_.push_back(std::move(value));
        const auto place = fmt::format(":{}", parameters_.size());
        return dialect_ == store::Dialect::sqlite ? place : fmt::format("CAST({} AS {})", place, postgresql_type);
    }

    store::Dialect dialect_;
    const std::function<std::optional<std::string>(std::string_view)>& column_;
    std::vector<store::SqlValue>& parameters_;
};

Sql Writer::write_literal(const ExpressionValue& value) {
    if (const auto* condition = std::get_if<bool>(&value)) {
        return *condition ? "TRUE" : "FALSE";
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return parameter(*text, "TEXT");
    }
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr) {
        return "NULL";
    }
    const bool integer = std::trunc(*number) == *number && std::abs(*number) <= exact_integer_max;
    return integer ? parameter(static_cast<std::int64_t>(*number), "BIGINT") : parameter(*number, "DOUBLE PRECISION");
}

Sql Writer::write_name(const Node& node) {
    auto column = column_(node.name);
    if (!column) {
        return fail_at(node, "there is no field `{}`", node.name);
    }
    return node.operation == Operation::has ? *column + " IS NOT NULL" : std::move(*column);
}

Sql Writer::write_unary(const Node& node) {
    NUANSHU_TRY(const auto operand, write(*node.operands[0]));
    return fmt::format("({} {})", node.operation == Operation::negate ? "-" : "NOT", operand);
}

/// As doubles, like evaluate(); dividing by zero is NULL, which selects nothing.
Sql Writer::write_arithmetic(const Node& node) {
    NUANSHU_TRY(const auto left_value, write(*node.operands[0]));
    NUANSHU_TRY(const auto right_value, write(*node.operands[1]));
    const auto left = fmt::format("CAST({} AS DOUBLE PRECISION)", left_value);
    const auto right = fmt::format("CAST({} AS DOUBLE PRECISION)", right_value);
    if (node.operation == Operation::divide) {
        return fmt::format("({} / NULLIF({}, 0))", left, right);
    }
    if (node.operation == Operation::remainder) {
        const auto quotient = fmt::format("{} / NULLIF({}, 0)", left, right);
        const bool sqlite = dialect_ == store::Dialect::sqlite;
        return fmt::format("({} - {} * {}({}{}))", left, right, sqlite ? "CAST" : "TRUNC", quotient,
                           sqlite ? " AS INTEGER" : "");
    }
    return fmt::format("({} {} {})", left, to_string(node.operation), right);
}

Sql Writer::write_order(const Node& node) {
    NUANSHU_TRY(const auto left, write(*node.operands[0]));
    NUANSHU_TRY(const auto right, write(*node.operands[1]));
    return fmt::format("({} {} {})", left, to_string(node.operation), right);
}

Sql Writer::write_equality(const Node& node) {
    const bool equal = node.operation == Operation::equal;
    const Node* left = node.operands[0].get();
    const Node* right = node.operands[1].get();
    if (is_null_literal(*left) || (left->operation == Operation::literal && right->operation == Operation::name)) {
        std::swap(left, right);
    }
    NUANSHU_TRY(const auto a, write(*left));
    if (is_null_literal(*right)) {
        return fmt::format("({} IS {}NULL)", a, equal ? "" : "NOT ");
    }
    NUANSHU_TRY(const auto b, write(*right));
    if (left->operation == Operation::name && right->operation == Operation::literal) {
        return equal ? fmt::format("({0} IS NOT NULL AND {0} = {1})", a, b)
                     : fmt::format("({0} IS NULL OR {0} <> {1})", a, b);
    }
    const auto plain = fmt::format("({} IS {}DISTINCT FROM {})", a, equal ? "NOT " : "", b);
    return null_unless_known(*left, a, null_unless_known(*right, b, plain));
}

Sql Writer::write_in(const Node& node) {
    const Node& wanted = *node.operands[0];
    NUANSHU_TRY(const auto value, write(wanted));
    std::string list;
    bool only_literals = true;
    for (std::size_t i = 1; i < node.operands.size(); ++i) {
        NUANSHU_TRY(const auto element, write(*node.operands[i]));
        list += (i == 1 ? "" : ", ") + element;
        only_literals = only_literals && node.operands[i]->operation == Operation::literal;
    }
    if (wanted.operation == Operation::name && only_literals) {
        return fmt::format("({0} IS NOT NULL AND {0} IN ({1}))", value, list);
    }
    return null_unless_known(wanted, value, fmt::format("COALESCE({} IN ({}), FALSE)", value, list));
}

Sql Writer::write_logical(const Node& node) {
    std::string sql = "(";
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
        NUANSHU_TRY(const auto operand, write(*node.operands[i]));
        sql += (i == 0 ? "" : node.operation == Operation::logical_and ? " AND " : " OR ") + operand;
    }
    return sql + ")";
}

Sql Writer::write_conditional(const Node& node) {
    NUANSHU_TRY(const auto condition, write(*node.operands[0]));
    NUANSHU_TRY(const auto chosen, write(*node.operands[1]));
    NUANSHU_TRY(const auto otherwise, write(*node.operands[2]));
    return fmt::format("(CASE {} WHEN TRUE THEN {} WHEN FALSE THEN {} END)", condition, chosen, otherwise);
}

/// Functions instead of LIKE: they know case, and nothing in the text needs escaping.
Sql Writer::write_text_method(const Node& node) {
    NUANSHU_TRY(const auto text, write(*node.operands[0]));
    NUANSHU_TRY(const auto part, write(*node.operands[1]));
    const bool sqlite = dialect_ == store::Dialect::sqlite;
    if (node.operation == Operation::contains) {
        return fmt::format("({}({}, {}) > 0)", sqlite ? "instr" : "strpos", text, part);
    }
    if (node.operation == Operation::starts_with) {
        return fmt::format("(substr({}, 1, length({})) = {})", text, part, part);
    }
    // Where the part is longer than the text, the lengths differ, so nothing can be equal by accident.
    return sqlite ? fmt::format("(substr({}, length({}) - length({}) + 1) = {})", text, text, part, part)
                  : fmt::format("(right({}, length({})) = {})", text, part, part);
}

Sql Writer::write_unbounded(const Node& node) {
    switch (node.operation) {
        case Operation::literal:
            return write_literal(node.value);
        case Operation::name:
        case Operation::has:
            return write_name(node);
        case Operation::logical_not:
        case Operation::negate:
            return write_unary(node);
        case Operation::multiply:
        case Operation::divide:
        case Operation::remainder:
        case Operation::add:
        case Operation::subtract:
            return write_arithmetic(node);
        case Operation::less:
        case Operation::less_equal:
        case Operation::greater:
        case Operation::greater_equal:
            return write_order(node);
        case Operation::equal:
        case Operation::not_equal:
            return write_equality(node);
        case Operation::in_list:
            return write_in(node);
        case Operation::logical_and:
        case Operation::logical_or:
            return write_logical(node);
        case Operation::conditional:
            return write_conditional(node);
        default:
            return write_text_method(node);
    }
}

bool can_be_condition(const Node& node) {
    switch (node.operation) {
        case Operation::literal:
            return std::holds_alternative<bool>(node.value);
        case Operation::negate:
        case Operation::multiply:
        case Operation::divide:
        case Operation::remainder:
        case Operation::add:
        case Operation::subtract:
            return false;
        default:
            return true;
    }
}

}  // namespace

Result<std::string> node_to_sql(const Node& root, store::Dialect dialect,
                                const std::function<std::optional<std::string>(std::string_view)>& column,
                                std::vector<store::SqlValue>& parameters) {
    if (!can_be_condition(root)) {
        return fail_at(root, "a condition must be true or false, like `heated_area > 1000`");
    }
    return Writer(dialect, column, parameters).write(root);
}

}  // namespace nuanshu::records
