#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/records/json.h"

using namespace nuanshu::records;

namespace {

Type all_kinds() {
    Type type;
    type.name = "thing";
    type.geometry = GeometryKind::area;
    for (int kind = 0; kind <= static_cast<int>(FieldKind::json); ++kind) {
        Field field;
        field.kind = static_cast<FieldKind>(kind);
        field.name = std::string(to_string(field.kind));
        field.choices = {{"a", {}}, {"b", {}}};
        type.fields.push_back(field);
    }
    return type;
}

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

/// Whatever the bytes, reading ends in a record or faults; a record without faults is the same after writing and
/// reading it again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Type type = all_kinds();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<FieldFault> faults;
    const auto record = record_from_json(text, type, faults);
    std::vector<FieldFault> patch_faults;
    static_cast<void>(patch_from_json(text, type, patch_faults));
    if (faults.empty()) {
        const auto again = record_from_json(to_json(record, type), type, faults);
        require(faults.empty());
        require(again.fields == record.fields && again.title == record.title && again.geometry == record.geometry);
    }
    return 0;
}
