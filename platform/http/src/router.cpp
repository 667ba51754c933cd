#include "platform/http/src/router.h"

#include <charconv>

#include "base/check.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

bool is_capture(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}
std::string_view capture_name(std::string_view segment) {
    return segment.substr(1, segment.size() - 2);
}

/// What the pattern captures from these segments; nothing when it does not fit.
std::optional<Captures> captures_of(std::string_view pattern, std::span<const std::string_view> segments) {
    const auto wanted = split_path(pattern);
    if (wanted.size() != segments.size()) {
        return std::nullopt;
    }
    Captures captures;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!is_capture(wanted[i])) {
            if (wanted[i] != segments[i]) {
                return std::nullopt;
            }
            continue;
        }
        auto decoded = percent_decode(segments[i]);
        if (!decoded || decoded->empty()) {
            return std::nullopt;
        }
        captures.emplace(capture_name(wanted[i]), std::move(*decoded));
    }
    return captures;
}

const Parameter* find_parameter(const Route& route, std::string_view name) {
    for (const auto& parameter : route.query) {
        if (parameter.name == name) {
            return &parameter;
        }
    }
    return nullptr;
}

std::string unknown_parameter(const Route& route) {
    std::string known;
    for (const auto& parameter : route.query) {
        known += (known.empty() ? "" : ", ") + parameter.name;
    }
    return known.empty() ? "is not known; no query parameter is taken here" : "is not known; known: " + known;
}

std::optional<std::string> parameter_fault(const Route& route, const std::string& name, const std::string& value) {
    const auto* parameter = find_parameter(route, name);
    if (parameter == nullptr) {
        return unknown_parameter(route);
    }
    return value.empty() ? std::nullopt : check_text(value, parameter->schema);
}

void check_required(const Route& route, const Captures& values, std::vector<records::FieldFault>& faults) {
    for (const auto& parameter : route.query) {
        const auto found = values.find(parameter.name);
        if (parameter.required && (found == values.end() || found->second.empty())) {
            faults.push_back({parameter.name, "is missing: " + parameter.description});
        }
    }
}

}  // namespace

Match match(std::span<const Route> routes, std::string_view method, std::string_view path) {
    const auto segments = split_path(path);
    const auto wanted_method = method == "HEAD" ? std::string_view("GET") : method;
    Match found;
    for (const auto& route : routes) {
        auto captures = captures_of(route.pattern, segments);
        if (!captures) {
            continue;
        }
        if (route.method == wanted_method) {
            return {.route = &route, .captures = std::move(*captures)};
        }
        found.allowed += (found.allowed.empty() ? "" : ", ") + route.method;
    }
    return found;
}

std::vector<std::string> capture_names(std::string_view pattern) {
    std::vector<std::string> names;
    for (const auto segment : split_path(pattern)) {
        if (is_capture(segment)) {
            names.emplace_back(capture_name(segment));
        }
    }
    return names;
}

tl::expected<Captures, Failure> read_query(const Route& route, std::string_view query) {
    auto pairs = parse_query(query);
    if (!pairs) {
        return tl::unexpected(Failure(
            Error{ErrorCode::invalid, "query", "a percent sign wants two hexadecimal digits, and text UTF-8"}, 400));
    }
    Captures values;
    std::vector<records::FieldFault> faults;
    for (auto& [name, value] : *pairs) {
        if (auto fault = parameter_fault(route, name, value)) {
            faults.push_back({name, std::move(*fault)});
        } else if (!values.emplace(name, std::move(value)).second) {
            faults.push_back({name, "is there twice"});
        }
    }
    check_required(route, values, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure("query", std::move(faults)));
    }
    return values;
}

const std::string& Call::captured(std::string_view name) const {
    const auto found = captures.find(name);
    NUANSHU_CHECK(found != captures.end(), "route {} captures no {}", route.pattern, name);
    return found->second;
}

std::string_view Call::text(std::string_view name) const {
    NUANSHU_CHECK(find_parameter(route, name) != nullptr, "route {} declares no {}", route.pattern, name);
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : found->second;
}

std::int64_t Call::integer(std::string_view name, std::int64_t otherwise) const {
    const auto digits = text(name);
    std::from_chars(digits.data(), digits.data() + digits.size(), otherwise);
    return otherwise;
}

bool Call::flag(std::string_view name) const {
    return text(name) == "1" || text(name) == "true";
}

const identity::User& Call::user() const {
    NUANSHU_CHECK(session.has_value(), "route {} is open to all", route.pattern);
    return session->user;
}

}  // namespace nuanshu::http
