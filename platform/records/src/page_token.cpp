#include "platform/records/src/page_token.h"

#include <array>

#include "platform/records/src/json_value.h"

namespace nuanshu::records {
namespace {

/// RFC 4648, section 5, without padding.
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t token_bytes_max = 16'384;

std::string to_base64url(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6) {
            out += alphabet[(bits >> static_cast<unsigned>(count - 6)) & 63U];
        }
    }
    if (count > 0) {
        out += alphabet[(bits << static_cast<unsigned>(6 - count)) & 63U];
    }
    return out;
}

/// "" when a character does not belong there.
std::string from_base64url(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) {
            return "";
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 255U);
        }
    }
    return out;
}

JsonValue to_json_value(const store::SqlValue& value) {
    JsonValue json;
    std::visit([&](const auto& held) { json.value = held; }, value);
    return json;
}

Result<store::SqlValue> to_sql_value(const JsonValue& json) {
    if (const auto* integer = json.as<std::int64_t>()) {
        return *integer;
    }
    if (const auto* number = json.as<double>()) {
        return *number;
    }
    if (const auto* text = json.as<std::string>(); text != nullptr && text->find('\0') == std::string::npos) {
        return *text;
    }
    if (json.as<std::monostate>() != nullptr) {
        return store::SqlValue();
    }
    return fail(ErrorCode::invalid, "after", "is no `next` of a page");
}

}  // namespace

std::string to_token(const PageEnd& end) {
    JsonArray parts = {JsonValue{end.sort}};
    for (const auto& value : end.values) {
        parts.push_back(to_json_value(value));
    }
    std::string json;
    write_json(JsonValue{std::move(parts)}, json);
    return to_base64url(json);
}

Result<PageEnd> from_token(std::string_view token) {
    const auto parsed = token.size() > token_bytes_max ? fail(ErrorCode::invalid, "after", "too long")
                                                       : parse_json(from_base64url(token));
    const auto* parts = parsed ? parsed->as<JsonArray>() : nullptr;
    const auto* sort = parts == nullptr || parts->empty() ? nullptr : parts->front().as<std::string>();
    if (sort == nullptr) {
        return fail(ErrorCode::invalid, "after", "is no `next` of a page");
    }
    PageEnd end{*sort, {}};
    for (std::size_t i = 1; i < parts->size(); ++i) {
        NUANSHU_TRY(auto value, to_sql_value((*parts)[i]));
        end.values.push_back(std::move(value));
    }
    return end;
}

}  // namespace nuanshu::records
