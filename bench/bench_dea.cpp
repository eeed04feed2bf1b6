// Efficiency analysis on synthetic lognormal city panels: 12 yearly frontiers of 242 units (W1) and one
// frontier of all 2904 unit-years (W2); 3 inputs, 1 good and 2 bad outputs (radial: the outputs are the good
// one only).
//
// Each benchmark checks its answer: the certificates of all programs, and every 97th score from its
// multipliers alone, which must support every unit of the frontier and price the unit at its score. One
// thread.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"

namespace {

using namespace greenfront;

constexpr Eigen::Index cities = 242, years = 12;

class Numbers {
  public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}
    double normal() {  // Box-Muller
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

  private:
    double uniform() {
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    std::uint64_t state_;
};

/// Unit-years sorted by city, then year.
dea::Quantities panel(bool bads) {
    Numbers z(20260101);
    const Eigen::Index n = cities * years;
    dea::Quantities q{Eigen::MatrixXd(3, n), Eigen::MatrixXd(1, n), Eigen::MatrixXd(bads ? 2 : 0, n)};
    for (Eigen::Index c = 0; c < cities; ++c) {
        const double s = 0.9 * z.normal(), h = 0.15 * z.normal(), city = std::abs(0.30 * z.normal());
        for (Eigen::Index y = 0; y < years; ++y) {
            const auto t = static_cast<double>(y);
            const Eigen::Index j = c * years + y;
            const double capital = std::exp(8 + s + .06 * t + .35 * z.normal());
            const double labour = std::exp(4 + .9 * s + .01 * t + .30 * z.normal());
            const double energy = std::exp(6.5 + .95 * s + .03 * t + h + .35 * z.normal());
            const double u = city + std::abs(.15 * z.normal());
            q.X.col(j) << capital, labour, energy;
            q.Y(0, j) = std::exp(1 + .03 * t - u) * std::pow(capital, .40) * std::pow(labour, .35) *
                        std::pow(energy, .25);
            const double co2 = 2.4 * std::pow(energy, .97) * std::exp(.5 * h + std::abs(.30 * z.normal()));
            const double so2 = 90 * std::pow(energy, .90) * std::exp(-.08 * t + std::abs(.50 * z.normal()));
            if (bads) q.B.col(j) << co2, so2;
        }
    }
    return q;
}

dea::Quantities year(const dea::Quantities& q, Eigen::Index y) {
    dea::Quantities part{Eigen::MatrixXd(3, cities), Eigen::MatrixXd(1, cities),
                         Eigen::MatrixXd(q.B.rows(), cities)};
    for (Eigen::Index c = 0; c < cities; ++c) {
        part.X.col(c) = q.X.col(c * years + y);
        part.Y.col(c) = q.Y.col(c * years + y);
        part.B.col(c) = q.B.col(c * years + y);
    }
    return part;
}

/// The multipliers prove the score from the data alone.
bool proved(const dea::Quantities& q, const dea::Scores& s, const dea::Settings& settings, Eigen::Index o) {
    const auto n = q.X.rows() + q.Y.rows() + q.B.rows();
    const Eigen::VectorXd v = s.multiplier.col(o);
    const auto profit = [&](Eigen::Index j) {
        return v.head(3).dot(q.X.col(j)) - v.segment(3, 1).dot(q.Y.col(j)) +
               (q.B.rows() > 0 ? v.segment(4, q.B.rows()).dot(q.B.col(j)) : 0.0) - v[n];
    };
    const double total = v.head(3).dot(q.X.col(o));
    for (Eigen::Index j = 0; j < q.units(); ++j) {
        if (profit(j) < -1e-9 * (1 + v.head(3).dot(q.X.col(j)))) return false;
    }
    const double dual = settings.model == dea::Model::radial ? total - profit(o) : 1 - profit(o);
    return std::abs(dual - s.score[o]) <= 1e-9;
}

struct Task {
    std::vector<dea::Quantities> frontiers;
    std::vector<std::vector<std::int32_t>> self;
};

Task task(bool global, bool bads) {
    Task result;
    const dea::Quantities q = panel(bads);
    if (global) {
        result.frontiers.push_back(q);
    } else {
        for (Eigen::Index y = 0; y < years; ++y) result.frontiers.push_back(year(q, y));
    }
    for (const auto& f : result.frontiers) {
        result.self.emplace_back(static_cast<std::size_t>(f.units()));
        std::iota(result.self.back().begin(), result.self.back().end(), 0);
    }
    return result;
}

/// Empty when every answer is right, else what is wrong.
std::string check(const Task& work, const std::vector<dea::Scores>& all, const dea::Settings& settings) {
    for (std::size_t f = 0; f < all.size(); ++f) {
        const dea::Certificate& c = all[f].certificate;
        const bool certified = c.min_reduced_cost >= -1e-9 && c.primal_residual <= 1e-9 && c.gap <= 1e-9;
        if (!certified) return "a certificate does not hold";
        for (Eigen::Index o = 0; o < work.frontiers[f].units(); ++o) {
            if (all[f].status[static_cast<std::size_t>(o)] != Status::optimal) return "a unit has no score";
            if (o % 97 == 0 && !proved(work.frontiers[f], all[f], settings, o))
                return "multipliers do not prove a score";
        }
    }
    return {};
}

void evaluate(benchmark::State& state, bool global, dea::Settings settings) {
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
    state.counters["pivots/LP"] = pivots / programs;
    state.counters["passes/LP"] = passes / programs;
    state.counters["fallbacks"] = fallbacks;
    state.counters["mean"] = sum / n;
    if (global) state.counters["peers"] = peers;
}

dea::Settings make(dea::Model model, dea::Returns returns) {
    dea::Settings s;
    s.model = model;
    s.orientation = model == dea::Model::radial ? dea::Orientation::input : dea::Orientation::none;
    s.returns = returns;
    return s;
}

using enum dea::Returns;
constexpr auto radial = dea::Model::radial, sbm = dea::Model::sbm;

BENCHMARK_CAPTURE(evaluate, W1_radial_crs, false, make(radial, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_radial_vrs, false, make(radial, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_sbm_crs, false, make(sbm, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W1_sbm_vrs, false, make(sbm, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_radial_crs, true, make(radial, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_radial_vrs, true, make(radial, vrs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_sbm_crs, true, make(sbm, crs))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, W2_sbm_vrs, true, make(sbm, vrs))->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
