#include "engines/network/profile.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double weight = 1000.0 * 9.80665;

/// Plant at the foot of a hill, a ring of two ways up to the station: 300 m over the ridge, 500 m around it.
class HillProfile : public testing::Test {
 protected:
    HillProfile() {
        TestNet net;
        net.node("plant_return").held(3e5);
        net.source("plant", "plant_return", "plant_supply");
        net.pipe("s1", "plant_supply", "ridge_s", 100.0, 0.2);
        net.pipe("s2", "ridge_s", "station_s", 200.0, 0.2);
        net.pipe("around1", "plant_supply", "valley_s", 400.0, 0.2);
        net.pipe("around2", "valley_s", "station_s", 100.0, 0.2);
        net.pipe("r1", "plant_return", "ridge_r", 110.0, 0.2);
        net.pipe("r2", "ridge_r", "station_r", 200.0, 0.2);
        net.consumer("station", "station_s", "station_r", 1e6).required_differential_pressure_pa = 1e5;
        net.node("ridge_s").node.elevation_m = 25.0;
        net.node("ridge_r").node.elevation_m = 25.0;
        net.node("station_s").node.elevation_m = 10.0;
        net.node("station_r").node.elevation_m = 10.0;
        network_ = net.take();
        network_.fluid = {.constant = true, .density_kg_m3 = 1000.0};
        solution_.converged = true;
        solution_.node_temperature_c.assign(network_.nodes.size(), 60.0);
        solution_.node_pressure_pa.assign(network_.nodes.size(), 2e5);
        pressure("plant_return") = 3e5;
        pressure("plant_supply") = 6e5;
    }

    double& pressure(const std::string& node) { return solution_.node_pressure_pa[find_element(network_, node).index]; }
    double& temperature(const std::string& node) {
        return solution_.node_temperature_c[find_element(network_, node).index];
    }
    NodeIndex node(const std::string& id) const { return find_element(network_, id).index; }

    Profile profile(const ProfileSettings& settings = {}) const {
        return value_or_throw(profile_to_consumer(network_, solution_, 0, settings));
    }

    std::vector<std::string> ids(const std::vector<ProfilePoint>& points) const {
        std::vector<std::string> list;
        for (const auto& point : points) {
            list.push_back(network_.nodes[point.node].id);
        }
        return list;
    }

    std::vector<std::string> violations(const Profile& profile) const {
        std::vector<std::string> list;
        for (const auto& violation : profile.violations) {
            list.push_back(std::string(to_string(violation.kind)) + " " + id_of(network_, violation.element));
        }
        return list;
    }

    Network network_;
    Solution solution_;
};

TEST_F(HillProfile, goes_the_shortest_way_to_the_consumer_and_back) {
    const auto found = profile();
    EXPECT_THAT(ids(found.supply), ElementsAre("plant_supply", "ridge_s", "station_s"));
    EXPECT_THAT(ids(found.back), ElementsAre("station_r", "ridge_r", "plant_return"));
    EXPECT_DOUBLE_EQ(found.supply.back().distance_m, 300.0);
    EXPECT_DOUBLE_EQ(found.back.front().distance_m, 310.0) << "distances on the way back count from the source too";
    EXPECT_DOUBLE_EQ(found.back.back().distance_m, 0.0);
    EXPECT_EQ(found.source, 0);
    EXPECT_EQ(id_of(network_, found.supply[1].arrived_through), "s1");
}

TEST_F(HillProfile, goes_around_what_is_shut) {
    network_.pipes[find_element(network_, "s2").index].open = false;
    EXPECT_THAT(ids(profile().supply), ElementsAre("plant_supply", "valley_s", "station_s"));
}

TEST_F(HillProfile, heads_are_heights_of_the_water_column) {
    const auto found = profile();
    EXPECT_NEAR(found.supply[0].head_m, 6e5 / weight, 1e-9);
    EXPECT_NEAR(found.supply[1].head_m, 25.0 + 2e5 / weight, 1e-9);
    EXPECT_NEAR(found.supply[1].allowed_head_m, 25.0 + 1.6e6 / weight, 1e-9);
}

TEST_F(HillProfile, the_static_line_is_level_at_the_held_head) {
    const auto found = profile();
    ASSERT_TRUE(found.static_head_m);
    EXPECT_NEAR(*found.static_head_m, 3e5 / weight, 1e-9);
    EXPECT_NEAR(found.supply[1].static_pressure_pa, 3e5 - 25.0 * weight, 1e-6);
}

TEST_F(HillProfile, names_where_the_pressure_is_more_than_allowed) {
    pressure("station_s") = 3.5e5;
    EXPECT_THAT(violations(profile({.allowed_pressure_pa = 5e5})), ElementsAre("over_allowed plant_supply"));
}

TEST_F(HillProfile, names_where_the_water_boils_running_or_standing_still) {
    pressure("station_s") = 3.5e5;
    temperature("ridge_s") = 130.0;  // boils under 1.69 bar over the atmosphere; with 3 m of reserve 1.98 bar
    EXPECT_THAT(violations(profile()), ElementsAre("static_boils ridge_s"));
    pressure("ridge_s") = 1.9e5;
    EXPECT_THAT(violations(profile()), ElementsAre("boils ridge_s", "static_boils ridge_s"));
    EXPECT_NEAR(profile().violations[0].amount_pa, 8e3, 1.5e3);
}

TEST_F(HillProfile, names_a_consumer_that_lacks_differential_pressure) {
    const auto found = profile();
    ASSERT_THAT(violations(found), ElementsAre("not_enough station"));
    EXPECT_NEAR(found.violations[0].amount_pa, 1e5, 1e-6);
}

TEST_F(HillProfile, leads_from_node_to_node_across_a_consumer_when_it_must) {
    const auto found = value_or_throw(profile_between(network_, solution_, node("ridge_s"), node("ridge_r")));
    EXPECT_THAT(ids(found.supply), ElementsAre("ridge_s", "plant_supply", "plant_return", "ridge_r"))
        << "through the plant it is 210 m, through the station 400 m";
    EXPECT_TRUE(found.back.empty());
}

TEST_F(HillProfile, says_when_no_open_way_leads_there) {
    network_.pipes[find_element(network_, "s2").index].open = false;
    network_.pipes[find_element(network_, "around2").index].open = false;
    const auto none = profile_to_consumer(network_, solution_, 0);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().what, HasSubstr("from a running source to consumer station"));
}

TEST_F(HillProfile, refuses_nodes_without_pressure_and_without_place) {
    pressure("ridge_s") = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(profile_to_consumer(network_, solution_, 0).error().what, HasSubstr("node ridge_s has no pressure"));
    EXPECT_EQ(profile_to_consumer(network_, solution_, 7).error().code, ErrorCode::invalid);
    EXPECT_EQ(profile_between(network_, solution_, 0, -1).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace nuanshu::network
