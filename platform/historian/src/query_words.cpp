#include <array>
#include <charconv>
#include <cmath>

#include "platform/historian/query.h"

namespace nuanshu::historian {
namespace {

struct FigureName {
    std::string_view name;
    Figure figure;
};

/// The first name of a figure is the one it is written with.
constexpr std::array<FigureName, 22> figure_names{{
    {"count", Figure::count},
    {"bad_count", Figure::bad_count},
    {"min", Figure::min},
    {"max", Figure::max},
    {"sum", Figure::sum},
    {"mean", Figure::mean},
    {"avg", Figure::mean},
    {"time_weighted_mean", Figure::time_weighted_mean},
    {"twa", Figure::time_weighted_mean},
    {"integral", Figure::integral},
    {"covered_s", Figure::covered_s},
    {"first", Figure::first},
    {"last", Figure::last},
    {"standard_deviation", Figure::standard_deviation},
    {"std", Figure::standard_deviation},
    {"percentile", Figure::percentile},
    {"delta", Figure::delta},
    {"rate", Figure::rate},
    {"duration_s", Figure::duration_s},
    {"changes", Figure::changes},
    {"as_of", Figure::as_of},
    {"interpolated", Figure::interpolated},
}};

bool takes_argument(Figure figure) {
    return figure == Figure::percentile || figure == Figure::duration_s;
}

tl::unexpected<Error> no_aggregation(std::string_view text) {
    std::string names;
    for (const auto& known : figure_names) {
        names += names.empty() ? "" : ", ";
        names += known.name;
        names += takes_argument(known.figure) ? ":NUMBER" : "";
    }
    return fail(ErrorCode::invalid, "aggregation", "`{}`; wanted one of {}, p50 … p99.9", text, names);
}

bool read_number(std::string_view text, double& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

Result<Aggregation> with_argument(std::string_view text, Figure figure, std::string_view argument) {
    Aggregation aggregation{.figure = figure};
    if (!read_number(argument, aggregation.argument)) {
        return no_aggregation(text);
    }
    if (figure == Figure::percentile && (aggregation.argument < 0 || aggregation.argument > 100)) {
        return fail(ErrorCode::invalid, "aggregation", "`{}`: percentiles are 0 … 100", text);
    }
    return aggregation;
}

}  // namespace

Result<Aggregation> parse_aggregation(std::string_view text) {
    if (text.starts_with('p') && text.size() > 1 && text[1] >= '0' && text[1] <= '9') {
        return with_argument(text, Figure::percentile, text.substr(1));
    }
    const std::string_view name = text.substr(0, text.find(':'));
    for (const auto& known : figure_names) {
        if (known.name == name && takes_argument(known.figure) == (name.size() < text.size())) {
            return takes_argument(known.figure) ? with_argument(text, known.figure, text.substr(name.size() + 1))
                                                : Result<Aggregation>(Aggregation{.figure = known.figure});
        }
    }
    return no_aggregation(text);
}

std::string to_string(const Aggregation& aggregation) {
    for (const auto& known : figure_names) {
        if (known.figure == aggregation.figure) {
            return takes_argument(known.figure) ? fmt::format("{}:{}", known.name, aggregation.argument)
                                                : std::string(known.name);
        }
    }
    return "";
}

}  // namespace nuanshu::historian
