#include "cli/src/network_questions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/src/network.h"
#include "cli/src/network_files.h"

namespace nuanshu::cli {
namespace {

using network::Element;
using network::ElementKind;
using network::Network;

constexpr std::array kinds = {ElementKind::pipe,   ElementKind::node, ElementKind::valve, ElementKind::consumer,
                              ElementKind::source, ElementKind::pump, ElementKind::tank,  ElementKind::leak};

constexpr std::size_t findings_told_max = 20;

template <class T>
std::int32_t position_of(const std::vector<T>& elements, std::string_view id) {
    for (std::size_t at = 0; at < elements.size(); ++at) {
        if (elements[at].id == id) {
            return static_cast<std::int32_t>(at);
        }
    }
    return -1;
}

std::int32_t position_of(const Network& net, ElementKind kind, std::string_view id) {
    switch (kind) {
        case ElementKind::node:
            return position_of(net.nodes, id);
        case ElementKind::pipe:
            return position_of(net.pipes, id);
        case ElementKind::pump:
            return position_of(net.pumps, id);
        case ElementKind::valve:
            return position_of(net.valves, id);
        case ElementKind::source:
            return position_of(net.sources, id);
        case ElementKind::consumer:
            return position_of(net.consumers, id);
        case ElementKind::leak:
            return position_of(net.leaks, id);
        case ElementKind::tank:
            return position_of(net.tanks, id);
    }
    return -1;
}

/// "valve:p12" → valve, p12; nothing where the part before the colon is no kind.
std::optional<Element> find_with_kind(const Network& net, const std::string& name) {
    const auto colon = name.find(':');
    for (const auto kind : kinds) {
        if (colon != std::string::npos && name.substr(0, colon) == network::to_string(kind)) {
            const auto at = position_of(net, kind, std::string_view(name).substr(colon + 1));
            return at >= 0 ? std::optional(Element{kind, at}) : std::nullopt;
        }
    }
    return std::nullopt;
}

void tell_findings(const Network& net, const network::Solution& solution) {
    for (std::size_t at = 0; at < std::min(solution.findings.size(), findings_told_max); ++at) {
        fmt::print(stderr, "{}\n", network::sentence(net, solution.findings[at]));
    }
}

std::string_view chinese_name(ElementKind kind) {
    static constexpr std::array<std::string_view, 8> names = {"节点", "管道", "水泵", "阀门",
                                                              "热源", "用户", "漏点", "蓄热罐"};
    return names.at(static_cast<std::size_t>(kind));
}

}  // namespace

Result<Element> find_named(const Network& net, const std::string& name) {
    if (const auto element = find_with_kind(net, name)) {
        return *element;
    }
    std::vector<Element> found;
    for (const auto kind : kinds) {
        if (const auto at = position_of(net, kind, name); at >= 0) {
            found.push_back({kind, at});
        }
    }
    if (found.empty()) {
        return fail(ErrorCode::invalid, name, "{}", say("no element has this id", "没有此编号的元件"));
    }
    if (found.size() > 1) {
        return fail(ErrorCode::invalid, name, "{} {}:{}",
                    say("several elements have this id; write", "编号不唯一，请写作"),
                    network::to_string(found.front().kind), name);
    }
    return found.front();
}

Result<std::vector<Element>> find_named(const Network& net, const std::vector<std::string>& names) {
    std::vector<Element> found;
    for (const auto& name : names) {
        NUANSHU_TRY(const auto element, find_named(net, name));
        found.push_back(element);
    }
    return found;
}

Result<std::int32_t> find_named(const Network& net, const std::string& name, ElementKind kind) {
    const auto at = position_of(net, kind, name);
    if (at < 0) {
        return fail(ErrorCode::invalid, name, "{} {}", say("is the id of no", "不是任何元件的编号："),
                    say(network::to_string(kind), chinese_name(kind)));
    }
    return at;
}

Result<network::Solution> solve_for_question(const Network& net, Request& request) {
    auto solution = network::solve(net);
    if (!solution.converged) {
        tell_findings(net, solution);
        request.failed_exit_code = no_solution;
        return fail(ErrorCode::unsupported, "solve", "{}", say("this network has no solution", "该管网无解"));
    }
    return solution;
}

boost::json::value element_json(const Network& net, Element element) {
    return boost::json::object{{"kind", network::to_string(element.kind)}, {"id", network::id_of(net, element)}};
}

std::string element_text(const Network& net, Element element) {
    return fmt::format("{} {}", say(network::to_string(element.kind), chinese_name(element.kind)),
                       network::id_of(net, element));
}

boost::json::value number_json(double number) {
    return std::isfinite(number) ? boost::json::value(number) : boost::json::value(nullptr);
}

void print_json(const boost::json::value& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

void add_network_questions(CLI::App& network, Request& request) {
    add_network_profile(network, request);
    add_network_close(network, request);
    add_network_balance(network, request);
    add_network_map(network, request);
}

}  // namespace nuanshu::cli
