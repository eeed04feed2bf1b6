// Assignments a second of the Fisher permutation between two groups of 121 units each, 12 years and six
// regressors with unit and year effects. Each benchmark first compares some assignments with two regressions
// on the groups' rows, and fails when they differ.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include "bench/calibration/limit.hpp"
#include "bench/resample_panel.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/group_difference.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;

constexpr std::int32_t first_units = units / 2;

panel::Factor halves(const Data& data) {
    panel::Factor group{"group", {}, 2, {"first", "second"}};
    for (const auto unit : data.unit.code) group.code.push_back(unit < first_units ? 0 : 1);
    return group;
}

double estimate(const Data& data, const std::vector<char>& inside, char which) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < data.unit.code.size(); ++i) {
        if (inside[static_cast<std::size_t>(data.unit.code[i])] == which)
            rows.push_back(static_cast<std::int64_t>(i));
    }
    return panel::fit(panel::take_rows(data.design, rows), data.options).terms[0].estimate;
}

bool agrees(const Data& data, const resample::GroupOptions& options) {
    const auto draws =
        resample::group_permutation(data.design, data.options, data.unit, halves(data), options);
    for (const std::int64_t b : {std::int64_t{0}, std::int64_t{17}, options.replicates - 1}) {
        std::vector<char> inside(units, 0);
        for (const auto g : resample::first_group(units, first_units, options, b))
            inside[static_cast<std::size_t>(g)] = 1;
        const double first = estimate(data, inside, 1), second = estimate(data, inside, 0);
        if (!close(draws.draw_estimate(0, b), first) || !close(draws.draw_estimate(1, b), second))
            return false;
    }
    return true;
}

void permutation(benchmark::State& state, bool province_year, std::size_t threads) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    const Data data = make_data(province_year);
    resample::GroupOptions options;
    options.term = "x0";
    options.replicates = 100;
    if (!agrees(data, options)) {
        state.SkipWithError("assignments differ from regressions on their rows");
        return;
    }
    options.replicates = province_year ? 2048 : 65'536;
    const auto group = halves(data);
    const double before = matrix_product();
    for (auto _ : state)
        benchmark::DoNotOptimize(
            resample::group_permutation(data.design, data.options, data.unit, group, options));
    const double gflops = std::max(before, matrix_product());
    const auto replicates = static_cast<double>(state.iterations() * options.replicates);
    state.counters["calibration"] = gflops;
    state.counters["replicates/s"] = benchmark::Counter(replicates, benchmark::Counter::kIsRate);
    state.counters["scaled/s"] = benchmark::Counter(replicates * 45 / gflops, benchmark::Counter::kIsRate);
    // One group's moments of outcome and regressors, and with a basis of the years where there are no other
    // effects, added up over the units; the other group's are what is left.
    const double with_years = province_year ? 0 : (years - 1) * (regressors + 1);
    const double operations = 2.0 * units * ((regressors + 1) * (regressors + 2) / 2 + with_years);
    compare_with_product(state, operations * static_cast<double>(options.replicates), gflops,
                         static_cast<double>(threads), Work::of_method);
}

// What several threads do is timed on the clock, all else in CPU time.
#define PERMUTATION(name, ...) \
    BENCHMARK_CAPTURE(permutation, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)
PERMUTATION(unit_and_year, false, 1);
PERMUTATION(unit_and_year_two_threads, false, 2)->UseRealTime();
PERMUTATION(province_year, true, 1);

}  // namespace

BENCHMARK_MAIN();
