#include "platform/http/src/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

template <class Number>
void append_chars(std::string& out, Number value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
            return;
    }
}

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Appends one character that is not ASCII and returns its bytes.
std::size_t append_wide(std::string& out, std::string_view rest) {
    const auto length = utf8_length(rest);
    if (length == 0) {
        out += "\xEF\xBF\xBD";
        return 1;
    }
    out += rest.substr(0, length);
    return length;
}

}  // namespace

void append_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    append_chars(out, value);
}

void append_number(std::string& out, std::int64_t value) {
    append_chars(out, value);
}
void append_number(std::string& out, std::uint64_t value) {
    append_chars(out, value);
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            i += append_wide(out, text.substr(i));
            continue;
        }
        if (needs_escape(c)) {
            append_escaped(out, c);
        } else {
            out += c;
        }
        ++i;
    }
    out += '"';
}

void JsonWriter::separate() {
    if (needs_comma_) {
        out_ += ',';
    }
    needs_comma_ = true;
}

JsonWriter& JsonWriter::open(char opening, char closing) {
    separate();
    out_ += opening;
    closings_.push_back(closing);
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end() {
    NUANSHU_CHECK(!closings_.empty(), "nothing is open");
    out_ += closings_.back();
    closings_.pop_back();
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_text(out_, name);
    out_ += ':';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::null() {
    return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::item(std::string_view text) {
    separate();
    append_text(out_, text);
    return *this;
}

JsonWriter& JsonWriter::item(double value) {
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::signed_item(std::int64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::unsigned_item(std::uint64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}

}  // namespace nuanshu::http
