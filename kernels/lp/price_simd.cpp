// The passes over all shared columns, compiled once for each instruction set.
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

/// The best of the columns seen so far in each lane.
struct Lowest {
    V value, at;
    explicit Lowest(const D d)
        : value(hn::Set(d, std::numeric_limits<double>::infinity())), at(hn::Zero(d)) {}
    void see(const V& reduced, const V& here) {
        const auto lower = hn::Lt(reduced, value);
        value = hn::IfThenElse(lower, reduced, value);
        at = hn::IfThenElse(lower, here, at);
    }
};

void begin(Pass& pass) {
    pass.lowest.fill(std::numeric_limits<double>::infinity());
    pass.column.fill(-1.0);
    pass.least = std::numeric_limits<double>::infinity();
    pass.at_most = 0;
}

void merge(const D d, const Lowest& found, int first_lane, Pass& pass) {
    double* const lowest = pass.lowest.data() + first_lane;
    double* const column = pass.column.data() + first_lane;
    const V before = hn::LoadU(d, lowest);
    const auto lower = hn::Lt(found.value, before);
    const V now = hn::IfThenElse(lower, found.value, before);
    hn::StoreU(now, d, lowest);
    hn::StoreU(hn::IfThenElse(lower, found.at, hn::LoadU(d, column)), d, column);
    pass.least = std::min(pass.least, hn::GetLane(hn::MinOfLanes(d, now)));
}

// One pass over columns begin..end-1 with the multipliers in registers. Two vectors at a time hide the
// latency.
template <int Rows>
void price_range(const Columns& columns, std::int32_t first, std::int32_t last, const double* ys,
                 double bound, Pass& pass) {
    const D d;
    const int rows = Rows != 0 ? Rows : columns.rows;
    constexpr std::size_t registers = Rows != 0 ? static_cast<std::size_t>(Rows) : 1;
    V m[registers];
    if constexpr (Rows != 0) {
        for (int i = 0; i < Rows; ++i) m[i] = hn::Set(d, ys[i]);
    }
    constexpr int lanes = lanes_of();
    const V inf = hn::Set(d, std::numeric_limits<double>::infinity());
    const V vbound = hn::Set(d, bound);
    Lowest low0(d), low1(d);
    V counted = hn::Zero(d);
    const V one = hn::Set(d, 1.0);
    const V advance = hn::Set(d, 2.0 * lanes);
    V here0 = hn::Iota(d, static_cast<double>(first)),
      here1 = hn::Iota(d, static_cast<double>(first + lanes));
    const V end = hn::Set(d, static_cast<double>(last));
    const std::size_t stride = columns.stride;
    const double* const value = columns.value.data();
    for (std::int32_t j = first; j < last; j += 2 * lanes) {
        V r0 = hn::Zero(d), r1 = hn::Zero(d);
        for (int i = 0; i < rows; ++i) {
            const double* const a =
                value + static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(j);
            V mi;
            if constexpr (Rows != 0) {
                mi = m[i];
            } else {
                mi = hn::Set(d, ys[i]);
            }
            r0 = hn::NegMulAdd(mi, hn::LoadU(d, a), r0);
            r1 = hn::NegMulAdd(mi, hn::LoadU(d, a + lanes), r1);
        }
        r0 = hn::IfThenElse(hn::Lt(here0, end), r0, inf);
        r1 = hn::IfThenElse(hn::Lt(here1, end), r1, inf);
        low0.see(r0, here0);
        low1.see(r1, here1);
        counted = hn::Add(counted, hn::IfThenElseZero(hn::Le(r0, vbound), one));
        counted = hn::Add(counted, hn::IfThenElseZero(hn::Le(r1, vbound), one));
        here0 = hn::Add(here0, advance);
        here1 = hn::Add(here1, advance);
    }
    merge(d, low0, 0, pass);
    merge(d, low1, lanes, pass);
    pass.at_most += hn::GetLane(hn::SumOfLanes(d, counted));
}

// Each vector of columns is loaded once and priced for `batch` programs.
template <int Rows>
void price_together(const Columns& columns, const double* const* ys, double bound, Pass* passes) {
    const D d;
    const int rows = Rows != 0 ? Rows : columns.rows;
    constexpr int lanes = lanes_of();
    const V inf = hn::Set(d, std::numeric_limits<double>::infinity());
    const V vbound = hn::Set(d, bound), one = hn::Set(d, 1.0);
    const V advance = hn::Set(d, static_cast<double>(lanes));
    const V end = hn::Set(d, static_cast<double>(columns.count));
    Lowest low[batch] = {Lowest(d), Lowest(d), Lowest(d), Lowest(d)};
    V counted[batch] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    V here = hn::Iota(d, 0.0);
    for (std::int32_t j = 0; j < columns.count; j += lanes) {
        V reduced[batch] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
        for (int i = 0; i < rows; ++i) {
            const V a = hn::LoadU(d, columns.row(i) + j);
            for (std::size_t p = 0; p < batch; ++p)
                reduced[p] = hn::NegMulAdd(hn::Set(d, ys[p][i]), a, reduced[p]);
        }
        const auto inside = hn::Lt(here, end);
        for (std::size_t p = 0; p < batch; ++p) {
            const V r = hn::IfThenElse(inside, reduced[p], inf);
            low[p].see(r, here);
            counted[p] = hn::Add(counted[p], hn::IfThenElseZero(hn::Le(r, vbound), one));
        }
        here = hn::Add(here, advance);
    }
    for (std::size_t p = 0; p < batch; ++p) {
        begin(passes[p]);
        merge(d, low[p], 0, passes[p]);
        passes[p].at_most = hn::GetLane(hn::SumOfLanes(d, counted[p]));
    }
}

/// Calls visit with the number of rows as a constant, 0 for numbers that are not compiled for.
template <class Visit>
void with_rows(int rows, const Visit& visit) {
    switch (rows) {
        case 2:
            return visit(std::integral_constant<int, 2>());
        case 3:
            return visit(std::integral_constant<int, 3>());
        case 4:
            return visit(std::integral_constant<int, 4>());
        case 5:
            return visit(std::integral_constant<int, 5>());
        case 6:
            return visit(std::integral_constant<int, 6>());
        case 7:
            return visit(std::integral_constant<int, 7>());
        case 8:
            return visit(std::integral_constant<int, 8>());
        default:
            return visit(std::integral_constant<int, 0>());
    }
}

void PriceRange(const Columns& columns, std::int32_t first, std::int32_t last, const double* ys, double bound,
                Pass& pass) {
    with_rows(columns.rows,
              [&](auto rows) { price_range<decltype(rows)::value>(columns, first, last, ys, bound, pass); });
}

void PriceBatch(const Columns& columns, const double* const* ys, double bound, Pass* passes) {
    with_rows(columns.rows,
              [&](auto rows) { price_together<decltype(rows)::value>(columns, ys, bound, passes); });
}

}  // namespace greenfront::lp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::lp {

HWY_EXPORT(PriceRange);
HWY_EXPORT(PriceBatch);

void price_all(const Columns& columns, const std::array<Range, 2>& left_out, const double* ys, double bound,
               Pass& pass) {
    pass.lowest.fill(std::numeric_limits<double>::infinity());
    pass.column.fill(-1.0);
    pass.least = std::numeric_limits<double>::infinity();
    pass.at_most = 0;
    std::int32_t from = 0;  // the ranges come in ascending order
    for (const Range& hole : left_out) {
        if (hole.first >= hole.last) continue;
        HWY_DYNAMIC_DISPATCH(PriceRange)(columns, from, hole.first, ys, bound, pass);
        from = hole.last;
    }
    HWY_DYNAMIC_DISPATCH(PriceRange)(columns, from, columns.count, ys, bound, pass);
}

void price_batch(const Columns& columns, const std::array<const double*, batch>& ys, double bound,
                 std::array<Pass, batch>& passes) {
    HWY_DYNAMIC_DISPATCH(PriceBatch)(columns, ys.data(), bound, passes.data());
}

}  // namespace greenfront::lp
#endif
