// Bootstraps of radial efficiency on the synthetic city panel (bench/dea/panels.hpp: 3 inputs, 1 good
// output): Simar and Wilson (1998) on all 2904 unit-years and on one year of 242 cities, and algorithm 2 of
// Simar and Wilson (2007) with two environmental variables.
//
// Each benchmark checks its answer: certificates; the bounds that every replicate keeps; replicates that are
// drawn and scored here once more, all columns priced; the score equations of the truncated regression.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "bench/calibration/limit.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/dea/smoothed_bootstrap.hpp"
#include "kernels/dea/two_stage.hpp"
#include "kernels/rng/philox.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;

constexpr double close = 1e-8;

dea::Quantities units(bool all) {
    const dea::Quantities q = city_panel(false);
    return all ? q : year(q, 5);
}

/// Metric 1/theta of every unit in replicate b, drawn once more: input orientation, all units with a score.
Eigen::VectorXd replicate_again(const dea::Quantities& q, const dea::BootstrapScores& scores,
                                const dea::BootstrapSettings& s, std::uint64_t b) {
    const auto n = static_cast<std::size_t>(q.units());
    rng::Stream stream(s.seed, rng::stage_boot_dea, b, s.item);
    std::vector<double> m(n), star(n);
    double mean = 0, square = 0, centre = 0;
    for (std::size_t i = 0; i < n; ++i) mean += (m[i] = 1 / scores.score[i]) / static_cast<double>(n);
    for (const double v : m) square += (v - mean) * (v - mean) / static_cast<double>(n);
    for (double& v : star) centre += (v = m[stream.below(n)]) / static_cast<double>(n);
    const double h = scores.bandwidth;
    dea::Quantities points = q;
    for (std::size_t i = 0; i < n; ++i) {
        double v = star[i] + h * stream.normal();
        if (v < 1) v = 2 - v;
        v = centre + (v - centre) / std::sqrt(1 + h * h / square);
        points.X.col(static_cast<Eigen::Index>(i)) *= v / m[i];
    }
    dea::Settings settings = make_settings(dea::Model::radial, s.returns);
    settings.price_all_columns = true;
    const std::vector<std::int32_t> outside(n, -1);
    return dea::evaluate(q, points, outside, settings).score.cwiseInverse();
}

/// Empty when every answer is right, else what is wrong.
std::string check(const dea::Quantities& q, const dea::BootstrapScores& scores,
                  const dea::BootstrapSettings& s) {
    const dea::Certificate& c = scores.certificate;
    if (!(c.min_reduced_cost >= -1e-9 && c.primal_residual <= 1e-9 && c.gap <= 1e-9))
        return "a certificate does not hold";
    for (std::size_t i = 0; i < scores.score.size(); ++i) {
        if (scores.status[i] != Status::optimal) return "a unit has no score";
        const auto draws = scores.replicate.row(static_cast<Eigen::Index>(i));
        if (draws.minCoeff() < scores.score[i] - close) return "a replicate lies beyond the technology";
        if (!(scores.corrected[i] <= scores.score[i] + close)) return "a correction has the wrong sign";
        const double mean = draws.cwiseInverse().mean();
        if (std::abs(1 / scores.corrected[i] - (2 / scores.score[i] - mean)) > close)
            return "a corrected score is not what its replicates say";
    }
    for (const std::int64_t b : {std::int64_t{0}, s.replicates - 1}) {
        const Eigen::VectorXd again = replicate_again(q, scores, s, static_cast<std::uint64_t>(b));
        if ((scores.replicate.col(b).cwiseInverse() - again).cwiseAbs().maxCoeff() > close)
            return "a replicate differs from the one drawn again";
    }
    return {};
}

void smoothed(benchmark::State& state, bool all, dea::Returns returns, std::int64_t replicates,
              std::size_t threads) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    const dea::Quantities q = units(all);
    dea::BootstrapSettings settings;
    settings.returns = returns;
    settings.replicates = replicates;
    dea::BootstrapScores scores;
    for (auto run : state) scores = dea::smoothed_bootstrap(q, settings);
    const std::string wrong = check(q, scores, settings);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
    const auto total = static_cast<double>(state.iterations() * replicates);
    state.counters["s/replicate"] =
        benchmark::Counter(total, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["LP/s"] =
        benchmark::Counter(total * static_cast<double>(q.units()), benchmark::Counter::kIsRate);
    const auto programs = static_cast<double>(scores.counters.programs);
    state.counters["pivots/LP"] = static_cast<double>(scores.counters.pivots) / programs;
    state.counters["passes/LP"] = static_cast<double>(scores.counters.pricing_passes) / programs;
    state.counters["fallbacks"] = static_cast<double>(scores.counters.fallbacks);
    const auto rows = q.X.rows() + q.Y.rows() + (returns == dea::Returns::vrs);
    const double bytes = 8.0 * static_cast<double>(rows * q.units());
    const double passes = static_cast<double>(scores.counters.pricing_passes);
    compare_with_limit(
        state,
        passes * bytes * 1e-9 / (reading_pass(static_cast<int>(q.units())) * static_cast<double>(threads)),
        "reading in our pricing passes");
}

/// Largest entry of the score of the truncated likelihood, a unit's share of it.
double slope_of_likelihood(const dea::TwoStageData& data, const dea::TwoStage& fit) {
    const Eigen::Index n = data.Z.rows(), k = data.Z.cols();
    const double sigma = fit.terms.back().estimate;
    Eigen::VectorXd slope = Eigen::VectorXd::Zero(k + 1);
    for (Eigen::Index i = 0; i < n; ++i) {
        double mean = fit.terms[static_cast<std::size_t>(k)].estimate;
        for (Eigen::Index j = 0; j < k; ++j)
            mean += data.Z(i, j) * fit.terms[static_cast<std::size_t>(j)].estimate;
        const double a = (1 - mean) / sigma;
        const double density = std::exp(-a * a / 2) / std::sqrt(2 * std::numbers::pi);
        const double mills = density / (0.5 * std::erfc(a / std::numbers::sqrt2));
        const double each = (fit.corrected[static_cast<std::size_t>(i)] - mean) / sigma - mills;
        slope.head(k) += each * data.Z.row(i).transpose();
        slope[k] += each;
    }
    return slope.cwiseAbs().maxCoeff() / static_cast<double>(n);
}

void two_stage(benchmark::State& state, bool all, std::size_t threads) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    dea::TwoStageData data{{units(all)}, {}, {"z1", "z2"}};
    Numbers z(20260103);
    data.Z.resize(data.technologies[0].units(), 2);
    for (Eigen::Index i = 0; i < data.Z.rows(); ++i) data.Z.row(i) << z.normal(), z.normal();
    dea::TwoStageSettings settings;
    settings.returns = dea::Returns::crs;
    settings.replicates_bias = 100;
    settings.replicates = 2000;
    dea::TwoStage fit;
    for (auto run : state) fit = dea::two_stage(data, settings);
    for (std::size_t i = 0; i < fit.delta.size(); ++i) {
        if (fit.status[i] != Status::optimal || !(fit.corrected[i] >= fit.delta[i] - close))
            return state.SkipWithError("a unit has no score or a correction of the wrong sign");
    }
    if (fit.without > 0 || !(slope_of_likelihood(data, fit) < 1e-6))
        return state.SkipWithError("the regression is not at its maximum");
    state.counters["programs"] = static_cast<double>(fit.counters.programs);
    state.counters["sigma"] = fit.terms.back().estimate;
}

using enum dea::Returns;

BENCHMARK_CAPTURE(smoothed, year_crs_one_core, false, crs, 400, 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(smoothed, year_vrs_one_core, false, vrs, 400, 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(smoothed, panel_crs_two_cores, true, crs, 2000, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(two_stage, year_two_cores, false, 2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(two_stage, panel_two_cores, true, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
