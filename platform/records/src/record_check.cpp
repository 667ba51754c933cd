#include "platform/records/src/record_check.h"

#include "platform/records/src/field_value.h"
#include "platform/records/src/geometry.h"
#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

constexpr std::size_t faults_told_max = 20;

void check_field(const Field& field, FieldValue& value, std::vector<FieldFault>& faults) {
    auto checked = checked_value(field, std::move(value));
    if (!checked) {
        faults.push_back({field.name, std::move(checked.error())});
        value = std::monostate();
        return;
    }
    value = std::move(*checked);
    if (field.required && is_null(value)) {
        faults.push_back({field.name, "is required"});
    }
}

FieldValue default_of(const Field& field) {
    return field.default_value.empty() ? FieldValue()
                                       : value_from_text(field, field.default_value).value_or(FieldValue());
}

}  // namespace

void complete_record(Record& record, const Type& type, std::vector<FieldFault>& faults) {
    record.type = type.name;
    check_code(record.code, faults);
    check_title(record.title, faults);
    check_geometry(record.geometry, type, faults);
    for (const auto& field : type.fields) {
        if (!record.fields.contains(field.name)) {
            record.fields.emplace(field.name, default_of(field));
        }
    }
    check_fields(record.fields, type, faults);
}

void check_fields(std::map<std::string, FieldValue, std::less<>>& fields, const Type& type,
                  std::vector<FieldFault>& faults) {
    for (auto& [name, value] : fields) {
        if (const Field* field = type.find_field(name)) {
            check_field(*field, value, faults);
        } else {
            faults.push_back({name, unknown_field_text(type, name)});
        }
    }
}

void check_title(const std::string& title, std::vector<FieldFault>& faults) {
    if (auto fault = fault_of_text(title, title_characters_max, false); !fault.empty()) {
        faults.push_back({"title", std::move(fault)});
    }
}

void check_geometry(std::string& geometry, const Type& type, std::vector<FieldFault>& faults) {
    if (geometry.empty()) {
        return;
    }
    auto checked = checked_geometry(geometry, type.geometry);
    if (checked) {
        geometry = std::move(*checked);
    } else {
        faults.push_back({"geometry", std::move(checked.error().what)});
    }
}

void check_code(const std::string& code, std::vector<FieldFault>& faults) {
    if (!is_record_code(code)) {
        faults.push_back(
            {"code",
             fmt::format("`{}` is no record code; wanted labels of [a-z0-9_-] joined by dots, at most 200 bytes",
                         shortened(code))});
    }
}

std::string unknown_field_text(const Type& type, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& field : type.fields) {
        names.push_back(field.name);
    }
    return fmt::format("no field `{}` in {}{}", shortened(name), type.name, suggestion(name, names));
}

tl::unexpected<Error> fail_with(std::string where, const std::vector<FieldFault>& faults) {
    std::string text;
    for (std::size_t i = 0; i < faults.size() && i < faults_told_max; ++i) {
        text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", shortened(faults[i].field), faults[i].text);
    }
    if (faults.size() > faults_told_max) {
        text += fmt::format("; and {} more", faults.size() - faults_told_max);
    }
    return fail(ErrorCode::invalid, std::move(where), "{}", text);
}

}  // namespace nuanshu::records
