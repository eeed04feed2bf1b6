// Efficiency analysis on synthetic lognormal city panels: 12 yearly frontiers of 242 units (W1) and one
// frontier of all 2904 unit-years (W2); 3 inputs, 1 good and 2 bad outputs (radial: the outputs are the good
// one only).
//
// Each benchmark checks its answer: the certificates of all programs, and every 97th score from the data
// alone, by its multipliers and its peers. One thread. `of_limit`: the share of the time that the pricing
// passes would need at the speed at which this machine reads.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "bench/dea/panels.hpp"
#include "bench/dea/proved.hpp"
#include "kernels/dea/dea.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;

struct Task {
    std::vector<dea::Quantities> frontiers;
    std::vector<std::vector<std::int32_t>> self;
};

Task task(bool global, bool bads) {
    Task result;
    const dea::Quantities q = city_panel(bads);
    if (global) {
        result.frontiers.push_back(q);
    } else {
        for (Eigen::Index y = 0; y < years; ++y) result.frontiers.push_back(year(q, y));
    }
    for (const auto& f : result.frontiers) result.self.push_back(themselves(f));
    return result;
}

/// Empty when every answer is right, else what is wrong.
std::string check(const Task& work, const std::vector<dea::Scores>& all, const dea::Settings& settings) {
    for (std::size_t f = 0; f < all.size(); ++f) {
        const dea::Certificate& c = all[f].certificate;
        const bool certified = c.min_reduced_cost >= -1e-9 && c.primal_residual <= 1e-9 && c.gap <= 1e-9;
        if (!certified) return "a certificate does not hold";
        const dea::Checker checker(work.frontiers[f], work.frontiers[f], settings);
        for (Eigen::Index o = 0; o < work.frontiers[f].units(); ++o) {
            if (all[f].status[static_cast<std::size_t>(o)] != Status::optimal) return "a unit has no score";
            if (o % 97 == 0 && !proved(checker, all[f], o))
                return "a score is not proved by its multipliers and peers";
        }
    }
    return {};
}

/// Seconds that the pricing passes of one evaluation would take if they read their columns as fast as this
/// machine does and did nothing else.
double pricing_at_limit(const Task& work, const std::vector<dea::Scores>& all,
                        const dea::Settings& settings) {
    double seconds = 0;
    for (std::size_t f = 0; f < all.size(); ++f) {
        const dea::Quantities& q = work.frontiers[f];
        const auto rows = q.X.rows() + q.Y.rows() + q.B.rows() + (settings.returns == dea::Returns::vrs);
        const auto columns = all[f].counters.frame > 0 ? all[f].counters.frame : q.units();
        const double bytes = 8.0 * static_cast<double>(rows) * static_cast<double>(columns);
        seconds += static_cast<double>(all[f].counters.pricing_passes) * bytes /
                   (1e9 * reading_pass(static_cast<int>(columns)));
    }
    return seconds;
}

void evaluate(benchmark::State& state, bool global, const dea::Settings& settings) {
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    const Task work = task(global, settings.model == dea::Model::sbm);
    std::vector<dea::Scores> all(work.frontiers.size());
    for (auto run : state) {
        for (std::size_t f = 0; f < all.size(); ++f) {
            all[f] = dea::evaluate(work.frontiers[f], work.frontiers[f], work.self[f], settings);
        }
    }
    const std::string wrong = check(work, all, settings);
    if (!wrong.empty()) {
        state.SkipWithError(wrong.c_str());
        return;
    }
    double programs = 0, pivots = 0, passes = 0, fallbacks = 0, sum = 0, peers = 0;
    std::vector<char> used(static_cast<std::size_t>(cities * years), 0);
    for (const auto& s : all) {
        programs += static_cast<double>(s.counters.programs);
        pivots += static_cast<double>(s.counters.pivots);
        passes += static_cast<double>(s.counters.pricing_passes);
        fallbacks += static_cast<double>(s.counters.fallbacks);
        sum += s.score.sum();
        for (const auto j : s.peer) used[static_cast<std::size_t>(j)] = 1;
    }
    peers = static_cast<double>(std::count(used.begin(), used.end(), 1));
    const auto n = static_cast<double>(cities * years);
    state.counters["LP/s"] = benchmark::Counter(programs, benchmark::Counter::kIsIterationInvariantRate);
    compare_with_limit(state, pricing_at_limit(work, all, settings), "reading in our pricing passes");
    state.counters["pivots/LP"] = pivots / programs;
    state.counters["passes/LP"] = passes / programs;
    state.counters["fallbacks"] = fallbacks;
    state.counters["mean"] = sum / n;
    if (global) state.counters["peers"] = peers;
}

using enum dea::Returns;
constexpr auto radial = dea::Model::radial, sbm = dea::Model::sbm;

BENCHMARK_CAPTURE(evaluate, W1_radial_crs, false, make_settings(radial, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_radial_vrs, false, make_settings(radial, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_sbm_crs, false, make_settings(sbm, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_sbm_vrs, false, make_settings(sbm, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_radial_crs, true, make_settings(radial, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_radial_vrs, true, make_settings(radial, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_sbm_crs, true, make_settings(sbm, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_sbm_vrs, true, make_settings(sbm, vrs))->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
