#pragma once
#include <cstdint>
#include <vector>

#include "kernels/lp/facets.hpp"
#include "kernels/status.hpp"

/// Certified simplex for linear programs with few rows and many columns.
///
/// Problem (problem.hpp):  min cost'z  subject to  extra z + diag(row_scale) Columns lambda = rhs,  z, lambda
/// >= 0.
///
/// Method: revised primal simplex with an explicit inverse of rows x rows (Dantzig's rule, Harris' ratio
/// test, Bland's rule after a run of degenerate pivots, fresh inverse every 64 pivots) among the extras and a
/// pool of shared columns; then x and y are refined once against the basis itself and one pass prices every
/// shared column. Columns that would improve join the pool and the pivots go on; a pass without any is
/// at the same time the proof of optimality (column generation: Gilmore and Gomory 1961; for efficiency
/// programs Barr and Durchholz 1997). Programs of a family (facets.hpp) begin with the dual simplex method
/// on the facet that bounds them best.
///
/// Certificate of every optimum, on the scaled program: least reduced cost over all extras and all shared
/// columns >= -1e-9 (of a column whose terms add up to more than 1 in magnitude: relative to that sum);
/// |rhs - basis x| (of a row whose terms add up to more than 1: relative to that sum), and what -x moves in
/// the rows, at most 1e-9; |cost'x - y'rhs| at most 1e-9 relative to max(1, |objective|). An infeasible
/// program is certified by the same inequalities for the first phase; one that is infeasible by less than
/// 1e-9 counts as feasible, unless that leaves no certificate: then it is infeasible by reduced costs, with
/// more digits, of at least -1e-9 times what it lacks. What the first attempt cannot certify
/// goes up a ladder: right-hand side perturbed, then Bland's rule from a cold basis, then quadruple precision
/// and at last a hundred digits (extended.hpp), to which a program that has an optimal basis and lacks digits
/// only goes at once; after that the status is `failed`. Double precision must keep 1e-11 where the
/// certificate says 1e-9, and what it finds unbounded is solved again on the last rung; so is what has
/// multipliers above 1e6, which make rounding of the data worth more than 1e-10. Of a wide problem only the
/// last rung has proofs, and its certificate is that of `Problem::wide`.
///
/// Equality rows are rows whose slack is barred: their artificial column may be basic, at zero, and leaves at
/// the first pivot that would move it.
///
/// Cost: a pivot is O(rows^2 + rows * pool); a pass O(rows * count). Nothing is allocated, except on the
/// last rung.
namespace greenfront::lp {

inline constexpr double certificate_tolerance = 1e-9;
/// What double precision must keep of it (of the primal residual a tenth: t of a fractional program may be
/// small); what misses this is solved with more digits.
inline constexpr double double_tolerance = 1e-11;
/// Significant decimal digits of the arithmetic that programs may be solved with.
inline constexpr int double_digits = 16, quadruple_digits = 34, hundred_digits = 100;
/// Reduced cost up to which a column is on the optimal face.
inline constexpr double face_tolerance = 1e-10;

struct Proof {
    double min_reduced_cost = 0, primal_residual = 0, gap = 0;
    [[nodiscard]] bool holds() const {
        return min_reduced_cost >= -certificate_tolerance && primal_residual <= certificate_tolerance &&
               gap <= certificate_tolerance;
    }
};

struct Solution {
    Status status = Status::failed;
    double objective = 0;
    Proof proof;                ///< meaningful when status is optimal or infeasible
    bool other_optima = false;  ///< a nonbasic column has reduced cost 0: solution may not be unique
    int rung = 0;  ///< of the ladder: 0 first attempt, 1 perturbed, 2 Bland, 3 quadruple precision
    std::int64_t pivots = 0, passes = 0;
};

/// A basis with its inverse, kept for programs that begin alike.
struct Snapshot {
    bool ready = false;
    Aligned inverse, matrix, x, y, basic_cost, fixed, hair;
    bool any_fixed = false;
    std::vector<std::int32_t> basis;
};

/// Memory of one thread for programs of one shape over one set of columns. The solution of the last solve:
/// `core.basis`, `core.x`, `core.y` (multiplier of each row).
struct Workspace {
    Problem problem;
    Core core;
    Pool* pool;                               ///< may be shared by the workspaces of one thread
    Pool* face;                               ///< as large as all columns; likewise
    std::vector<std::int32_t> warm;           ///< basis of the last optimum, empty at a cold start
    std::vector<std::int32_t> optimal_basis;  ///< scratch of pivots
    bool loaded = false;                      ///< `warm` is meant for the next program, uniform or not
    Snapshot snapshot;                        ///< the start of uniform programs
    const Facets* facets = nullptr;           ///< where uniform programs may start instead
    Aligned phase_cost, stage_cost;           ///< costs of the first phase; of a later stage
    std::vector<std::int32_t> face_list;
    Solution solution;                 ///< of the solve at hand
    std::int64_t pivots_before = 0;    ///< of core.pivots, when the solve began
    std::int64_t pivots_at_pass = -1;  ///< of core.pivots, at the last pass
    double residual = 0;               ///< that refinement left before the last pass
    double objective = 0;              ///< of the last solution
    bool on_facet = false;             ///< the start at hand is dual feasible as far as the pool goes
    bool near_optimum = false;         ///< `core.basis` is optimal for this program but for rounding
    bool from_last_rung = false;       ///< the last solution is from the last rung
    bool face_ready = false;
    bool last_fine = false;       ///< the last stage was a fine one
    int first_rung = 0;           ///< where the ladder starts; above 0 in tests only
    int digits = hundred_digits;  ///< what needs more is `failed`

    Workspace(const Columns& columns, int rows, int shared, int extras, Pool& pool_, Pool& face_);
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
};

/// Slots that a pool should have: all columns of small sets; else plenty, and it is emptied when full.
[[nodiscard]] std::int32_t pool_capacity(const Columns& columns);

/// Adds the basis `warm`, optimal for `workspace.problem`, to the starts of the problem's family. False: it
/// cannot be one.
bool offer_start(Workspace& workspace, Facets& facets);

/// Solves `workspace.problem`.
[[nodiscard]] Solution solve(Workspace& workspace);

/// The two halves of solve(), for callers that price several programs in one pass (price_batch). The first
/// pivots among the pool; true: `core.ys` waits to be priced over all shared columns, false: the answer is in
/// `workspace.solution` already. The second goes on from what that pass found.
[[nodiscard]] bool solve_on_pool(Workspace& workspace);
[[nodiscard]] Solution solve_priced(Workspace& workspace, const Pass& pass);

/// Among the optima of everything optimised so far since `solve`, minimises stage cost'z (+ tie costs of the
/// shared columns): only columns with reduced cost 0 in the earlier stages may move, so the earlier
/// objectives stay what they are without being fixed as rounded numbers. `stage_cost` has one entry an extra.
/// Returns optimal, unbounded or failed; `other_optima` tells whether alternatives remain.
struct Stage {
    const double* cost = nullptr;  ///< of the extras
    bool tie_costs = false;        ///< shared columns cost their tie costs
    bool fine = false;             ///< costs differ by many orders: judge by rounding error only
    double residual_limit = 0.1 * double_tolerance;  ///< of the primal solution
    double objective_limit = certificate_tolerance;  ///< change of the first objective, if that is 1 or less;
                                                     ///< else relative to it
    bool other_optima = false;                       ///< out
    std::int64_t pivots = 0;                         ///< out
};
[[nodiscard]] Status improve_on_face(Workspace& workspace, Stage& stage);

}  // namespace greenfront::lp
