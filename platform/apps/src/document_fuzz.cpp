#include <cstddef>
#include <cstdint>

#include "platform/apps/src/document.h"
#include "platform/apps/src/read.h"
#include "platform/apps/src/schemas.h"

/// Any bytes as a type file: read or refused, never a crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu;
    Diagnostics faults;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto document = apps::parse_document("fuzz.yaml", text, faults);
    if (document && apps::follows_schema(*document, apps::type_schema, faults)) {
        apps::read_type(*document, {}, {}, faults);
    }
    return 0;
}
