// Replicates a second of the wild cluster bootstrap on a panel of 242 units, 12 years and six regressors with
// unit and year effects. Each benchmark first compares some replicates with panel::fit of the outcome that
// they stand for, and fails when they differ.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include "bench/calibration/limit.hpp"
#include "bench/resample_panel.hpp"
#include "kernels/resample/wild.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;
using Eigen::Index;

/// Coefficient and standard error of x0 when the outcome is `y`; with `jackknife` the one of leaving out
/// clusters.
std::pair<double, double> fit(const Data& data, const Eigen::VectorXd& y, bool jackknife) {
    panel::Design d = data.design;
    d.y = y;
    const auto term = panel::fit(d, data.options).terms[0];
    if (!jackknife) return {term.estimate, term.std_error};
    double squares = 0;
    for (std::int32_t g = 0; g < units; ++g) {
        panel::Design part;
        part.y_name = d.y_name;
        part.x_name = d.x_name;
        std::vector<Index> rows;
        for (Index i = 0; i < y.size(); ++i) {
            if (data.unit.code[static_cast<std::size_t>(i)] != g) rows.push_back(i);
        }
        part.y = y(rows);
        part.X = d.X(rows, Eigen::all);
        panel::Factor unit{"unit", {}, units - 1, {}}, year{"year", {}, years, {}};
        for (const Index i : rows) {
            const auto code = data.unit.code[static_cast<std::size_t>(i)];
            unit.code.push_back(code > g ? code - 1 : code);
            year.code.push_back(data.year.code[static_cast<std::size_t>(i)]);
            part.row.push_back(i);
        }
        part.effects = {effect(unit), effect(year)};
        part.clusters = {unit};
        const double change = panel::fit(part, data.options).terms[0].estimate - term.estimate;
        squares += change * change;
    }
    return {term.estimate, std::sqrt((units - 1.0) / units * squares)};
}

/// Replicates of the classic residuals: y less u plus u times the weights, u of the regression without x0.
bool agrees(const Data& data, const resample::WildOptions& wild) {
    const auto draws = resample::wild_cluster(data.design, data.options, wild);
    panel::Design restricted = data.design;
    restricted.X = data.design.X.rightCols(regressors - 1);
    restricted.x_name.erase(restricted.x_name.begin());
    const Eigen::VectorXd u = panel::fit(restricted, data.options).residual;
    for (const std::int64_t b : {std::int64_t{0}, wild.replicates - 1}) {
        const auto v = resample::wild_weights(units, wild, b);
        Eigen::VectorXd y = data.design.y;
        for (Index i = 0; i < y.size(); ++i)
            y(i) += (v[static_cast<std::size_t>(data.unit.code[static_cast<std::size_t>(i)])] - 1) * u(i);
        const auto [estimate, std_error] = fit(data, y, wild.type.variance == 3);
        if (!close(draws.draw(b), estimate / std_error)) return false;
    }
    return true;
}

void wild(benchmark::State& state, resample::WildType type, resample::WildWeights weights, bool interval,
          std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = make_data(false);
    resample::WildOptions options;
    options.term = "x0";
    options.type = type;
    options.weights = weights;
    options.interval = interval;
    options.replicates = 399;
    resample::WildOptions classic = options;
    classic.type.residuals = 1;
    if (!agrees(data, classic)) {
        state.SkipWithError("replicates differ from literal re-estimation");
        return;
    }
    options.replicates = 999'999;
    const double before = matrix_product();
    for (auto _ : state) benchmark::DoNotOptimize(resample::wild_cluster(data.design, data.options, options));
    const double gflops = std::max(before, matrix_product());
    state.counters["calibration"] = gflops;
    state.counters["replicates/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * options.replicates), benchmark::Counter::kIsRate);
    state.counters["scaled/s"] =
        benchmark::Counter(static_cast<double>(state.iterations() * options.replicates) * 45 / gflops,
                           benchmark::Counter::kIsRate);
    // Products of the clusters' numbers with their weights (kernels/resample/wild.hpp), and three times that
    // with the interval.
    const double operations = 4.0 * units * (regressors + years) * (interval ? 3 : 1);
    compare_with_product(state, operations * static_cast<double>(options.replicates), gflops,
                         static_cast<double>(threads), Work::of_method);
}

using enum resample::WildWeights;
// What several threads do is timed on the clock, all else in CPU time.
#define WILD(name, ...) BENCHMARK_CAPTURE(wild, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)
WILD(type_11, {1, 1}, rademacher, false, 1);
WILD(type_11_two_threads, {1, 1}, rademacher, false, 2)->UseRealTime();
WILD(type_11_interval, {1, 1}, rademacher, true, 1);
WILD(type_11_webb, {1, 1}, webb, false, 1);
WILD(type_13, {1, 3}, rademacher, false, 1);
WILD(type_31, {3, 1}, rademacher, false, 1);
WILD(type_33, {3, 3}, rademacher, false, 1);

}  // namespace

BENCHMARK_MAIN();
