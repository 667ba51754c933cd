#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "cli/src/plot.h"
#include "cli/src/plot_axis.h"

namespace nuanshu::cli {
namespace {

constexpr double sheet_width = 842.0;
constexpr double sheet_height = 595.0;
constexpr double margin = 30.0;
constexpr double top = 66.0;
constexpr double legend_left = sheet_width - 150.0;
constexpr double scale_height = 240.0;
constexpr Colour pale_ink = colour(0x666666);
constexpr Colour no_value = colour(0xb0b0b0);

/// From dark blue by green to yellow, of even brightness steps: readable in grey and to every eye.
Colour scale_colour(double share) {
    static constexpr std::array stops = {colour(0x30246e), colour(0x2f5a9e), colour(0x23898e), colour(0x3fb26b),
                                         colour(0xb2cf3a), colour(0xf6b62d), colour(0xe2551f)};
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
    const double rest = place - static_cast<double>(below);
    const auto mix = [rest](double one, double other) { return one + (other - one) * rest; };
    const auto &one = stops[below], &other = stops[below + 1];
    return {mix(one.red, other.red), mix(one.green, other.green), mix(one.blue, other.blue), 1.0};
}

struct Box {
    double x_min = std::numeric_limits<double>::infinity(), x_max = -x_min, y_min = x_min, y_max = -x_min;

    void take(const Spot& spot) {
        x_min = std::min(x_min, spot.x);
        x_max = std::max(x_max, spot.x);
        y_min = std::min(y_min, spot.y);
        y_max = std::max(y_max, spot.y);
    }
    bool empty() const { return x_min > x_max; }
};

/// The values' range without the hundredth part at either end, so that one odd pipe does not take all the colours.
std::pair<double, double> usual_range(const std::vector<MapLine>& lines) {
    std::vector<double> values;
    for (const auto& line : lines) {
        if (std::isfinite(line.value)) {
            values.push_back(line.value);
        }
    }
    if (values.empty()) {
        return {0.0, 1.0};
    }
    std::sort(values.begin(), values.end());
    const auto cut = values.size() / 100;
    return {values[cut], values[values.size() - 1 - cut]};
}

class MapDrawing {
 public:
    MapDrawing(Canvas& canvas, const MapPlot& plot) : canvas_(canvas), plot_(plot) {
        const auto [low, high] = usual_range(plot.lines);
        values_ = make_axis(low, high, 6, true);
        values_.from = top + 30.0 + scale_height;
        values_.to = top + 30.0;
        fit();
    }

    void draw() {
        canvas_.text({margin, 32.0}, plot_.title, {.size = 17.0, .bold = true});
        canvas_.text({margin, 50.0}, plot_.subtitle, {.size = 10.0, .colour = pale_ink});
        for (const auto& highlight : plot_.highlights) {
            for (const auto& line : highlight.lines) {
                canvas_.line({place(line.from), place(line.to)},
                             {.colour = highlight.colour, .width = line.width + 5.0});
            }
        }
        for (const auto& line : plot_.lines) {
            canvas_.line({place(line.from), place(line.to)}, {.colour = colour_of(line.value), .width = line.width});
        }
        draw_spots();
        draw_legend();
        if (plot_.in_metres) {
            draw_scale_bar();
        }
    }

 private:
    void fit() {
        Box box;
        for (const auto& line : plot_.lines) {
            box.take(line.from);
            box.take(line.to);
        }
        for (const auto& spot : plot_.spots) {
            box.take(spot.at);
        }
        if (box.empty()) {
            box.take({0.0, 0.0});
        }
        const double width = legend_left - 2.0 * margin, height = sheet_height - top - margin - 24.0;
        const double spread_x = std::max(box.x_max - box.x_min, 1e-9), spread_y = std::max(box.y_max - box.y_min, 1e-9);
        points_per_unit_ = std::min(width / spread_x, height / spread_y);
        centre_ = {(box.x_min + box.x_max) / 2.0, (box.y_min + box.y_max) / 2.0};
        middle_ = {margin + width / 2.0, top + height / 2.0};
    }

    Spot place(const Spot& spot) const {
        return {middle_.x + (spot.x - centre_.x) * points_per_unit_,
                middle_.y - (spot.y - centre_.y) * points_per_unit_};
    }

    Colour colour_of(double value) const {
        return std::isfinite(value) ? scale_colour((value - values_.low) / (values_.high - values_.low)) : no_value;
    }

    void draw_spots() {
        for (const auto& spot : plot_.spots) {
            const auto at = place(spot.at);
            canvas_.circle(at, spot.radius, spot.fill, {.colour = colour(0xffffff), .width = 0.7});
            if (!spot.text.empty()) {
                canvas_.text({at.x + spot.radius + 3.0, at.y - spot.radius}, spot.text,
                             {.size = 9.0, .bold = true, .halo = true});
            }
        }
    }

    void draw_value_scale() {
        constexpr int bands = 120;
        const double band = scale_height / bands;
        for (int i = 0; i < bands; ++i) {
            canvas_.rectangle({legend_left, values_.from - (i + 1) * band}, 16.0, band + 0.4,
                              scale_colour((i + 0.5) / bands));
        }
        canvas_.text({legend_left, top + 16.0}, plot_.value_title, {.size = 10.5, .bold = true});
        for (const double tick : values_.ticks) {
            canvas_.text({legend_left + 22.0, values_.place(tick) + 3.5}, tick_text(values_, tick), {.size = 9.5});
        }
    }

    void draw_legend() {
        double y = top + 16.0;
        if (!plot_.value_title.empty()) {
            draw_value_scale();
            y = values_.from + 28.0;
        }
        for (const auto& highlight : plot_.highlights) {
            canvas_.line({{legend_left, y - 3.5}, {legend_left + 16.0, y - 3.5}},
                         {.colour = highlight.colour, .width = 6.0});
            canvas_.text({legend_left + 24.0, y}, highlight.name, {.size = 10.0});
            y += 18.0;
        }
        for (const auto& entry : plot_.legend) {
            canvas_.circle({legend_left + 8.0, y - 3.5}, 4.0, entry.colour, {.colour = colour(0xffffff), .width = 0.7});
            canvas_.text({legend_left + 24.0, y}, entry.text, {.size = 10.0});
            y += 18.0;
        }
    }

    void draw_scale_bar() {
        const auto axis = make_axis(0.0, 140.0 / points_per_unit_, 1, false);
        const double metres = axis.step * points_per_unit_ > 140.0 ? axis.step / 2.0 : axis.step;
        const double length = metres * points_per_unit_, y = sheet_height - 22.0;
        canvas_.line({{margin, y - 4.0}, {margin, y}, {margin + length, y}, {margin + length, y - 4.0}},
                     {.colour = colour(0x222222), .width = 1.2});
        const auto text = metres >= 1000.0 ? fmt::format("{:g} km", metres / 1000.0) : fmt::format("{:g} m", metres);
        canvas_.text({margin + length + 8.0, y + 1.0}, text, {.size = 9.5});
    }

    Canvas& canvas_;
    const MapPlot& plot_;
    Axis values_;
    double points_per_unit_ = 1.0;
    Spot centre_, middle_;
};

}  // namespace

Result<> plot_map(const MapPlot& plot, const std::string& file) {
    NUANSHU_TRY(auto canvas, Canvas::create(file, sheet_width, sheet_height));
    MapDrawing(canvas, plot).draw();
    return canvas.finish();
}

}  // namespace nuanshu::cli
