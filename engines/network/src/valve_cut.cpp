#include "engines/network/src/valve_cut.h"

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace nuanshu::network {
namespace {

constexpr GateIndex unreached = -2;
constexpr GateIndex leak_itself = -1;

class CutSearch {
 public:
    explicit CutSearch(const CutProblem& problem)
        : problem_(problem),
          flow_(problem.segments.gates().size(), 0),
          reached_through_(static_cast<std::size_t>(problem.segments.size()), unreached) {}

    std::vector<char> run() {
        while (const auto wet = find_path()) {
            augment(*wet);
        }
        std::vector<char> side(reached_through_.size());
        std::transform(reached_through_.begin(), reached_through_.end(), side.begin(),
                       [](GateIndex gate) { return static_cast<char>(gate != unreached); });
        return side;
    }

 private:
    const Gate& gate(GateIndex at) const { return problem_.segments.gates()[at]; }

    /// Flow counts from the gate's `from` to its `to`.
    bool has_room(GateIndex at, SegmentIndex leaving) const {
        const auto outward = gate(at).from == leaving ? flow_[at] : -flow_[at];
        return !problem_.turns[at] || outward < 1;
    }

    void start() {
        std::fill(reached_through_.begin(), reached_through_.end(), unreached);
        queue_.clear();
        for (const auto segment : problem_.leaking) {
            enter(segment, leak_itself);
        }
    }

    void enter(SegmentIndex segment, GateIndex through) {
        if (reached_through_[segment] == unreached) {
            reached_through_[segment] = through;
            queue_.push_back(segment);
        }
    }

    /// The wet segment that water can still come from, nearest by the number of gates.
    std::optional<SegmentIndex> find_path() {
        start();
        for (std::size_t next = 0; next < queue_.size(); ++next) {
            const auto segment = queue_[next];
            if (problem_.wet[segment]) {
                return segment;
            }
            for (const auto at : problem_.segments.gates_around(segment)) {
                if (has_room(at, segment)) {
                    enter(gate(at).other(segment), at);
                }
            }
        }
        return std::nullopt;
    }

    void augment(SegmentIndex segment) {
        bool limited = false;
        for (auto at = reached_through_[segment]; at != leak_itself; at = reached_through_[segment]) {
            const auto before = gate(at).other(segment);
            flow_[at] += gate(at).from == before ? 1 : -1;
            limited = limited || problem_.turns[at];
            segment = before;
        }
        NUANSHU_CHECK(limited, "no gate that turns between the leak and water");
    }

    const CutProblem& problem_;
    std::vector<std::int32_t> flow_;
    std::vector<GateIndex> reached_through_;
    std::vector<SegmentIndex> queue_;
};

}  // namespace

std::vector<char> least_cut_side(const CutProblem& problem) {
    return CutSearch(problem).run();
}

std::vector<char> nearest_cut_side(const CutProblem& problem) {
    std::vector<char> leaking(problem.wet.size(), 0);
    for (const auto segment : problem.leaking) {
        leaking[segment] = 1;
    }
    std::vector<SegmentIndex> wells;
    for (SegmentIndex segment = 0; segment < problem.segments.size(); ++segment) {
        if (problem.wet[segment]) {
            wells.push_back(segment);
        }
    }
    const auto watered =
        reach(problem.segments, wells, [&](GateIndex, SegmentIndex beyond) { return !leaking[beyond]; });
    return reach(problem.segments, problem.leaking, [&](GateIndex, SegmentIndex beyond) { return !watered[beyond]; });
}

}  // namespace nuanshu::network
