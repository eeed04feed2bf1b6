#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"
#include "scenarios/synth/equations.hpp"
#include "scenarios/synth/realise.hpp"
#include "scenarios/synth/solver.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::synth;

namespace {

constexpr Index cities = 14, periods = 6, rows = cities * periods;

VectorXd noise(std::uint64_t draw) {
    rng::Stream stream(5, rng::stage_synth, draw, 9000);
    VectorXd v(rows);
    for (double& x : v) x = stream.normal();
    return v;
}

std::vector<int> codes(bool by_city) {
    std::vector<int> code;
    for (Index r = 0; r < rows; ++r) code.push_back(static_cast<int>(by_city ? r / periods : r % periods));
    return code;
}

/// A sample with holes: one city with a single row, one period missing for half of the cities.
std::vector<char> ragged() {
    std::vector<char> keep(static_cast<std::size_t>(rows), 1);
    for (Index r = 1; r < periods; ++r) keep[static_cast<std::size_t>(r)] = 0;
    for (Index i = 3; i < 9; ++i) keep[static_cast<std::size_t>(i * periods + 2)] = 0;
    return keep;
}

/// Residuals on explicit dummies, by a rank-revealing decomposition.
VectorXd dense_residual(const Effects& effects, const VectorXd& v) {
    MatrixXd D = MatrixXd::Zero(effects.size(), cities + periods);
    for (Index k = 0; k < effects.size(); ++k) {
        const Index r = effects.rows()[static_cast<std::size_t>(k)];
        D(k, r / periods) = 1;
        D(k, cities + r % periods) = 1;
    }
    const Eigen::CompleteOrthogonalDecomposition<MatrixXd> qr(D);
    CHECK(qr.rank() == effects.rank());
    return v - D * qr.solve(v);
}

/// Every gradient of `at` against central differences of the residuals (aim less value) along random
/// directions.
template <class Build>
void check_gradients(const Build& build, const VectorXd& y, const VectorXd& x) {
    const Equations at = build(y, x, true), plain = build(y, x, false);
    REQUIRE(at.residual == plain.residual);
    for (const bool outcome : {true, false}) {
        const VectorXd direction = noise(outcome ? 31 : 32);
        const double h = 1e-5;
        const VectorXd dy = outcome ? VectorXd(h * direction) : VectorXd::Zero(rows),
                       dx = outcome ? VectorXd::Zero(rows) : VectorXd(h * direction);
        const Equations up = build(y + dy, x + dx, false), down = build(y - dy, x - dx, false);
        for (std::size_t k = 0; k < at.kind.size(); ++k) {
            CAPTURE(k);
            CAPTURE(outcome);
            const VectorXd& gradient = outcome ? at.by_outcome[k] : at.by_index[k];
            const double slope = gradient.size() > 0 ? gradient.dot(direction) : 0;
            const double difference = -(up.residual[k] - down.residual[k]) / (2 * h);
            CHECK(slope == doctest::Approx(difference).epsilon(1e-5).scale(1 + std::abs(difference)));
        }
    }
}

}  // namespace

TEST_CASE("effects of cities and periods are projected out as with dummies; singletons go first") {
    const Effects effects(codes(true), codes(false), ragged());
    CHECK(effects.size() == rows - periods - 6);
    const VectorXd v = effects.pick(noise(1));
    CHECK((effects.residual(v) - dense_residual(effects, v)).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE(
    "derivatives of coefficients, standard errors, fits and constants are those of finite differences") {
    const VectorXd x = noise(2), y = 0.4 * x + noise(3);
    MatrixXd controls(rows, 2);
    controls << noise(4), noise(5);
    const auto build = [&](const VectorXd& outcome, const VectorXd& index, bool gradients) {
        Effects effects(codes(true), codes(false), ragged());
        Regression r{effects, 0, MatrixXd(effects.size(), 2), {}, {{0.3, 0.1}, {0.1, 0.2}, {-0.2, 0.1}}, 0.6};
        for (Index k = 0; k < 2; ++k) r.controls.col(k) = effects.pick(controls.col(k));
        r.controls_within = residuals(effects, r.controls);
        r.constant = 0.7;
        r.constant_unit = 0.2;
        Equations all(rows, gradients);
        add_regression(r, outcome, index, all);
        return all;
    };
    check_gradients(build, y, x);
}

TEST_CASE("derivatives of the instrumented regression and of moments are those of finite differences") {
    const VectorXd x = noise(6), y = 0.4 * x + noise(7);
    std::vector<char> lagged;
    for (Index r = 0; r < rows; ++r) lagged.push_back(r % periods > 0 ? 1 : 0);
    const Effects effects(codes(true), codes(false), lagged);
    MatrixXd controls(effects.size(), 2);
    controls << effects.pick(noise(8)), effects.pick(noise(9));
    const auto build = [&](const VectorXd& outcome, const VectorXd& index, bool gradients) {
        Equations all(rows, gradients);
        add_instrumented(effects, controls, outcome, index, PublishedInstrument{}, all);
        add_moments(index, 0, {0.3, 0.8}, 0.1, all);
        add_moments(outcome, -1, {0.3, 0.8}, 0.1, all);
        return all;
    };
    check_gradients(build, y, x);
}

TEST_CASE("a bounded variable survives winsorising") {
    const VectorXd start = noise(10);
    Bounded y(start, -1, 1, 3);
    y.move(0.3 * noise(11));
    const VectorXd tails = y.with_tails(-2, 2);
    std::vector<double> sorted(tails.begin(), tails.end());
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted[2] == -1);
    CHECK(sorted[1] < -1);
    CHECK(sorted[rows - 3] == 1);
    CHECK(sorted[rows - 2] > 1);
    CHECK((tails.cwiseMax(-1.0).cwiseMin(1.0) - y.value()).cwiseAbs().maxCoeff() == 0);
}

TEST_CASE("rows cross the median until the numbers of cities once below and once above are right") {
    const VectorXd q = noise(12).array() * 0.01 + 1;
    const VectorXd factor = median_factors(q, periods, 2, 3);
    const VectorXd moved = factor.cwiseProduct(q);
    const double median = stats::percentile_stata({moved.begin(), moved.end()}, 50);
    int once_low = 0, once_high = 0;
    for (Index i = 0; i < cities; ++i) {
        const auto low = (moved.segment(i * periods, periods).array() <= median).count();
        once_low += low == 1 ? 1 : 0;
        once_high += low == periods - 1 ? 1 : 0;
    }
    CHECK(once_low == 2);
    CHECK(once_high == 3);
    CHECK((factor.array() - 1).abs().maxCoeff() < 0.05);
}
