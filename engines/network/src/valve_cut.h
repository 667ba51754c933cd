#pragma once

#include <span>
#include <vector>

#include "engines/network/src/segments.h"

/// The fewest gates that separate a leak from water: a minimum cut in the graph of segments, by augmenting paths
/// (Ford–Fulkerson with breadth-first search, which is Edmonds–Karp).
///
/// Each gate that turns carries one unit, each that does not any number. All minimum cuts are ordered by inclusion of
/// their leak sides into a lattice (Picard and Queyranne, 1980): the segments that residual paths still reach at the
/// end are the least of them, contained in the leak side of every other minimum cut. So this cut is at once the one of
/// least drained volume, least length and fewest consumers cut off.
namespace nuanshu::network {

struct CutProblem {
    const Segments& segments;
    std::span<const char> wet;    ///< by segment: water comes from here
    std::span<const char> turns;  ///< by gate
    std::span<const SegmentIndex> leaking;
};

/// The leak's side of the least minimum cut, one flag a segment. Time: (segments + gates) × (gates cut + 1).
/// @pre no wet segment is reached from the leak through gates that do not turn alone
std::vector<char> least_cut_side(const CutProblem& problem);

/// The leak's side when only its own segments are given up: they, and what hangs on them without water of its own.
std::vector<char> nearest_cut_side(const CutProblem& problem);

}  // namespace nuanshu::network
