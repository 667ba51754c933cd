#pragma once

#include <vector>

#include "platform/records/json.h"
#include "platform/records/records.h"

namespace nuanshu::records {

/// Makes a new record complete and canonical: absent fields get their default or null, values the form their field
/// keeps. All faults are appended.
void complete_record(Record& record, const Type& type, std::vector<FieldFault>& faults);

/// The same for the parts that a change or upsert brings; absent ones stay absent. A required field may not become
/// null.
void check_fields(std::map<std::string, FieldValue, std::less<>>& fields, const Type& type,
                  std::vector<FieldFault>& faults);
void check_title(const std::string& title, std::vector<FieldFault>& faults);
/// "" stays "".
void check_geometry(std::string& geometry, const Type& type, std::vector<FieldFault>& faults);
void check_code(const std::string& code, std::vector<FieldFault>& faults);

/// "no field `x` in station; did you mean `y`?"
std::string unknown_field_text(const Type& type, std::string_view name);

/// One error for all faults; `where` is like "station xc.s01".
tl::unexpected<Error> fail_with(std::string where, const std::vector<FieldFault>& faults);

}  // namespace nuanshu::records
