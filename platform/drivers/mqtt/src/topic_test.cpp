#include "platform/drivers/mqtt/src/topic.h"

#include <gtest/gtest.h>

namespace nuanshu::drivers::mqtt {
namespace {

TEST(Topic, a_template_makes_topics_and_a_filter) {
    const auto made = TopicTemplate::create("city/rooms/{code}/up");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->topic("xc.s01.a"), "city/rooms/xc.s01.a/up");
    EXPECT_EQ(made->filter(), "city/rooms/+/up");
    EXPECT_EQ(TopicTemplate::create("{code}")->filter(), "+");
    EXPECT_EQ(TopicTemplate::create("v1/gateway/telemetry")->filter(), "v1/gateway/telemetry");
}

TEST(Topic, a_template_with_wildcards_or_half_levels_is_refused) {
    for (const auto* text : {"", "a/+/b", "a/#", "a/x{code}", "a/{code}x/b", "{code}/{code}"}) {
        EXPECT_FALSE(TopicTemplate::create(text)) << text;
    }
}

TEST(Topic, sparkplug_topics_are_taken_apart) {
    const auto topic = parse_sparkplug_topic("spBv1.0/xc/DDATA/h001/plc 1");
    ASSERT_TRUE(topic);
    EXPECT_EQ(topic->group, "xc");
    EXPECT_EQ(topic->message, SparkplugMessage::device_data);
    EXPECT_EQ(topic->edge_node, "h001");
    EXPECT_EQ(topic->device, "plc 1");
    EXPECT_EQ(parse_sparkplug_topic("spBv1.0/xc/NDEATH/h001")->message, SparkplugMessage::node_death);
}

TEST(Topic, what_is_no_message_for_a_host_is_none) {
    for (const auto* text : {"spBv1.0/xc/NBIRTH", "spBv1.0/xc/NBIRTH/h001/d", "spBv1.0/xc/DDATA/h001",
                             "spBv1.0/xc/DDATA/h001/", "spBv1.0/xc/DDATA/h001/d/e", "spBv1.0/xc/NCMD/h001",
                             "spBv1.0/STATE/host", "spAv1.0/xc/NDATA/h001", "spBv1.0//NDATA/h001", ""}) {
        EXPECT_FALSE(parse_sparkplug_topic(text)) << text;
    }
}

TEST(Topic, what_came_from_a_wire_is_made_fit_to_show) {
    EXPECT_EQ(printable("a\x01"
                        "b\xff"
                        "c"),
              "a?b?c");
    EXPECT_EQ(printable("供温"), "供温");
    EXPECT_EQ(printable(std::string_view("\xe4\xbe", 2)), "??");
    EXPECT_EQ(printable(std::string(500, 'x')).size(), 120 + std::string("…").size());
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt
