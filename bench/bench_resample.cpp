// Replicates a second of the pairs bootstrap and the placebo on a panel of 242 units, 12 years and six
// regressors with unit and year effects. Each benchmark first compares some replicates with panel::fit on
// literally rebuilt rows, and fails when they differ.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bench/calibration/limit.hpp"
#include "bench/resample_panel.hpp"
#include "kernels/panel/regression.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/rng/philox.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;

bool pairs_agree(const Data& data, const resample::PairsOptions& pairs) {
    const auto draws = resample::pairs_cluster(data.design, data.options, pairs);
    for (const std::int64_t b : {std::int64_t{0}, std::int64_t{17}, pairs.replicates - 1}) {
        const auto stacked = resample::stack(data.design, resample::cluster_counts(units, pairs, b), {1, 0});
        Eigen::VectorXd beta, std_error;
        if (!resample::estimate(stacked, data.options, beta, std_error)) return false;
        for (Eigen::Index j = 0; j < regressors; ++j) {
            if (!close(draws.draw(j, b), beta(j))) return false;
            if (pairs.studentise && !close(draws.draw_std_error(j, b), std_error(j))) return false;
        }
    }
    return true;
}

/// A replicate adds up the moments of its clusters, outcome and regressors with each other and, where the
/// years are all there is beside the clusters, with an orthonormal basis of theirs: a matrix product of
/// counts and moments if it did nothing else. With t the clusters' scores and their squares come to it.
double operations_of_pairs(bool province_year, bool studentise) {
    const double with_years = province_year ? 0 : (years - 1) * (regressors + 1);
    const double moments = 2.0 * units * ((regressors + 1) * (regressors + 2) / 2 + with_years);
    const double scores = units * (years * (4.0 * regressors + 2) + regressors * (regressors + 3.0));
    return moments + (studentise ? scores : 0);
}

void pairs(benchmark::State& state, bool province_year, bool studentise, std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = make_data(province_year);
    resample::PairsOptions options;
    options.replicates = province_year ? 4096 : 65536;
    options.studentise = studentise;
    resample::PairsOptions few = options;
    few.replicates = 100;
    if (!pairs_agree(data, few)) {
        state.SkipWithError("replicates differ from literal re-estimation");
        return;
    }
    const double before = matrix_product();
    for (auto _ : state)
        benchmark::DoNotOptimize(resample::pairs_cluster(data.design, data.options, options));
    const double gflops = std::max(before, matrix_product());
    const auto replicates = static_cast<double>(state.iterations() * options.replicates);
    state.counters["calibration"] = gflops;
    state.counters["replicates/s"] = benchmark::Counter(replicates, benchmark::Counter::kIsRate);
    state.counters["scaled/s"] = benchmark::Counter(replicates * 45 / gflops, benchmark::Counter::kIsRate);
    compare_with_product(
        state, operations_of_pairs(province_year, studentise) * static_cast<double>(options.replicates),
        gflops, static_cast<double>(threads), Work::of_method);
}

void placebo(benchmark::State& state, resample::Scheme scheme, bool province_year, std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = make_data(province_year);
    resample::PlaceboOptions options;
    options.treatment = "x0";
    options.scheme = scheme;
    options.replicates = 1001;
    const auto draws = resample::placebo(data.design, data.options, data.unit, data.year, options);
    const auto items = resample::exchange(scheme, data.unit, data.year);
    std::vector<std::int64_t> source(data.unit.code.size());
    for (const std::int64_t r : {0, 33, 1000}) {
        const rng::Stream stream(options.seed, rng::stage_placebo, static_cast<std::uint64_t>(r));
        resample::source_rows(items, resample::shuffle(items, stream), source);
        panel::Design permuted = data.design;
        for (std::size_t i = 0; i < source.size(); ++i) {
            permuted.X(static_cast<Eigen::Index>(i), 0) = data.design.X(source[i], 0);
        }
        const auto term = panel::fit(permuted, data.options).terms[0];
        if (!close(draws.draw(r), term.estimate) || !close(draws.draw_std_error(r), term.std_error)) {
            state.SkipWithError("draws differ from literal re-estimation");
            return;
        }
    }
    options.replicates = province_year ? 2048 : 99'999;
    const double before = matrix_product();
    for (auto _ : state) {
        benchmark::DoNotOptimize(resample::placebo(data.design, data.options, data.unit, data.year, options));
    }
    const double gflops = std::max(before, matrix_product());
    const auto replicates = static_cast<double>(state.iterations() * options.replicates);
    state.counters["calibration"] = gflops;
    state.counters["replicates/s"] = benchmark::Counter(replicates, benchmark::Counter::kIsRate);
    state.counters["scaled/s"] = benchmark::Counter(replicates * 45 / gflops, benchmark::Counter::kIsRate);
    // Two products with each row for the treatment, its square and every other regressor.
    const double operations = 2.0 * units * years * (regressors + 1);
    compare_with_product(state, operations * static_cast<double>(options.replicates), gflops,
                         static_cast<double>(threads), Work::of_method);
}

// What several threads do is timed on the clock, all else in CPU time.
#define PAIRS(name, ...) BENCHMARK_CAPTURE(pairs, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)
PAIRS(coefficients, false, false, 1);
PAIRS(with_t, false, true, 1);
PAIRS(with_t_two_threads, false, true, 2)->UseRealTime();
PAIRS(province_year_coefficients, true, false, 1);
PAIRS(province_year_with_t, true, true, 1);
using enum resample::Scheme;
#define PLACEBO(name, ...) BENCHMARK_CAPTURE(placebo, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)
PLACEBO(trajectory_with_t, trajectory, false, 1);
PLACEBO(trajectory_with_t_two_threads, trajectory, false, 2)->UseRealTime();
PLACEBO(within_time_with_t, within_time, false, 1);
PLACEBO(within_time_with_t_two_threads, within_time, false, 2)->UseRealTime();
PLACEBO(within_unit_with_t, within_unit, false, 1);
PLACEBO(cell_with_t, cell, false, 1);
PLACEBO(province_year_trajectory_with_t, trajectory, true, 1);

}  // namespace

BENCHMARK_MAIN();
