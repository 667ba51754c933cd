#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nuanshu::cli {

/// Red, green, blue and opacity, 0 … 1.
struct Colour {
    double red = 0.0, green = 0.0, blue = 0.0, alpha = 1.0;
};

/// 0xRRGGBB as in style sheets.
constexpr Colour colour(unsigned rgb, double alpha = 1.0) {
    return {((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0, (rgb & 255) / 255.0, alpha};
}

struct Spot {
    double x = 0.0, y = 0.0;
};

struct Pen {
    Colour colour;
    double width = 1.0;
    std::vector<double> dashes = {};  ///< lengths of strokes and gaps in turn; empty: a full line
};

struct Lettering {
    enum class Align { left, centre, right };
    double size = 10.0;
    Align align = Align::left;
    bool bold = false;
    bool upward = false;  ///< written from bottom to top
    bool halo = false;    ///< a white rim keeps it readable over lines
    Colour colour{0.13, 0.13, 0.13, 1.0};
};

/// A sheet of paper, in points (1/72 inch), y downward; becomes a PNG of 200 dots per inch or an SVG.
class Canvas {
 public:
    /// @return invalid: the file's name ends neither in .png nor in .svg
    static Result<Canvas> create(const std::string& file, double width, double height);
    Canvas(Canvas&&) noexcept;
    Canvas& operator=(Canvas&&) noexcept;
    ~Canvas();

    void line(const std::vector<Spot>& spots, const Pen& pen);
    void fill(const std::vector<Spot>& spots, Colour colour);
    void rectangle(Spot corner, double width, double height, Colour colour);
    void circle(Spot centre, double radius, Colour fill, const Pen& rim);
    /// @param at  where the text's base line begins, has its middle or ends
    void text(Spot at, std::string_view text, const Lettering& lettering);
    double text_width(std::string_view text, const Lettering& lettering);
    /// What is drawn until unclip() shows only inside this rectangle.
    void clip(Spot corner, double width, double height);
    void unclip();

    /// Writes the file. @return unavailable: it cannot be written
    Result<> finish();

 private:
    struct State;
    explicit Canvas(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace nuanshu::cli
