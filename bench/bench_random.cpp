// Random numbers: words, whole numbers below n and normal ones of a Philox stream, and the quantile of the
// normal distribution. Checked: streams against single blocks, means and shares against what they must be.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox.hpp"

namespace {

using namespace greenfront;

constexpr std::size_t many = 4096;

/// Philox multiplies 20 times for four words. The limit is that of the processor's own multiplication, in
/// eight chains; vectors that put a product together from halves may pass it.
void limit_of_words(benchmark::State& state, double words) {
    bench::compare_with_limit(state, 5e-9 * words / bench::multiplications(),
                              "64-bit multiplications, not in vectors");
}

/// Numerator and denominator of the quantile's rational function, seven multiplications and additions each.
void limit_of_quantiles(benchmark::State& state) {
    bench::compare_with_product(state, 28.0 * many, bench::matrix_product());
}

void words(benchmark::State& state) {
    std::vector<std::uint64_t> got(many);
    rng::Stream(7, 1, 2, 3).bits(got.data(), many);
    for (std::size_t i = 0; i < many; ++i) {
        if (got[i] != rng::philox(7, 1, 2, 3, i / 4)[i % 4])
            return state.SkipWithError("a word of the stream is not the one of its block");
    }
    rng::Stream stream(1, 1, 1);
    for (auto _ : state) {
        stream.bits(got.data(), many);
        benchmark::DoNotOptimize(got.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(many * 8));
    limit_of_words(state, many);
}

void below(benchmark::State& state) {
    const auto n = static_cast<std::uint64_t>(state.range(0));
    std::vector<std::uint32_t> got(many);
    rng::Stream all(7, 1, 2), single(7, 1, 2);
    all.below(n, got.data(), many);
    for (const auto number : got) {
        if (number >= n || number != single.below(n))
            return state.SkipWithError("numbers drawn together differ from single ones");
    }
    rng::Stream stream(1, 1, 1);
    for (auto _ : state) {
        stream.below(n, got.data(), many);
        benchmark::DoNotOptimize(got.data());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(many));
    limit_of_words(state, many);
}

void normal(benchmark::State& state) {
    rng::Stream stream(1, 1, 1);
    double sum = 0, squares = 0, n = 0;
    for (auto _ : state) {
        for (std::size_t i = 0; i < many; ++i) {
            const double z = stream.normal();
            sum += z;
            squares += z * z;
        }
        n += many;
    }
    // Six standard errors of a mean and of a variance.
    if (!(std::abs(sum / n) < 6 / std::sqrt(n)) || !(std::abs(squares / n - 1) < 6 * std::sqrt(2 / n)))
        return state.SkipWithError("mean or variance is not that of N(0, 1)");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(many));
    limit_of_quantiles(state);
}

void quantile(benchmark::State& state) {
    double worst = 0;
    for (auto _ : state) {
        for (std::size_t i = 0; i < many; ++i) {
            const double p = (static_cast<double>(i) + 0.5) / many;
            benchmark::DoNotOptimize(rng::normal_quantile(p));
        }
    }
    for (std::size_t i = 0; i < many; ++i) {
        const double p = (static_cast<double>(i) + 0.5) / many;
        worst = std::max(worst, std::abs(0.5 * std::erfc(-rng::normal_quantile(p) / std::sqrt(2.0)) / p - 1));
    }
    if (!(worst < 1e-14)) return state.SkipWithError("the quantile is not the inverse of the distribution");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(many));
    limit_of_quantiles(state);
}

BENCHMARK(words);
BENCHMARK(below)->ArgName("n")->Arg(242)->Arg(2904);
BENCHMARK(normal);
BENCHMARK(quantile);

}  // namespace

BENCHMARK_MAIN();
