#pragma once
#include <span>

#include "kernels/dea/facet_scores.hpp"

/// Radial scores against pseudo-points that lie on the units' own rays.
///
/// Problem. Pseudo-point j is unit j moved by a factor r_j > 0 along the ray of its orientation:
///   input   (r_j x_j, y_j, b_j),   output  (x_j, y_j / r_j, b_j),
/// and the n original units are scored against the technology T* of all n pseudo-points. Since
///   theta x_o = (theta / r_o) (r_o x_o)   and   phi y_o = (phi r_o) (y_o / r_o),
/// the score of the unit is that of its own pseudo-point, theta_o = r_o theta(r_o x_o, y_o, b_o) and
/// phi_o = phi(x_o, y_o / r_o, b_o) / r_o, whatever the returns to scale. The pseudo-points are scored
/// against themselves: every program has a feasible start, and facet_scores() does for all of them.
///
/// Symbols: r pure numbers; X, Y, B as in dea.hpp. Source: the homogeneity of radial scores, Simar and Wilson
/// (1998), p. 55.
///
/// Statuses: as for the radial model of dea.hpp; a unit of T* has an optimum, so a unit whose moving side is
/// not zero has one. Cost: that of facet_scores().
namespace greenfront::dea {

/// The pseudo-points.
[[nodiscard]] Quantities on_rays(const Quantities& units, std::span<const double> ratio,
                                 Orientation orientation);
/// Scores of the units from those of their pseudo-points.
[[nodiscard]] RadialScores of_units(RadialScores scores, std::span<const double> ratio,
                                    Orientation orientation);
/// Both. `radial`: model radial.
[[nodiscard]] RadialScores score_on_rays(const Quantities& units, std::span<const double> ratio,
                                         const Settings& radial);

}  // namespace greenfront::dea
