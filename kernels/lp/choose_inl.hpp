// Which column enters and which row leaves: the inner choices of the simplex method in core_simd.cpp, which
// includes this file once for each instruction set.
#if defined(GREENFRONT_LP_CHOOSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GREENFRONT_LP_CHOOSE_INL
#undef GREENFRONT_LP_CHOOSE_INL
#else
#define GREENFRONT_LP_CHOOSE_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/lp/core.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;
constexpr int step_of() {
    return static_cast<int>(hn::MaxLanes(D()));
}

// Every loop over rows runs over whole vectors: `Width` is the padded number of rows when it is known at
// compile time (8: nearly every efficiency program), else 0 and core.width holds it.
template <int Width>
int width_of(const Core& core) {
    return Width != 0 ? Width : core.width;
}

// The place of the largest a / b among pairs that are seen in turn, a vector each; those with b <= 0 do not
// count. Compared without a division.
class LargestRatio {
  public:
    explicit LargestRatio(const D d)
        : above_(hn::Set(d, -1.0)), below_(hn::Zero(d)), place_(hn::Zero(d)), here_(hn::Iota(d, 0.0)) {}
    void see(const V& a, const V& b) {
        const D d;
        const auto larger = hn::And(hn::Gt(b, hn::Zero(d)), hn::Gt(hn::Mul(a, below_), hn::Mul(above_, b)));
        above_ = hn::IfThenElse(larger, a, above_);
        below_ = hn::IfThenElse(larger, b, below_);
        place_ = hn::IfThenElse(larger, here_, place_);
        here_ = hn::Add(here_, hn::Set(d, static_cast<double>(step_of())));
    }
    // The first place of the largest; -1: there is none.
    std::int32_t place(double& ratio) const {
        const D d;
        const V each = hn::Div(above_, below_), high = hn::MaxOfLanes(d, each);
        ratio = hn::GetLane(high);
        if (!(ratio > -std::numeric_limits<double>::infinity())) return -1;
        const V first = hn::IfThenElse(hn::Eq(each, high), place_, hn::Set(d, 1e9));
        return static_cast<std::int32_t>(hn::GetLane(hn::MinOfLanes(d, first)));
    }

  private:
    V above_, below_, place_, here_;
};

struct Choice {
    std::int32_t code = -1;
    int slot = -1;  ///< of the pool, or -1
    double reduced_cost = 0;
};

// Least of cost - sum_i m_i a_i over the columns 0..n-1 of a structure of arrays.
inline void least_of(const double* value, std::size_t stride, int rows, const double* cost, int n,
                     const double* m, double& least, int& where) {
    const D d;
    V best = hn::Set(d, std::numeric_limits<double>::infinity());
    V best_at = hn::Zero(d);
    V at = hn::Iota(d, 0.0);
    const V advance = hn::Set(d, static_cast<double>(step_of()));
    for (int j = 0; j < n; j += step_of()) {
        V even = hn::LoadU(d, cost + j), odd = hn::Zero(d);
        const double* a = value + j;
        int i = 0;
        for (; i + 1 < rows; i += 2, a += 2 * stride) {
            even = hn::NegMulAdd(hn::Set(d, m[i]), hn::LoadU(d, a), even);
            odd = hn::NegMulAdd(hn::Set(d, m[i + 1]), hn::LoadU(d, a + stride), odd);
        }
        if (i < rows) even = hn::NegMulAdd(hn::Set(d, m[i]), hn::LoadU(d, a), even);
        const V reduced = hn::Add(even, odd);
        const auto lower = hn::Lt(reduced, best);
        best = hn::IfThenElse(lower, reduced, best);
        best_at = hn::IfThenElse(lower, at, best_at);
        at = hn::Add(at, advance);
    }
    const V low = hn::MinOfLanes(d, best);
    least = hn::GetLane(low);
    const V far = hn::Set(d, 1e18);  // the first of equal lanes
    where = static_cast<int>(
        std::min(hn::GetLane(hn::MinOfLanes(d, hn::IfThenElse(hn::Eq(best, low), best_at, far))), 1e9));
}

// Reduced cost of one column and the rounding error it may carry.
inline double exact_reduced(const double* a, std::size_t stride, int rows, double cost, const double* m,
                            double& terms) {
    double sum = cost;
    terms = std::abs(cost);
    for (int i = 0; i < rows; ++i) {
        const double term = m[i] * a[static_cast<std::size_t>(i) * stride];
        sum -= term;
        terms += std::abs(term);
    }
    return sum;
}

// A column that is basic, or whose other half is, must not enter: on an ill-conditioned basis rounding may
// give it a negative reduced cost.
inline bool stands_in_basis(const Core& core, std::int32_t code) {
    const std::int32_t other = core.problem->other_half(code);  // -1 would be an artificial column
    const std::int32_t* const basis = core.basis.data();
    for (int r = 0; r < core.problem->rows; ++r) {
        if (basis[r] == code || (other >= 0 && basis[r] == other)) return true;
    }
    return false;
}

// Slow and careful: skips what may be rounding. Bland's rule takes the smallest code that improves.
inline Choice choose_carefully(const Core& core) {
    const Problem& p = *core.problem;
    Choice choice;
    double best = 0;
    const auto consider = [&](std::int32_t code, int slot, double reduced, double terms) {
        if (reduced >= -std::max(core.tolerance, rounding_share * terms)) return;
        const bool better = core.bland ? choice.code < 0 || code < choice.code : reduced < best;
        if (!better || stands_in_basis(core, code)) return;
        choice = {code, slot, reduced};
        best = reduced;
    };
    double terms = 0;
    for (int e = 0; e < p.extras; ++e) {
        if (core.extra_cost[e] >= barred) continue;
        const double reduced = exact_reduced(p.extra.data() + e, static_cast<std::size_t>(p.extra_width),
                                             p.rows, core.extra_cost[e], core.y.data(), terms);
        consider(e, -1, reduced, terms);
    }
    const Pool& pool = *core.pool;
    for (int s = 0; s < pool.size; ++s) {
        const auto slot = static_cast<std::size_t>(s);
        if (pool.cost[slot] >= barred) continue;  // left out of this program
        const std::int32_t j = pool.column[slot];
        const double reduced = exact_reduced(pool.value.data() + s, pool.stride, pool.rows, pool.cost[slot],
                                             core.ys.data(), terms);
        consider(p.extra_width + j, s, reduced, terms);
    }
    return choice;
}

// Most negative reduced cost (Dantzig), unless it may be rounding.
inline Choice choose(Core& core) {
    const Problem& p = *core.problem;
    if (core.bland) return choose_carefully(core);
    double extra_least = 0, pool_least = 0;
    int e = 0, s = 0;
    least_of(p.extra.data(), static_cast<std::size_t>(p.extra_width), p.rows, core.extra_cost, p.extra_width,
             core.y.data(), extra_least, e);
    const Pool& pool = *core.pool;
    pool_least = 0;
    if (pool.size > 0) {
        least_of(pool.value.data(), pool.stride, pool.rows, pool.cost.data(), pool.size, core.ys.data(),
                 pool_least, s);
    }
    const bool from_pool = pool_least < extra_least;
    if (std::min(pool_least, extra_least) >= -core.tolerance) return {};
    double terms = 0;
    Choice choice;
    if (from_pool) {
        const auto slot = static_cast<std::size_t>(s);
        choice.code = p.extra_width + pool.column[slot];
        choice.slot = s;
        choice.reduced_cost = exact_reduced(pool.value.data() + s, pool.stride, pool.rows, pool.cost[slot],
                                            core.ys.data(), terms);
    } else {
        choice.code = e;
        choice.reduced_cost = exact_reduced(p.extra.data() + e, static_cast<std::size_t>(p.extra_width),
                                            p.rows, core.extra_cost[e], core.y.data(), terms);
    }
    const bool rounding = choice.reduced_cost >= -std::max(core.tolerance, rounding_share * terms);
    if (rounding || stands_in_basis(core, choice.code)) return choose_carefully(core);
    return choice;
}

// A pivot counts by what its basic variable moves in the rows: pivot times largest entry, at least this.
constexpr double pivot_tolerance = 1e-9;
// What a basic variable may fall below zero, in what it moves in the rows.
constexpr double feasibility_slack = 1e-14;
inline double hair_of(double largest_entry) {
    return feasibility_slack / std::max(1.0, largest_entry);
}
constexpr double pivots_per_hair = pivot_tolerance / feasibility_slack;

// How fast the basic variable of row r falls. One that must stay at zero blocks whichever way it would move.
inline double fall(const Core& core, std::size_t r) {
    return core.fixed[r] != 0 ? std::abs(core.alpha[r]) : core.alpha[r];
}

// Harris: the largest pivot among the rows that block within a hair of the smallest ratio.
template <int Width>
int blocking_row(const Core& core) {
    const D d;
    const int width = width_of<Width>(core);
    const V zero = hn::Zero(d), inf = hn::Set(d, std::numeric_limits<double>::infinity());
    const V per_hair = hn::Set(d, pivots_per_hair);
    const auto falls = [&](int k) {
        const V alpha = hn::LoadU(d, core.alpha.data() + k);
        if (!core.any_fixed) return alpha;
        return hn::IfThenElse(hn::Gt(hn::LoadU(d, core.fixed.data() + k), zero), hn::Abs(alpha), alpha);
    };
    V bound = inf;
    for (int k = 0; k < width; k += step_of()) {
        const V alpha = falls(k), hair = hn::LoadU(d, core.hair.data() + k);
        const V x = hn::Max(hn::LoadU(d, core.x.data() + k), zero);
        const V ratio = hn::Div(hn::Add(x, hair), alpha);
        bound = hn::Min(bound, hn::IfThenElse(hn::Gt(alpha, hn::Mul(per_hair, hair)), ratio, inf));
    }
    const double least = hn::GetLane(hn::MinOfLanes(d, bound));
    if (!(least < std::numeric_limits<double>::infinity())) return -1;
    // A hair may be less than the last digit of x; then the ratio rounded down would block nothing.
    const V limit = hn::Set(d, least * (1 + 0x1p-51));
    V best = zero, best_at = zero, at = hn::Iota(d, 0.0);
    for (int k = 0; k < width; k += step_of()) {
        const V alpha = falls(k), hair = hn::LoadU(d, core.hair.data() + k);
        const V share = hn::Div(alpha, hair);
        const auto blocks = hn::And(hn::Gt(alpha, hn::Mul(per_hair, hair)),
                                    hn::Le(hn::LoadU(d, core.x.data() + k), hn::Mul(limit, alpha)));
        const auto larger = hn::And(blocks, hn::Gt(share, best));
        best = hn::IfThenElse(larger, share, best);
        best_at = hn::IfThenElse(larger, at, best_at);
        at = hn::Add(at, hn::Set(d, static_cast<double>(step_of())));
    }
    const V largest = hn::MaxOfLanes(d, best);
    if (!(hn::GetLane(largest) > 0)) return -1;
    const V first = hn::IfThenElse(hn::Eq(best, largest), best_at, hn::Set(d, 1e9));
    return static_cast<int>(hn::GetLane(hn::MinOfLanes(d, first)));
}

// Bland: exact smallest ratio, ties to the smallest code.
inline int blocking_row_bland(const Core& core) {
    int row = -1;
    double least = std::numeric_limits<double>::infinity();
    for (int k = 0; k < core.problem->rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        const double alpha = fall(core, r);
        if (alpha <= pivots_per_hair * core.hair[r]) continue;
        const double ratio = core.fixed[r] != 0 ? 0.0 : std::max(core.x[r], 0.0) / alpha;
        const bool tie = row >= 0 && std::abs(ratio - least) <= 1e-14 * std::max(1.0, least);
        if (tie ? core.basis[r] < core.basis[static_cast<std::size_t>(row)] : ratio < least) {
            least = std::min(least, ratio);
            row = k;
        }
    }
    return row;
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
