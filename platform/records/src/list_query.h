#pragma once

#include <string>
#include <vector>

#include "platform/records/records.h"
#include "platform/records/src/table.h"

namespace nuanshu::records {

/// A Query as SQL: the pieces after FROM, with their parameters.
struct ListSql {
    std::string where;  ///< " WHERE …" or ""
    std::string order;  ///< " ORDER BY …"
    std::vector<store::SqlValue> parameters;
};

/// Checks a query and says it in SQL. Errors: invalid, naming the part (filter, sort, under, limit, after) and what
/// would be right.
Result<ListSql> list_sql(const Query& query, const Type& type, store::Dialect dialect);
/// The same without `after`, for counting.
Result<ListSql> count_sql(const Query& query, const Type& type, store::Dialect dialect);

/// The `after` of the page that follows `last`.
std::string page_token(const Query& query, const Type& type, const Record& last);

}  // namespace nuanshu::records
