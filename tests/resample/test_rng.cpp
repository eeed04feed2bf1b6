#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/simd.hpp"
#include "kernels/stats/percentile.hpp"

using namespace greenfront;
using rng::Block;

TEST_CASE("philox4x64-10 gives Random123's known answers") {
    const std::uint64_t ones = ~std::uint64_t{0};
    CHECK(rng::philox_words({0, 0, 0, 0}, {0, 0}) ==
          Block{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b});
    CHECK(rng::philox_words({ones, ones, ones, ones}, {ones, ones}) ==
          Block{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0});
    CHECK(rng::philox_words({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
                            {0x452821e638d01377, 0xbe5466cf34e90c6c}) ==
          Block{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6});
}

TEST_CASE("a stream is the blocks 0, 1, 2 of its counter") {
    rng::Stream stream(7, rng::stage_placebo, 11, 3);
    for (std::uint64_t block = 0; block < 5; ++block) {
        const Block words = rng::philox(7, rng::stage_placebo, 11, 3, block);
        CHECK(words == rng::philox_words({block, 3, 11, rng::stage_placebo}, {7, 0}));
        for (const auto word : words) CHECK(stream.bits() == word);
    }
}

TEST_CASE("streams that differ in one number differ in their words") {
    const auto first = [](std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw) {
        return rng::Stream(seed, stage, item, draw).bits();
    };
    const std::vector<std::uint64_t> words{first(1, 1, 1, 1), first(2, 1, 1, 1), first(1, 2, 1, 1),
                                           first(1, 1, 2, 1), first(1, 1, 1, 2)};
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK(words[i] != words[j]);
    }
}

TEST_CASE("bits: bulk and single calls agree at every offset and length") {
    for (const auto& set : simd::available()) {
        REQUIRE(simd::choose(set));
        for (std::size_t offset = 0; offset < 5; ++offset) {
            for (std::size_t count = 0; count < 150; count += count < 20 ? 1 : 13) {
                rng::Stream a(5, 1, 2, 7), b(5, 1, 2, 7);
                for (std::size_t i = 0; i < offset; ++i) CHECK(a.bits() == b.bits());
                std::vector<std::uint64_t> words(count + 1, 0);
                b.bits(words.data(), count);
                CHECK(words[count] == 0);
                for (std::size_t i = 0; i < count; ++i) CHECK(words[i] == a.bits());
                CHECK(a.bits() == b.bits());
            }
        }
    }
    REQUIRE(simd::choose("native"));
}

TEST_CASE("below: bulk and single calls agree at every offset") {
    for (std::size_t offset = 0; offset < 5; ++offset) {
        for (const std::uint64_t n :
             {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{242}, std::uint64_t{0xffffffff}}) {
            rng::Stream a(5, 1, 2), b(5, 1, 2);
            for (std::size_t i = 0; i < offset; ++i) CHECK(a.bits() == b.bits());
            std::vector<std::uint32_t> slots(103);
            b.below(n, slots.data(), slots.size());
            for (const auto slot : slots) CHECK(slot == a.below(n));
            CHECK(a.bits() == b.bits());
        }
    }
}

TEST_CASE("below rejects exactly the surplus words") {
    // With n = 2^63 + 1 nearly half of the words are rejected: the answers must still be those of the
    // accepted words, in order.
    const std::uint64_t n = (std::uint64_t{1} << 63) + 1;
    rng::Stream words(9, 1, 1), stream(9, 1, 1);
    __extension__ using Wide = unsigned __int128;
    int rejected = 0;
    for (int i = 0; i < 200; ++i) {
        Wide product = 0;
        do {
            product = static_cast<Wide>(words.bits()) * n;
            ++rejected;
        } while (static_cast<std::uint64_t>(product) < (0 - n) % n);
        --rejected;
        CHECK(stream.below(n) == static_cast<std::uint64_t>(product >> 64));
    }
    CHECK(rejected > 100);
}

TEST_CASE("below is uniform") {
    // Chi-square with 9 degrees of freedom; 27.88 is its 99.9 % point. The seed is fixed.
    rng::Stream stream(1, 1, 0);
    std::array<int, 10> count{};
    constexpr int draws = 100000;
    for (int i = 0; i < draws; ++i) ++count[stream.below(10)];
    double chi2 = 0;
    for (const int c : count) chi2 += (c - draws / 10.0) * (c - draws / 10.0) / (draws / 10.0);
    CHECK(chi2 < 27.88);
}

TEST_CASE("uniform stays inside (0, 1), has 52 bits and the right moments") {
    rng::Stream stream(3, 1, 0), words(3, 1, 0);
    double sum = 0, squares = 0;
    constexpr int draws = 200000;
    for (int i = 0; i < draws; ++i) {
        const double u = stream.uniform();
        CHECK_UNARY(u > 0 && u < 1);
        CHECK_UNARY(1 - (1 - u) == u);  // exact complement
        CHECK_UNARY(static_cast<std::uint64_t>(u * 0x1p52) == words.bits() >> 12);
        sum += u;
        squares += u * u;
    }
    CHECK(std::abs(sum / draws - 0.5) < 4 * std::sqrt(1.0 / 12 / draws));
    CHECK(std::abs(squares / draws - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / draws));
    // The extreme words: no 0 and no 1.
    CHECK((static_cast<double>(0) + 0.5) * 0x1p-52 == 0x1p-53);
    CHECK((static_cast<double>(~std::uint64_t{0} >> 12) + 0.5) * 0x1p-52 == 1 - 0x1p-53);
}

TEST_CASE("normal_quantile inverts the distribution function, tails included") {
    const auto lower = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
    for (double p = 0x1p-1000; p < 0.5; p *= 1.7) {
        const double z = rng::normal_quantile(p);
        // d log Phi / dz = phi / Phi is about |z| in the tail: an error of 1e-15 in z moves p by z^2 of it.
        CHECK(lower(z) == doctest::Approx(p).epsilon(1e-13 * (1 + z * z)));
        if (1 - (1 - p) == p) CHECK(rng::normal_quantile(1 - p) == -z);
    }
    CHECK(rng::normal_quantile(0.5) == 0);
    CHECK(rng::normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-15));
    CHECK(rng::normal_quantile(1e-300) == doctest::Approx(-37.0470962993612).epsilon(1e-14));
    CHECK(std::isinf(rng::normal_quantile(0)));
    CHECK(std::isinf(rng::normal_quantile(1)));
    CHECK(std::isnan(rng::normal_quantile(-0.1)));
    CHECK(std::isnan(rng::normal_quantile(std::nan(""))));
}

TEST_CASE("normal has the moments of N(0, 1)") {
    rng::Stream stream(4, 1, 0);
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
    constexpr int draws = 200000;
    for (int i = 0; i < draws; ++i) {
        const double z = stream.normal();
        m1 += z / draws;
        m2 += z * z / draws;
        m3 += z * z * z / draws;
        m4 += z * z * z * z / draws;
    }
    const double root = std::sqrt(1.0 / draws);
    CHECK(std::abs(m1) < 4 * root);
    CHECK(std::abs(m2 - 1) < 4 * std::sqrt(2.0) * root);
    CHECK(std::abs(m3) < 4 * std::sqrt(15.0) * root);
    CHECK(std::abs(m4 - 3) < 4 * std::sqrt(96.0) * root);
}

TEST_CASE("percentiles: both rules") {
    using stats::percentile_stata;
    using stats::percentile_type7;
    const std::vector<double> ten{7, 1, 4, 10, 2, 9, 3, 8, 6, 5};
    CHECK(percentile_stata(ten, 50) == 5.5);  // h = 5: mean of the fifth and sixth
    CHECK(percentile_stata(ten, 25) == 3);    // h = 2.5: the third
    CHECK(percentile_stata(ten, 10) == 1.5);
    CHECK(percentile_stata(ten, 0) == 1);
    CHECK(percentile_stata(ten, 100) == 10);
    CHECK(percentile_type7(ten, 50) == 5.5);
    CHECK(percentile_type7(ten, 25) == 3.25);
    CHECK(percentile_type7(ten, 97.5) == doctest::Approx(9.775).epsilon(1e-15));
    CHECK(percentile_type7(ten, 100) == 10);
    std::vector<double> thousand;
    for (int i = 1000; i >= 1; --i) thousand.push_back(i);
    CHECK(percentile_stata(thousand, 50 * (1 - 0.95)) == 25.5);  // 2.5000000000000022 counts as 2.5
    CHECK(percentile_stata(thousand, 100 - 50 * (1 - 0.95)) == 975.5);
    const double nan = std::nan("");
    CHECK(percentile_stata({nan, 3, nan}, 80) == 3);
    CHECK(std::isnan(percentile_stata({nan}, 50)));
    CHECK(std::isnan(percentile_type7({}, 50)));
    CHECK(std::isnan(percentile_type7(ten, 101)));
    CHECK(std::isnan(percentile_stata(ten, -1)));
}
