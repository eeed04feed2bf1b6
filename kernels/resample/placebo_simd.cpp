// The loops of placebo_store.hpp, compiled once for each instruction set. Every number of a draw is computed
// from that draw alone, in an order that does not depend on its neighbours; sums run in eight lanes that are
// added up in one order whatever the width of the machine's vectors.
#include <algorithm>

#include "kernels/resample/placebo_store.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resample/placebo_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::resample::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, placebo_lanes>;
using V = hn::Vec<D>;

constexpr std::size_t most_columns = 6;  ///< whose sums are kept in registers together
constexpr std::size_t draws_at_once = hn::MaxLanes(D()) >= 8 ? 4 : 2;

/// w[draw][group][columns + 1][8]: dot products with each column, and v'v last.
struct Products {
    double* w;
    std::int64_t per_group, per_draw;
    [[nodiscard]] double* of(std::size_t draw, std::size_t group) const {
        return w + static_cast<std::int64_t>(draw) * per_draw + static_cast<std::int64_t>(group) * per_group;
    }
    [[nodiscard]] Products from(int draw) const { return {w + draw * per_draw, per_group, per_draw}; }
};

/// Where the numbers of a group begin in every draw, and the next slot.
struct Place {
    std::int64_t base, stride;
};

/// Columns first .. first + count of `draws` draws in one group, from `w` on.
template <std::size_t count, std::size_t draws>
HWY_INLINE void Dots(const PlaceboStore& store, std::size_t g, int first, const double* const* draw,
                     Place place, const Products& out) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const std::int64_t step = std::int64_t{store.columns} * placebo_lanes;
    const auto& group = store.group[g];
    for (int c = 0; c < placebo_lanes; c += lanes) {
        V sum[count][draws];
        for (std::size_t j = 0; j < count; ++j) {
            for (std::size_t r = 0; r < draws; ++r) sum[j][r] = hn::Zero(d);
        }
        const double* q = store.column.data() + group.column + first * placebo_lanes + c;
        std::int64_t at = place.base + c;
        for (std::int32_t slot = 0; slot < group.slots; ++slot, q += step, at += place.stride) {
            V v[draws];
            for (std::size_t r = 0; r < draws; ++r) v[r] = hn::LoadU(d, draw[r] + at);
            for (std::size_t j = 0; j < count; ++j) {
                const V column = hn::LoadU(d, q + j * placebo_lanes);
                for (std::size_t r = 0; r < draws; ++r) sum[j][r] = hn::MulAdd(column, v[r], sum[j][r]);
            }
        }
        for (std::size_t r = 0; r < draws; ++r) {
            double* w = out.of(r, g);
            for (std::size_t j = 0; j < count; ++j)
                hn::StoreU(sum[j][r], d, w + first * placebo_lanes + j * placebo_lanes + c);
        }
    }
}

/// v'v of each lane of a group.
template <std::size_t draws>
HWY_INLINE void Squares(const PlaceboStore& store, std::size_t g, const double* const* draw, Place place,
                        const Products& out) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const auto& group = store.group[g];
    for (int c = 0; c < placebo_lanes; c += lanes) {
        V sum[draws];
        for (std::size_t r = 0; r < draws; ++r) sum[r] = hn::Zero(d);
        std::int64_t at = place.base + c;
        for (std::int32_t slot = 0; slot < group.slots; ++slot, at += place.stride) {
            for (std::size_t r = 0; r < draws; ++r) {
                const V v = hn::LoadU(d, draw[r] + at);
                sum[r] = hn::MulAdd(v, v, sum[r]);
            }
        }
        for (std::size_t r = 0; r < draws; ++r)
            hn::StoreU(sum[r], d, out.of(r, g) + store.columns * placebo_lanes + c);
    }
}

template <std::size_t draws>
void GroupDots(const PlaceboStore& store, std::size_t g, const double* const* draw, Place place,
               const Products& out) {
    constexpr int most = static_cast<int>(most_columns);
    int first = 0;
    for (; store.columns - first >= most; first += most)
        Dots<most_columns, draws>(store, g, first, draw, place, out);
    for (; store.columns - first >= 3; first += 3) Dots<3, draws>(store, g, first, draw, place, out);
    for (; store.columns - first >= 1; first += 1) Dots<1, draws>(store, g, first, draw, place, out);
    Squares<draws>(store, g, draw, place, out);
}

double AddLanes(const double* s) {
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/// total[j]: sum over all lanes of w_j, j <= columns.
void Totals(const PlaceboStore& store, const double* w, double* total) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const std::int64_t per_group = std::int64_t{store.columns + 1} * placebo_lanes;
    for (int j = 0; j <= store.columns; ++j) {
        double by_lane[placebo_lanes];
        for (int c = 0; c < placebo_lanes; c += lanes) {
            V sum = hn::Zero(d);
            const double* at = w + j * placebo_lanes + c;
            for (std::size_t g = 0; g < store.group.size(); ++g, at += per_group)
                sum = hn::Add(sum, hn::LoadU(d, at));
            hn::StoreU(sum, d, by_lane + c);
        }
        total[j] = AddLanes(by_lane);
    }
}

/// What the scores of one draw read and write.
struct Slope {
    const double* w;      ///< products, [group][columns + 1][8]
    const double* delta;  ///< d
    double beta;
    double* score;  ///< c by lane, or null when lanes are clusters
    double square[placebo_lanes], size[placebo_lanes];
};

/// One group's part in the lane sums of c^2 (when lanes are clusters) and of a^2 + (beta b)^2.
HWY_INLINE void Scores(const PlaceboStore& store, std::size_t g, Slope& s) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const int others = store.columns - 1;
    const std::int64_t per_group = std::int64_t{store.columns + 1} * placebo_lanes;
    const std::int64_t per_cross = std::int64_t{others + others * (others + 1) / 2} * placebo_lanes;
    const V two = hn::Set(d, 2.0), slope = hn::Set(d, s.beta);
    for (int c = 0; c < placebo_lanes; c += lanes) {
        const double* const own = s.w + static_cast<std::int64_t>(g) * per_group + c;
        const double* r = store.cross.data() + static_cast<std::int64_t>(g) * per_cross + c;
        const double* p = r + others * placebo_lanes;
        V a = hn::LoadU(d, own + others * placebo_lanes);
        V b = hn::LoadU(d, own + store.columns * placebo_lanes);
        for (int j = 0; j < others; ++j, r += placebo_lanes) {
            const V dj = hn::Set(d, s.delta[j]);
            a = hn::NegMulAdd(hn::LoadU(d, r), dj, a);
            // P is symmetric: its diagonal once, what is left of it twice
            V half = hn::Zero(d);
            for (int k = 0; k < j; ++k, p += placebo_lanes)
                half = hn::MulAdd(hn::LoadU(d, p), hn::Set(d, s.delta[k]), half);
            half = hn::Sub(half, hn::LoadU(d, own + j * placebo_lanes));
            const V diagonal = hn::Mul(hn::LoadU(d, p), dj);
            p += placebo_lanes;
            b = hn::MulAdd(hn::MulAdd(two, half, diagonal), dj, b);
        }
        const V fitted = hn::Mul(slope, b);
        const V score = hn::Sub(a, fitted);
        const V size = hn::MulAdd(fitted, fitted, hn::LoadU(d, s.size + c));
        hn::StoreU(hn::MulAdd(a, a, size), d, s.size + c);
        if (s.score != nullptr)
            hn::StoreU(score, d, s.score + static_cast<std::int64_t>(g) * placebo_lanes + c);
        else
            hn::StoreU(hn::MulAdd(score, score, hn::LoadU(d, s.square + c)), d, s.square + c);
    }
}

/// Of scores by lane.
double SquaresOfClusters(const PlaceboStore& store, const double* score, double* of_cluster) {
    std::fill(of_cluster, of_cluster + store.clusters, 0.0);
    for (std::size_t lane = 0; lane < store.cluster.size(); ++lane) {
        if (store.cluster[lane] >= 0) of_cluster[store.cluster[lane]] += score[lane];
    }
    double sum = 0;
    for (std::int32_t c = 0; c < store.clusters; ++c) sum += of_cluster[c] * of_cluster[c];
    return sum;
}

/// Eight lanes of draw[slot][i] = value[slot][item[i]], to out[slot][8].
HWY_INLINE void GatherGroup(const PlaceboStore& store, const double* HWY_RESTRICT value,
                            const std::int32_t* HWY_RESTRICT item, std::int64_t stride,
                            double* HWY_RESTRICT out) {
    const D d;
    const hn::RebindToSigned<D> wide;
    const hn::Rebind<std::int32_t, D> narrow;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const std::int32_t slots = store.group.front().slots;
    for (int c = 0; c < placebo_lanes; c += lanes) {
        const auto index = hn::PromoteTo(wide, hn::LoadU(narrow, item + c));
        const double* from = value;
        for (std::int32_t t = 0; t < slots; ++t, from += store.lanes + 1)
            hn::StoreU(hn::GatherIndex(d, from, index), d, out + t * stride + c);
    }
}

/// Products of all draws, group by group: y~ and Q of a group stay in the nearest cache, and so do the
/// numbers of draws that are gathered (into `gathered`) instead of given.
void AllDots(const PlaceboStore& store, const PlaceboInput& input, int draws, double* gathered,
             const Products& out) {
    constexpr int at_once = static_cast<int>(draws_at_once);
    const std::int64_t per_draw = std::int64_t{store.group.front().slots} * placebo_lanes;
    const double* draw[placebo_strip] = {};
    for (int r = 0; r < draws; ++r)
        draw[r] = input.value == nullptr ? input.draw[r] : gathered + r * per_draw;
    for (std::size_t g = 0; g < store.group.size(); ++g) {
        Place place{store.group[g].base, store.stride};
        if (input.value != nullptr) {
            for (int r = 0; r < draws; ++r)
                GatherGroup(store, input.value, input.item[r] + place.base, placebo_lanes,
                            gathered + r * per_draw);
            place = {0, placebo_lanes};
        }
        int first = 0;
        for (; draws - first >= at_once; first += at_once)
            GroupDots<draws_at_once>(store, g, draw + first, place, out.from(first));
        for (; first < draws; ++first) GroupDots<1>(store, g, draw + first, place, out.from(first));
    }
}

void Sums(const PlaceboStore& store, const PlaceboInput& input, int draws, std::vector<double>& work,
          PlaceboSums* sums) {
    const auto groups = static_cast<std::int64_t>(store.group.size());
    const std::int64_t per_group = std::int64_t{store.columns + 1} * placebo_lanes;
    const bool by_lane = store.cluster.empty();
    const std::int64_t products = placebo_strip * groups * per_group;
    const std::int64_t lanes = by_lane ? 0 : groups * placebo_lanes, total = store.columns + 1;
    const std::int64_t in_group =
        input.value == nullptr ? 0 : std::int64_t{store.group.front().slots} * placebo_lanes;
    const std::int64_t needed = products + placebo_strip * (lanes + total + in_group) + store.clusters;
    if (static_cast<std::int64_t>(work.size()) < needed) work.resize(static_cast<std::size_t>(needed));
    const Products out{work.data(), per_group, groups * per_group};
    double* const totals = work.data() + products;
    double* const gathered = totals + placebo_strip * total;
    double* const scores = gathered + placebo_strip * in_group;
    AllDots(store, input, draws, gathered, out);
    Slope slope[placebo_strip];
    for (int r = 0; r < draws; ++r) {
        double* const delta = totals + r * total;
        Totals(store, out.from(r).w, delta);
        PlaceboSums& s = sums[r];
        s.square = delta[store.columns];
        s.numerator = delta[store.columns - 1];
        s.D = s.square;
        for (int j = 0; j + 1 < store.columns; ++j) s.D -= delta[j] * delta[j];
        slope[r] = {out.from(r).w, delta, s.numerator / s.D, by_lane ? nullptr : scores + r * lanes, {}, {}};
    }
    for (std::size_t g = 0; g < store.group.size(); ++g) {
        for (int r = 0; r < draws; ++r) Scores(store, g, slope[r]);
    }
    for (int r = 0; r < draws; ++r) {
        sums[r].size = AddLanes(slope[r].size);
        sums[r].middle = by_lane ? AddLanes(slope[r].square)
                                 : SquaresOfClusters(store, slope[r].score, scores + placebo_strip * lanes);
    }
}

void Gather(const PlaceboStore& store, const double* value, const std::int32_t* item, double* draw) {
    for (const auto& group : store.group)
        GatherGroup(store, value, item + group.base, store.stride, draw + group.base);
}

void Demean(const PlaceboStore& store, bool period, bool unit, double* draw) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const std::int32_t slots = store.group.front().slots;
    if (period) {
        for (std::int32_t t = 0; t < slots; ++t) {
            double* const row = draw + t * store.stride;
            double by_lane[placebo_lanes];
            for (int c = 0; c < placebo_lanes; c += lanes) {
                V sum = hn::Zero(d);
                for (std::int64_t i = c; i < store.stride; i += placebo_lanes)
                    sum = hn::Add(sum, hn::LoadU(d, row + i));
                hn::StoreU(sum, d, by_lane + c);
            }
            const V mean = hn::Set(d, AddLanes(by_lane) / store.lanes);
            for (std::int64_t i = 0; i < store.stride; i += lanes)
                hn::StoreU(hn::Sub(hn::LoadU(d, row + i), mean), d, row + i);
            std::fill(row + store.lanes, row + store.stride, 0.0);
        }
    }
    if (!unit) return;
    const V share = hn::Set(d, 1.0 / slots);
    for (std::int64_t i = 0; i < store.stride; i += lanes) {
        V sum = hn::Zero(d);
        for (std::int32_t t = 0; t < slots; ++t)
            sum = hn::Add(sum, hn::LoadU(d, draw + t * store.stride + i));
        const V mean = hn::Mul(sum, share);
        for (std::int32_t t = 0; t < slots; ++t) {
            double* const at = draw + t * store.stride + i;
            hn::StoreU(hn::Sub(hn::LoadU(d, at), mean), d, at);
        }
    }
}

}  // namespace greenfront::resample::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::resample {

HWY_EXPORT(Sums);
HWY_EXPORT(Demean);
HWY_EXPORT(Gather);

void placebo_sums(const PlaceboStore& store, const PlaceboInput& input, int draws, std::vector<double>& work,
                  PlaceboSums* sums) {
    HWY_DYNAMIC_DISPATCH(Sums)(store, input, draws, work, sums);
}
void placebo_gather(const PlaceboStore& store, const double* value, const std::int32_t* item, double* draw) {
    HWY_DYNAMIC_DISPATCH(Gather)(store, value, item, draw);
}
void placebo_demean(const PlaceboStore& store, bool period, bool unit, double* draw) {
    HWY_DYNAMIC_DISPATCH(Demean)(store, period, unit, draw);
}

}  // namespace greenfront::resample
#endif
