#pragma once
#include <span>

#include "kernels/dea/dea.hpp"

/// Free disposal hull: one reference unit j at a time, scaled by delta.
///
/// Input:  theta = min_j min_delta { delta max_i x_ij / x_io : delta y_j >= y_o, delta b_j <= b_o };
/// output: phi   = max_j max_delta { delta min_r y_rj / y_ro : delta x_j <= x_o, delta b_j <= b_o }.
/// delta is 1 (vrs), >= 0 (crs), in (0, 1] (nirs) or >= 1 (ndrs), so each j has a closed form: with l_j =
/// max_r y_ro / y_rj and u_j = min_k b_ko / b_kj the smallest and largest delta, input takes l_j cut to the
/// returns, output the largest delta that inputs, bads and returns allow.
///
/// Source: Deprins, Simar and Tulkens (1984); other returns Kerstens and Vanden Eeckaut (1999), EJOR 113:206.
/// Statuses: optimal; infeasible (no unit produces as much); undefined (input: x_o = 0; output: y_o = 0 is
/// unbounded). Ties go to the unit whose slacks, divided by the means of the reference set, add up to most,
/// then to the first. Slacks are those left after the radial move; multipliers do not exist. Cost O((m+s) n)
/// a unit.
namespace greenfront::dea {

[[nodiscard]] Scores score_by_hull(const Quantities& evaluated, const Quantities& reference,
                                   const Settings& settings);

}  // namespace greenfront::dea
