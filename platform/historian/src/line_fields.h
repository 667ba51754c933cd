#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nuanshu::historian {

/// A line protocol field's value.
struct FieldValue {
    enum class Kind { number, string, wrong };
    Kind kind = Kind::wrong;
    double number = 0.0;
    std::size_t length = 0;  ///< of its text
};

/// Reads the value at the front of `text`. A wrong one's length reaches to the next comma or space.
FieldValue read_field_value(std::string_view text);

/// Where `text` first has one of `stops` without a backslash before it; its length when nowhere.
std::size_t find_unescaped(std::string_view text, std::string_view stops);

/// Without the backslashes that stand before commas, equals signs and spaces.
std::string without_escapes(std::string_view text);

/// measurement[,tag=value…], taken apart.
struct SeriesName {
    std::string measurement;
    std::vector<std::pair<std::string, std::string>> tags;

    /// nullptr when there is no such tag.
    const std::string* tag(std::string_view name) const;
};
/// Errors: invalid.
Result<SeriesName> parse_series_name(std::string_view text);

/// Text with {measurement}, {field} and {tag:NAME} in it.
class CodePattern {
 public:
    /// Errors: invalid, naming the word in braces that is none of these.
    static Result<CodePattern> parse(std::string_view text);
    /// Errors: invalid (a tag that the series lacks).
    Result<std::string> apply(const SeriesName& series, std::string_view field) const;

 private:
    struct Part {
        enum class Kind { text, measurement, field, tag };
        Kind kind = Kind::text;
        std::string text;  ///< the text; the tag's name
    };
    static Result<Part> placeholder(std::string_view word);
    std::vector<Part> parts_;
};

}  // namespace nuanshu::historian
