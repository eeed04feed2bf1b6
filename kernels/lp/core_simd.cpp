// Inner loops of core.hpp, compiled once for each instruction set.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/lp/core.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lp/core_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/lp/basis_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <int Width>
void compute_impl(Core& core) {
    const D d;
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    solve_primal<Width>(core);
    core.any_fixed = false;
    for (int k = 0; k < rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        const bool held = core.basis[r] < 0 && core.artificial_cost == 0.0;
        core.fixed[r] = held ? 1.0 : 0.0;
        core.any_fixed = core.any_fixed || held;
    }
    for (int i = 0; i < rows; ++i) {
        V sum = hn::Zero(d);
        for (int k = 0; k < width; k += step_of()) {
            sum = hn::MulAdd(hn::LoadU(d, core.basic_cost.data() + k),
                             hn::LoadU(d, core.inverse.data() + i * width + k), sum);
        }
        core.y[static_cast<std::size_t>(i)] = hn::GetLane(hn::SumOfLanes(d, sum));
    }
    scale_multipliers<Width>(core);
}

// Columns with a single entry (slacks, artificial ones) need no elimination: they are the diagonal that the
// inverse starts from. How many others there are, first in `codes`; -1 where two single ones share a row:
// singular.
template <int Width>
int place_single_columns(Core& core, std::int32_t* codes, std::int8_t* taken) {
    const Problem& p = *core.problem;
    const int width = width_of<Width>(core);
    int left = 0;
    for (int k = 0; k < p.rows; ++k) {
        const std::int32_t code = core.basis[static_cast<std::size_t>(k)];
        const int row = code < 0               ? -1 - code
                        : code < p.extra_width ? p.single[static_cast<std::size_t>(code)]
                                               : -1;
        if (row < 0) {
            codes[left++] = code;
            continue;
        }
        if (taken[row] != 0) return -1;
        const double entry =
            code < 0 ? core.artificial_sign[static_cast<std::size_t>(row)] : p.entry(row, code);
        taken[row] = 1;
        const auto diagonal = static_cast<std::size_t>(row * width + row);
        core.inverse[diagonal] = 1.0 / entry;
        core.matrix[diagonal] = entry;
        core.hair[static_cast<std::size_t>(row)] = hair_of(std::abs(entry));
        core.codes[static_cast<std::size_t>(width + row)] = code;
    }
    return left;
}

template <int Width>
bool factor_impl(Core& core) {
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    std::fill(core.inverse.begin(), core.inverse.end(), 0.0);
    std::fill(core.matrix.begin(), core.matrix.end(), 0.0);
    std::fill(core.y.begin(), core.y.end(), 0.0);
    for (int i = 0; i < rows; ++i) core.inverse[static_cast<std::size_t>(i * width + i)] = 1.0;
    std::int32_t* const codes = core.codes.data();           // columns that are still to be eliminated
    std::int32_t* const placed = core.codes.data() + width;  // the column of each row
    std::int8_t* const taken = core.taken.data();            // rows that have their pivot
    std::fill(taken, taken + rows, std::int8_t{0});
    const int left = place_single_columns<Width>(core, codes, taken);
    if (left < 0) return false;
    for (int k = 0; k < left; ++k) {
        load_column(core, codes[k], core.entering.data());
        forward_impl<Width>(core);
        int row = -1;
        double largest = 0, size = 0;
        for (int i = 0; i < rows; ++i) {
            const double magnitude = std::abs(core.alpha[static_cast<std::size_t>(i)]);
            size = std::max(size, std::abs(core.entering[static_cast<std::size_t>(i)]));
            if (taken[i] == 0 && magnitude > largest) {
                largest = magnitude;
                row = i;
            }
        }
        if (row < 0 || largest <= 1e-12 * size) return false;
        taken[row] = 1;
        exchange_inverse<Width>(core, row, 0.0);
        std::copy(core.entering.begin(), core.entering.begin() + width, core.matrix.begin() + row * width);
        placed[row] = codes[k];
        core.hair[static_cast<std::size_t>(row)] = hair_of(size);
    }
    for (int i = 0; i < rows; ++i) {
        core.basis[static_cast<std::size_t>(i)] = placed[i];
        core.basic_cost[static_cast<std::size_t>(i)] = code_cost(core, placed[i]);
    }
    compute_impl<Width>(core);
    return true;
}

// Residuals up to this are rounding of single operations; a correction would not make them smaller.
constexpr double rounding_only = 2e-15;

// NaN is largest.
inline double largest_of(const double* values, int n) {
    double worst = 0;
    for (int i = 0; i < n; ++i) {
        if (!(std::abs(values[i]) <= worst)) worst = std::abs(values[i]);
    }
    return worst;
}

// rhs - matrix x into scratch; returns its largest magnitude.
template <int Width>
double primal_residual_impl(Core& core) {
    const D d;
    const int rows = core.problem->rows;
    for (int k = 0; k < width_of<Width>(core); k += step_of()) {
        V r = hn::LoadU(d, core.rhs.data() + k);
        for (int b = 0; b < rows; ++b) {
            r = hn::NegMulAdd(hn::Set(d, core.x[static_cast<std::size_t>(b)]),
                              hn::LoadU(d, core.matrix.data() + b * width_of<Width>(core) + k), r);
        }
        hn::StoreU(r, d, core.scratch.data() + k);
    }
    return largest_of(core.scratch.data(), rows);
}

// Corrects y by the residual of y'B = c. Where that is large the inverse is poor, and so is one correction:
// the next ones go on as long as they help.
template <int Width>
void refine_multipliers(Core& core) {
    const D d;
    constexpr double poor = 1e-12;
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    double* const r = core.scratch.data();
    double before = std::numeric_limits<double>::infinity();
    for (int round = 0; round < 4; ++round) {
        for (int b = 0; b < rows; ++b) {
            V sum = hn::Zero(d);
            for (int k = 0; k < width; k += step_of()) {
                sum = hn::MulAdd(hn::LoadU(d, core.y.data() + k),
                                 hn::LoadU(d, core.matrix.data() + b * width + k), sum);
            }
            r[b] = core.basic_cost[static_cast<std::size_t>(b)] - hn::GetLane(hn::SumOfLanes(d, sum));
        }
        const double worst = largest_of(r, rows);
        if (worst <= rounding_only || !(worst <= 0.5 * before)) return;
        before = worst;
        for (int i = 0; i < rows; ++i) {
            V sum = hn::Zero(d);
            for (int k = 0; k < width; k += step_of()) {
                sum = hn::MulAdd(hn::LoadU(d, r + k), hn::LoadU(d, core.inverse.data() + i * width + k), sum);
            }
            core.y[static_cast<std::size_t>(i)] += hn::GetLane(hn::SumOfLanes(d, sum));
        }
        if (worst <= poor) return;
    }
}

template <int Width>
double refine_impl(Core& core) {
    const D d;
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    double* const r = core.scratch.data();
    double worst = primal_residual_impl<Width>(core);
    const bool correct_x = !(worst <= rounding_only);
    for (int k = 0; k < width && correct_x; k += step_of()) {
        V x = hn::LoadU(d, core.x.data() + k);
        for (int i = 0; i < rows; ++i) {
            x = hn::MulAdd(hn::Set(d, r[i]), hn::LoadU(d, core.inverse.data() + i * width + k), x);
        }
        hn::StoreU(x, d, core.x.data() + k);
    }
    refine_multipliers<Width>(core);
    scale_multipliers<Width>(core);
    return correct_x ? primal_residual_impl<Width>(core) : worst;
}

inline double price_extras_impl(Core& core) {
    const D d;
    const Problem& p = *core.problem;
    const V one = hn::Set(d, 1.0);
    V least = hn::Set(d, barred);
    for (int e = 0; e < p.extra_width; e += step_of()) {
        V reduced = hn::LoadU(d, core.extra_cost + e), terms = hn::Abs(reduced);
        for (int i = 0; i < p.rows; ++i) {
            const V term = hn::Mul(hn::Set(d, core.y[static_cast<std::size_t>(i)]),
                                   hn::LoadU(d, p.extra.data() + i * p.extra_width + e));
            reduced = hn::Sub(reduced, term);
            terms = hn::Add(terms, hn::Abs(term));
        }
        hn::StoreU(reduced, d, core.extra_reduced.data() + e);
        hn::StoreU(terms, d, core.extra_terms.data() + e);
        least = hn::Min(least, hn::Div(reduced, hn::Max(one, terms)));
    }
    return hn::GetLane(hn::MinOfLanes(d, least));
}

template <int Width>
End simplex_impl(Core& core) {
    const bool bland_throughout = core.bland;
    const int patience = 4 * core.problem->rows + 16;  // degenerate pivots before Bland's rule takes over
    const std::int64_t refactor_every = 64;
    int standing = 0;
    std::int64_t since = 0;
    End end = End::limit;
    while (core.pivots < core.pivot_limit) {
        scale_multipliers<Width>(core);
        const Choice choice = choose(core);
        if (choice.code < 0) {
            end = End::optimal;
            break;
        }
        enter<Width>(core, choice);
        forward_impl<Width>(core);
        const int row = core.bland ? blocking_row_bland(core) : blocking_row<Width>(core);
        if (row < 0) {
            end = End::unbounded;
            break;
        }
        const auto r = static_cast<std::size_t>(row);
        const double step = core.fixed[r] != 0 ? 0.0 : std::max(core.x[r], 0.0) / core.alpha[r];
        pivot_impl<Width>(core, row, choice.code, choice.reduced_cost, step);
        const bool moved = step * -choice.reduced_cost > 1e-14;
        standing = moved ? 0 : standing + 1;
        core.bland = bland_throughout || standing > patience;
        if (++since >= refactor_every) {
            since = 0;
            if (!factor_impl<Width>(core)) break;
        }
    }
    core.bland = bland_throughout;
    return end;
}

// Each is compiled for programs of at most 8 rows and for all others.
void Forward(Core& core) {
    core.width == 8 ? forward_impl<8>(core) : forward_impl<0>(core);
}
void Pivot(Core& core, int r, std::int32_t code, double reduced_cost, double step) {
    core.width == 8 ? pivot_impl<8>(core, r, code, reduced_cost, step)
                    : pivot_impl<0>(core, r, code, reduced_cost, step);
}
void Compute(Core& core) {
    core.width == 8 ? compute_impl<8>(core) : compute_impl<0>(core);
}
bool Factor(Core& core) {
    return core.width == 8 ? factor_impl<8>(core) : factor_impl<0>(core);
}
double Refine(Core& core) {
    return core.width == 8 ? refine_impl<8>(core) : refine_impl<0>(core);
}
double PriceExtras(Core& core) {
    return price_extras_impl(core);
}
End Simplex(Core& core) {
    return core.width == 8 ? simplex_impl<8>(core) : simplex_impl<0>(core);
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(Forward);
HWY_EXPORT(Pivot);
HWY_EXPORT(Compute);
HWY_EXPORT(Factor);
HWY_EXPORT(Refine);
HWY_EXPORT(Simplex);
HWY_EXPORT(PriceExtras);

void forward(Core& core) {
    HWY_DYNAMIC_DISPATCH(Forward)(core);
}
void pivot(Core& core, int r, std::int32_t code, double reduced_cost, double step) {
    HWY_DYNAMIC_DISPATCH(Pivot)(core, r, code, reduced_cost, step);
}
void compute_solution(Core& core) {
    HWY_DYNAMIC_DISPATCH(Compute)(core);
}
bool factor(Core& core) {
    return HWY_DYNAMIC_DISPATCH(Factor)(core);
}
double refine(Core& core) {
    const double residual = HWY_DYNAMIC_DISPATCH(Refine)(core);
    polish_multipliers(core);
    return residual;
}
double price_extras(Core& core) {
    return HWY_DYNAMIC_DISPATCH(PriceExtras)(core);
}
End pool_simplex(Core& core) {
    return HWY_DYNAMIC_DISPATCH(Simplex)(core);
}

}  // namespace greenfront::lp
#endif
