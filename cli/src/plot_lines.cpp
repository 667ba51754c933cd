#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cli/src/plot.h"
#include "cli/src/plot_axis.h"

namespace nuanshu::cli {
namespace {

constexpr double sheet_width = 842.0;
constexpr double sheet_height = 595.0;
constexpr double left = 66.0;
constexpr double right = sheet_width - 30.0;
constexpr double top = 74.0;
constexpr double legend_row = 16.0;
constexpr Colour ink = colour(0x222222);
constexpr Colour pale_ink = colour(0x666666);
constexpr Colour grid = colour(0xdddddd);

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void take(const std::vector<double>& values) {
        for (const double value : values) {
            if (std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        }
    }
    bool empty() const { return low > high; }
};

struct LegendPlace {
    const PlotSeries* series;
    double x, row;
};

/// Entries side by side, in as many rows as they need.
std::vector<LegendPlace> place_legend(Canvas& canvas, const LinePlot& plot) {
    std::vector<LegendPlace> places;
    double x = left, row = 0.0;
    for (const auto& series : plot.series) {
        if (series.name.empty()) {
            continue;
        }
        const double width = 38.0 + canvas.text_width(series.name, {.size = 10.0}) + 16.0;
        if (x + width > right && x > left) {
            x = left;
            row += 1.0;
        }
        places.push_back({&series, x, row});
        x += width;
    }
    return places;
}

class LineDrawing {
 public:
    LineDrawing(Canvas& canvas, const LinePlot& plot) : canvas_(canvas), plot_(plot) {}

    void draw() {
        const auto legend = place_legend(canvas_, plot_);
        const double rows = legend.empty() ? 0.0 : legend.back().row + 1.0;
        bottom_ = sheet_height - 56.0 - rows * legend_row;
        make_axes();
        draw_titles();
        draw_grid();
        canvas_.clip({left, top - 1.0}, right - left, bottom_ - top + 2.0);
        for (const auto form : {PlotSeries::Form::area_below, PlotSeries::Form::line}) {
            for (const auto& series : plot_.series) {
                if ((series.form == PlotSeries::Form::area_below) == (form == PlotSeries::Form::area_below)) {
                    draw_series(series);
                }
            }
        }
        canvas_.unclip();
        draw_frame();
        draw_marks();
        draw_legend(legend);
    }

 private:
    void make_axes() {
        Range xs, ys;
        for (const auto& series : plot_.series) {
            xs.take(series.x);
            ys.take(series.y);
        }
        xs.take(xs.empty() ? std::vector{0.0, 1.0} : std::vector<double>{});
        ys.take(ys.empty() ? std::vector{0.0, 1.0} : std::vector<double>{});
        kind_ = plot_.x_is_seconds ? AxisKind::seconds : AxisKind::number;
        x_ = make_axis(xs.low, xs.high, 9, false, kind_);
        y_ = make_axis(plot_.y_min.value_or(ys.low), plot_.y_max.value_or(ys.high), 8, true);
        x_.from = left;
        x_.to = right;
        y_.from = bottom_;
        y_.to = top;
    }

    Spot place(double x, double y) const { return {x_.place(x), y_.place(y)}; }

    void draw_titles() {
        canvas_.text({left, 32.0}, plot_.title, {.size = 17.0, .bold = true});
        canvas_.text({left, 52.0}, plot_.subtitle, {.size = 10.0, .colour = pale_ink});
        canvas_.text({(left + right) / 2.0, bottom_ + 34.0}, plot_.x_title,
                     {.size = 11.0, .align = Lettering::Align::centre});
        canvas_.text({20.0, (top + bottom_) / 2.0}, plot_.y_title,
                     {.size = 11.0, .align = Lettering::Align::centre, .upward = true});
    }

    void draw_grid() {
        for (const double tick : x_.ticks) {
            canvas_.line({{x_.place(tick), top}, {x_.place(tick), bottom_}}, {.colour = grid, .width = 0.6});
            canvas_.text({x_.place(tick), bottom_ + 16.0}, tick_text(x_, tick, kind_),
                         {.size = 9.5, .align = Lettering::Align::centre});
        }
        for (const double tick : y_.ticks) {
            canvas_.line({{left, y_.place(tick)}, {right, y_.place(tick)}}, {.colour = grid, .width = 0.6});
            canvas_.text({left - 7.0, y_.place(tick) + 3.5}, tick_text(y_, tick),
                         {.size = 9.5, .align = Lettering::Align::right});
        }
    }

    void draw_frame() { canvas_.line({{left, top}, {left, bottom_}, {right, bottom_}}, {.colour = ink, .width = 1.0}); }

    void draw_series(const PlotSeries& series) {
        std::vector<Spot> piece;
        const auto count = std::min(series.x.size(), series.y.size());
        for (std::size_t i = 0; i < count; ++i) {
            if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) {
                draw_piece(series, piece);
                piece.clear();
                continue;
            }
            if (series.form == PlotSeries::Form::steps && !piece.empty()) {
                piece.push_back({x_.place(series.x[i]), piece.back().y});
            }
            piece.push_back(place(series.x[i], series.y[i]));
        }
        draw_piece(series, piece);
    }

    void draw_piece(const PlotSeries& series, std::vector<Spot> piece) {
        if (piece.empty()) {
            return;
        }
        if (series.form == PlotSeries::Form::area_below) {
            auto area = piece;
            area.push_back({piece.back().x, bottom_});
            area.push_back({piece.front().x, bottom_});
            auto shade = series.colour;
            shade.alpha *= 0.35;
            canvas_.fill(area, shade);
        }
        canvas_.line(piece, {.colour = series.colour, .width = series.width, .dashes = series.dashes});
    }

    /// Texts of marks that would stand on each other move up by a line.
    void draw_marks() {
        std::vector<Spot> taken;
        for (const auto& mark : plot_.marks) {
            const auto at = place(mark.x, mark.y);
            canvas_.circle(at, 3.2, colour(0xffffff), {.colour = mark.colour, .width = 1.6});
            if (mark.text.empty()) {
                continue;
            }
            const Lettering lettering{.size = 9.0, .align = alignment_at(at.x), .halo = true, .colour = mark.colour};
            Spot text{at.x, std::max(at.y - 9.0, top + 9.0)};
            for (const auto& other : taken) {
                if (std::abs(other.x - text.x) < 130.0 && std::abs(other.y - text.y) < 11.0) {
                    text.y = other.y - 11.0;
                }
            }
            taken.push_back(text);
            canvas_.text(text, mark.text, lettering);
        }
    }

    static Lettering::Align alignment_at(double x) {
        return x < left + 120.0    ? Lettering::Align::left
               : x > right - 120.0 ? Lettering::Align::right
                                   : Lettering::Align::centre;
    }

    void draw_legend(const std::vector<LegendPlace>& places) {
        for (const auto& [series, x, row] : places) {
            const double y = bottom_ + 54.0 + row * legend_row;
            if (series->form == PlotSeries::Form::area_below) {
                auto shade = series->colour;
                shade.alpha *= 0.35;
                canvas_.rectangle({x, y - 8.0}, 28.0, 9.0, shade);
            }
            canvas_.line({{x, y - 3.5}, {x + 28.0, y - 3.5}},
                         {.colour = series->colour, .width = series->width, .dashes = series->dashes});
            canvas_.text({x + 34.0, y}, series->name, {.size = 10.0});
        }
    }

    Canvas& canvas_;
    const LinePlot& plot_;
    AxisKind kind_ = AxisKind::number;
    Axis x_, y_;
    double bottom_ = 0.0;
};

}  // namespace

Colour series_colour(std::size_t at) {
    // Okabe and Ito's colours, the yellow left out.
    static constexpr std::array colours = {colour(0x0072b2), colour(0xd55e00), colour(0x009e73), colour(0xcc79a7),
                                           colour(0x56b4e9), colour(0xe69f00), colour(0x000000)};
    return colours[at % colours.size()];
}

Result<> plot_lines(const LinePlot& plot, const std::string& file) {
    NUANSHU_TRY(auto canvas, Canvas::create(file, sheet_width, sheet_height));
    LineDrawing(canvas, plot).draw();
    return canvas.finish();
}

}  // namespace nuanshu::cli
