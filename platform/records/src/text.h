#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nuanshu::records {

/// Characters (Unicode code points) of a UTF-8 text; nothing when it is not UTF-8 (overlong forms and surrogates are
/// not).
std::optional<std::size_t> utf8_length(std::string_view text);

/// The text cut to at most `characters`, with "…" when something was cut; for messages.
std::string shortened(std::string_view text, std::size_t characters = 60);

/// [a-z][a-z0-9_]*, at most `length_max`.
bool is_name(std::string_view text, std::size_t length_max = 63);

/// "; did you mean `running`?" when one of the names is close to `wrong`, else "; known are `a`, `b`, …" (at most 12).
std::string suggestion(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace nuanshu::records
