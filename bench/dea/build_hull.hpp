#pragma once
#include "bench/dea/rival.hpp"

namespace greenfront::bench {

/// Frontier reduction by the procedure BuildHull (Dula 2011): the reference set grows from a few columns;
/// each unit is tested by a program against the set found so far. A unit inside is left out for good; for one
/// outside, the multipliers are a hyperplane that separates it, and the unit farthest beyond it spans the
/// technology and joins the set. Every unit then needs only that set.
struct Hull {
    std::vector<std::int32_t> columns;  ///< in the order found
    std::int64_t tested = 0;            ///< units
    std::int64_t programs = 0, pivots = 0;
    double seconds = 0;    ///< CPU time
    double last_pace = 0;  ///< seconds a unit over the last tenth of those tested
};

/// Tests the first `limit` units.
[[nodiscard]] Hull build_hull(const Data& data, bool vrs, Library library, Rule rule, Eigen::Index limit);

}  // namespace greenfront::bench
