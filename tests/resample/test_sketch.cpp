// Sketches, exact sums and running moments against sorted values and long arithmetic.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/rng/philox.hpp"
#include "kernels/stats/exact_sum.hpp"
#include "kernels/stats/percentile.hpp"
#include "kernels/stats/quantile_sketch.hpp"

namespace {

using greenfront::stats::ExactSum;
using greenfront::stats::QuantileSketch;
using greenfront::stats::RunningMoments;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Normal numbers times powers of ten, zeros, infinities and denormals among them.
std::vector<double> values(int n, std::uint64_t item) {
    greenfront::rng::Stream stream(3, 99, item);
    std::vector<double> result;
    for (int i = 0; i < n; ++i) {
        const double z = stream.normal();
        switch (stream.below(8)) {
            case 0:
                result.push_back(z * std::pow(10.0, static_cast<double>(stream.below(600)) - 300));
                break;
            case 1:
                result.push_back(stream.below(20) == 0 ? std::copysign(infinity, z) : 0.0);
                break;
            case 2:
                result.push_back(z * 1e-312);
                break;
            default:
                result.push_back(z);
        }
    }
    return result;
}

QuantileSketch sketch_of(const std::vector<double>& all) {
    QuantileSketch sketch;
    for (const double v : all) sketch.add(v);
    return sketch;
}

double allowed(double x) {
    return std::max(QuantileSketch::worst_relative_error * std::abs(x), 0x1p-1034);
}

}  // namespace

TEST_CASE("order statistics of a sketch are within 2^-12 of the sorted values, whatever these are") {
    auto all = values(20'000, 0);
    const QuantileSketch sketch = sketch_of(all);
    std::sort(all.begin(), all.end());
    REQUIRE(sketch.count() == 20'000);
    for (std::int64_t k = 0; k < sketch.count(); k += 61) {
        const double x = all[static_cast<std::size_t>(k)], found = sketch.order_statistic(k);
        CAPTURE(k);
        CAPTURE(x);
        if (std::isinf(x) || x == 0) {
            CHECK(found == x);
        } else {
            CHECK(std::abs(found - x) <= allowed(x));
        }
    }
    CHECK(sketch.order_statistic(0) == all.front());
    CHECK(sketch.order_statistic(sketch.count() - 1) == all.back());
    for (auto& v : all) v = std::abs(v);
    std::sort(all.begin(), all.end());
    for (std::int64_t k = 0; k < sketch.count(); k += 501) {
        const double x = all[static_cast<std::size_t>(k)], found = sketch.order_statistic_of_size(k);
        CHECK((found == x || std::abs(found - x) <= allowed(x)));
    }
}

TEST_CASE("percentiles of a sketch are those of the values up to the error of two order statistics") {
    for (const int n : {1, 2, 3, 10, 999, 1000, 4000}) {
        greenfront::rng::Stream stream(5, 99, static_cast<std::uint64_t>(n));
        std::vector<double> all;
        for (int i = 0; i < n; ++i) all.push_back(stream.normal());
        const QuantileSketch sketch = sketch_of(all);
        const double largest = std::abs(*std::max_element(
            all.begin(), all.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
        for (const double p : {0.0, 0.5, 2.5, 10.0, 50.0, 97.5, 99.99, 100.0}) {
            CAPTURE(n);
            CAPTURE(p);
            CHECK(std::abs(sketch.percentile_stata(p) - greenfront::stats::percentile_stata(all, p)) <=
                  QuantileSketch::worst_relative_error * largest);
        }
    }
    CHECK(std::isnan(QuantileSketch().percentile_stata(50)));
    CHECK(std::isnan(sketch_of({1, 2}).percentile_stata(101)));
}

TEST_CASE("counts about a limit are exact up to the limit's own bucket") {
    const auto all = values(5'000, 4);
    const QuantileSketch sketch = sketch_of(all);
    for (const double limit : {-1e300, -2.0, -1e-310, 0.0, 1e-310, 1e-3, 0.5, 1e9}) {
        const auto below = [&](double x) {
            return std::count_if(all.begin(), all.end(), [&](double v) { return v < x; });
        };
        const double width = 2 * allowed(limit);
        CAPTURE(limit);
        CHECK(sketch.below(limit) >= below(limit - width));
        CHECK(sketch.below(limit) <= below(limit));
        CHECK(sketch.below(limit) + sketch.beside(limit) >= below(limit));
    }
    CHECK(sketch.beside(0) == std::count(all.begin(), all.end(), 0.0));
}

TEST_CASE("sketches and moments of parts, merged in any order, are those of the whole to the bit") {
    const auto all = values(9'000, 1);
    QuantileSketch whole = sketch_of(all);
    std::vector<QuantileSketch> part(7);
    ExactSum sum;
    std::vector<ExactSum> part_sum(7);
    for (std::size_t i = 0; i < all.size(); ++i) {
        part[i * i % 7].add(all[i]);
        if (std::isinf(all[i])) continue;
        sum.add(all[i]);
        part_sum[i * i % 7].add(all[i]);
    }
    for (const bool backwards : {false, true}) {
        if (backwards) std::reverse(part.begin(), part.end()), std::reverse(part_sum.begin(), part_sum.end());
        QuantileSketch merged;
        ExactSum total;
        for (std::size_t i = 0; i < 7; ++i) merged.merge(part[i]), total.add(part_sum[i]);
        CHECK(merged == whole);
        CHECK(total == sum);
        CHECK(std::bit_cast<std::uint64_t>(total.value()) == std::bit_cast<std::uint64_t>(sum.value()));
        for (double p = 0; p <= 100; p += 12.5) {
            const double a = merged.percentile_stata(p), b = whole.percentile_stata(p);
            CHECK(std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b));
        }
    }
    whole.add(1);
    CHECK_FALSE(whole == sketch_of(all));
}

TEST_CASE("a sketch does not grow with the number of values") {
    greenfront::rng::Stream stream(7, 99, 0);
    QuantileSketch sketch;
    for (int i = 0; i < 20'000; ++i) sketch.add(stream.normal());
    const std::size_t after_few = sketch.numbers();
    for (int i = 0; i < 2'000'000; ++i) sketch.add(stream.normal());
    // Only values nearer to zero than any before can open a page of 2^11 counts: 6.6 powers of two, two
    // signs.
    CHECK(sketch.numbers() <= after_few + 20 * 2048);
    CHECK(sketch.numbers() <= std::size_t{100} * 2048);
    for (double x = 1e-308; x < 1e300; x *= 2) sketch.add(x), sketch.add(-x);
    CHECK(sketch.numbers() <= std::size_t{4096} * 2048);
}

TEST_CASE("exact sums lose nothing and depend on no order") {
    ExactSum sum;
    for (const double v : {1e308, 1.0, 1e308, -1e308, 0x1p-1074, -1e308, -0x1p-1074}) sum.add(v);
    CHECK(sum.value() == 1);
    sum.add(-1);
    CHECK(sum.value() == 0);
    CHECK(sum == ExactSum());
    ExactSum negative;
    negative.add(-3.25);
    negative.add(0x1p-60);
    CHECK(negative.value() == -3.25);
    CHECK(negative.less(-3.25) == 0x1p-60);
    ExactSum tenths;
    for (int i = 0; i < 1000; ++i) tenths.add(0.1);
    // 1000 times the double nearest to 0.1, and the remainder of that product.
    CHECK(tenths.value() == 1000 * 0.1);
    CHECK(tenths.less(1000 * 0.1) == std::fma(1000.0, 0.1, -(1000 * 0.1)));
    ExactSum square;
    square.add_square(0.1);
    CHECK(square.less(0.1 * 0.1) == std::fma(0.1, 0.1, -(0.1 * 0.1)));
    ExactSum large;
    for (const double v : {1e308, 1e308}) large.add(v);
    CHECK(large.value() == infinity);
    large.add(-1e308);
    CHECK(large.value() == 1e308);
    large.add(-infinity);
    CHECK(large.value() == -infinity);
    large.add(infinity);
    CHECK(std::isnan(large.value()));
}

TEST_CASE("running moments far from zero keep their digits") {
    greenfront::rng::Stream stream(9, 99, 0);
    RunningMoments near, far;
    std::vector<double> all;
    for (int i = 0; i < 10'000; ++i) {
        const double v = std::round(stream.normal() * 0x1p20) * 0x1p-20;  // so that 2^24 + v is exact
        near.add(v);
        far.add(0x1p24 + v);
        all.push_back(v);
    }
    long double mean = 0, squares = 0;
    for (const double v : all) mean += v;
    mean /= static_cast<long double>(all.size());
    for (const double v : all) squares += (v - mean) * (v - mean);
    const auto expected = static_cast<double>(std::sqrt(squares / static_cast<long double>(all.size() - 1)));
    CHECK(near.standard_deviation() == doctest::Approx(expected).epsilon(1e-15));
    CHECK(far.standard_deviation() == doctest::Approx(expected).epsilon(1e-15));
    CHECK(near.mean() == doctest::Approx(static_cast<double>(mean)).epsilon(1e-15));
    CHECK(std::isnan(RunningMoments().mean()));
    CHECK(std::isnan(RunningMoments().standard_deviation()));
}
