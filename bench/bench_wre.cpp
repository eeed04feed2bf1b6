// Replicates a second of the wild bootstrap with instruments (WRE) on a panel of 242 units, 12 years, one
// endogenous regressor, two instruments and five exogenous regressors, unit and year effects. Each benchmark
// first compares some replicates with 2SLS of the outcome and the endogenous variable that they stand for,
// and fails when they differ.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include "bench/calibration/limit.hpp"
#include "bench/resample_panel.hpp"
#include "kernels/resample/wild.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;
using Eigen::Index;

/// x0 becomes endogenous, moved by two instruments; both are columns of their own.
Data instrumented() {
    Data data = make_data(false);
    auto& d = data.design;
    rng::Stream stream(1, 99, 1);
    d.instruments.resize(d.y.size(), 2);
    for (auto& z : d.instruments.reshaped()) z = stream.normal();
    d.endogenous = d.X.leftCols(1);
    for (Index i = 0; i < d.y.size(); ++i) {
        const double shared = stream.normal();
        d.endogenous(i, 0) += 0.6 * d.instruments(i, 0) + 0.3 * d.instruments(i, 1) + shared;
        d.y(i) += 0.5 * shared;
    }
    d.X = Eigen::MatrixXd(d.X.rightCols(regressors - 1));
    d.x_name.erase(d.x_name.begin());
    d.endogenous_name = {"e"};
    d.instrument_name = {"z1", "z2"};
    return data;
}

Eigen::VectorXd residual(const Data& data, const Eigen::VectorXd& y, const Eigen::MatrixXd& X) {
    panel::Design d = data.design;
    d.y = y;
    d.X = X;
    d.x_name.clear();
    for (Index j = 0; j < X.cols(); ++j) d.x_name.push_back("w" + std::to_string(j));
    d.endogenous.resize(y.size(), 0);
    d.endogenous_name.clear();
    d.instruments.resize(y.size(), 0);
    d.instrument_name.clear();
    return panel::fit(d, data.options).residual;
}

/// Null 0: u1 of the regression without e; u2 of e on W, Z and u1, the part of u1 left in (efficient).
bool agrees(const Data& data, const resample::WildOptions& wild) {
    const auto draws = resample::wild_cluster(data.design, data.options, wild);
    const auto& d = data.design;
    const Index n = d.y.size();
    const Eigen::VectorXd u1 = residual(data, d.y, d.X);
    Eigen::MatrixXd all(n, d.X.cols() + 3);
    all << d.X, d.instruments, u1;
    panel::Design first = d;
    first.y = d.endogenous.col(0);
    first.X = all;
    first.x_name.clear();
    for (Index j = 0; j < all.cols(); ++j) first.x_name.push_back("w" + std::to_string(j));
    first.endogenous.resize(n, 0);
    first.endogenous_name.clear();
    first.instruments.resize(n, 0);
    first.instrument_name.clear();
    const panel::Fit stage = panel::fit(first, data.options);
    const Eigen::VectorXd u2 =
        stage.residual + stage.terms[static_cast<std::size_t>(all.cols() - 1)].estimate * u1;
    for (const std::int64_t b : {std::int64_t{0}, std::int64_t{17}, wild.replicates - 1}) {
        const auto v = resample::wild_weights(units, wild, b);
        panel::Design again = d;
        for (Index i = 0; i < n; ++i) {
            const double change =
                v[static_cast<std::size_t>(data.unit.code[static_cast<std::size_t>(i)])] - 1;
            again.y(i) += change * u1(i);
            again.endogenous(i, 0) += change * u2(i);
        }
        for (const auto& term : panel::fit(again, data.options).terms) {
            if (term.name == "e" && !close(draws.draw(b), term.statistic)) return false;
        }
    }
    return true;
}

void wre(benchmark::State& state, bool interval, bool keep, std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = instrumented();
    resample::WildOptions options;
    options.term = "e";
    options.interval = false;
    options.replicates = 399;
    if (!agrees(data, options)) {
        state.SkipWithError("replicates differ from literal re-estimation");
        return;
    }
    options.interval = interval;
    options.keep = keep;
    options.replicates = interval ? 9'999 : 199'999;
    const double before = matrix_product();
    for (auto _ : state) benchmark::DoNotOptimize(resample::wild_cluster(data.design, data.options, options));
    const double gflops = std::max(before, matrix_product());
    const auto replicates = static_cast<double>(state.iterations() * options.replicates);
    state.counters["calibration"] = gflops;
    state.counters["replicates/s"] = benchmark::Counter(replicates, benchmark::Counter::kIsRate);
    state.counters["scaled/s"] = benchmark::Counter(replicates * 45 / gflops, benchmark::Counter::kIsRate);
    // The formula of kernels/resample/wre.hpp; what gives the interval costs about 45 times a statistic.
    const double instruments = 2, all = instruments + (regressors - 1) + years;
    const double operations = 2.0 * units * (2 * all + (instruments + 1) * all) * (interval ? 46 : 1);
    compare_with_product(state, operations * static_cast<double>(options.replicates), gflops,
                         static_cast<double>(threads), Work::of_method);
}

// What several threads do is timed on the clock, all else in CPU time.
#define WRE(name, ...) BENCHMARK_CAPTURE(wre, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)
WRE(statistic, false, true, 1);
WRE(statistic_two_threads, false, true, 2)->UseRealTime();
WRE(statistic_counted, false, false, 1);
WRE(with_interval, true, true, 1);

}  // namespace

BENCHMARK_MAIN();
