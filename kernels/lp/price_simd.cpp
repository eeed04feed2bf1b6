// The pass over all shared columns, compiled once for each instruction set.
#include <algorithm>
#include <limits>

#include "kernels/lp/core.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lp/price_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::lp::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;
constexpr int lanes_of() {
    return static_cast<int>(hn::MaxLanes(D()));
}

// One pass over all columns with the multipliers in registers. Two vectors at a time hide the latency.
template <int Rows>
void price_impl(const Columns& columns, const double* ys, double bound, Pass& pass, int rows_at_run_time) {
    const D d;
    const int rows = Rows != 0 ? Rows : rows_at_run_time;
    constexpr std::size_t registers = Rows != 0 ? static_cast<std::size_t>(Rows) : 1;
    V m[registers];
    if constexpr (Rows != 0) {
        for (int i = 0; i < Rows; ++i) m[i] = hn::Set(d, ys[i]);
    }
    const int lanes = lanes_of();
    const V inf = hn::Set(d, std::numeric_limits<double>::infinity());
    const V vbound = hn::Set(d, bound);
    V low0 = inf, low1 = inf, at0 = hn::Zero(d), at1 = hn::Zero(d);
    V counted = hn::Zero(d);
    const V one = hn::Set(d, 1.0);
    const V advance = hn::Set(d, 2.0 * lanes);
    V here0 = hn::Iota(d, 0.0), here1 = hn::Iota(d, static_cast<double>(lanes));
    const V end = hn::Set(d, static_cast<double>(columns.count));
    const std::size_t stride = columns.stride;
    const double* const value = columns.value.data();
    for (std::size_t j = 0; j < stride; j += static_cast<std::size_t>(2 * lanes)) {
        V r0 = hn::Zero(d), r1 = hn::Zero(d);
        for (int i = 0; i < rows; ++i) {
            const double* const a = value + static_cast<std::size_t>(i) * stride + j;
            V mi;
            if constexpr (Rows != 0) {
                mi = m[i];
            } else {
                mi = hn::Set(d, ys[i]);
            }
            r0 = hn::NegMulAdd(mi, hn::LoadU(d, a), r0);
            r1 = hn::NegMulAdd(mi, hn::LoadU(d, a + lanes), r1);
        }
        const auto in0 = hn::Lt(here0, end);
        const auto in1 = hn::Lt(here1, end);
        r0 = hn::IfThenElse(in0, r0, inf);
        r1 = hn::IfThenElse(in1, r1, inf);
        const auto lower0 = hn::Lt(r0, low0);
        const auto lower1 = hn::Lt(r1, low1);
        low0 = hn::IfThenElse(lower0, r0, low0);
        low1 = hn::IfThenElse(lower1, r1, low1);
        at0 = hn::IfThenElse(lower0, here0, at0);
        at1 = hn::IfThenElse(lower1, here1, at1);
        counted = hn::Add(counted, hn::IfThenElseZero(hn::Le(r0, vbound), one));
        counted = hn::Add(counted, hn::IfThenElseZero(hn::Le(r1, vbound), one));
        here0 = hn::Add(here0, advance);
        here1 = hn::Add(here1, advance);
    }
    double lows[Pass::lanes], ats[Pass::lanes];
    hn::StoreU(low0, d, lows);
    hn::StoreU(low1, d, lows + lanes);
    hn::StoreU(at0, d, ats);
    hn::StoreU(at1, d, ats + lanes);
    pass.least = std::numeric_limits<double>::infinity();
    for (int k = 0; k < Pass::lanes; ++k) {
        const auto lane = static_cast<std::size_t>(k);
        const bool used = k < 2 * lanes;
        pass.lowest[lane] = used ? lows[k] : std::numeric_limits<double>::infinity();
        pass.column[lane] = used ? static_cast<std::int32_t>(ats[k]) : -1;
        pass.least = std::min(pass.least, pass.lowest[lane]);
    }
    pass.at_most = static_cast<std::int32_t>(hn::GetLane(hn::SumOfLanes(d, counted)));
}

void PriceAll(const Columns& columns, const double* ys, double bound, Pass& pass) {
    switch (columns.rows) {
        case 2:
            return price_impl<2>(columns, ys, bound, pass, 2);
        case 3:
            return price_impl<3>(columns, ys, bound, pass, 3);
        case 4:
            return price_impl<4>(columns, ys, bound, pass, 4);
        case 5:
            return price_impl<5>(columns, ys, bound, pass, 5);
        case 6:
            return price_impl<6>(columns, ys, bound, pass, 6);
        case 7:
            return price_impl<7>(columns, ys, bound, pass, 7);
        case 8:
            return price_impl<8>(columns, ys, bound, pass, 8);
        default:
            return price_impl<0>(columns, ys, bound, pass, columns.rows);
    }
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(PriceAll);

void price_all(const Columns& columns, const double* ys, double bound, Pass& pass) {
    HWY_DYNAMIC_DISPATCH(PriceAll)(columns, ys, bound, pass);
}

}  // namespace greenfront::lp
#endif
