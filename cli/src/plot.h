#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/src/plot_canvas.h"

/// Pictures for people: lines over distance or time, and maps. The file's name says what comes out: .png or .svg, an
/// A4 sheet across. Texts are given; Chinese and English letters are drawn alike.
namespace nuanshu::cli {

struct PlotSeries {
    enum class Form { line, steps, area_below };  ///< `area_below`: filled down to the axis
    std::string name = {};                        ///< empty: not in the legend
    std::vector<double> x = {}, y = {};           ///< NaN breaks the line
    Colour colour = {};
    double width = 1.8;
    std::vector<double> dashes = {};
    Form form = Form::line;
};

/// A place worth a word.
struct PlotMark {
    double x = 0.0, y = 0.0;
    std::string text = {};
    Colour colour{0.78, 0.16, 0.16, 1.0};
};

struct LinePlot {
    std::string title = {}, subtitle = {};
    std::string x_title = {}, y_title = {};  ///< with their units
    std::vector<PlotSeries> series = {};
    std::vector<PlotMark> marks = {};
    bool x_is_seconds = false;  ///< shown as hours:minutes
    std::optional<double> y_min = {}, y_max = {};
};

/// A colour for the n-th of several series, distinct for eyes that do not tell red from green.
Colour series_colour(std::size_t at);

Result<> plot_lines(const LinePlot& plot, const std::string& file);

struct MapLine {
    Spot from, to;
    double value = 0.0;  ///< coloured by; NaN: grey
    double width = 1.0;
};

struct MapSpot {
    Spot at;
    double radius = 2.0;
    Colour fill = {};
    std::string text = {};
};

/// What stands out: drawn under the lines, broad.
struct MapHighlight {
    std::vector<MapLine> lines = {};
    Colour colour = {};
    std::string name = {};
};

/// A line of the legend: a spot of this colour, and what it means.
struct MapLegend {
    Colour colour = {};
    std::string text = {};
};

struct MapPlot {
    std::string title = {}, subtitle = {};
    std::string value_title = {};  ///< with its unit; empty: lines are not coloured by a value
    std::vector<MapLine> lines = {};
    std::vector<MapHighlight> highlights = {};
    std::vector<MapSpot> spots = {};
    std::vector<MapLegend> legend = {};
    bool in_metres = true;  ///< draws a scale bar
};

Result<> plot_map(const MapPlot& plot, const std::string& file);

}  // namespace nuanshu::cli
