// Pricing passes of the simplex method, y'A of six rows and `count` columns with the least reduced cost: one
// program at a time and four together, from columns that fit into the first cache to columns that fit into
// none. Checked against sums written out; beside what the machine gives (bench/calibration/calibration.hpp).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "bench/numbers.hpp"
#include "kernels/lp/core.hpp"

namespace {

using namespace greenfront;

constexpr double bound = 0.0;
using Multipliers = std::array<double, 8>;

lp::Columns make_columns(std::int32_t count, bench::Numbers& random) {
    lp::Columns columns(bench::reading_rows, count);
    for (int i = 0; i < columns.rows; ++i)
        std::generate_n(columns.row(i), count, [&] { return random.uniform(); });
    return columns;
}

Multipliers make_multipliers(bench::Numbers& random) {
    Multipliers y{};
    for (std::size_t i = 0; i < bench::reading_rows; ++i) y[i] = random.uniform() - 0.45;
    return y;
}

bool right(const lp::Columns& columns, const Multipliers& y, const lp::Pass& pass) {
    double least = std::numeric_limits<double>::infinity(), at_most = 0;
    const double hair = 1e-14;
    double unsure = 0;
    for (std::int32_t j = 0; j < columns.count; ++j) {
        double reduced = 0;
        for (int i = 0; i < columns.rows; ++i) reduced -= y[static_cast<std::size_t>(i)] * columns.row(i)[j];
        least = std::min(least, reduced);
        if (reduced <= bound) ++at_most;
        if (std::abs(reduced - bound) <= hair) ++unsure;
    }
    if (!(std::abs(pass.least - least) <= hair) || !(std::abs(pass.at_most - at_most) <= unsure))
        return false;
    // The column that has it is named.
    for (std::size_t k = 0; k < lp::Pass::lanes; ++k) {
        if (pass.lowest[k] != pass.least) continue;
        const auto j = static_cast<std::int32_t>(pass.column[k]);
        double reduced = 0;
        for (int i = 0; i < columns.rows; ++i) reduced -= y[static_cast<std::size_t>(i)] * columns.row(i)[j];
        return std::abs(reduced - least) <= hair;
    }
    return false;
}

/// Each column is read once for `together` programs and costs each of them six multiplications and additions.
void count(benchmark::State& state, const lp::Columns& columns, double together) {
    const double reading = bench::reading_pass(columns.count), product = bench::matrix_product();
    const double bytes = 8.0 * columns.rows * columns.count, operations = bytes / 4 * together;
    const auto passes = static_cast<double>(state.iterations());
    using benchmark::Counter;
    state.counters["KiB"] = bytes / 1024;
    state.counters["intensity"] = operations / bytes;
    state.counters["GB/s"] = Counter(bytes * passes * 1e-9, Counter::kIsRate);
    state.counters["GFLOP/s"] = Counter(operations * passes * 1e-9, Counter::kIsRate);
    state.counters["reading"] = reading;
    state.counters["product"] = product;
    state.counters["of_reading"] = Counter(bytes * passes * 1e-9 / reading, Counter::kIsRate);
    state.counters["of_product"] = Counter(operations * passes * 1e-9 / product, Counter::kIsRate);
    bench::compare_with_limit(state, std::max(bytes * 1e-9 / reading, operations * 1e-9 / product),
                              "roofline");
}

void one_program(benchmark::State& state) {
    bench::Numbers random;
    const lp::Columns columns = make_columns(static_cast<std::int32_t>(state.range(0)), random);
    const Multipliers y = make_multipliers(random);
    lp::Pass pass;
    for (auto _ : state) {
        lp::price_all(columns, {}, y.data(), bound, pass);
        benchmark::DoNotOptimize(pass);
    }
    if (!right(columns, y, pass)) return state.SkipWithError("the pass differs from sums written out");
    count(state, columns, 1);
}

void four_programs(benchmark::State& state) {
    bench::Numbers random;
    const lp::Columns columns = make_columns(static_cast<std::int32_t>(state.range(0)), random);
    std::array<Multipliers, lp::batch> y{};
    std::array<const double*, lp::batch> ys{};
    for (std::size_t p = 0; p < lp::batch; ++p) ys[p] = (y[p] = make_multipliers(random)).data();
    std::array<lp::Pass, lp::batch> passes{};
    for (auto _ : state) {
        lp::price_batch(columns, ys, bound, passes);
        benchmark::DoNotOptimize(passes);
    }
    for (std::size_t p = 0; p < lp::batch; ++p) {
        if (!right(columns, y[p], passes[p]))
            return state.SkipWithError("a pass differs from sums written out");
    }
    count(state, columns, lp::batch);
}

#define SIZES ArgName("columns")->Arg(128)->Arg(512)->Arg(4096)->Arg(65536)->Arg(2000000)
BENCHMARK(one_program)->SIZES;
BENCHMARK(four_programs)->SIZES;

}  // namespace

BENCHMARK_MAIN();
