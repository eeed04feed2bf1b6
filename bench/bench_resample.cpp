// Replicates a second of the pairs bootstrap and the placebo on a panel of 242 units, 12 years and six
// regressors with unit and year effects. Each benchmark first compares some replicates with panel::fit on
// literally rebuilt rows, and fails when they differ.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <numeric>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/rng/philox.hpp"

namespace {

using namespace greenfront;

constexpr std::int32_t units = 242, years = 12, provinces = 30;
constexpr Eigen::Index regressors = 6;

struct Data {
    panel::Design design;
    panel::Factor unit, year;
    panel::Options options;
};

panel::FixedEffect effect(const panel::Factor& factor) {
    panel::FixedEffect result;
    result.factor = factor;
    result.slope.resize(static_cast<Eigen::Index>(factor.code.size()), 0);
    return result;
}

/// `province_year`: effects of province by year instead of years.
Data make_data(bool province_year) {
    Data data;
    data.options.variance = panel::Variance::cluster;
    auto& d = data.design;
    const Eigen::Index n = units * years;
    data.unit.name = "unit";
    data.unit.levels = units;
    data.year.name = "year";
    data.year.levels = years;
    panel::Factor cell{"cell", {}, provinces * years, {}};
    d.X.resize(n, regressors);
    d.y.resize(n);
    rng::Stream stream(1, 99, 0);
    for (std::int32_t g = 0; g < units; ++g) {
        const double own = stream.normal();
        for (std::int32_t t = 0; t < years; ++t) {
            const Eigen::Index i = g * years + t;
            data.unit.code.push_back(g);
            data.year.code.push_back(t);
            cell.code.push_back(g % provinces * years + t);
            for (Eigen::Index j = 0; j < regressors; ++j) d.X(i, j) = own + 0.1 * t + stream.normal();
            d.y(i) = own + 0.3 * d.X(i, 0) + stream.normal();
            d.row.push_back(i);
        }
    }
    d.y_name = "y";
    for (Eigen::Index j = 0; j < regressors; ++j) d.x_name.push_back("x" + std::to_string(j));
    d.effects = {effect(data.unit), effect(province_year ? cell : data.year)};
    d.clusters = {data.unit};
    d.n_read = n;
    return data;
}

bool close(double a, double b) {
    return std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b));
}

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
    for (auto _ : state)
        benchmark::DoNotOptimize(resample::pairs_cluster(data.design, data.options, options));
    state.counters["replicates/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * options.replicates), benchmark::Counter::kIsRate);
}

void placebo(benchmark::State& state, bool province_year, std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = make_data(province_year);
    resample::PlaceboOptions options;
    options.treatment = "x0";
    options.replicates = province_year ? 1024 : 16384;
    const auto draws = resample::placebo_trajectory(data.design, data.options, data.unit, data.year, options);
    const auto groups = resample::trajectories(data.unit, data.year);
    std::vector<std::int64_t> source(data.unit.code.size());
    for (const std::int64_t r : {0, 33, 1000}) {
        rng::Stream stream(options.seed, rng::stage_placebo, static_cast<std::uint64_t>(r));
        resample::source_rows(groups, resample::shuffle(groups, stream), source);
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
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            resample::placebo_trajectory(data.design, data.options, data.unit, data.year, options));
    }
    state.counters["replicates/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * options.replicates), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(pairs, coefficients, false, false, 1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pairs, with_t, false, true, 1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pairs, with_t_two_threads, false, true, 2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pairs, province_year_coefficients, true, false, 1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pairs, province_year_with_t, true, true, 1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(placebo, with_t, false, 1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(placebo, with_t_two_threads, false, 2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(placebo, province_year_with_t, true, 1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
