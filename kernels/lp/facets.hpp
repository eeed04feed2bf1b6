#pragma once
#include "kernels/lp/core.hpp"

/// Bases that were optimal for some programs of a family, as starts for the others.
///
/// A family: uniform programs (problem.hpp) over one set of columns, in which a single extra, `priced`, has a
/// cost c and a column p. Only the row scales R = diag(row_scale) differ. The multipliers y of a basis of
/// priced, slacks and shared columns satisfy y'p = c, signs, and y'R A_j <= 0 for the columns A_j of the set;
/// of n = Ry this says n'A_j <= 0, whatever R. So a basis that is optimal for one program is dual feasible
/// for all of them once n is rescaled to n'R^-1 p = c, and of the program with right-hand side b
///
///     c n'R^-1 b / n'R^-1 p
///
/// is a lower bound. In efficiency analysis n is the normal of a facet of the frontier and the bound is the
/// score against that facet's plane; the largest bound belongs, more often than not, to the facet on which
/// the unit is projected, whose basis is then optimal at once. Else some variables are negative in it, and
/// the dual simplex method (Lemke 1954) needs a pivot or two. Radial efficiency and directional distances are
/// such families; in the SBM the multipliers are bounded by 1/x_o, so it is none.
///
/// None of this is trusted: what comes out is a basis for the primal method, which certifies it or goes on.
///
/// Cost: O(rows size) to find a facet, one exchange of the inverse to start on it.
namespace greenfront::lp {

/// Programs with more rows start elsewhere.
inline constexpr int most_facet_rows = 32;

struct Facets {
    int rows = 0, width = 0;
    std::int32_t size = 0;
    std::size_t stride = 0;  ///< capacity, a multiple of 8
    Aligned normal;          ///< rows x stride, structure of arrays: n
    Aligned inverse;         ///< width x width each: of the basis with R = 1 (and slacks still of entry +-1)
    Aligned column;          ///< width x width each: its shared columns with R = 1
    std::vector<std::int32_t> code;       ///< rows each
    std::vector<std::int32_t> slack_row;  ///< rows each: the row of a slack, else -1
    std::vector<std::int32_t> special;    ///< the basis row of the priced extra

    Facets() = default;
    Facets(const Problem& problem, std::int32_t capacity);
    /// Adds the basis in `core`, freshly factored for a member of the family. False: it is none that others
    /// could use.
    bool add(const Core& core);
};

/// Starts on the facet with the largest bound, unless that is above `objective`, which a feasible point of
/// this program has: then a column of its own bars all facets. True: `core` holds a basis that the dual
/// simplex method ended with, feasible but for a hair.
[[nodiscard]] bool start_on_facet(Core& core, const Facets& facets, double objective);

}  // namespace greenfront::lp
