// The answer on a facet's plane, compiled once for each instruction set: see planes.hpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/lp/planes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lp/planes_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/lp/choose_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {

// A vector over rows; Rows is their number when it is known at compile time, else 0.
template <int Rows>
using ByRow =
    std::array<double, static_cast<std::size_t>(round_up_to(Rows != 0 ? Rows : most_facet_rows, 8))>;

// R^-1 b and R^-1 p.
template <int Rows>
struct Sides {
    ByRow<Rows> b{}, p{};
};

// The facet with the largest c n'R^-1 b / n'R^-1 p, compared without a division; -1: the divisor has the sign
// of c on none.
template <int Rows>
std::int32_t nearest_plane(const Planes& planes, const Sides<Rows>& sides, double cost) {
    const D d;
    const Facets& facets = planes.facets;
    const int rows = Rows != 0 ? Rows : facets.rows;
    LargestRatio largest(d);
    for (std::int32_t f = 0; f < facets.size; f += step_of()) {
        V a = hn::Zero(d), b = hn::Zero(d);
        for (int i = 0; i < rows; ++i) {
            const auto row = static_cast<std::size_t>(i);
            const V n = hn::LoadU(d, planes.normal.data() + row * facets.stride + f);
            a = hn::MulAdd(hn::Set(d, cost * cost * sides.b[row]), n, a);
            b = hn::MulAdd(hn::Set(d, cost * sides.p[row]), n, b);
        }
        largest.see(a, b);
    }
    double bound = 0;
    return largest.place(bound);
}

// result += sum_i f_i column_i, columns of `width` entries one after the other.
template <int Rows>
void add_columns(const ByRow<Rows>& f, const double* columns, int rows, ByRow<Rows>& result) {
    const D d;
    const std::ptrdiff_t width = round_up_to(rows, 8);
    for (std::ptrdiff_t k = 0; k < width; k += step_of()) {
        V sum = hn::LoadU(d, result.data() + k);
        for (int i = 0; i < rows; ++i)
            sum = hn::MulAdd(hn::Set(d, f[static_cast<std::size_t>(i)]),
                             hn::LoadU(d, columns + i * width + k), sum);
        hn::StoreU(sum, d, result.data() + k);
    }
}

// theta; what the intensities leave of the rows is the primal residual.
template <int Rows>
double solve_rows(const Planes& planes, std::int32_t facet, const Sides<Rows>& sides,
                  const double* inverse_scale, double& residual) {
    const Facets& facets = planes.facets;
    const int rows = Rows != 0 ? Rows : facets.rows;
    const auto square = static_cast<std::ptrdiff_t>(facets.width) * facets.width;
    const double* const inverse = facets.inverse.data() + facet * square;
    const double* const column = facets.column.data() + facet * square;
    ByRow<Rows> v{}, w{}, left{};
    add_columns<Rows>(sides.b, inverse, rows, v);
    add_columns<Rows>(sides.p, inverse, rows, w);
    const auto special = static_cast<std::size_t>(facets.special[static_cast<std::size_t>(facet)]);
    const double theta = v[special] / w[special];
    ByRow<Rows> used{};  // columns of slacks and of theta are zero in `column`
    for (int i = 0; i < rows; ++i) {
        const auto row = static_cast<std::size_t>(i);
        left[row] = sides.b[row] - theta * sides.p[row];
        used[row] = -std::max(0.0, v[row] - theta * w[row]);
    }
    add_columns<Rows>(used, column, rows, left);
    residual = 0;
    for (int i = 0; i < rows; ++i) {
        const auto row = static_cast<std::size_t>(i);
        if (left[row] * planes.slack[row] >= 0 && planes.slack[row] != 0) continue;  // the slack
        residual = std::max(residual, std::abs(left[row]) / inverse_scale[i]);
    }
    return theta;
}

template <int Rows>
bool score_impl(const Planes& planes, const Problem& p, const double* inverse_scale, PlaneScore& result) {
    const Facets& facets = planes.facets;
    const double cost = p.cost[static_cast<std::size_t>(p.priced)];
    const double* const column = p.extra_column.data() + static_cast<std::ptrdiff_t>(p.priced) * p.width;
    const int rows = Rows != 0 ? Rows : facets.rows;
    Sides<Rows> sides;
    for (int i = 0; i < rows; ++i) {
        const auto row = static_cast<std::size_t>(i);
        sides.b[row] = inverse_scale[i] * p.rhs[row];
        sides.p[row] = inverse_scale[i] * column[i];
    }
    const std::int32_t facet = nearest_plane<Rows>(planes, sides, cost);
    if (facet < 0) return false;
    ByRow<Rows> n{};
    double above = 0, below = 0;
    for (int i = 0; i < rows; ++i) {
        const auto row = static_cast<std::size_t>(i);
        n[row] = planes.normal[row * facets.stride + static_cast<std::size_t>(facet)];
        above += n[row] * sides.b[row];
        below += n[row] * sides.p[row];
    }
    const double k = cost / below;
    result.largest_multiplier = 0;
    for (int i = 0; i < rows; ++i) {
        const double y = k * n[static_cast<std::size_t>(i)] * inverse_scale[i];
        result.largest_multiplier = std::max(result.largest_multiplier, std::abs(y));
    }
    result.special = solve_rows(planes, facet, sides, inverse_scale, result.proof.primal_residual);
    result.objective = cost * result.special;
    result.proof.min_reduced_cost = k * planes.least[static_cast<std::size_t>(facet)];
    result.proof.gap = std::abs(result.objective - k * above) / std::max(1.0, std::abs(result.objective));
    return true;
}

bool ScoreOnPlane(const Planes& planes, const Problem& family, const double* inverse_scale,
                  PlaneScore& result) {
    switch (planes.facets.rows) {
        case 4:
            return score_impl<4>(planes, family, inverse_scale, result);
        case 5:
            return score_impl<5>(planes, family, inverse_scale, result);
        case 6:
            return score_impl<6>(planes, family, inverse_scale, result);
        default:
            return score_impl<0>(planes, family, inverse_scale, result);
    }
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(ScoreOnPlane);

bool score_on_plane(const Planes& planes, const Problem& family, const double* inverse_scale,
                    PlaneScore& result) {
    return HWY_DYNAMIC_DISPATCH(ScoreOnPlane)(planes, family, inverse_scale, result);
}

}  // namespace greenfront::lp
#endif
