#pragma once
#include <vector>

#include "kernels/lp/simplex.hpp"

namespace greenfront::lp {

/// The last rung of the ladder: the same program in quadruple precision (where the compiler has none, in long
/// double), full pricing before every pivot, largest
/// coefficient first and Bland's rule after a run of degenerate pivots, from the start that the program
/// names or in two phases from an artificial basis, fresh inverse every 8 pivots, refined. Data that span
/// more orders of magnitude than that has digits leave no proof; they get a hundred (Boost.Multiprecision).
/// Slow (O(rows * count) a pivot) and allocates; meant for the few programs that double precision cannot
/// certify. Fills `core.basis`, `core.x`, `core.y` and returns the solution with its proof in that precision.
/// With `near_optimum` it begins at `core.basis`: dual simplex steps until that is feasible, then primal
/// ones.
/// `digits` below 100 keep it at quadruple precision.
[[nodiscard]] Solution solve_extended(const Problem& problem, const Columns& columns, Core& core,
                                      bool near_optimum, int digits);

}  // namespace greenfront::lp
