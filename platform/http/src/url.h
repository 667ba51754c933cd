#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nuanshu::http {

/// "%E4%B8%AD" → "中"; nothing when a percent sign is not followed by two hexadecimal digits, or the bytes are no
/// UTF-8, or hold a zero.
std::optional<std::string> percent_decode(std::string_view text);

/// "a=1&b=x%20y" decoded; "+" is a space. Nothing when any part cannot be decoded. A name without "=" has the value "".
using QueryPairs = std::vector<std::pair<std::string, std::string>>;
std::optional<QueryPairs> parse_query(std::string_view query);

/// "/a/b//c" → {"a", "b", "", "c"}; still encoded.
std::vector<std::string_view> split_path(std::string_view path);

/// "a, b ,c" → {"a", "b", "c"}; empty parts are left out.
std::vector<std::string> split_list(std::string_view text);

/// The value of one cookie in a Cookie header; "" when it is not there.
std::string_view cookie_value(std::string_view header, std::string_view name);

/// Whether `bytes` are UTF-8 as RFC 3629 defines it: no surrogates, nothing over-long.
bool is_utf8(std::string_view bytes);
/// How many bytes the UTF-8 character at the start of `bytes` has; 0 when there is none.
std::size_t utf8_length(std::string_view bytes);

}  // namespace nuanshu::http
