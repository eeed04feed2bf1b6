// A large regression: 1,000,000 rows, three fixed effects (100,000 workers, 10,000 firms, 10 years), four
// regressors, errors clustered by firm. Checked by the normal equations themselves: residuals sum to zero in
// every level of every effect and are orthogonal to the regressors, and the slopes are those that made the
// data.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/task_arena.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "kernels/panel/regression.hpp"

namespace {

using namespace greenfront;

constexpr Eigen::Index rows = 1'000'000, regressors = 4;
constexpr std::int32_t workers = 100'000, firms = 10'000, years = 10;
constexpr double slope[regressors] = {0.5, -1.0, 0.25, 2.0};

/// splitmix64: the benchmark's data must not change when the program's generators do.
struct Numbers {
    std::uint64_t state = 77;
    std::uint64_t next() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
};

panel::FixedEffect effect(const std::string& name, std::vector<std::int32_t> code, std::int32_t levels) {
    return {{name, std::move(code), levels, {}}, true, {}, Eigen::MatrixXd(rows, 0)};
}

/// Workers stay with a firm for a while and then move to any other.
panel::Design make_panel() {
    Numbers random;
    std::vector<double> talent(workers), premium(firms);
    for (double& value : talent) value = random.normal();
    for (double& value : premium) value = random.normal();
    std::vector<std::int32_t> worker, firm, year;
    panel::Design design;
    design.X.resize(rows, regressors);
    design.y.resize(rows);
    std::int32_t job = 0;
    for (Eigen::Index i = 0; i < rows; ++i) {
        const auto w = static_cast<std::int32_t>(i / years), t = static_cast<std::int32_t>(i % years);
        if (t == 0 || random.uniform() < 0.2) job = static_cast<std::int32_t>(random.next() % firms);
        worker.push_back(w);
        firm.push_back(job);
        year.push_back(t);
        const double common = talent[static_cast<std::size_t>(w)] + premium[static_cast<std::size_t>(job)];
        design.y[i] = common + 0.1 * t + random.normal();
        for (Eigen::Index j = 0; j < regressors; ++j) {
            design.X(i, j) = random.normal() + 0.4 * common;
            design.y[i] += slope[j] * design.X(i, j);
        }
    }
    design.formula = "y ~ x1 + x2 + x3 + x4 | worker + firm + year";
    design.y_name.assign(1, 'y');
    design.x_name = {"x1", "x2", "x3", "x4"};
    design.clusters = {{"firm", firm, firms, {}}};
    design.effects = {effect("worker", std::move(worker), workers), effect("firm", std::move(firm), firms),
                      effect("year", std::move(year), years)};
    design.endogenous.resize(rows, 0);
    design.instruments.resize(rows, 0);
    design.n_read = rows;
    return design;
}

bool right(const panel::Design& design, const panel::Fit& fit) {
    if (fit.n != rows || fit.singletons != 0) return false;
    const double size = fit.residual.norm();
    for (const auto& effect : design.effects) {
        Eigen::VectorXd sum = Eigen::VectorXd::Zero(effect.factor.levels);
        for (Eigen::Index i = 0; i < rows; ++i)
            sum[effect.factor.code[static_cast<std::size_t>(i)]] += fit.residual[i];
        if (!(sum.norm() < 1e-9 * size)) return false;
    }
    for (Eigen::Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        if (!(std::abs(design.X.col(j).dot(fit.residual)) < 1e-9 * size * design.X.col(j).norm()))
            return false;
        if (!(std::abs(term.estimate - slope[j]) < 6 * term.std_error) || !(term.std_error < 0.01))
            return false;
    }
    return true;
}

double peak_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return std::nan("");  // measured on Linux only
}

/// Outcome, regressors, and codes of the effects and the cluster.
double data_mib(const panel::Design& design) {
    const auto numbers = static_cast<std::size_t>(design.y.size() + design.X.size());
    std::size_t codes = 0;
    for (const auto& effect : design.effects) codes += effect.factor.code.size();
    for (const auto& cluster : design.clusters) codes += cluster.code.size();
    return static_cast<double>(numbers * sizeof(double) + codes * sizeof(std::int32_t)) / (1 << 20);
}

void three_effects(benchmark::State& state) {
    const panel::Design design = make_panel();
    panel::Options options;
    options.variance = panel::Variance::cluster;
    if (!right(design, panel::fit(design, options))) {
        state.SkipWithError("the residuals do not solve the normal equations, or the slopes are wrong");
        return;
    }
    for (auto _ : state) {
        auto fit = panel::fit(design, options);
        benchmark::DoNotOptimize(fit.terms.data());
    }
    state.counters["data_MiB"] = data_mib(design);
    state.counters["peak_MiB"] = peak_mib();
    // The products of outcome and regressors with each other are the least that a fit computes.
    const double operations = static_cast<double>(design.y.size() * (regressors + 1) * (regressors + 2));
    bench::compare_with_product(state, operations, bench::matrix_product(),
                                oneapi::tbb::this_task_arena::max_concurrency());
}
BENCHMARK(three_effects)->Name("three_effects/all_threads")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
