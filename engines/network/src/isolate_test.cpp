#include "engines/network/isolate.h"

#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> ids(const Network& network, const std::vector<ClosureStep>& steps) {
    std::vector<std::string> list;
    for (const auto& step : steps) {
        list.push_back(id_of(network, step.element));
    }
    std::sort(list.begin(), list.end());
    return list;
}

template <class T>
std::vector<std::string> ids(const std::vector<T>& elements, const std::vector<std::int32_t>& positions) {
    std::vector<std::string> list;
    for (const auto at : positions) {
        list.push_back(elements[at].id);
    }
    return list;
}

Closure close_for(const Network& network, const std::string& leak, const std::vector<std::string>& stuck = {},
                  ClosureSettings settings = {}) {
    std::vector<std::int32_t> positions;
    for (const auto& valve : stuck) {
        positions.push_back(find_element(network, valve).index);
    }
    const std::vector<Element> leaks = {find_element(network, leak)};
    return value_or_throw(ClosurePlanner(network, settings).plan(leaks, positions));
}

/// Plant ─ vs1 ─ street with station a ─ vs2 ─ street with station b ─ vs3 ─ street with station c, return alongside.
Network street() {
    TestNet net;
    net.node("plant_return").held(2e5);
    net.source("plant", "plant_return", "plant_supply");
    std::string supply = "plant_supply", back = "plant_return";
    for (const std::string part : {"a", "b", "c"}) {
        const auto number = std::to_string(part[0] - 'a' + 1);
        net.valve("vs" + number, supply, part + "_s0");
        net.valve("vr" + number, part + "_r0", back);
        net.pipe(part + "_supply", part + "_s0", part + "_s1", 100.0, 0.2);
        net.pipe(part + "_return", part + "_r1", part + "_r0", 100.0, 0.2);
        net.consumer(part, part + "_s1", part + "_r1", 1e6);
        supply = part + "_s1";
        back = part + "_r1";
    }
    return net.take();
}

TEST(ValveClosure, shuts_supply_and_return_around_a_leaking_pipe_and_names_who_is_cut_off) {
    const auto network = street();
    const auto plan = close_for(network, "b_supply").nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("vr2", "vs2"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_in_zone), ElementsAre("b", "c"))
        << "what hangs behind b has no water of its own, and drains with it";
    EXPECT_DOUBLE_EQ(plan.heat_cut_off_w, 2e6);
    ASSERT_EQ(plan.water_savers.size(), 1u);
    EXPECT_THAT(plan.water_savers[0].shut, ElementsAre(find_element(network, "vs3"), find_element(network, "vr3")));
    EXPECT_NEAR(plan.water_savers[0].volume_m3, 200.0 * 0.0314159, 1e-3);
    EXPECT_DOUBLE_EQ(plan.length_m, 400.0);
    EXPECT_NEAR(plan.volume_m3, 400.0 * 0.0314159, 1e-3);
}

TEST(ValveClosure, names_the_valves_that_spare_a_dead_end_from_draining_when_stations_are_shut_too) {
    const auto network = street();
    const auto plan = close_for(network, "b_supply", {}, {.stations_can_be_shut = true}).nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("b", "vs2", "vs3"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_in_zone), ElementsAre("b"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_without_flow), ElementsAre("c"));
}

TEST(ValveClosure, lists_consumers_outside_the_zone_that_were_fed_through_it) {
    auto network = street();
    network.nodes[find_element(network, "c_r1").index].held_pressure_pa = 2e5;  // a reservoir at the far end
    const auto plan = close_for(network, "b_supply").nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("vr2", "vr3", "vs2", "vs3"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_in_zone), ElementsAre("b"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_without_flow), ElementsAre("c"))
        << "it keeps its water, but no hot water comes";
}

TEST(ValveClosure, grows_past_a_valve_that_does_not_turn) {
    const auto network = street();
    const auto plan = close_for(network, "b_supply", {"vs2"}).nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("vr1", "vs1"));
    EXPECT_THAT(ids(network.consumers, plan.consumers_in_zone), ElementsAre("a", "b", "c"));
}

TEST(ValveClosure, a_leaking_valve_is_closed_around) {
    const auto network = street();
    const auto plan = close_for(network, "vs2").nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("vr1", "vs1"));
}

TEST(ValveClosure, sorts_what_to_shut_by_the_way_from_the_leak) {
    const auto network = street();
    const auto plan = close_for(network, "c_s1").nearest;
    ASSERT_EQ(plan.close.size(), 2u);
    EXPECT_DOUBLE_EQ(plan.close[0].distance_m, 100.0);
    EXPECT_DOUBLE_EQ(plan.close[1].distance_m, 100.0);
    EXPECT_THAT(ids(network, plan.close), ElementsAre("vr3", "vs3"));
}

TEST(ValveClosure, a_shut_valve_at_the_edge_must_stay_shut) {
    TestNet net;
    net.node("west").held(5e5);
    net.node("east").held(5e5);
    net.valve("v_west", "west", "a");
    net.pipe("p", "a", "b", 100.0, 0.1);
    net.valve("v_east", "b", "east").open = false;
    const auto network = net.take();
    const auto plan = close_for(network, "p").nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("v_west"));
    EXPECT_THAT(plan.keep_shut, ElementsAre(find_element(network, "v_east")));
}

TEST(ValveClosure, fewer_valves_and_fewer_cut_off_are_two_answers) {
    TestNet net;
    net.node("works").held(5e5);
    net.valve("main", "works", "hub");
    for (const std::string arm : {"x", "y", "z"}) {
        net.valve("v" + arm, "leaky", arm);
        net.pipe("p" + arm, arm, "hub", 50.0, 0.1);
        net.node(arm).demand(1.0);
    }
    const auto network = net.take();
    const auto closure = close_for(network, "leaky");
    EXPECT_THAT(ids(network, closure.nearest.close), ElementsAre("vx", "vy", "vz"));
    EXPECT_EQ(closure.nearest.cut_off(), 0u);
    EXPECT_THAT(ids(network, closure.fewest.close), ElementsAre("main"));
    EXPECT_EQ(closure.fewest.cut_off(), 3u);
    ASSERT_EQ(closure.fewest.water_savers.size(), 1u) << "the three arms hang together";
    EXPECT_EQ(closure.fewest.water_savers[0].shut.size(), 3u);
}

TEST(ValveClosure, spares_water_in_a_dead_end) {
    TestNet net;
    net.node("works").held(5e5);
    net.valve("v1", "works", "a");
    net.pipe("p1", "a", "b", 100.0, 0.1);
    net.valve("v2", "b", "c");
    net.pipe("p2", "c", "d", 400.0, 0.1);
    net.node("d").demand(1.0);
    const auto network = net.take();
    const auto plan = close_for(network, "p1").nearest;
    EXPECT_THAT(ids(network, plan.close), ElementsAre("v1"));
    ASSERT_EQ(plan.water_savers.size(), 1u);
    EXPECT_THAT(plan.water_savers[0].shut, ElementsAre(find_element(network, "v2")));
    EXPECT_NEAR(plan.water_savers[0].volume_m3, 400.0 * 0.00785398, 1e-5);
}

TEST(ValveClosure, says_where_water_comes_from_when_nothing_can_part_it) {
    const auto network = street();
    const ClosurePlanner planner(network);
    const std::vector<Element> leaks = {find_element(network, "a_supply")};
    const std::vector<std::int32_t> stuck = {find_element(network, "vs1").index};
    const auto refused = planner.plan(leaks, stuck);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    EXPECT_THAT(refused.error().what, HasSubstr("source plant, valve vs1"));
}

TEST(ValveClosure, refuses_leaks_that_do_not_exist) {
    const auto network = street();
    const ClosurePlanner planner(network);
    EXPECT_EQ(planner.plan({}).error().code, ErrorCode::invalid);
    const std::vector<Element> beyond = {{ElementKind::pipe, 99}};
    EXPECT_THAT(planner.plan(beyond).error().what, HasSubstr("no pipe at position 99; this network has 6"));
}

// The oracle knows nothing of segments: it tries every set of valves on the bare network.

/// Nodes reached from `seeds` over links for which `passes` says yes.
template <class Passes>
std::set<NodeIndex> flood(const Network& network, std::set<NodeIndex> reached, const Passes& passes) {
    const auto links = all_links(network);
    for (bool grew = true; grew;) {
        const auto before = reached.size();
        for (const auto& link : links) {
            if (passes(link) && (reached.contains(link.from) || reached.contains(link.to))) {
                reached.insert(link.from);
                reached.insert(link.to);
            }
        }
        grew = reached.size() > before;
    }
    return reached;
}

struct Trial {
    bool separates = false;
    std::size_t affected = 0;
};

class Oracle {
 public:
    Oracle(const Network& network, std::set<NodeIndex> leaking) : network_(network), leaking_(std::move(leaking)) {}

    Trial attempt(const std::set<std::int32_t>& shut_valves) const {
        const auto zone = flood(network_, leaking_, [&](const TestLink& link) { return conducts(link, shut_valves); });
        const auto wet = wells();
        Trial trial;
        trial.separates = std::none_of(wet.begin(), wet.end(), [&](auto node) { return zone.contains(node); });
        for (std::size_t at = 0; at < network_.consumers.size(); ++at) {
            trial.affected += cut_off(network_.consumers[at], zone) ? 1 : 0;
        }
        for (NodeIndex at = 0; at < static_cast<NodeIndex>(network_.nodes.size()); ++at) {
            trial.affected +=
                network_.nodes[at].demand_kg_s > 0 && watered({}).contains(at) && !watered(zone).contains(at);
        }
        return trial;
    }

 private:
    static bool is(const TestLink& link, ElementKind kind) { return link.element.kind == kind; }

    bool conducts(const TestLink& link, const std::set<std::int32_t>& shut) const {
        if (is(link, ElementKind::valve)) {
            return network_.valves[link.element.index].open && !shut.contains(link.element.index);
        }
        if (is(link, ElementKind::pipe)) {
            return network_.pipes[link.element.index].open;
        }
        return !is(link, ElementKind::consumer) || network_.consumers[link.element.index].open;
    }

    std::set<NodeIndex> wells() const {
        std::set<NodeIndex> wet;
        for (NodeIndex at = 0; at < static_cast<NodeIndex>(network_.nodes.size()); ++at) {
            if (network_.nodes[at].held_pressure_pa || network_.nodes[at].demand_kg_s < 0) {
                wet.insert(at);
            }
        }
        for (const auto& source : network_.sources) {
            wet.insert({source.from, source.to});
        }
        return wet;
    }

    std::set<NodeIndex> any_way(const std::set<NodeIndex>& seeds) const {
        return flood(network_, seeds, [&](const TestLink& link) { return conducts(link, {}); });
    }

    std::set<NodeIndex> any_way_outside(const std::set<NodeIndex>& zone) const {
        auto seeds = wells();
        std::erase_if(seeds, [&](auto node) { return zone.contains(node); });
        return flood(network_, seeds, [&](const TestLink& link) {
            return conducts(link, {}) && !zone.contains(link.from) && !zone.contains(link.to);
        });
    }

    std::set<NodeIndex> side(std::set<NodeIndex> seeds, const std::set<NodeIndex>& zone) const {
        std::erase_if(seeds, [&](auto node) { return zone.contains(node); });
        return flood(network_, seeds, [&](const TestLink& link) {
            const bool ends_side = is(link, ElementKind::consumer) || is(link, ElementKind::source);
            return !ends_side && conducts(link, {}) && !zone.contains(link.from) && !zone.contains(link.to);
        });
    }

    std::set<NodeIndex> watered(const std::set<NodeIndex>& zone) const {
        auto seeds = wells();
        for (const auto& source : network_.sources) {
            const bool is_held = network_.nodes[source.from].held_pressure_pa.has_value();
            if (!is_held && network_.nodes[source.from].demand_kg_s >= 0) {
                seeds.erase(source.from);
            }
        }
        for (const auto& source : network_.sources) {
            seeds.insert(source.to);
        }
        return side(seeds, zone);
    }

    bool fed(const Consumer& consumer, const std::set<NodeIndex>& zone) const {
        std::set<NodeIndex> outlets, inlets;
        for (NodeIndex at = 0; at < static_cast<NodeIndex>(network_.nodes.size()); ++at) {
            const auto& node = network_.nodes[at];
            if (node.held_pressure_pa || node.demand_kg_s < 0) {
                outlets.insert(at);
            }
            if (node.held_pressure_pa || node.demand_kg_s > 0) {
                inlets.insert(at);
            }
        }
        for (const auto& source : network_.sources) {
            outlets.insert(source.to);
            inlets.insert(source.from);
        }
        return consumer.open && side(outlets, zone).contains(consumer.from) && side(inlets, zone).contains(consumer.to);
    }

    bool cut_off(const Consumer& consumer, const std::set<NodeIndex>& zone) const {
        const auto wet_before = any_way(wells()), wet_after = any_way_outside(zone);
        const bool dries_out = (wet_before.contains(consumer.from) && !wet_after.contains(consumer.from)) ||
                               (wet_before.contains(consumer.to) && !wet_after.contains(consumer.to));
        return (consumer.open && dries_out) || (fed(consumer, {}) && !fed(consumer, zone));
    }

    const Network& network_;
    std::set<NodeIndex> leaking_;
};

Network random_net(std::mt19937& random) {
    const auto below = [&](int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random); };
    const int node_count = 4 + below(8);
    const auto any_node = [&] { return "n" + std::to_string(below(node_count)); };
    TestNet net;
    for (int i = 0; i < node_count; ++i) {
        auto node = net.node("n" + std::to_string(i));
        if (below(5) == 0) {
            node.demand(1.0);
        }
    }
    net.node(any_node()).held(2e5);
    const auto two = [&] {
        auto from = any_node(), to = any_node();
        while (to == from) {
            to = any_node();
        }
        return std::pair{from, to};
    };
    const auto add = [&](int count, const auto& make) {
        for (int i = 0; i < count; ++i) {
            const auto [from, to] = two();
            make(i, from, to);
        }
    };
    add(1 + below(5), [&](int i, auto& from, auto& to) {
        net.pipe("p" + std::to_string(i), from, to, 10.0 + below(90), 0.1).open = below(12) != 0;
    });
    add(3 + below(6),
        [&](int i, auto& from, auto& to) { net.valve("v" + std::to_string(i), from, to).open = below(8) != 0; });
    add(below(3), [&](int i, auto& from, auto& to) {
        net.consumer("c" + std::to_string(i), from, to, 1e5).open = below(8) != 0;
    });
    add(below(2), [&](int i, auto& from, auto& to) { net.source("s" + std::to_string(i), from, to); });
    return net.take();
}

/// Every set of the valves that turn, as a set of positions.
std::vector<std::set<std::int32_t>> all_subsets(const std::vector<std::int32_t>& valves) {
    std::vector<std::set<std::int32_t>> subsets;
    for (unsigned bits = 0; bits < (1u << valves.size()); ++bits) {
        std::set<std::int32_t> subset;
        for (std::size_t i = 0; i < valves.size(); ++i) {
            if ((bits >> i & 1u) != 0) {
                subset.insert(valves[i]);
            }
        }
        subsets.push_back(std::move(subset));
    }
    return subsets;
}

std::set<std::int32_t> positions(const std::vector<ClosureStep>& steps) {
    std::set<std::int32_t> list;
    for (const auto& step : steps) {
        list.insert(step.element.index);
    }
    return list;
}

struct Best {
    std::pair<std::size_t, std::size_t> count_then_affected = {1000, 1000};
    std::size_t affected = 1000;
    bool any = false;
};

Best search_all(const Oracle& oracle, const std::vector<std::int32_t>& turning) {
    Best best;
    for (const auto& subset : all_subsets(turning)) {
        const auto trial = oracle.attempt(subset);
        if (trial.separates) {
            best.any = true;
            best.count_then_affected = std::min(best.count_then_affected, {subset.size(), trial.affected});
            best.affected = std::min(best.affected, trial.affected);
        }
    }
    return best;
}

struct Question {
    Network network;
    std::vector<std::int32_t> turning, stuck;
    std::int32_t leak_pipe = 0;
};

Question random_question(unsigned seed) {
    std::mt19937 random(seed);
    Question question{.network = random_net(random), .turning = {}, .stuck = {}};
    for (std::int32_t at = 0; at < static_cast<std::int32_t>(question.network.valves.size()); ++at) {
        const bool is_stuck = std::uniform_int_distribution<int>(0, 11)(random) == 0;
        (is_stuck ? question.stuck : question.turning).push_back(at);
    }
    const auto last = static_cast<std::int32_t>(question.network.pipes.size()) - 1;
    question.leak_pipe = std::uniform_int_distribution<std::int32_t>(0, last)(random);
    return question;
}

void check_none_is_for_nothing(const Oracle& oracle, const ClosurePlan& plan) {
    auto shut = positions(plan.close);
    EXPECT_TRUE(oracle.attempt(shut).separates);
    for (const auto& step : plan.close) {
        shut.erase(step.element.index);
        EXPECT_FALSE(oracle.attempt(shut).separates) << "valve " << step.element.index << " is shut for nothing";
        shut.insert(step.element.index);
    }
}

/// Whether the leak can be parted from water at all.
bool check_against_all_subsets(const Question& question) {
    const auto& pipe = question.network.pipes[question.leak_pipe];
    const Oracle oracle(question.network, {pipe.from, pipe.to});
    const auto best = search_all(oracle, question.turning);
    const std::vector<Element> leaks = {{ElementKind::pipe, question.leak_pipe}};
    const auto closure = ClosurePlanner(question.network).plan(leaks, question.stuck);
    EXPECT_EQ(closure.has_value(), best.any);
    if (closure && best.any) {
        EXPECT_EQ(std::pair(closure->fewest.close.size(), closure->fewest.cut_off()), best.count_then_affected);
        EXPECT_EQ(oracle.attempt(positions(closure->fewest.close)).affected, closure->fewest.cut_off());
        EXPECT_EQ(closure->nearest.cut_off(), best.affected);
        check_none_is_for_nothing(oracle, closure->fewest);
        check_none_is_for_nothing(oracle, closure->nearest);
    }
    return best.any;
}

TEST(ValveClosure, no_set_of_valves_is_better_on_small_random_networks) {
    int separable = 0;
    for (unsigned seed = 0; seed < 2500; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        separable += check_against_all_subsets(random_question(seed)) ? 1 : 0;
    }
    EXPECT_GT(separable, 600) << "the random networks must ask real questions";
}

}  // namespace
}  // namespace nuanshu::network
