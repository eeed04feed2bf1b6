// The loops of wild_strip.hpp, compiled once for each instruction set. Every number of a replicate is
// computed from that replicate's weights alone, in an order that does not depend on its neighbours.
#include <cstring>

#include "kernels/resample/wild_strip.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resample/wild_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::resample::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;

/// squares[16] += sum over the block's clusters of c^2; `P`: rank + k rows of 16. Four clusters and two
/// vectors of replicates are kept in registers.
void AddSquares(const WildBlock& block, int rows, const double* HWY_RESTRICT weights,
                const double* HWY_RESTRICT P, double* HWY_RESTRICT squares) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const int groups = (block.clusters + wild_group - 1) / wild_group;
    for (int c = 0; c < strip; c += 2 * lanes) {
        V sum0 = hn::LoadU(d, squares + c), sum1 = hn::LoadU(d, squares + c + lanes);
        for (int at = 0; at < groups; ++at) {
            const double* load = block.load.data() + static_cast<std::ptrdiff_t>(at) * rows * wild_group;
            const double* const diagonal = block.diagonal.data() + at * wild_group;
            const double* const v = weights + (block.begin + at * wild_group) * strip + c;
            const auto begin = [&](int g, int offset) {
                return hn::Mul(hn::Set(d, diagonal[g]), hn::LoadU(d, v + g * strip + offset));
            };
            V a0 = begin(0, 0), a1 = begin(1, 0), a2 = begin(2, 0), a3 = begin(3, 0);
            V b0 = begin(0, lanes), b1 = begin(1, lanes), b2 = begin(2, lanes), b3 = begin(3, lanes);
            const double* p = P + c;
            for (int r = 0; r < rows; ++r, load += wild_group, p += strip) {
                const V p0 = hn::LoadU(d, p), p1 = hn::LoadU(d, p + lanes);
                const V l0 = hn::Set(d, load[0]), l1 = hn::Set(d, load[1]);
                a0 = hn::NegMulAdd(l0, p0, a0), b0 = hn::NegMulAdd(l0, p1, b0);
                a1 = hn::NegMulAdd(l1, p0, a1), b1 = hn::NegMulAdd(l1, p1, b1);
                const V l2 = hn::Set(d, load[2]), l3 = hn::Set(d, load[3]);
                a2 = hn::NegMulAdd(l2, p0, a2), b2 = hn::NegMulAdd(l2, p1, b2);
                a3 = hn::NegMulAdd(l3, p0, a3), b3 = hn::NegMulAdd(l3, p1, b3);
            }
            sum0 = hn::MulAdd(a0, a0, sum0), sum1 = hn::MulAdd(b0, b0, sum1);
            sum0 = hn::MulAdd(a1, a1, sum0), sum1 = hn::MulAdd(b1, b1, sum1);
            sum0 = hn::MulAdd(a2, a2, sum0), sum1 = hn::MulAdd(b2, b2, sum1);
            sum0 = hn::MulAdd(a3, a3, sum0), sum1 = hn::MulAdd(b3, b3, sum1);
        }
        hn::StoreU(sum0, d, squares + c);
        hn::StoreU(sum1, d, squares + c + lanes);
    }
}

/// The same for two sets of residuals, which share L: squares[3][16] += c c, c c', c' c'.
void AddPairSquares(const WildBlock& first, const WildBlock& second, int rows,
                    const double* HWY_RESTRICT weights, const double* HWY_RESTRICT P,
                    const double* HWY_RESTRICT P2, double* HWY_RESTRICT squares) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const int groups = (first.clusters + wild_group - 1) / wild_group;
    for (int c = 0; c < strip; c += lanes) {
        V both[3];
        for (int i = 0; i < 3; ++i) both[i] = hn::LoadU(d, squares + i * strip + c);
        for (int at = 0; at < groups; ++at) {
            const double* load = first.load.data() + static_cast<std::ptrdiff_t>(at) * rows * wild_group;
            const double* const v = weights + (first.begin + at * wild_group) * strip + c;
            V a[wild_group], b[wild_group];
            for (int g = 0; g < wild_group; ++g) {
                const V w = hn::LoadU(d, v + g * strip);
                a[g] = hn::Mul(hn::Set(d, first.diagonal[static_cast<std::size_t>(at * wild_group + g)]), w);
                b[g] = hn::Mul(hn::Set(d, second.diagonal[static_cast<std::size_t>(at * wild_group + g)]), w);
            }
            for (int r = 0; r < rows; ++r, load += wild_group) {
                const V p = hn::LoadU(d, P + r * strip + c), q = hn::LoadU(d, P2 + r * strip + c);
                for (int g = 0; g < wild_group; ++g) {
                    const V l = hn::Set(d, load[g]);
                    a[g] = hn::NegMulAdd(l, p, a[g]);
                    b[g] = hn::NegMulAdd(l, q, b[g]);
                }
            }
            for (int g = 0; g < wild_group; ++g) {
                both[0] = hn::MulAdd(a[g], a[g], both[0]);
                both[1] = hn::MulAdd(a[g], b[g], both[1]);
                both[2] = hn::MulAdd(b[g], b[g], both[2]);
            }
        }
        for (int i = 0; i < 3; ++i) hn::StoreU(both[i], d, squares + i * strip + c);
    }
}

void Signs(const std::uint64_t* HWY_RESTRICT words, const std::int32_t* HWY_RESTRICT position, std::int32_t G,
           double* HWY_RESTRICT weights) {
    const D d;
    const hn::RebindToUnsigned<D> u;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const auto one = hn::BitCast(u, hn::Set(d, 1.0));
    for (int c = 0; c < strip; c += lanes) {
        for (std::int32_t g = 0; g < G; ++g) {
            const auto word = hn::LoadU(u, words + g / 64 * strip + c);
            const auto sign = hn::ShiftLeft<63>(hn::ShiftRightSame(word, g % 64));
            hn::StoreU(hn::BitCast(d, hn::Or(one, sign)), d, weights + position[g] * strip + c);
        }
    }
}

/// P of one set of residuals: m of a block right before delta, so that the two are one matrix.
struct Coordinates {
    double *scratch, *P;
    const WildStore* store;
    [[nodiscard]] double* delta() const { return P + store->most_rank * strip; }
    [[nodiscard]] const double* of(const WildBlock& block, const double* weights) const {
        multiply(block.m, weights + block.begin * strip, scratch);
        double* const begin = delta() - block.rank * strip;
        std::memcpy(begin, scratch, static_cast<std::size_t>(block.rank * strip) * sizeof(double));
        return begin;
    }
};

std::size_t size_of(const WildStore& store) {
    return static_cast<std::size_t>((padded(store.most_rank) + store.most_rank + padded(store.k)) * strip);
}

Coordinates coordinates(const WildStore& store, double* memory, const double* weights) {
    const Coordinates c{memory, memory + padded(store.most_rank) * strip, &store};
    multiply(store.delta, weights, c.delta());
    return c;
}

void Strip(const WildStore& store, const double* weights, std::vector<double>& work, WildSums& sums) {
    if (work.size() < size_of(store)) work.resize(size_of(store));
    const Coordinates c = coordinates(store, work.data(), weights);
    std::memset(sums.squares, 0, sizeof(sums.squares));
    for (const WildBlock& block : store.block)
        AddSquares(block, block.rank + store.k, weights, c.of(block, weights), sums.squares);
    std::memcpy(sums.numerator, c.delta() + store.term * strip, sizeof(sums.numerator));
}

void PairStrip(const WildStore& first, const WildStore& second, const double* weights,
               std::vector<double>& work, WildPairSums& sums) {
    const std::size_t one = size_of(first);
    if (work.size() < 2 * one) work.resize(2 * one);
    const Coordinates c = coordinates(first, work.data(), weights);
    const Coordinates c2 = coordinates(second, work.data() + one, weights);
    std::memset(sums.squares, 0, sizeof(sums.squares));
    for (std::size_t b = 0; b < first.block.size(); ++b) {
        const WildBlock& block = first.block[b];
        const double* const P = c.of(block, weights);
        const double* const P2 = c2.of(second.block[b], weights);
        AddPairSquares(block, second.block[b], block.rank + first.k, weights, P, P2, sums.squares[0]);
    }
    std::memcpy(sums.numerator[0], c.delta() + first.term * strip, sizeof(sums.numerator[0]));
    std::memcpy(sums.numerator[1], c2.delta() + first.term * strip, sizeof(sums.numerator[1]));
}

}  // namespace greenfront::resample::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::resample {

HWY_EXPORT(Strip);
HWY_EXPORT(Signs);
HWY_EXPORT(PairStrip);

void wild_signs(const std::uint64_t* words, const std::int32_t* position, std::int32_t G, double* weights) {
    HWY_DYNAMIC_DISPATCH(Signs)(words, position, G, weights);
}
void wild_strip(const WildStore& store, const double* weights, std::vector<double>& work, WildSums& sums) {
    HWY_DYNAMIC_DISPATCH(Strip)(store, weights, work, sums);
}
void wild_strip(const WildStore& first, const WildStore& second, const double* weights,
                std::vector<double>& work, WildPairSums& sums) {
    HWY_DYNAMIC_DISPATCH(PairStrip)(first, second, weights, work, sums);
}

}  // namespace greenfront::resample
#endif
