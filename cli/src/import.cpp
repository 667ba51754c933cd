#include "cli/src/import.h"

#include <fstream>

#include <boost/json/parse.hpp>

#include "platform/records/json.h"

namespace nuanshu::cli {
namespace {

/// The `type` of one line, or why there is none.
Result<const records::Type*> type_of_line(const std::string& line, const records::TypeRegistry& types) {
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    const auto* object = error ? nullptr : value.if_object();
    if (object == nullptr) {
        return fail(ErrorCode::invalid, "", "no JSON object");
    }
    const auto* name = object->if_contains("type");
    const auto* type = name != nullptr && name->is_string() ? types.find(name->as_string()) : nullptr;
    if (type == nullptr) {
        return fail(ErrorCode::invalid, "type", "missing, or no type of any app");
    }
    return type;
}

}  // namespace

Result<std::size_t> import_records(const std::string& path, records::Records& records, Diagnostics& faults) {
    std::ifstream file(path);
    if (!file) {
        return fail(ErrorCode::not_found, path, "cannot be read");
    }
    std::vector<records::Record> batch;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty()) {
            continue;
        }
        const auto type = type_of_line(line, records.types());
        if (!type) {
            faults.push_back({path, number, type.error().where, type.error().what});
            continue;
        }
        std::vector<records::FieldFault> field_faults;
        batch.push_back(records::record_from_json(line, **type, field_faults));
        for (const auto& fault : field_faults) {
            faults.push_back({path, number, fault.field, fault.text});
        }
    }
    if (!faults.empty()) {
        return fail(ErrorCode::invalid, path, "{} faults; nothing was imported", faults.size());
    }
    return records.upsert(batch);
}

}  // namespace nuanshu::cli
