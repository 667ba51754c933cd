#include "platform/historian/src/line_fields.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "platform/historian/src/number_text.h"

namespace nuanshu::historian {
namespace {

constexpr std::string_view escapable = ",= ";

struct Word {
    std::string_view text;
    double number;
};
constexpr std::array<Word, 10> truths{{{"t", 1},
                                       {"T", 1},
                                       {"true", 1},
                                       {"True", 1},
                                       {"TRUE", 1},
                                       {"f", 0},
                                       {"F", 0},
                                       {"false", 0},
                                       {"False", 0},
                                       {"FALSE", 0}}};

bool is_escape(std::string_view text, std::size_t at) {
    return text[at] == '\\' && at + 1 < text.size() && escapable.find(text[at + 1]) != std::string_view::npos;
}

/// The length of "…" with its quotes; 0 when they do not close.
std::size_t string_length(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return 0;
}

bool begins_number(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

bool is_integer(std::string_view text) {
    text.remove_prefix(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

FieldValue read_number_field(std::string_view text) {
    FieldValue value{.length = text.size()};
    const bool integer = text.ends_with('i') || text.ends_with('u');
    const std::string_view digits = text.substr(0, text.size() - (integer ? 1 : 0));
    const char* end = digits.data() + digits.size();
    if ((!integer || is_integer(digits)) && read_number(digits.data(), end, value.number) == end &&
        std::isfinite(value.number)) {
        value.kind = FieldValue::Kind::number;
    }
    return value;
}

}  // namespace

FieldValue read_field_value(std::string_view text) {
    if (text.starts_with('"')) {
        const std::size_t length = string_length(text);
        return {.kind = length > 0 ? FieldValue::Kind::string : FieldValue::Kind::wrong,
                .length = length > 0 ? length : text.size()};
    }
    const std::string_view word = text.substr(0, text.find_first_of(", "));
    if (!word.empty() && begins_number(word.front())) {
        return read_number_field(word);
    }
    const auto* truth =
        std::find_if(truths.begin(), truths.end(), [&](const Word& known) { return known.text == word; });
    return truth == truths.end()
               ? FieldValue{.length = word.size()}
               : FieldValue{.kind = FieldValue::Kind::number, .number = truth->number, .length = word.size()};
}

std::size_t find_unescaped(std::string_view text, std::string_view stops) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_escape(text, at)) {
            ++at;
        } else if (stops.find(text[at]) != std::string_view::npos) {
            return at;
        }
    }
    return text.size();
}

std::string without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        at += is_escape(text, at) ? 1 : 0;
        plain += text[at];
    }
    return plain;
}

const std::string* SeriesName::tag(std::string_view name) const {
    const auto found = std::find_if(tags.begin(), tags.end(), [&](const auto& entry) { return entry.first == name; });
    return found == tags.end() ? nullptr : &found->second;
}

Result<SeriesName> parse_series_name(std::string_view text) {
    std::size_t end = find_unescaped(text, ",");
    SeriesName series{.measurement = without_escapes(text.substr(0, end))};
    if (series.measurement.empty()) {
        return fail(ErrorCode::invalid, "measurement",
                    "it is empty; wanted measurement[,tag=value…] field=value[,…] [time]");
    }
    while (end < text.size()) {
        text.remove_prefix(end + 1);
        end = find_unescaped(text, ",");
        const std::string_view tag = text.substr(0, end);
        const std::size_t equals = find_unescaped(tag, "=");
        if (equals == 0 || equals + 1 >= tag.size()) {
            return fail(ErrorCode::invalid, "tag", "`{}`; wanted name=value", tag.substr(0, 60));
        }
        series.tags.emplace_back(without_escapes(tag.substr(0, equals)), without_escapes(tag.substr(equals + 1)));
    }
    return series;
}

Result<CodePattern::Part> CodePattern::placeholder(std::string_view word) {
    if (word == "measurement") {
        return Part{.kind = Part::Kind::measurement};
    }
    if (word == "field") {
        return Part{.kind = Part::Kind::field};
    }
    if (word.starts_with("tag:") && word.size() > 4) {
        return Part{.kind = Part::Kind::tag, .text = std::string(word.substr(4))};
    }
    return fail(ErrorCode::invalid, "code pattern", "`{{{}}}`; in braces stand measurement, field or tag:NAME", word);
}

Result<CodePattern> CodePattern::parse(std::string_view text) {
    CodePattern pattern;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        if (open > 0) {
            pattern.parts_.push_back({.text = std::string(text.substr(0, open))});
            text.remove_prefix(open);
            continue;
        }
        const std::size_t close = text.find('}');
        if (close == std::string_view::npos) {
            return fail(ErrorCode::invalid, "code pattern", "`{}` has no closing brace", text);
        }
        NUANSHU_TRY(auto part, placeholder(text.substr(1, close - 1)));
        pattern.parts_.push_back(std::move(part));
        text.remove_prefix(close + 1);
    }
    return pattern;
}

Result<std::string> CodePattern::apply(const SeriesName& series, std::string_view field) const {
    std::string code;
    for (const auto& part : parts_) {
        const auto* tag = part.kind == Part::Kind::tag ? series.tag(part.text) : nullptr;
        switch (part.kind) {
            case Part::Kind::text:
                code += part.text;
                break;
            case Part::Kind::measurement:
                code += series.measurement;
                break;
            case Part::Kind::field:
                code += field;
                break;
            case Part::Kind::tag:
                if (tag == nullptr) {
                    return fail(ErrorCode::invalid, "tag",
                                "the series has none named `{}`, which the point's code is made of", part.text);
                }
                code += *tag;
                break;
        }
    }
    return code;
}

}  // namespace nuanshu::historian
