#include "cli/src/plot.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/src/plot_axis.h"

namespace nuanshu::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(PlotAxis, has_ticks_at_round_values) {
    EXPECT_THAT(make_axis(0.3, 9.7, 5, true).ticks, ElementsAre(0.0, 2.0, 4.0, 6.0, 8.0, 10.0));
    EXPECT_THAT(make_axis(0.0, 7200.0, 4, true, AxisKind::seconds).ticks, ElementsAre(0, 1800, 3600, 5400, 7200));
}

TEST(PlotAxis, keeps_the_ends_of_the_data_where_asked) {
    const auto axis = make_axis(120.0, 3170.0, 6, false);
    EXPECT_EQ(axis.low, 120.0);
    EXPECT_EQ(axis.high, 3170.0);
    EXPECT_THAT(axis.ticks, ElementsAre(1000.0, 2000.0, 3000.0));
}

TEST(PlotAxis, widens_a_range_of_nothing) {
    const auto axis = make_axis(60.0, 60.0, 5, true);
    EXPECT_LT(axis.low, 60.0);
    EXPECT_GT(axis.high, 60.0);
}

TEST(PlotAxis, places_low_and_high_values_at_its_ends_on_paper) {
    auto axis = make_axis(0.0, 10.0, 5, true);
    axis.from = 500.0;
    axis.to = 100.0;
    EXPECT_DOUBLE_EQ(axis.place(0.0), 500.0);
    EXPECT_DOUBLE_EQ(axis.place(2.5), 400.0);
}

TEST(PlotAxis, writes_values_with_the_decimals_of_its_step) {
    EXPECT_EQ(tick_text(make_axis(0.0, 1.0, 5, true), 0.2), "0.2");
    EXPECT_EQ(tick_text(make_axis(0.0, 20000.0, 4, true), 15000.0), "15 000");
    EXPECT_EQ(tick_text(make_axis(0.0, 7200.0, 4, true, AxisKind::seconds), 5400.0, AxisKind::seconds), "01:30");
}

class Pictures : public testing::Test {
 protected:
    Pictures() : folder_(std::filesystem::temp_directory_path() / ("nuanshu_plot_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~Pictures() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name) const { return folder_ / name; }
    static std::string text_of(const std::string& path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    std::filesystem::path folder_;
};

LinePlot two_lines() {
    LinePlot plot{.title = "供水温度 · supply", .x_title = "时间", .y_title = "°C", .x_is_seconds = true};
    plot.series.push_back({.name = "S1", .x = {0, 3600, 7200}, .y = {90, 95, 93}, .colour = series_colour(0)});
    plot.series.push_back({.name = "c12",
                           .x = {0, 3600, 7200},
                           .y = {70, std::numeric_limits<double>::quiet_NaN(), 72},
                           .colour = series_colour(1)});
    return plot;
}

TEST_F(Pictures, of_lines_are_png_or_svg_by_the_name_of_the_file) {
    ASSERT_TRUE(plot_lines(two_lines(), file("lines.png")));
    EXPECT_THAT(text_of(file("lines.png")), StartsWith("\x89PNG"));
    ASSERT_TRUE(plot_lines(two_lines(), file("lines.svg")));
    EXPECT_THAT(text_of(file("lines.svg")), HasSubstr("<svg"));
}

TEST_F(Pictures, follow_the_data) {
    auto plot = two_lines();
    ASSERT_TRUE(plot_lines(plot, file("one.svg")));
    plot.series[0].y[1] = 99;
    ASSERT_TRUE(plot_lines(plot, file("other.svg")));
    EXPECT_NE(text_of(file("one.svg")), text_of(file("other.svg")));
}

TEST_F(Pictures, of_nothing_are_an_empty_sheet) {
    EXPECT_TRUE(plot_lines({}, file("empty.png")));
    EXPECT_TRUE(plot_map({}, file("empty_map.png")));
}

TEST_F(Pictures, of_maps_colour_lines_by_their_value) {
    MapPlot map{.title = "管网", .value_title = "m/s"};
    map.lines = {{{0, 0}, {100, 0}, 0.5, 1.0}, {{100, 0}, {100, 80}, 2.5, 2.0}};
    map.spots = {{{0, 0}, 5.0, series_colour(1), "S1"}};
    ASSERT_TRUE(plot_map(map, file("slow.svg")));
    map.lines[0].value = 2.5;
    ASSERT_TRUE(plot_map(map, file("fast.svg")));
    EXPECT_NE(text_of(file("slow.svg")), text_of(file("fast.svg")));
}

TEST_F(Pictures, refuse_other_endings_and_unwritable_places) {
    EXPECT_THAT(plot_lines(two_lines(), file("lines.gif")).error().what, HasSubstr(".png or .svg"));
    EXPECT_EQ(plot_lines(two_lines(), file("no/such/lines.png")).error().code, ErrorCode::unavailable);
    EXPECT_EQ(plot_map({}, file("no/such/map.svg")).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace nuanshu::cli
