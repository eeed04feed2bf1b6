// The start on a facet, compiled once for each instruction set: see facets.hpp.
#include <algorithm>
#include <array>
#include <limits>

#include "kernels/lp/facets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lp/facets_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/lp/dual_inl.hpp"

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

// The rows in which a vector has entries, and their values.
struct Sparse {
    std::array<double, most_facet_rows> value{};
    std::array<const double*, most_facet_rows> normal{};
    int entries = 0;
    void add(double v, const double* row) {
        if (v == 0) return;
        const auto at = static_cast<std::size_t>(entries++);
        value[at] = v;
        normal[at] = row;
    }
    [[nodiscard]] V times(std::int32_t facet) const {
        const D d;
        V sum = hn::Zero(d);
        for (int e = 0; e < entries; ++e) {
            const auto at = static_cast<std::size_t>(e);
            sum = hn::MulAdd(hn::Set(d, value[at]), hn::LoadU(d, normal[at] + facet), sum);
        }
        return sum;
    }
};

// The facet with the largest bound c n'R^-1 b / n'R^-1 p, compared without a division; where the divisor has
// not the sign of c a facet is of no use.
inline Nearest nearest_facet(const Core& core, const Facets& facets, const double* inverse_scale) {
    const Problem& p = *core.problem;
    const double cost = core.extra_cost[p.priced];
    const double* const column = p.extra_column.data() + p.priced * p.width;
    Sparse above, below;  // both times c, so that the divisor is positive
    for (int i = 0; i < facets.rows; ++i) {
        const double* const row = facets.normal.data() + static_cast<std::size_t>(i) * facets.stride;
        above.add(cost * cost * inverse_scale[i] * p.rhs[static_cast<std::size_t>(i)], row);
        below.add(cost * inverse_scale[i] * column[i], row);
    }
    LargestRatio largest{D()};
    for (std::int32_t f = 0; f < facets.size; f += step_of()) largest.see(above.times(f), below.times(f));
    Nearest nearest;
    nearest.facet = largest.place(nearest.bound);
    return nearest;
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
    double* const unit = core.scratch.data();
    for (int k = 0; k < width; k += step_of()) {
        hn::StoreU(hn::Zero(d), d, core.fixed.data() + k);
        hn::StoreU(hn::Zero(d), d, core.basic_cost.data() + k);
        hn::StoreU(hn::Set(d, 1.0), d, unit + k);
    }
    core.any_fixed = false;
    const auto special = static_cast<std::size_t>(facets.special[static_cast<std::size_t>(facet)]);
    const double cost = core.extra_cost[p.priced];
    core.basic_cost[special] = cost;
    load_matrix<Width>(core, facets, facet);
    for (int k = 0; k < rows; ++k) {
        const std::int32_t row = facets.slack_row[static_cast<std::size_t>(first + k)];
        if (row >= 0) unit[k] = p.row_scale[static_cast<std::size_t>(row)];
    }
    const double* const inverse = facets.inverse.data() + static_cast<std::ptrdiff_t>(facet) * width * width;
    for (int i = 0; i < width; ++i) {
        for (int k = 0; k < width; k += step_of()) {
            const V entry = hn::Mul(hn::LoadU(d, inverse + i * width + k), hn::LoadU(d, unit + k));
            hn::StoreU(hn::Mul(entry, hn::Set(d, inverse_scale[i])), d, core.inverse.data() + i * width + k);
        }
    }
    enter<Width>(core, {p.priced, -1, 0.0});
    forward_impl<Width>(core);
    if (!(core.alpha[special] > 0)) return false;
    exchange_inverse<Width>(core, static_cast<int>(special), 0.0);
    for (int i = 0; i < rows; ++i)
        core.y[static_cast<std::size_t>(i)] =
            cost * core.inverse[static_cast<std::size_t>(i * width) + special];
    solve_primal<Width>(core);
    return true;
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

bool DualSimplex(Core& core) {
    return core.width == 8 ? dual_simplex<8>(core) : dual_simplex<0>(core);
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(StartOnFacet);
HWY_EXPORT(DualSimplex);

bool start_on_facet(Core& core, const Facets& facets, double objective) {
    return HWY_DYNAMIC_DISPATCH(StartOnFacet)(core, facets, objective);
}
bool dual_simplex(Core& core) {
    return HWY_DYNAMIC_DISPATCH(DualSimplex)(core);
}

}  // namespace greenfront::lp
#endif
