#pragma once
#include "kernels/lp/facets.hpp"
#include "kernels/lp/simplex.hpp"

/// Programs of a family (facets.hpp) answered from the facets found so far, without a pivot.
///
/// Problem. The family's program with row scales R = diag(1 / s), s = `inverse_scale`:
///     min c theta   subject to   p theta + E slack + R A lambda = b,   slack, lambda >= 0,
/// p the column of the priced extra, E of entries +1 and -1, one a row at most, A the shared columns.
///
/// Method. A facet has a normal n with n'A_j <= 0 for all columns j and n'E <= 0, and a basis. With
///     y = k R^-1 n,   k = c / n'R^-1 p > 0
/// y'p = c, so y is dual feasible and c n'R^-1 b / n'R^-1 p bounds the objective from below. The facet with
/// the largest bound is looked at. M, its basis with R = 1 and with the column q of the priced extra of the
/// program it was found in, has been inverted when it was found; with v = M^-1 R^-1 b, w = M^-1 R^-1 p
///     theta = v_q / w_q,   lambda = v - theta w
/// solve the rows without slacks, and what is left in a row with a slack is the slack. If these have the
/// right signs, both points are optimal.
///
/// Certificate: as in simplex.hpp, and of the same strength. n is made to satisfy n'E <= 0 exactly (an entry
/// of the wrong sign, or of a row whose slack is basic, is rounding and becomes 0), and is priced over all
/// shared columns once, when the facet is added; k times the least reduced cost found there holds for every
/// program. The primal residual is computed for each program, after negative intensities became 0, and so is
/// the gap. What does not pass is solved by the simplex method.
///
/// Source: the bound and the family are those of facets.hpp; that a unit's score is the one against the
/// facet that its ray meets is Farrell (1957), section 2.2.
///
/// Cost: O(rows size) to find the facet and O(rows^2) to prove it; one pass over the columns a facet.
namespace greenfront::lp {

struct PlaneScore {
    double special = 0;  ///< theta
    double objective = 0;
    double largest_multiplier = 0;
    Proof proof;
    /// Whether double precision keeps what it is asked for (simplex.hpp).
    [[nodiscard]] bool holds() const;
};

struct Planes {
    Facets facets;              ///< the same facets, as starts of the simplex method
    Aligned normal;             ///< rows x facets.stride, structure of arrays: n
    Aligned slack;              ///< width: the entry of the row's slack, 0 where there is none
    std::vector<double> least;  ///< of each facet: least of 0 and the -n'A_j

    /// `family`: a uniform program of the family.
    Planes(const Problem& family, std::int32_t capacity);
    /// Adds the facet of the basis `warm`, optimal for `workspace.problem`. False: it is none, or there is no
    /// room.
    bool add(Workspace& workspace);
};

/// The program with these scales (`width` entries, 0 beyond the rows) on the facet that bounds it best.
/// False: no facet bounds it.
[[nodiscard]] bool score_on_plane(const Planes& planes, const Problem& family, const double* inverse_scale,
                                  PlaneScore& result);

}  // namespace greenfront::lp
