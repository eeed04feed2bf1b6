// What happens to the basis and its inverse at a pivot: parts of core_simd.cpp and facets_simd.cpp, which
// include this file once for each instruction set.
#if defined(GREENFRONT_LP_BASIS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GREENFRONT_LP_BASIS_INL
#undef GREENFRONT_LP_BASIS_INL
#else
#define GREENFRONT_LP_BASIS_INL
#endif

#include "kernels/lp/choose_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {

template <int Width>
void forward_impl(Core& core) {
    const D d;
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    for (int k = 0; k < width; k += step_of()) {
        V even = hn::Zero(d), odd = hn::Zero(d);  // two chains hide the latency of the additions
        int i = 0;
        for (; i + 1 < rows; i += 2) {
            const double* const column = core.inverse.data() + static_cast<std::ptrdiff_t>(i) * width + k;
            even = hn::MulAdd(hn::Set(d, core.entering[static_cast<std::size_t>(i)]), hn::LoadU(d, column),
                              even);
            odd = hn::MulAdd(hn::Set(d, core.entering[static_cast<std::size_t>(i + 1)]),
                             hn::LoadU(d, column + width), odd);
        }
        if (i < rows) {
            const double* const column = core.inverse.data() + static_cast<std::ptrdiff_t>(i) * width + k;
            even = hn::MulAdd(hn::Set(d, core.entering[static_cast<std::size_t>(i)]), hn::LoadU(d, column),
                              even);
        }
        hn::StoreU(hn::Add(even, odd), d, core.alpha.data() + k);
    }
}

// Row r of the inverse divided by the pivot is subtracted from the other rows in proportion to alpha. The
// factor of row r itself is alpha_r - 1, which leaves exactly row_r / alpha_r up to rounding.
template <int Width>
void exchange_inverse(Core& core, int r, double reduced_cost) {
    const D d;
    const int width = width_of<Width>(core);
    const int rows = core.problem->rows;
    const double inverse_pivot = 1.0 / core.alpha[static_cast<std::size_t>(r)];
    double* const factor = core.scratch.data();
    std::copy(core.alpha.begin(), core.alpha.begin() + width, factor);
    factor[r] -= 1.0;
    for (int i = 0; i < rows; ++i) {
        double* const column = core.inverse.data() + i * width;
        const double f = column[r] * inverse_pivot;
        core.y[static_cast<std::size_t>(i)] += reduced_cost * f;
        const V vf = hn::Set(d, f);
        for (int k = 0; k < width; k += step_of()) {
            hn::StoreU(hn::NegMulAdd(vf, hn::LoadU(d, factor + k), hn::LoadU(d, column + k)), d, column + k);
        }
    }
}

template <int Width>
void pivot_impl(Core& core, int r, std::int32_t code, double reduced_cost, double step) {
    const D d;
    const int width = width_of<Width>(core);
    exchange_inverse<Width>(core, r, reduced_cost);
    double* const kept = core.matrix.data() + r * width;
    V largest = hn::Zero(d);
    for (int k = 0; k < width; k += step_of()) {
        const V x = hn::NegMulAdd(hn::Set(d, step), hn::LoadU(d, core.alpha.data() + k),
                                  hn::LoadU(d, core.x.data() + k));
        hn::StoreU(x, d, core.x.data() + k);
        const V entry = hn::LoadU(d, core.entering.data() + k);
        largest = hn::Max(largest, hn::Abs(entry));
        hn::StoreU(entry, d, kept + k);
    }
    const auto row = static_cast<std::size_t>(r);
    core.x[row] = step;
    core.hair[row] = hair_of(hn::GetLane(hn::MaxOfLanes(d, largest)));
    if (core.fixed[row] != 0) core.fixed[row] = code < 0 ? 1.0 : 0.0;
    core.basis[row] = code;
    core.basic_cost[row] = code_cost(core, code);
    ++core.pivots;
}

template <int Width>
void scale_multipliers(Core& core) {
    const D d;
    for (int k = 0; k < width_of<Width>(core); k += step_of()) {
        hn::StoreU(hn::Mul(hn::LoadU(d, core.y.data() + k), hn::LoadU(d, core.problem->row_scale.data() + k)),
                   d, core.ys.data() + k);
    }
}

// x = inverse * rhs.
template <int Width>
void solve_primal(Core& core) {
    const D d;
    const int width = width_of<Width>(core);
    for (int k = 0; k < width; k += step_of()) {
        V sum = hn::Zero(d);
        for (int i = 0; i < core.problem->rows; ++i) {
            sum = hn::MulAdd(hn::Set(d, core.rhs[static_cast<std::size_t>(i)]),
                             hn::LoadU(d, core.inverse.data() + i * width + k), sum);
        }
        hn::StoreU(sum, d, core.x.data() + k);
    }
}

// The chosen column, in the program's units.
template <int Width>
void enter(Core& core, const Choice& choice) {
    const D d;
    const int width = width_of<Width>(core);
    const Problem& p = *core.problem;
    if (choice.slot < 0) {
        const double* const column = p.extra_column.data() + choice.code * p.width;
        for (int k = 0; k < width; k += step_of())
            hn::StoreU(hn::LoadU(d, column + k), d, core.entering.data() + k);
        return;
    }
    const Pool& pool = *core.pool;
    const double* const column = pool.packed.data() + static_cast<std::ptrdiff_t>(choice.slot) * pool.width;
    for (int k = 0; k < pool.width; k += step_of()) {  // rows of a shared column; below it is zero
        const V entry = hn::Mul(hn::LoadU(d, column + k), hn::LoadU(d, p.row_scale.data() + k));
        hn::StoreU(entry, d, core.entering.data() + k);
    }
    for (int k = pool.width; k < width; k += step_of()) hn::StoreU(hn::Zero(d), d, core.entering.data() + k);
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
