// Rankings, paired differences, dominance, Pareto sets, inequality and Sobol' indices against definitions.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/rng/designs.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/comparison.hpp"
#include "kernels/stats/inequality.hpp"
#include "kernels/stats/sensitivity.hpp"

using namespace greenfront;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd random_draws(Eigen::Index options, Eigen::Index replicates, double step) {
    rng::Stream random(11, 97, 0);
    Eigen::MatrixXd draw(options, replicates);
    for (Eigen::Index b = 0; b < replicates; ++b)
        for (Eigen::Index s = 0; s < options; ++s) draw(s, b) = std::round(random.normal() / step) * step;
    return draw;
}

double share_below(const Eigen::VectorXd& sample, double x) {
    return static_cast<double>((sample.array() <= x).count()) / static_cast<double>(sample.size());
}

/// From the definition, on a fine grid.
stats::Dominance by_definition(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    const double low = std::min(a.minCoeff(), b.minCoeff()), high = std::max(a.maxCoeff(), b.maxCoeff());
    bool first = true, strict = false, second = true, second_strict = false;
    double area = 0;
    const int steps = static_cast<int>(std::round((high - low) * 4));
    for (int k = 0; k < steps; ++k) {
        const double x = low + 0.25 * k + 0.125;
        const double gap = share_below(b, x) - share_below(a, x);
        first = first && gap >= 0;
        strict = strict || gap > 0;
        area += 0.25 * gap;
        second = second && area >= -1e-12;
        second_strict = second_strict || area > 1e-12;
    }
    if (first && strict) return stats::Dominance::first;
    return second && second_strict ? stats::Dominance::second : stats::Dominance::none;
}

}  // namespace

TEST_CASE("ranks: ties share the smaller one, missing values come last") {
    CHECK(stats::ranks({2, 5, missing, 5, 1}) == std::vector<std::int64_t>{3, 1, 5, 1, 4});
    CHECK(stats::ranks({}).empty());
    CHECK(stats::ranks({missing, missing}) == std::vector<std::int64_t>{1, 1});
}

TEST_CASE("rank stability: shares of the best add up, ranks average to the middle") {
    auto draw = random_draws(7, 200, 0.5);  // with ties
    draw(3, 17) = missing;
    const auto result = stats::rank_stability(draw);
    CHECK(result.used == 199);
    CHECK(result.best.sum() == doctest::Approx(1));
    CHECK(result.mean.mean() == doctest::Approx(4));
    for (Eigen::Index s = 0; s < 7; ++s) {  // from the definition
        double best = 0, mean = 0, square = 0;
        for (Eigen::Index b = 0; b < 200; ++b) {
            if (b == 17) continue;
            const double x = draw(s, b);
            const auto above = (draw.col(b).array() > x).count(), equal = (draw.col(b).array() == x).count();
            const double place = static_cast<double>(above) + static_cast<double>(equal + 1) / 2;
            if (above == 0) best += 1.0 / static_cast<double>(equal);
            mean += place;
            square += place * place;
        }
        CHECK(result.best[s] == doctest::Approx(best / 199));
        CHECK(result.mean[s] == doctest::Approx(mean / 199));
        CHECK(result.sd[s] ==
              doctest::Approx(std::sqrt(square / 199 - mean / 199 * mean / 199)).epsilon(1e-9));
    }
    CHECK(std::isnan(stats::rank_stability(Eigen::MatrixXd::Constant(2, 3, missing)).best[0]));
    draw.row(2).setConstant(missing);  // takes no part
    const auto without = stats::rank_stability(draw);
    CHECK(without.used == 199);
    CHECK(std::isnan(without.best[2]));
    CHECK(without.mean[0] + without.mean[1] + without.mean.tail(4).sum() == doctest::Approx(21));
}

TEST_CASE("a paired difference cancels what two options share") {
    const auto noise = random_draws(1, 500, 0.001);
    const Eigen::VectorXd a = noise.row(0).transpose() * 10, b = a.array() - 1;
    const auto result = stats::paired_difference(a, b, 0.9);
    CHECK(result.mean == doctest::Approx(1));
    CHECK(result.low == doctest::Approx(1));
    CHECK(result.high == doctest::Approx(1));
    CHECK(result.probability == 1);
    const auto tie = stats::paired_difference(a, a, 0.9);
    CHECK(tie.probability == 0.5);
    CHECK(tie.mean == 0);
}

TEST_CASE("stochastic dominance agrees with its definition") {
    int counts[3] = {0, 0, 0};
    for (std::uint64_t trial = 0; trial < 400; ++trial) {
        rng::Stream random(12, 97, trial);
        const auto sample = [&](std::size_t most, double shift, double spread) {
            Eigen::VectorXd x(static_cast<Eigen::Index>(2 + random.below(most)));
            for (double& value : x) value = std::round(4 * (shift + spread * random.normal())) / 4;
            return x;
        };
        const Eigen::VectorXd a = sample(12, 0.8 * random.uniform(), 0.3 + random.uniform()),
                              b = sample(9, 0, 0.5 + random.uniform());
        const auto found = stats::dominance(a, b);
        CHECK(found == by_definition(a, b));
        ++counts[static_cast<int>(found)];
        if (found == stats::Dominance::first) CHECK(stats::dominance(b, a) == stats::Dominance::none);
        CHECK(stats::dominance(a, a) == stats::Dominance::none);
    }
    CHECK(counts[0] > 20);
    CHECK(counts[1] > 20);
    CHECK(counts[2] > 20);
}

TEST_CASE("the Pareto set agrees with comparing every pair") {
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        rng::Stream random(13, 97, trial);
        std::vector<double> effect, cost;
        for (int s = 0; s < 12; ++s) {
            effect.push_back(random.uniform() < 0.1 ? missing : std::round(5 * random.uniform()));
            cost.push_back(std::round(5 * random.uniform()));
        }
        const auto in = stats::pareto_set(effect, cost);
        for (std::size_t s = 0; s < effect.size(); ++s) {
            bool beaten = std::isnan(effect[s]);
            for (std::size_t o = 0; o < effect.size(); ++o) {
                beaten = beaten || (effect[o] >= effect[s] && cost[o] <= cost[s] &&
                                    (effect[o] > effect[s] || cost[o] < cost[s]));
            }
            CHECK(bool(in[s]) == !beaten);
        }
    }
}

TEST_CASE("inequality: hand figures, the parts of Theil's index, scale and order") {
    const std::vector<double> x{1, 2, 3, 4};
    const std::vector<std::int32_t> group{0, 0, 1, 1};
    const auto made = stats::inequality(x, group, 2);
    CHECK(made.used == 4);
    CHECK(made.variation == doctest::Approx(std::sqrt(1.25) / 2.5));
    double theil = 0, mean_log = 0, sigma = 0;
    for (const double v : x) {
        theil += v / 2.5 * std::log(v / 2.5) / 4;
        mean_log += std::log(v) / 4;
    }
    for (const double v : x) sigma += (std::log(v) - mean_log) * (std::log(v) - mean_log) / 4;
    CHECK(made.theil == doctest::Approx(theil));
    CHECK(made.sigma == doctest::Approx(std::sqrt(sigma)));
    CHECK(made.between == doctest::Approx(0.3 * std::log(1.5 / 2.5) + 0.7 * std::log(3.5 / 2.5)));
    CHECK(made.between + made.within == doctest::Approx(made.theil));
    std::vector<double> scaled;
    for (const double v : x) scaled.push_back(1e9 * v);
    CHECK(stats::inequality(scaled, group, 2).theil == doctest::Approx(theil));
    const auto other = stats::inequality({4, 1, 3, 2}, {1, 0, 1, 0}, 2);
    CHECK(other.between == doctest::Approx(made.between));
    const auto with_zero = stats::inequality({0, 2, missing}, {}, 0);
    CHECK(with_zero.theil == doctest::Approx(std::log(2.0)));
    CHECK(std::isnan(with_zero.sigma));
    CHECK(std::isnan(with_zero.between));
    CHECK(std::isnan(stats::inequality({1, -1}, {}, 0).theil));
    CHECK(std::isnan(stats::inequality({missing}, {}, 0).variation));
    CHECK(stats::inequality({3, 3, 3}, {}, 0).theil == doctest::Approx(0));
}

TEST_CASE("designs: a slice a point, the sequence of Sobol' shifted, the blocks of Saltelli") {
    const Eigen::Index n = 64, d = 5;
    const auto cube = rng::latin_hypercube(n, d, 3, 1);
    const auto even = rng::sobol(n, d, 3, 1);
    for (Eigen::Index j = 0; j < d; ++j) {
        std::vector<int> slices(n, 0);
        for (Eigen::Index i = 0; i < n; ++i) ++slices[static_cast<std::size_t>(cube(i, j) * n)];
        CHECK(std::all_of(slices.begin(), slices.end(), [](int count) { return count == 1; }));
    }
    // The first points of the sequence, (1/2, ..), (3/4, 1/4, ..), (1/4, 3/4, ..), less the common shift.
    const double known[3][2] = {{0.5, 0.5}, {0.75, 0.25}, {0.25, 0.75}};
    for (Eigen::Index j = 0; j < 2; ++j) {
        const double shift = rng::Stream(3, rng::stage_sweep, 1, static_cast<std::uint64_t>(j)).uniform();
        for (Eigen::Index i = 0; i < 3; ++i) {
            const double unmoved = even(i, j) - shift;
            CHECK(unmoved - std::floor(unmoved) == doctest::Approx(known[i][j]));
        }
    }
    CHECK((even.array() >= 0).all());
    CHECK((even.array() <= 1).all());
    CHECK(rng::sobol(100, d, 3, 1).topRows(n) == even);
    CHECK(rng::sobol(n, d, 4, 1) != even);
    CHECK(rng::latin_hypercube(n, d, 3, 2) != cube);
    CHECK_THROWS(rng::sobol(2, 4000, 1, 1));
    const auto blocks = rng::saltelli(8, 3, 3, 1);
    REQUIRE(blocks.rows() == 8 * 5);
    for (Eigen::Index i = 0; i < 8; ++i) {
        for (Eigen::Index j = 0; j < 3; ++j) {
            for (Eigen::Index k = 0; k < 3; ++k)
                CHECK(blocks(5 * i + 2 + j, k) == blocks(5 * i + (k == j ? 1 : 0), k));
        }
    }
}

TEST_CASE("Sobol' indices of the Ishigami function") {
    // f = sin x1 + a sin^2 x2 + b x3^4 sin x1 on (-pi, pi)^3; closed form: Saltelli et al. (2008), section 4.
    const double a = 7, b = 0.1, pi = std::acos(-1.0);
    const double v1 = 0.5 * std::pow(1 + b * std::pow(pi, 4) / 5, 2), v2 = a * a / 8,
                 v13 = b * b * std::pow(pi, 8) * (1.0 / 18 - 1.0 / 50), v = v1 + v2 + v13;
    const auto points = rng::saltelli(16384, 3, 5, 0);
    Eigen::VectorXd y(points.rows());
    for (Eigen::Index i = 0; i < y.size(); ++i) {
        const Eigen::VectorXd x = (points.row(i).array() * 2 - 1) * pi;
        y[i] = std::sin(x[0]) + a * std::pow(std::sin(x[1]), 2) + b * std::pow(x[2], 4) * std::sin(x[0]);
    }
    const auto made = stats::sobol_indices(y, 3);
    CHECK(made.used == 16384);
    CHECK(made.variance == doctest::Approx(v).epsilon(0.01));
    const double first[] = {v1 / v, v2 / v, 0}, total[] = {(v1 + v13) / v, v2 / v, v13 / v};
    for (Eigen::Index j = 0; j < 3; ++j) {
        CHECK(std::abs(made.first[j] - first[j]) < 0.01);
        CHECK(std::abs(made.total[j] - total[j]) < 0.01);
        // Points of the sequence are more even than the random ones that the errors are for.
        CHECK(std::abs(made.first[j] - first[j]) < 4 * made.first_std_error[j] + 1e-3);
    }
    y.segment(5, 5).setConstant(missing);
    CHECK(stats::sobol_indices(y, 3).used == 16383);
    CHECK(std::isnan(stats::sobol_indices(Eigen::VectorXd::Constant(50, 2.5), 3).first[0]));
}
