// The loop of shuffle_simd.hpp, compiled once for each instruction set. Whole numbers only: every set gives
// the same bits.
#include "kernels/resample/shuffle_simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resample/shuffle_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::resample::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::CappedTag<std::uint64_t, words_together>;

/// low(a) low(b) of each 64-bit lane.
template <class V>
HWY_INLINE V MulLow(V a, V b) {
    const Wide d;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    const V mask = hn::Set(d, 0xffffffffULL);
    return hn::Mul(hn::And(a, mask), hn::And(b, mask));
#else
    const hn::Repartition<std::uint32_t, Wide> half;
    (void)d;
    return hn::MulEven(hn::BitCast(half, a), hn::BitCast(half, b));
#endif
}

bool Numbers(const std::uint64_t* HWY_RESTRICT words, const std::uint64_t* HWY_RESTRICT threshold,
             std::size_t groups, std::uint32_t from, std::uint32_t count,
             std::uint32_t* HWY_RESTRICT number) {
    const Wide d;
    const hn::Rebind<std::uint32_t, Wide> narrow;
    const std::size_t lanes = hn::Lanes(d);
    const auto low = hn::Set(d, 0xffffffffULL), step = hn::Set(d, words_together);
    bool good = true;
    for (std::size_t c = 0; c < words_together; c += lanes) {
        auto bound = hn::Sub(hn::Set(d, from - c), hn::Iota(d, 0));
        std::uint32_t* out = number + c;
        for (std::size_t g = 0; g < groups; ++g) {
            auto rest = hn::LoadU(d, words + g * words_together + c);
            for (std::uint32_t i = 0; i < count; ++i, out += words_together) {
                const auto below = MulLow(rest, bound);
                const auto above =
                    hn::Add(MulLow(hn::ShiftRight<32>(rest), bound), hn::ShiftRight<32>(below));
                hn::StoreU(hn::TruncateTo(narrow, hn::ShiftRight<32>(above)), narrow, out);
                rest = hn::Or(hn::ShiftLeft<32>(above), hn::And(below, low));
                bound = hn::Sub(bound, step);
            }
            good = good && hn::AllFalse(d, hn::Lt(rest, hn::LoadU(d, threshold + g * words_together + c)));
        }
    }
    return good;
}

}  // namespace greenfront::resample::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::resample {

HWY_EXPORT(Numbers);

bool shuffle_numbers(const std::uint64_t* words, const std::uint64_t* threshold, std::size_t groups,
                     std::uint32_t from, std::uint32_t count, std::uint32_t* number) {
    return HWY_DYNAMIC_DISPATCH(Numbers)(words, threshold, groups, from, count, number);
}

}  // namespace greenfront::resample
#endif
