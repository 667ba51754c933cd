#include <algorithm>
#include <array>

#include "platform/records/json.h"
#include "platform/records/src/field_value.h"
#include "platform/records/src/geometry.h"
#include "platform/records/src/json_value.h"
#include "platform/records/src/record_check.h"

namespace nuanshu::records {
namespace {

/// What a record shows and nobody sets; a client may send it back as it came.
constexpr std::array<std::string_view, 2> read_only = {"created_at", "changed_at"};

class ObjectWriter {
 public:
    explicit ObjectWriter(const std::vector<std::string>& only) : only_(only) {}

    bool wants(std::string_view name) const {
        return only_.empty() || std::find(only_.begin(), only_.end(), name) != only_.end();
    }
    std::string& member(std::string_view name) {
        out_ += out_.empty() ? '{' : ',';
        write_json_text(name, out_);
        out_ += ':';
        return out_;
    }
    void text(std::string_view name, std::string_view value) { write_json_text(value, member(name)); }
    std::string finish() { return out_ + "}"; }

 private:
    const std::vector<std::string>& only_;
    std::string out_;
};

/// Reads what records and changes have in common.
class Reader {
 public:
    Reader(const Type& type, std::vector<FieldFault>& faults) : type_(type), faults_(faults) {}

    JsonObject read_object(std::string_view json) {
        auto value = parse_json(json);
        if (!value) {
            add("", value.error().message());
            return {};
        }
        if (auto* object = std::get_if<JsonObject>(&value->value)) {
            return std::move(*object);
        }
        add("", fmt::format("{} where a JSON object was expected", described(*value)));
        return {};
    }
    void add(std::string_view field, std::string text) { faults_.push_back({std::string(field), std::move(text)}); }

    std::string read_text(std::string_view name, const JsonValue& value) {
        if (const auto* text = value.as<std::string>()) {
            return *text;
        }
        if (value.as<std::monostate>() == nullptr) {
            add(name, fmt::format("{} is not text", described(value)));
        }
        return "";
    }
    std::string read_geometry(const JsonValue& value) {
        if (value.as<std::monostate>() != nullptr) {
            return "";
        }
        auto checked = checked_geometry(value, type_.geometry);
        if (!checked) {
            add("geometry", std::move(checked.error().what));
        }
        return checked.value_or("");
    }
    void check_type(const JsonValue& value) {
        if (const auto* text = value.as<std::string>(); text == nullptr || *text != type_.name) {
            add("type", fmt::format("{}; this is about a {}", described(value), type_.name));
        }
    }
    /// True when the name is one of the fields, or one that nobody knows and that is now among the faults.
    void read_field(const std::string& name, const JsonValue& json,
                    std::map<std::string, FieldValue, std::less<>>& fields) {
        const Field* field = type_.find_field(name);
        if (field == nullptr) {
            add(name, unknown_field_text(type_, name));
            return;
        }
        auto value = value_from_json(*field, json);
        if (!value) {
            add(name, std::move(value.error()));
        }
        fields[name] = value.value_or(FieldValue());
    }
    bool has_fault(std::string_view field) const {
        return std::any_of(faults_.begin(), faults_.end(),
                           [&](const FieldFault& fault) { return fault.field == field; });
    }

 private:
    const Type& type_;
    std::vector<FieldFault>& faults_;
};

bool is_read_only(std::string_view name) {
    return std::find(read_only.begin(), read_only.end(), name) != read_only.end();
}

/// The checks of `check` whose fields have no fault yet: a value that could not be read is not also missing.
template <class Check>
void add_new_faults(const Reader& reader, std::vector<FieldFault>& faults, Check check) {
    std::vector<FieldFault> found;
    check(found);
    for (auto& fault : found) {
        if (!reader.has_fault(fault.field)) {
            faults.push_back(std::move(fault));
        }
    }
}

void read_version(Reader& reader, const JsonValue& json, Records::Patch& patch) {
    if (const auto* version = json.as<std::int64_t>()) {
        patch.expected_version = *version;
    } else if (json.as<std::monostate>() == nullptr) {
        reader.add("version", fmt::format("{} is not an integer", described(json)));
    }
}

}  // namespace

std::string to_json(const Record& record, const Type& type, const std::vector<std::string>& only) {
    ObjectWriter writer(only);
    writer.text("type", record.type);
    writer.text("code", record.code);
    if (writer.wants("title")) {
        writer.text("title", record.title);
    }
    if (writer.wants("geometry") && !record.geometry.empty()) {
        writer.member("geometry") += record.geometry;
    }
    if (writer.wants("version")) {
        writer.member("version") += fmt::format("{}", record.version);
    }
    if (writer.wants("created_at")) {
        writer.text("created_at", format_time(record.created_ms));
    }
    if (writer.wants("changed_at")) {
        writer.text("changed_at", format_time(record.changed_ms));
    }
    for (const auto& field : type.fields) {
        const auto value = record.fields.find(field.name);
        if (writer.wants(field.name) && value != record.fields.end()) {
            write_value_json(field, value->second, writer.member(field.name));
        }
    }
    return writer.finish();
}

Record record_from_json(std::string_view json, const Type& type, std::vector<FieldFault>& faults) {
    Reader reader(type, faults);
    Record record;
    record.type = type.name;
    const std::size_t faults_before = faults.size();
    const auto object = reader.read_object(json);
    if (faults.size() > faults_before) {
        return record;
    }
    for (const auto& [name, value] : object) {
        if (name == "type") {
            reader.check_type(value);
        } else if (name == "code") {
            record.code = reader.read_text(name, value);
        } else if (name == "title") {
            record.title = reader.read_text(name, value);
        } else if (name == "geometry") {
            record.geometry = reader.read_geometry(value);
        } else if (name != "version" && !is_read_only(name)) {
            reader.read_field(name, value, record.fields);
        }
    }
    add_new_faults(reader, faults, [&](auto& found) { complete_record(record, type, found); });
    return record;
}

Records::Patch patch_from_json(std::string_view json, const Type& type, std::vector<FieldFault>& faults) {
    Reader reader(type, faults);
    Records::Patch patch;
    for (const auto& [name, value] : reader.read_object(json)) {
        if (name == "type") {
            reader.check_type(value);
        } else if (name == "code") {
            reader.add(name, "a record keeps its code; leave it out, or make a new record");
        } else if (name == "title") {
            patch.title = reader.read_text(name, value);
        } else if (name == "geometry") {
            patch.geometry = reader.read_geometry(value);
        } else if (name == "version") {
            read_version(reader, value, patch);
        } else if (!is_read_only(name)) {
            reader.read_field(name, value, patch.fields);
        }
    }
    add_new_faults(reader, faults, [&](auto& found) {
        check_title(patch.title.value_or(""), found);
        check_fields(patch.fields, type, found);
    });
    return patch;
}

}  // namespace nuanshu::records
