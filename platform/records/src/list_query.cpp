// Paging by key: the next page is everything after the last record in the order, so that a page costs the same wherever
// it lies and records that come and go meanwhile neither repeat nor hide others. Null sorts last, ascending or
// descending; code, the last key, makes the order total.

#include "platform/records/src/list_query.h"

#include <algorithm>
#include <array>
#include <optional>

#include "platform/records/expression.h"
#include "platform/records/src/page_token.h"
#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

using store::SqlValue;

constexpr std::size_t limit_max = 1'000;
constexpr std::size_t sort_keys_max = 8;
constexpr std::size_t search_bytes_max = 200;

struct BuiltIn {
    std::string_view name;
    ExpressionKind kind;
};
constexpr std::array built_ins = {BuiltIn{"code", ExpressionKind::text}, BuiltIn{"title", ExpressionKind::text},
                                  BuiltIn{"created_ms", ExpressionKind::number},
                                  BuiltIn{"changed_ms", ExpressionKind::number}};

ExpressionKind expression_kind(FieldKind kind) {
    switch (kind) {
        case FieldKind::integer:
        case FieldKind::number:
        case FieldKind::date_time:
            return ExpressionKind::number;
        case FieldKind::boolean:
            return ExpressionKind::boolean;
        default:
            return ExpressionKind::text;
    }
}

std::optional<ExpressionKind> kind_of(const Type& type, std::string_view name) {
    for (const auto& built_in : built_ins) {
        if (built_in.name == name) {
            return built_in.kind;
        }
    }
    const Field* field = type.find_field(name);
    return field == nullptr ? std::nullopt : std::optional(expression_kind(field->kind));
}

std::string unknown_name_text(const Type& type, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& built_in : built_ins) {
        names.push_back(built_in.name);
    }
    for (const auto& field : type.fields) {
        names.push_back(field.name);
    }
    return fmt::format("no field `{}` in {}{}", shortened(name), type.name, suggestion(name, names));
}

struct Key {
    std::string name;
    std::string column;
    bool descending;
    bool may_be_null;
};

Result<std::vector<Key>> sort_keys(const Query& query, const Type& type) {
    std::vector<Key> keys;
    for (const auto& sort : query.sort) {
        if (!kind_of(type, sort.field)) {
            return fail(ErrorCode::invalid, "sort", "{}", unknown_name_text(type, sort.field));
        }
        keys.push_back(
            {sort.field, store::quoted(sort.field), sort.descending, type.find_field(sort.field) != nullptr});
        if (sort.field == "code") {
            return keys;  // what follows a unique key decides nothing
        }
    }
    if (keys.size() > sort_keys_max) {
        return fail(ErrorCode::invalid, "sort", "{} keys; at most {}", keys.size(), sort_keys_max);
    }
    keys.push_back({"code", "\"code\"", false, false});
    return keys;
}

std::string sort_text(const std::vector<Key>& keys) {
    std::string text;
    for (const auto& key : keys) {
        text += (text.empty() ? "" : ",") + std::string(key.descending ? "-" : "") + key.name;
    }
    return text;
}

class Builder {
 public:
    Builder(const Query& query, const Type& type, store::Dialect dialect)
        : query_(query), type_(type), dialect_(dialect) {}

    Result<> add_conditions() {
        NUANSHU_TRY_VOID(add_filter());
        NUANSHU_TRY_VOID(add_under());
        return add_search();
    }
    Result<> add_after(const std::vector<Key>& keys);
    void set_order(const std::vector<Key>& keys);
    ListSql finish() { return std::move(sql_); }

 private:
    Result<> add_filter();
    Result<> add_under();
    Result<> add_search();
    std::string parameter(SqlValue value) {
        sql_.parameters.push_back(std::move(value));
        return fmt::format(":{}", sql_.parameters.size());
    }
    void add(std::string condition) { sql_.where += (sql_.where.empty() ? " WHERE " : " AND ") + std::move(condition); }

    const Query& query_;
    const Type& type_;
    store::Dialect dialect_;
    ListSql sql_;
};

Result<> Builder::add_filter() {
    if (query_.filter.empty()) {
        return {};
    }
    const auto checked = [&]() -> Result<std::string> {
        NUANSHU_TRY(const auto filter, Expression::parse(query_.filter));
        NUANSHU_TRY(const auto kind, filter.kind([&](std::string_view name) -> Result<ExpressionKind> {
            const auto known = kind_of(type_, name);
            return known ? Result<ExpressionKind>(*known)
                         : fail(ErrorCode::invalid, "", "{}", unknown_name_text(type_, name));
        }));
        if (kind != ExpressionKind::boolean) {
            return fail(ErrorCode::invalid, "", "must be true or false for each record, like `heated_area > 1000`");
        }
        const auto column = [&](std::string_view name) { return std::optional(store::quoted(name)); };
        return filter.to_sql(dialect_, column, sql_.parameters);
    };
    auto condition = checked();
    if (!condition) {
        return within("filter", std::move(condition.error()));
    }
    add(std::move(*condition));
    return {};
}

/// The code itself, and all that begins with "code.": '/' is the character after '.'.
Result<> Builder::add_under() {
    if (query_.under.empty()) {
        return {};
    }
    if (!is_record_code(query_.under)) {
        return fail(ErrorCode::invalid, "under", "`{}` is no record code", shortened(query_.under));
    }
    const auto self = parameter(query_.under);
    const auto first = parameter(query_.under + ".");
    const auto end = parameter(query_.under + "/");
    add(fmt::format("(\"code\" = {} OR (\"code\" >= {} AND \"code\" < {}))", self, first, end));
    return {};
}

/// Position functions instead of LIKE, so that nothing in the text needs escaping.
Result<> Builder::add_search() {
    if (query_.search.empty()) {
        return {};
    }
    if (query_.search.size() > search_bytes_max || !utf8_length(query_.search) ||
        query_.search.find('\0') != std::string::npos) {
        return fail(ErrorCode::invalid, "search", "wanted UTF-8 text of at most {} bytes", search_bytes_max);
    }
    const auto text = fmt::format("lower(CAST({} AS TEXT))", parameter(query_.search));
    const auto* position = dialect_ == store::Dialect::sqlite ? "instr" : "strpos";
    add(fmt::format("({0}(\"code\", {1}) > 0 OR {0}(lower(\"title\"), {1}) > 0)", position, text));
    return {};
}

/// a > A or (a = A and b > B) or …, where nothing is after null and null is after everything else.
Result<> Builder::add_after(const std::vector<Key>& keys) {
    if (query_.after.empty()) {
        return {};
    }
    NUANSHU_TRY(const auto end, from_token(query_.after));
    if (end.sort != sort_text(keys) || end.values.size() != keys.size()) {
        return fail(ErrorCode::invalid, "after", "belongs to a list sorted by `{}`; this one is sorted by `{}`",
                    shortened(end.sort), sort_text(keys));
    }
    std::string condition;
    std::string equal_so_far;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& key = keys[i];
        const bool is_null = std::holds_alternative<std::monostate>(end.values[i]);
        const auto value = is_null ? "NULL" : parameter(end.values[i]);
        if (!is_null) {
            const auto later = fmt::format("{} {} {}", key.column, key.descending ? "<" : ">", value);
            const auto or_null = key.may_be_null ? fmt::format("({} OR {} IS NULL)", later, key.column) : later;
            condition += fmt::format("{}({}{})", condition.empty() ? "" : " OR ", equal_so_far, or_null);
        }
        equal_so_far += fmt::format("{} {} {} AND ", key.column, is_null ? "IS" : "=", value);
    }
    add(fmt::format("({})", condition));
    return {};
}

void Builder::set_order(const std::vector<Key>& keys) {
    for (const auto& key : keys) {
        sql_.order += fmt::format("{}{}{}{}", sql_.order.empty() ? " ORDER BY " : ", ", key.column,
                                  key.descending ? " DESC" : "", key.may_be_null ? " NULLS LAST" : "");
    }
}

}  // namespace

Result<ListSql> list_sql(const Query& query, const Type& type, store::Dialect dialect) {
    if (query.limit < 1 || query.limit > limit_max) {
        return fail(ErrorCode::invalid, "limit", "{}; wanted 1 … {}", query.limit, limit_max);
    }
    NUANSHU_TRY(const auto keys, sort_keys(query, type));
    Builder builder(query, type, dialect);
    NUANSHU_TRY_VOID(builder.add_conditions());
    NUANSHU_TRY_VOID(builder.add_after(keys));
    builder.set_order(keys);
    return builder.finish();
}

Result<ListSql> count_sql(const Query& query, const Type& type, store::Dialect dialect) {
    Builder builder(query, type, dialect);
    NUANSHU_TRY_VOID(builder.add_conditions());
    return builder.finish();
}

std::string page_token(const Query& query, const Type& type, const Record& last) {
    const auto keys = sort_keys(query, type).value_or(std::vector<Key>());
    PageEnd end{sort_text(keys), {}};
    for (const auto& key : keys) {
        if (key.name == "code") {
            end.values.emplace_back(last.code);
        } else if (key.name == "title") {
            end.values.emplace_back(last.title);
        } else if (key.name == "created_ms" || key.name == "changed_ms") {
            end.values.emplace_back(key.name == "created_ms" ? last.created_ms : last.changed_ms);
        } else {
            end.values.push_back(to_sql(last.fields.at(key.name)));
        }
    }
    return to_token(end);
}

}  // namespace nuanshu::records
