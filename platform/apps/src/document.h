#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/diagnostic.h"

namespace nuanshu::apps {

/// A YAML file as JSON values, with the line of each.
struct Document {
    std::string file;
    boost::json::value root;
    std::map<std::string, int> lines;  ///< by JSON pointer

    /// The line of the value, or of the nearest thing around it.
    int line_of(std::string pointer) const;
};

/// A JSON pointer as people write a field: "/points/level/unit" is "points.level.unit".
std::string field_of(std::string_view pointer);

/// Reads and parses one file: at most 1 MiB, 32 levels, no key twice. Faults are appended; nothing is returned when it
/// is no YAML at all.
std::optional<Document> load_document(const std::string& file, Diagnostics& faults);
std::optional<Document> parse_document(std::string file, const std::string& text, Diagnostics& faults);

/// Checks the document against a schema (JSON text); true when it follows it. Faults name what would be right.
bool follows_schema(const Document& document, std::string_view schema, Diagnostics& faults);

}  // namespace nuanshu::apps
