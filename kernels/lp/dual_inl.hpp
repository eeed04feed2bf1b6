// The dual simplex method: part of facets_simd.cpp, compiled once for each instruction set.
#if defined(GREENFRONT_LP_DUAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GREENFRONT_LP_DUAL_INL
#undef GREENFRONT_LP_DUAL_INL
#else
#define GREENFRONT_LP_DUAL_INL
#endif

#include "kernels/lp/basis_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {

// Of the basic variables below zero the one that counts most by what it moves in the rows.
inline int leaving_row(const Core& core) {
    int row = -1;
    double worst = 1;
    for (int k = 0; k < core.problem->rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        if (-core.x[r] > worst * core.hair[r]) {
            worst = -core.x[r] / core.hair[r];
            row = k;
        }
    }
    return row;
}

// What a reduced cost may fall below zero, so that among nearly equal ratios the largest pivot wins.
constexpr double dual_hair = 1e-13;

// The column that keeps the reduced costs above zero when the basic variable whose row of the inverse is rho
// leaves: least reduced cost over fall of the row, over columns 0..n-1 of a structure of arrays.
inline void least_ratio(const double* value, std::size_t stride, int rows, const double* cost, int n,
                        const double* y, const double* rho, double least_fall, double& least, int& where) {
    const D d;
    const V zero = hn::Zero(d), hair = hn::Set(d, dual_hair), bar = hn::Set(d, barred);
    V best = hn::Set(d, std::numeric_limits<double>::infinity()), best_at = zero, at = hn::Iota(d, 0.0);
    for (int j = 0; j < n; j += step_of()) {
        const V price = hn::LoadU(d, cost + j);
        V reduced = price, fall = zero;
        for (int i = 0; i < rows; ++i) {
            const V a = hn::LoadU(d, value + static_cast<std::size_t>(i) * stride + j);
            reduced = hn::NegMulAdd(hn::Set(d, y[i]), a, reduced);
            fall = hn::NegMulAdd(hn::Set(d, rho[i]), a, fall);
        }
        const V ratio = hn::Div(hn::Add(hn::Max(reduced, zero), hair), fall);
        const auto blocks = hn::And(hn::Gt(fall, hn::Set(d, least_fall)), hn::Lt(price, bar));
        const auto lower = hn::And(blocks, hn::Lt(ratio, best));
        best = hn::IfThenElse(lower, ratio, best);
        best_at = hn::IfThenElse(lower, at, best_at);
        at = hn::Add(at, hn::Set(d, static_cast<double>(step_of())));
    }
    const V low = hn::MinOfLanes(d, best);
    least = hn::GetLane(low);
    const V first = hn::IfThenElse(hn::Eq(best, low), best_at, hn::Set(d, 1e9));
    where = static_cast<int>(hn::GetLane(hn::MinOfLanes(d, first)));
}

template <int Width>
Choice choose_dual(Core& core, int row) {
    const Problem& p = *core.problem;
    const Pool& pool = *core.pool;
    const int width = width_of<Width>(core);
    const auto r = static_cast<std::size_t>(row);
    double* const rho = core.scratch.data();
    double* const rho_shared = core.alpha.data();  // free until the column is chosen
    for (int i = 0; i < p.rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        rho[at] = core.inverse[static_cast<std::size_t>(i * width) + r];
        rho_shared[at] = rho[at] * p.row_scale[at];
    }
    const double least_fall = pivots_per_hair * core.hair[r];
    double extra_least = 0, pool_least = 0;
    int e = 0, s = 0;
    least_ratio(p.extra.data(), static_cast<std::size_t>(p.extra_width), p.rows, core.extra_cost,
                p.extra_width, core.y.data(), rho, least_fall, extra_least, e);
    least_ratio(pool.value.data(), pool.stride, pool.rows, pool.cost.data(), pool.size, core.ys.data(),
                rho_shared, least_fall, pool_least, s);
    if (!(std::min(extra_least, pool_least) < std::numeric_limits<double>::infinity())) return {};
    double terms = 0;
    if (pool_least < extra_least) {
        const auto slot = static_cast<std::size_t>(s);
        return {p.extra_width + pool.column[slot], s,
                exact_reduced(pool.value.data() + s, pool.stride, pool.rows, pool.cost[slot], core.ys.data(),
                              terms)};
    }
    return {e, -1,
            exact_reduced(p.extra.data() + e, static_cast<std::size_t>(p.extra_width), p.rows,
                          core.extra_cost[e], core.y.data(), terms)};
}

// Dual simplex from a basis that is dual feasible, nearly always a pivot or two. False: given up.
template <int Width>
bool dual_simplex(Core& core) {
    for (int left = 3 * core.problem->rows; left >= 0; --left) {
        const int row = leaving_row(core);
        if (row < 0) return true;
        scale_multipliers<Width>(core);
        const Choice choice = choose_dual<Width>(core, row);
        if (choice.code < 0 || stands_in_basis(core, choice.code)) return false;
        enter<Width>(core, choice);
        forward_impl<Width>(core);
        const auto r = static_cast<std::size_t>(row);
        if (!(core.alpha[r] < 0)) return false;
        pivot_impl<Width>(core, row, choice.code, choice.reduced_cost, core.x[r] / core.alpha[r]);
    }
    return false;
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
