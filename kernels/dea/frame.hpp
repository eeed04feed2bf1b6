#pragma once
#include "kernels/dea/batch.hpp"

/// Scoring a reference set against itself by its frame.
///
/// The frame here is the set F of efficient units (weakly efficient ones and duplicates included). A unit j
/// is dominated by F when some lambda over F has X lambda <= x_j, Y lambda >= y_j, B lambda <= b_j within the
/// returns to scale. Then for all multipliers v, u, w >= 0 (and the one of returns to scale) under which no
/// unit of F has a negative reduced cost, that of j is
///     d_j = sum_F lambda d_F + v'(x_j - X lambda) + u'(Y lambda - y_j) + w'(b_j - B lambda) >= 0,
/// so a program that prices F alone is certified for the whole set. That j is dominated is shown by its own
/// program over F and j, when its optimal solution does without j itself; so no program is solved that is not
/// needed anyway. Multipliers without a sign (weak disposability, additive slacks held at 0) break the
/// argument, super-efficiency changes the technology, and the cost of a bundle says nothing of the unit's
/// own: there every program prices all columns.
///
/// Method: F grows from the peers of a sample (priced over all columns). Every unit is solved against F and
/// itself; those that are efficient, or lean on themselves, join F unless they prove inefficient among each
/// other; units whose multipliers price a new column at less than 1e-10 are solved again. Large sets grow F
/// through samples first. Where facets found for some units are starts for others (lp/facets.hpp), those some
/// are solved first, in rounds of growing size spread over the batch. After Dula and Thrall (2001), Dula
/// (2011, BuildHull) and Barr and Durchholz (1997). Only columns of F can be on an optimal face with positive
/// data, so the tie rule and the flag `unique` see all there is.
///
/// Cost: about one program a unit over |F| columns, more while F is incomplete.
namespace greenfront::dea {

/// Whether the argument above holds for this model.
[[nodiscard]] bool frame_holds(const Job& job);

/// Scores all evaluated units. Needs frame_holds, and every reference column to be some evaluated unit.
[[nodiscard]] Scores score_by_frame(const Job& job);

}  // namespace greenfront::dea
