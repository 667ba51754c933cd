#include "platform/commands/src/interlock.h"

#include "platform/records/expression.h"

namespace nuanshu::commands {
namespace {

using records::ExpressionValue;

constexpr std::string_view parent_prefix = "parent.";

/// "parent.parent.flow" seen from a.b.c is "a/flow"; "" when there is no record that high up.
std::string code_of(std::string_view record, std::string_view name) {
    while (name.starts_with(parent_prefix)) {
        name.remove_prefix(parent_prefix.size());
        record = records::parent_code(record);
    }
    return record.empty() ? "" : fmt::format("{}/{}", record, name);
}

Result<ExpressionValue> value_of(std::string_view record, std::string_view name, const Surroundings& around) {
    const auto code = code_of(record, name);
    const auto point = code.empty() ? nullptr : around.catalogue.find(code);
    if (!point) {
        return fail(ErrorCode::refused, "interlock", "`{}` is no point that can be seen from {}", name, record);
    }
    const auto current = around.pipeline.current(point->id);
    if (is_bad(current.quality)) {
        return fail(ErrorCode::refused, "interlock", "{} cannot be trusted: its quality is {}", code,
                    to_string(current.quality));
    }
    return current.value;
}

std::string reason_of(const records::CommandRules& rules) {
    const auto& reason = rules.interlock_reason;
    if (reason.zh.empty() && reason.en.empty()) {
        return fmt::format("`{}` does not hold", rules.interlock);
    }
    return reason.zh.empty() || reason.en.empty() ? reason.zh + reason.en
                                                  : fmt::format("{} ({})", reason.zh, reason.en);
}

tl::unexpected<Error> refusal(const points::PointDefinition& point, std::string_view what) {
    return fail(ErrorCode::refused, point.code, "interlock: {}", what);
}

}  // namespace

Result<> check_interlock(const points::PointDefinition& point, double value, const Surroundings& around) {
    const auto& rules = *point.type->command;
    if (rules.interlock.empty()) {
        return {};
    }
    const auto expression = records::Expression::parse(rules.interlock);
    if (!expression) {
        return refusal(point, expression.error().message());
    }
    const auto answer = expression->evaluate([&](std::string_view name) -> Result<ExpressionValue> {
        return name == "value" ? Result<ExpressionValue>(value) : value_of(point.record_code, name, around);
    });
    if (!answer) {
        return refusal(point, answer.error().what);
    }
    const auto* allowed = std::get_if<bool>(&*answer);
    if (allowed == nullptr) {
        return refusal(point, fmt::format("`{}` is neither true nor false", rules.interlock));
    }
    return *allowed ? Result<>() : Result<>(refusal(point, reason_of(rules)));
}

}  // namespace nuanshu::commands
