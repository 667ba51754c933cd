#include "cli/src/network_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/src/network_map.h"

namespace nuanshu::cli {
namespace {

using network::Element;
using network::ElementKind;
using testing::HasSubstr;

network::Network one_pipe() {
    network::Network net;
    net.nodes.resize(2);
    net.nodes[0].id = "a";
    net.nodes[1].id = "b";
    net.pipes.push_back({.id = "p", .from = 0, .to = 1, .length_m = 10.0, .inner_diameter_m = 0.1});
    net.valves.push_back({.id = "b", .from = 0, .to = 1});
    return net;
}

TEST(NamedElement, is_found_by_its_id) {
    EXPECT_EQ(*find_named(one_pipe(), "p"), (Element{ElementKind::pipe, 0}));
    EXPECT_EQ(*find_named(one_pipe(), "a"), (Element{ElementKind::node, 0}));
}

TEST(NamedElement, needs_its_kind_where_the_id_repeats) {
    const auto net = one_pipe();
    EXPECT_THAT(find_named(net, "b").error().what, HasSubstr("node:b"));
    EXPECT_EQ(*find_named(net, "valve:b"), (Element{ElementKind::valve, 0}));
}

TEST(NamedElement, that_is_not_there_is_bad_input) {
    EXPECT_EQ(find_named(one_pipe(), "x").error().code, ErrorCode::invalid);
    EXPECT_EQ(find_named(one_pipe(), "pump:p").error().code, ErrorCode::invalid);
    EXPECT_EQ(find_named(one_pipe(), "p", ElementKind::node).error().code, ErrorCode::invalid);
}

TEST(NetworkMap, needs_coordinates) {
    auto net = one_pipe();
    EXPECT_EQ(map_of(net, nullptr, MapQuantity::flow).error().code, ErrorCode::invalid);
    net.nodes[0].x = net.nodes[0].y = 0.0;
    net.nodes[1].x = net.nodes[1].y = 5.0;
    const auto map = map_of(net, nullptr, MapQuantity::flow);
    ASSERT_TRUE(map);
    EXPECT_EQ(map->lines.size(), 1u);
}

TEST(NetworkMap, places_a_link_between_its_ends) {
    auto net = one_pipe();
    net.nodes[0].x = net.nodes[0].y = 0.0;
    net.nodes[1].x = 4.0;
    net.nodes[1].y = 2.0;
    const auto spot = place_of(net, {ElementKind::valve, 0});
    ASSERT_TRUE(spot);
    EXPECT_EQ(spot->x, 2.0);
    EXPECT_EQ(spot->y, 1.0);
}

}  // namespace
}  // namespace nuanshu::cli
