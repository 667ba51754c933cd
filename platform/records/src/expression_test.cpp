#include "platform/records/expression.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

namespace nuanshu::records {
namespace {

using Names = std::map<std::string, ExpressionValue, std::less<>>;

Result<ExpressionValue> evaluate(std::string_view text, const Names& names = {}) {
    NUANSHU_TRY(const auto expression, Expression::parse(text));
    return expression.evaluate([&](std::string_view name) -> Result<ExpressionValue> {
        const auto found = names.find(name);
        return found == names.end()
                   ? Result<ExpressionValue>(fail(ErrorCode::not_found, std::string(name), "no such name"))
                   : Result<ExpressionValue>(found->second);
    });
}

std::string shown(const Result<ExpressionValue>& result) {
    if (!result) {
        return "error " + result.error().message();
    }
    if (const auto* condition = std::get_if<bool>(&*result)) {
        return *condition ? "true" : "false";
    }
    if (const auto* number = std::get_if<double>(&*result)) {
        return fmt::format("{}", *number);
    }
    const auto* text = std::get_if<std::string>(&*result);
    return text == nullptr ? "null" : "'" + *text + "'";
}

/// One case: `let name = literal` lines bind names for the file, `expression => expected` lines are checked; an
/// expected `error` is followed by words that the message must contain.
struct Case {
    std::string place, text, expected;
    Names names;
};

std::vector<Case> read_cases() {
    std::vector<Case> cases;
    const std::filesystem::path folder = std::filesystem::path(NUANSHU_SOURCE_DIR) / NUANSHU_ROOM / "cases";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".expressions") {
            continue;
        }
        std::ifstream file(entry.path());
        Names names;
        int number = 0;
        for (std::string line; std::getline(file, line);) {
            const auto place = fmt::format("{}:{}", entry.path().filename().string(), ++number);
            const auto arrow = line.rfind(" => ");
            const auto equals = line.find(" = ");
            if (line.starts_with("let ") && equals != std::string::npos) {
                names[line.substr(4, equals - 4)] = value_or_throw(evaluate(line.substr(equals + 3)));
            } else if (arrow != std::string::npos && !line.starts_with("#")) {
                cases.push_back({place, line.substr(0, arrow), line.substr(arrow + 4), names});
            }
        }
    }
    return cases;
}

TEST(Expression, the_cases_come_out_as_written) {
    const auto cases = read_cases();
    ASSERT_GT(cases.size(), 80U);
    for (const auto& each : cases) {
        const auto got = shown(evaluate(each.text, each.names));
        const bool wants_error = each.expected.starts_with("error");
        if (wants_error) {
            const auto words = each.expected.size() > 6 ? each.expected.substr(6) : "";
            EXPECT_TRUE(got.starts_with("error")) << each.place << ": " << got;
            EXPECT_NE(got.find(words), std::string::npos) << each.place << ": " << got;
        } else {
            EXPECT_EQ(got, each.expected) << each.place;
        }
    }
}

TEST(Expression, names_are_each_told_once) {
    const auto expression = value_or_throw(Expression::parse("a > 1 && b.c == a || has(d) ? e : a"));
    EXPECT_EQ(expression.names(), (std::vector<std::string>{"a", "b.c", "d", "e"}));
}

TEST(Expression, too_deep_or_too_long_is_refused_and_nothing_overflows) {
    for (const std::string& text :
         {std::string(100, '(') + "1" + std::string(100, ')'), std::string(2'000, '!') + "true",
          std::string(2'000, '-') + "1", std::string(4'097, ' '), std::string(4'000, '('), std::string(4'000, '[')}) {
        EXPECT_FALSE(Expression::parse(text)) << text.substr(0, 20);
    }
    std::string chain = "a";
    std::string sum = "1";
    for (int i = 0; i < 600; ++i) {
        chain += " || a";
        sum += " + 1";
    }
    EXPECT_TRUE(Expression::parse(chain)) << "a flat list of conditions has no depth";
    EXPECT_FALSE(Expression::parse(sum));
}

TEST(Expression, text_that_is_not_utf8_is_refused) {
    EXPECT_FALSE(Expression::parse("a == '\xff'"));
    EXPECT_FALSE(Expression::parse(std::string_view("a == '\0'", 9)));
}

Result<ExpressionKind> kind(std::string_view text) {
    NUANSHU_TRY(const auto expression, Expression::parse(text));
    return expression.kind([](std::string_view name) -> Result<ExpressionKind> {
        if (name == "n") {
            return ExpressionKind::number;
        }
        return name == "t" ? ExpressionKind::text : ExpressionKind::boolean;
    });
}

TEST(Expression, kinds_are_known_before_values_are) {
    EXPECT_EQ(kind("n + 1"), ExpressionKind::number);
    EXPECT_EQ(kind("n > 1 && b"), ExpressionKind::boolean);
    EXPECT_EQ(kind("b ? t : null"), ExpressionKind::text);
    EXPECT_EQ(kind("t == null || n in [1, 2]"), ExpressionKind::boolean);
    for (const char* wrong : {"t > 1", "n == 'a'", "n in ['a']", "!n", "n && b", "b < b", "t.contains(1)", "-t",
                              "n ? 1 : 2", "b ? 1 : 'a'"}) {
        const auto result = kind(wrong);
        ASSERT_FALSE(result) << wrong;
        EXPECT_NE(result.error().message().find("column"), std::string::npos) << wrong;
    }
}

struct Sql {
    std::string text;
    std::vector<store::SqlValue> parameters;
};

Result<Sql> to_sql(std::string_view text, store::Dialect dialect = store::Dialect::sqlite) {
    NUANSHU_TRY(const auto expression, Expression::parse(text));
    Sql sql;
    const auto column = [](std::string_view name) {
        return name == "nobody" ? std::nullopt : std::optional(store::quoted(name));
    };
    NUANSHU_TRY(sql.text, expression.to_sql(dialect, column, sql.parameters));
    return sql;
}

TEST(ExpressionSql, values_are_parameters_never_text) {
    const auto sql = value_or_throw(to_sql("a == '\\'; DROP TABLE x; --' && b > 1.5"));
    EXPECT_EQ(sql.text.find("DROP"), std::string::npos);
    EXPECT_EQ(sql.parameters, (std::vector<store::SqlValue>{"'; DROP TABLE x; --", 1.5}));
}

TEST(ExpressionSql, parameters_are_numbered_after_those_already_there) {
    const auto expression = value_or_throw(Expression::parse("a == 'x'"));
    std::vector<store::SqlValue> parameters = {std::int64_t{1}, std::int64_t{2}};
    const auto column = [](std::string_view name) { return std::optional(store::quoted(name)); };
    EXPECT_NE(value_or_throw(expression.to_sql(store::Dialect::sqlite, column, parameters)).find(":3"),
              std::string::npos);
    EXPECT_EQ(parameters.size(), 3U);
}

TEST(ExpressionSql, equality_with_null_asks_for_null) {
    EXPECT_EQ(value_or_throw(to_sql("a == null")).text, "(\"a\" IS NULL)");
    EXPECT_EQ(value_or_throw(to_sql("null != a")).text, "(\"a\" IS NOT NULL)");
}

TEST(ExpressionSql, what_is_no_condition_or_no_field_is_refused) {
    for (const char* wrong : {"5", "'text'", "null", "a + 1", "-a", "nobody == 1", "a > nobody"}) {
        const auto sql = to_sql(wrong);
        ASSERT_FALSE(sql) << wrong;
        EXPECT_EQ(sql.error().code, ErrorCode::invalid);
    }
}

TEST(ExpressionSql, a_text_that_would_double_at_each_level_is_bounded) {
    std::string text = "a";
    for (int i = 0; i < 40; ++i) {
        text = "a.endsWith(" + text + " ? 'p' : 'q')";
    }
    const auto sql = to_sql(text.substr(0, 4'000));
    EXPECT_FALSE(sql);
}

}  // namespace
}  // namespace nuanshu::records
