#pragma once

#include "base/result.h"
#include "platform/records/type.h"
#include "platform/store/database.h"

namespace nuanshu::records {

/// Makes the tables of all types, or changes them to what the types say now; nothing that holds data is dropped. Runs
/// in one transaction. Errors: refused, with all that stands in the way, each with its place and the way out.
Result<> migrate_schema(store::Database& database, const TypeRegistry& types);

}  // namespace nuanshu::records
