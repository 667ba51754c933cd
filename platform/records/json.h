#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/records.h"

namespace nuanshu::records {

/// One fault of an incoming record, at the field that caused it; goes into the problem document's `errors`.
struct FieldFault {
    std::string field;
    std::string text;
};

/// {"type":…,"code":…,"title":…,"geometry":{…},"version":…,"created_at":"…Z","changed_at":"…Z", …fields}. Date-times as
/// RFC 3339. `only` lists the fields wanted; empty for all.
std::string to_json(const Record& record, const Type& type, const std::vector<std::string>& only = {});

/// Reads a JSON object as a new record. Unknown names, wrong kinds, missing required ones and values out of limits are
/// all found. Returns the record even with faults; it is usable only when there are none.
Record record_from_json(std::string_view json, const Type& type, std::vector<FieldFault>& faults);

/// Reads a JSON object as a change: only the names it has; null clears a field; `version` is the expected version.
Records::Patch patch_from_json(std::string_view json, const Type& type, std::vector<FieldFault>& faults);

}  // namespace nuanshu::records
