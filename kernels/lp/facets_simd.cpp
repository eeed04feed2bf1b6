// The start on a facet, compiled once for each instruction set: see facets.hpp.
#include <algorithm>
#include <limits>

#include "kernels/lp/facets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lp/facets_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/lp/basis_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {

// 1 / row_scale, exact where it is known; 0 beyond the rows.
template <int Width>
void invert_scales(const Core& core, double* inverse_scale) {
    const D d;
    const V zero = hn::Zero(d);
    for (int i = 0; i < width_of<Width>(core); i += step_of()) {
        const V value = hn::LoadU(d, core.problem->row_value.data() + i);
        const V scale = hn::LoadU(d, core.problem->row_scale.data() + i);
        const V computed = hn::IfThenElse(hn::Gt(scale, zero), hn::Div(hn::Set(d, 1.0), scale), zero);
        hn::StoreU(hn::IfThenElse(hn::Gt(value, zero), value, computed), d, inverse_scale + i);
    }
}

struct Nearest {
    std::int32_t facet = -1;
    double bound = 0;
};

// The facet with the largest bound c n'R^-1 b / n'R^-1 p; where the divisor has not the sign of c a facet is
// of no use.
inline Nearest nearest_facet(const Core& core, const Facets& facets, const double* inverse_scale) {
    const D d;
    const Problem& p = *core.problem;
    const double cost = core.extra_cost[p.priced];
    const double* const column = p.extra_column.data() + p.priced * p.width;
    const V infinite = hn::Set(d, -std::numeric_limits<double>::infinity());
    V best = infinite, best_at = hn::Zero(d), at = hn::Iota(d, 0.0);
    for (std::int32_t f = 0; f < facets.size; f += step_of()) {
        V above = hn::Zero(d), below = hn::Zero(d);
        for (int i = 0; i < facets.rows; ++i) {
            const auto row = static_cast<std::size_t>(i);
            const V n = hn::LoadU(d, facets.normal.data() + row * facets.stride + f);
            above = hn::MulAdd(n, hn::Set(d, cost * inverse_scale[i] * p.rhs[row]), above);
            below = hn::MulAdd(n, hn::Set(d, cost * inverse_scale[i] * column[i]), below);
        }
        // c n'R^-1 p is c^2 times a positive factor; zero beyond the last facet.
        const V bound = hn::Mul(hn::Div(above, below), hn::Set(d, cost));
        const auto larger = hn::And(hn::Gt(below, hn::Zero(d)), hn::Gt(bound, best));
        best = hn::IfThenElse(larger, bound, best);
        best_at = hn::IfThenElse(larger, at, best_at);
        at = hn::Add(at, hn::Set(d, static_cast<double>(step_of())));
    }
    const V high = hn::MaxOfLanes(d, best);
    const double bound = hn::GetLane(high);
    if (!(bound > -std::numeric_limits<double>::infinity())) return {};
    const V first = hn::IfThenElse(hn::Eq(best, high), best_at, hn::Set(d, 1e9));
    return {static_cast<std::int32_t>(hn::GetLane(hn::MinOfLanes(d, first))), bound};
}

// The columns of a facet's basis in the units of this program.
template <int Width>
void load_matrix(Core& core, const Facets& facets, std::int32_t facet) {
    const D d;
    const Problem& p = *core.problem;
    const int width = width_of<Width>(core);
    const double* const columns = facets.column.data() + static_cast<std::ptrdiff_t>(facet) * width * width;
    for (int k = 0; k < p.rows; ++k) {
        const std::int32_t code = core.basis[static_cast<std::size_t>(k)];
        const bool shared = code >= p.extra_width;
        const double* const from = shared ? columns + k * width : p.extra_column.data() + code * width;
        V largest = hn::Zero(d);
        for (int i = 0; i < width; i += step_of()) {
            V entry = hn::LoadU(d, from + i);
            if (shared) entry = hn::Mul(entry, hn::LoadU(d, p.row_scale.data() + i));
            largest = hn::Max(largest, hn::Abs(entry));
            hn::StoreU(entry, d, core.matrix.data() + k * width + i);
        }
        core.hair[static_cast<std::size_t>(k)] = hair_of(hn::GetLane(hn::MaxOfLanes(d, largest)));
    }
}

// The inverse in the units of this program, where the priced column is exchanged for that of this program;
// then x and y. False: the exchange has no pivot.
template <int Width>
bool load_facet(Core& core, const Facets& facets, std::int32_t facet, const double* inverse_scale) {
    const D d;
    const Problem& p = *core.problem;
    const int width = width_of<Width>(core), rows = p.rows;
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(facet) * rows;
    std::copy_n(facets.code.data() + first, rows, core.basis.data());
    std::fill(core.fixed.begin(), core.fixed.end(), 0.0);
    std::fill(core.basic_cost.begin(), core.basic_cost.end(), 0.0);
    core.any_fixed = false;
    const auto special = static_cast<std::size_t>(facets.special[static_cast<std::size_t>(facet)]);
    const double cost = core.extra_cost[p.priced];
    core.basic_cost[special] = cost;
    load_matrix<Width>(core, facets, facet);
    double* const unit = core.scratch.data();
    std::fill(core.scratch.begin(), core.scratch.end(), 0.0);
    for (int k = 0; k < rows; ++k) {
        const std::int32_t row = facets.slack_row[static_cast<std::size_t>(first + k)];
        unit[k] = row >= 0 ? p.row_scale[static_cast<std::size_t>(row)] : 1.0;
    }
    const double* const inverse = facets.inverse.data() + static_cast<std::ptrdiff_t>(facet) * width * width;
    for (int i = 0; i < width; ++i) {
        for (int k = 0; k < width; k += step_of()) {
            const V entry = hn::Mul(hn::LoadU(d, inverse + i * width + k), hn::LoadU(d, unit + k));
            hn::StoreU(hn::Mul(entry, hn::Set(d, inverse_scale[i])), d, core.inverse.data() + i * width + k);
        }
    }
    std::copy_n(p.extra_column.data() + p.priced * width, width, core.entering.data());
    forward_impl<Width>(core);
    if (!(core.alpha[special] > 0)) return false;
    exchange_inverse<Width>(core, static_cast<int>(special), 0.0);
    for (int i = 0; i < rows; ++i)
        core.y[static_cast<std::size_t>(i)] =
            cost * core.inverse[static_cast<std::size_t>(i * width) + special];
    solve_primal<Width>(core);
    return true;
}

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

template <int Width>
bool start_impl(Core& core, const Facets& facets, double objective) {
    double* const inverse_scale = core.ys.data();  // free until the multipliers are there
    invert_scales<Width>(core, inverse_scale);
    const Nearest nearest = nearest_facet(core, facets, inverse_scale);
    if (nearest.facet < 0 || nearest.bound > objective) return false;
    return load_facet<Width>(core, facets, nearest.facet, inverse_scale) && dual_simplex<Width>(core);
}

bool StartOnFacet(Core& core, const Facets& facets, double objective) {
    return core.width == 8 ? start_impl<8>(core, facets, objective) : start_impl<0>(core, facets, objective);
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(StartOnFacet);

bool start_on_facet(Core& core, const Facets& facets, double objective) {
    return HWY_DYNAMIC_DISPATCH(StartOnFacet)(core, facets, objective);
}

}  // namespace greenfront::lp
#endif
