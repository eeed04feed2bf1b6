// Philox4x64-10 with a block in each lane. A 64-bit product is put together from four of 32 bits:
//     x m = (xh 2^32 + xl)(mh 2^32 + ml):  t = xl ml,  u = xh ml + (t >> 32),  v = xl mh + (u mod 2^32),
//     high = xh mh + (u >> 32) + (v >> 32),  low = (v << 32) + (t mod 2^32)
#include "kernels/rng/philox_simd.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rng/philox_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::rng::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::uint64_t, 8>;
using V = hn::Vec<D>;

/// Products of the low 32 bits of each lane.
HWY_INLINE V Product(V a, V b) {
#if HWY_TARGET == HWY_SCALAR  // lanes of 64 bits have no halves there
    const V mask = hn::Set(D(), 0xffffffffU);
    return hn::Mul(hn::And(a, mask), hn::And(b, mask));
#else
    const hn::Repartition<std::uint32_t, D> d;
    return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, b));
#endif
}

/// The multipliers and their high halves. (No initialisers here: a constructor of the compiler's would be
/// compiled for another instruction set.)
struct Constants {
    V mask, m0, m1, h0, h1;
};

HWY_INLINE Constants MakeConstants() {
    const D d;
    const V m0 = hn::Set(d, 0xD2E7470EE14C6C93U), m1 = hn::Set(d, 0xCA5A826395121157U);
    return {hn::Set(d, 0xffffffffU), m0, m1, hn::ShiftRight<32>(m0), hn::ShiftRight<32>(m1)};
}

/// High and low half of x m; h is m >> 32.
HWY_INLINE void Multiply(V x, V m, V h, V mask, V& high, V& low) {
    const V top = hn::ShiftRight<32>(x);
    const V t = Product(x, m);
    const V u = hn::Add(Product(top, m), hn::ShiftRight<32>(t));
    const V v = hn::Add(Product(x, h), hn::And(u, mask));
    high = hn::Add(Product(top, h), hn::Add(hn::ShiftRight<32>(u), hn::ShiftRight<32>(v)));
    low = hn::Or(hn::ShiftLeft<32>(v), hn::And(t, mask));
}

struct State {
    V c0, c1, c2, c3;
};

HWY_INLINE void Round(const Constants& k, V key0, V key1, State& s) {
    V high0, low0, high1, low1;
    Multiply(s.c0, k.m0, k.h0, k.mask, high0, low0);
    Multiply(s.c2, k.m1, k.h1, k.mask, high1, low1);
    s = {hn::Xor(hn::Xor(high1, s.c1), key0), low1, hn::Xor(hn::Xor(high0, s.c3), key1), low0};
}

/// floor(word n / 2^64); `least` falls to zero when the 32 bits below are all zero.
HWY_INLINE V Scale(V word, V n, V mask, V& least) {
    const V t = hn::Add(Product(hn::ShiftRight<32>(word), n), hn::ShiftRight<32>(Product(word, n)));
    least = hn::Min(least, hn::And(t, mask));
    return hn::ShiftRight<32>(t);
}

/// Ten rounds of the blocks at `counter` and `lanes` further on.
HWY_INLINE void TwoVectors(const Constants& k, V counter, std::uint64_t seed, std::uint64_t stage,
                           std::uint64_t item, std::uint64_t draw, State& a, State& b) {
    const D d;
    a = {counter, hn::Set(d, draw), hn::Set(d, item), hn::Set(d, stage)};
    b = a;
    b.c0 = hn::Add(counter, hn::Set(d, static_cast<std::uint64_t>(hn::Lanes(d))));
    std::uint64_t key0 = seed, key1 = 0;
    for (int round = 0; round < 10; ++round) {
        const V first_key = hn::Set(d, key0), second_key = hn::Set(d, key1);
        Round(k, first_key, second_key, a);
        Round(k, first_key, second_key, b);
        key0 += 0x9E3779B97F4A7C15U;
        key1 += 0xBB67AE8584CAA73BU;
    }
}

void WholeBlocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                 std::uint64_t first, std::size_t blocks, std::uint64_t* words) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const Constants k = MakeConstants();
    HWY_ALIGN std::uint64_t last[64];
    for (std::size_t begin = 0; begin < blocks; begin += 2 * lanes) {
        State a, b;
        TwoVectors(k, hn::Add(hn::Iota(d, 0), hn::Set(d, first + begin)), seed, stage, item, draw, a, b);
        const bool whole = blocks - begin >= 2 * lanes;
        std::uint64_t* const to = whole ? words + 4 * begin : last;
        hn::StoreInterleaved4(a.c0, a.c1, a.c2, a.c3, d, to);
        hn::StoreInterleaved4(b.c0, b.c1, b.c2, b.c3, d, to + 4 * lanes);
        if (!whole) std::memcpy(words + 4 * begin, last, 32 * (blocks - begin));
    }
}

bool ScaledBlocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                  std::uint64_t first, std::size_t blocks, std::uint64_t n, std::uint32_t* slots) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const Constants k = MakeConstants();
    const V many = hn::Set(d, n);
    V least = k.mask;
    HWY_ALIGN std::uint64_t packed[32];  // two vectors of blocks, two numbers in each word
    for (std::size_t begin = 0; begin < blocks; begin += 2 * lanes) {
        State a, b;
        TwoVectors(k, hn::Add(hn::Iota(d, 0), hn::Set(d, first + begin)), seed, stage, item, draw, a, b);
        const auto pack = [&](const State& s, std::uint64_t* to) {
            const V r0 = Scale(s.c0, many, k.mask, least), r1 = Scale(s.c1, many, k.mask, least);
            const V r2 = Scale(s.c2, many, k.mask, least), r3 = Scale(s.c3, many, k.mask, least);
            hn::StoreInterleaved2(hn::Or(r0, hn::ShiftLeft<32>(r1)), hn::Or(r2, hn::ShiftLeft<32>(r3)), d,
                                  to);
        };
        pack(a, packed);
        pack(b, packed + 2 * lanes);
        if (blocks - begin >= 2 * lanes) {
            std::memcpy(slots + 4 * begin, packed, 32 * lanes);  // as many bytes as the compiler knows
        } else {
            std::memcpy(slots + 4 * begin, packed, 16 * (blocks - begin));
        }
    }
    return hn::AllFalse(d, hn::Eq(least, hn::Zero(d)));
}

}  // namespace greenfront::rng::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::rng {

HWY_EXPORT(ScaledBlocks);
HWY_EXPORT(WholeBlocks);

void whole_blocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                  std::uint64_t first, std::size_t blocks, std::uint64_t* words) {
    HWY_DYNAMIC_DISPATCH(WholeBlocks)(seed, stage, item, draw, first, blocks, words);
}

bool scaled_blocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                   std::uint64_t first, std::size_t blocks, std::uint64_t n, std::uint32_t* slots) {
    return HWY_DYNAMIC_DISPATCH(ScaledBlocks)(seed, stage, item, draw, first, blocks, n, slots);
}

}  // namespace greenfront::rng
#endif
