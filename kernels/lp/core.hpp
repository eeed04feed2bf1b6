#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/lp/problem.hpp"

/// The inner loops of the simplex method: everything that is compiled for several instruction sets and
/// chosen at run time (Google Highway). simplex.cpp says what is done with them.
namespace greenfront::lp {

/// Shared columns copied together, so that most pivots look at a few of them only. `place` tells where a
/// column stands, so nothing is ever in it twice.
struct Pool {
    int rows = 0, size = 0;
    std::size_t stride = 0;            ///< capacity, a multiple of 16
    Zeros value;                       ///< rows x stride; zero beyond size
    Aligned cost;                      ///< `barred` beyond size
    int width = 0;                     ///< rows rounded up to 8
    Zeros packed;                      ///< the columns again, `width` entries each
    std::vector<std::int32_t> column;  ///< number of the shared column in each slot

    std::vector<std::int32_t> place;  ///< of each shared column its slot, or -1

    Pool() = default;
    Pool(const Columns& columns, std::int32_t capacity);
    [[nodiscard]] bool full() const { return static_cast<std::size_t>(size) == stride; }
    [[nodiscard]] bool holds(std::int32_t j) const { return place[static_cast<std::size_t>(j)] >= 0; }
    void clear();  ///< forgets all slots
    void add(const Columns& columns, std::int32_t j, double price);
};

/// Reduced cost tolerances on scaled data.
inline constexpr double entering_tolerance = 2e-12;
/// Rounding error of a reduced cost relative to the sum of the magnitudes of its terms.
inline constexpr double rounding_share = 2e-14;

/// State of one simplex run. Vectors over rows have `width` entries, zero beyond `rows`; `inverse` and
/// `matrix` (the basis and its inverse) are width x width, column after column.
struct Core {
    const Problem* problem = nullptr;
    const Columns* columns = nullptr;
    Pool* pool = nullptr;                ///< the pool that pivots look at
    const double* extra_cost = nullptr;  ///< costs of the stage at hand
    double artificial_cost = 0;          ///< 1 in the first phase
    bool tie_costs = false;              ///< shared columns cost tie_scale * tie_cost in this stage
    int width = 0;

    Aligned inverse, matrix;
    Aligned x, y, ys;  ///< basic variables; multipliers; multipliers times row_scale
    Aligned alpha, entering, basic_cost, scratch, rhs;
    Aligned hair;                        ///< how far below zero the ratio test may let a basic variable fall
    Aligned extra_reduced, extra_terms;  ///< of the extras, by price_extras()
    Aligned fixed;  ///< 1 in rows whose basic variable must stay 0 (artificial, second phase), else 0
    bool any_fixed = false;  ///< whether such a row exists
    std::vector<std::int32_t> basis;
    std::vector<std::int8_t> artificial_sign;
    std::vector<std::int32_t> codes;  ///< scratch of factor(), 2 x width
    std::vector<std::int8_t> taken;   ///< scratch of factor()

    double largest_multiplier = 0;          ///< of y, at the last refine()
    double dual_residual = 0;               ///< of large multipliers: |c - y'B| relative to its terms
    double tolerance = entering_tolerance;  ///< reduced cost below minus this improves
    bool bland = false;                     ///< smallest-index rule throughout
    std::int64_t pivots = 0;                ///< done so far, for counters
    std::int64_t pivot_limit = 0;           ///< stop when `pivots` reaches it

    Core() = default;
    Core(const Problem& problem, const Columns& columns);
};

enum class End : std::int8_t { optimal, unbounded, limit };

/// What one pass over all shared columns found.
struct Pass {
    static constexpr int lanes = 16;
    std::array<double, lanes> lowest{};  ///< least reduced cost in each lane of the pass
    std::array<double, lanes> column{};  ///< where (a whole number)
    double least = 0;                    ///< over all lanes
    double at_most = 0;                  ///< number of columns with reduced cost <= the bound given
};

/// Shared cost of column j in the stage at hand.
[[nodiscard]] double shared_cost(const Core& core, std::int32_t j);
/// Cost of a basis code in the stage at hand.
[[nodiscard]] double code_cost(const Core& core, std::int32_t code);
/// Puts the column of a code >= 0 (not an artificial one), in the program's units, into `column` (width
/// entries).
void load_column(const Core& core, std::int32_t code, double* column);

/// Inverts the matrix of the codes in `basis` (Gauss-Jordan with partial pivoting: each column is pivoted
/// into the free row where it is largest, so the order of `basis` may change), then computes x, y. False
/// when the basis is singular.
[[nodiscard]] bool factor(Core& core);
/// x = inverse * rhs and y = cost * inverse.
void compute_solution(Core& core);
/// One step of iterative refinement of x and y; returns the residual max |rhs - matrix x| that is left.
[[nodiscard]] double refine(Core& core);
/// Multipliers that are large cancel each other in what they say of a column: those are corrected with
/// residuals in extended precision until they are as good as a double can be. `dual_residual` tells how good
/// that is. Part of refine().
void polish_multipliers(Core& core);
/// Primal simplex among extras and the pool, from a feasible basis.
[[nodiscard]] End pool_simplex(Core& core);
/// Dual simplex among them from a basis that is dual feasible, until no basic variable is below zero by more
/// than a hair. False: given up.
[[nodiscard]] bool dual_simplex(Core& core);
/// Reduced costs of all extras, and the sums of the magnitudes of their terms, into `extra_reduced`,
/// `extra_terms` (barred ones: above 1e299). Returns the least relative reduced cost, d / max(1, terms).
[[nodiscard]] double price_extras(Core& core);
/// Reduced costs -ys'A_j of all shared columns but those left out.
void price_all(const Columns& columns, const std::array<Range, 2>& left_out, const double* ys, double bound,
               Pass& pass);
/// The same for several multiplier vectors at once, without columns left out: the columns are read once for
/// `batch` programs, which pays as soon as they do not fit into the first cache.
inline constexpr std::size_t batch = 4;
void price_batch(const Columns& columns, const std::array<const double*, batch>& ys, double bound,
                 std::array<Pass, batch>& passes);
/// Exchanges basis row r for `code`, whose column stands in `entering` and its image in `alpha`.
void pivot(Core& core, int r, std::int32_t code, double reduced_cost, double step);
/// alpha = inverse * entering.
void forward(Core& core);

}  // namespace greenfront::lp
