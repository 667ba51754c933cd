#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/store/database.h"

namespace nuanshu::records {

/// Where a page ended: the sort it belongs to and the last record's sort values. Opaque to clients, URL-safe.
struct PageEnd {
    std::string sort;  ///< "-heated_area,code"
    std::vector<store::SqlValue> values;
};

std::string to_token(const PageEnd& end);
/// Errors: invalid.
Result<PageEnd> from_token(std::string_view token);

}  // namespace nuanshu::records
