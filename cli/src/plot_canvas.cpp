#include "cli/src/plot_canvas.h"

#include <numbers>
#include <utility>

#include <cairo-svg.h>
#include <cairo.h>

namespace nuanshu::cli {
namespace {

constexpr double png_dots_per_point = 200.0 / 72.0;
// Chinese and Latin letters of one design; fontconfig finds the nearest where it is not installed.
constexpr const char* font_family = "Noto Sans CJK SC";

void set_colour(cairo_t* cairo, Colour colour) {
    cairo_set_source_rgba(cairo, colour.red, colour.green, colour.blue, colour.alpha);
}

void trace(cairo_t* cairo, const std::vector<Spot>& spots) {
    cairo_new_path(cairo);
    for (const auto& spot : spots) {
        cairo_line_to(cairo, spot.x, spot.y);
    }
}

void stroke(cairo_t* cairo, const Pen& pen) {
    set_colour(cairo, pen.colour);
    cairo_set_line_width(cairo, pen.width);
    cairo_set_dash(cairo, pen.dashes.data(), static_cast<int>(pen.dashes.size()), 0.0);
    cairo_stroke(cairo);
}

cairo_text_extents_t extents_of(cairo_t* cairo, const std::string& text, const Lettering& lettering) {
    cairo_select_font_face(cairo, font_family, CAIRO_FONT_SLANT_NORMAL,
                           lettering.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, lettering.size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text.c_str(), &extents);
    return extents;
}

/// Around the letters from the current point on, which stays.
void draw_halo(cairo_t* cairo, const std::string& letters) {
    double x = 0.0, y = 0.0;
    cairo_get_current_point(cairo, &x, &y);
    cairo_text_path(cairo, letters.c_str());
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    stroke(cairo, {.colour = colour(0xffffff, 0.9), .width = 3.0});
    cairo_move_to(cairo, x, y);
}

double share_before(Lettering::Align align) {
    return align == Lettering::Align::left ? 0.0 : align == Lettering::Align::centre ? 0.5 : 1.0;
}

}  // namespace

struct Canvas::State {
    State(std::string path, cairo_surface_t* target)
        : file(std::move(path)), surface(target), cairo(cairo_create(target)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        cairo_destroy(cairo);
        cairo_surface_destroy(surface);
    }

    std::string file;
    cairo_surface_t* surface;
    cairo_t* cairo;
};

Canvas::Canvas(std::unique_ptr<State> state) : state_(std::move(state)) {}
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;
Canvas::~Canvas() = default;

Result<Canvas> Canvas::create(const std::string& file, double width, double height) {
    if (file.ends_with(".svg")) {
        auto* surface = cairo_svg_surface_create(file.c_str(), width, height);
        Canvas canvas(std::make_unique<State>(file, surface));
        if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
            return fail(ErrorCode::unavailable, file, "cannot be written");
        }
        canvas.rectangle({0, 0}, width, height, colour(0xffffff));
        return canvas;
    }
    if (file.ends_with(".png")) {
        auto* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width * png_dots_per_point),
                                                   static_cast<int>(height * png_dots_per_point));
        Canvas canvas(std::make_unique<State>(file, surface));
        cairo_scale(canvas.state_->cairo, png_dots_per_point, png_dots_per_point);
        canvas.rectangle({0, 0}, width, height, colour(0xffffff));
        return canvas;
    }
    return fail(ErrorCode::invalid, file, "a picture's name ends in .png or .svg");
}

void Canvas::line(const std::vector<Spot>& spots, const Pen& pen) {
    trace(state_->cairo, spots);
    cairo_set_line_join(state_->cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(state_->cairo, pen.dashes.empty() ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    stroke(state_->cairo, pen);
}

void Canvas::fill(const std::vector<Spot>& spots, Colour colour) {
    trace(state_->cairo, spots);
    set_colour(state_->cairo, colour);
    cairo_fill(state_->cairo);
}

void Canvas::rectangle(Spot corner, double width, double height, Colour colour) {
    cairo_rectangle(state_->cairo, corner.x, corner.y, width, height);
    set_colour(state_->cairo, colour);
    cairo_fill(state_->cairo);
}

void Canvas::circle(Spot centre, double radius, Colour fill, const Pen& rim) {
    cairo_new_path(state_->cairo);
    cairo_arc(state_->cairo, centre.x, centre.y, radius, 0.0, 2.0 * std::numbers::pi);
    set_colour(state_->cairo, fill);
    cairo_fill_preserve(state_->cairo);
    stroke(state_->cairo, rim);
}

void Canvas::text(Spot at, std::string_view text, const Lettering& lettering) {
    auto* cairo = state_->cairo;
    const std::string letters(text);
    const auto extents = extents_of(cairo, letters, lettering);
    cairo_save(cairo);
    cairo_translate(cairo, at.x, at.y);
    if (lettering.upward) {
        cairo_rotate(cairo, -std::numbers::pi / 2.0);
    }
    cairo_move_to(cairo, -share_before(lettering.align) * extents.x_advance, 0.0);
    if (lettering.halo) {
        draw_halo(cairo, letters);
    }
    set_colour(cairo, lettering.colour);
    cairo_show_text(cairo, letters.c_str());
    cairo_restore(cairo);
}

double Canvas::text_width(std::string_view text, const Lettering& lettering) {
    return extents_of(state_->cairo, std::string(text), lettering).x_advance;
}

void Canvas::clip(Spot corner, double width, double height) {
    cairo_save(state_->cairo);
    cairo_rectangle(state_->cairo, corner.x, corner.y, width, height);
    cairo_clip(state_->cairo);
}

void Canvas::unclip() {
    cairo_restore(state_->cairo);
}

Result<> Canvas::finish() {
    auto status = cairo_status(state_->cairo);
    if (status == CAIRO_STATUS_SUCCESS && state_->file.ends_with(".png")) {
        status = cairo_surface_write_to_png(state_->surface, state_->file.c_str());
    }
    cairo_surface_finish(state_->surface);
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_status(state_->surface);
    }
    if (status != CAIRO_STATUS_SUCCESS) {
        return fail(ErrorCode::unavailable, state_->file, "cannot be written: {}", cairo_status_to_string(status));
    }
    return {};
}

}  // namespace nuanshu::cli
