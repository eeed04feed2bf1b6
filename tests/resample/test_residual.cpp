#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <Eigen/LU>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/residual.hpp"
#include "tests/resample/pairs_check.hpp"

using namespace test;

namespace {

/// y* of each replicate, written out, and panel::fit of it with iid errors.
void compare_residual(const Design& design, const panel::Options& options = {}) {
    const auto pairs = few(37, 5);
    const auto draws = resample::residual_bootstrap(design, options, pairs);
    panel::Options iid = options;
    iid.variance = panel::Variance::iid;
    const panel::Fit fit = panel::fit(design, iid);
    const Design sample = panel::prepare(design, iid).sample;
    const auto n = static_cast<std::int64_t>(sample.y.size());
    CHECK(draws.clusters == n);
    // s^2 from the first term's standard error and from the mean square of the pool.
    const Eigen::VectorXd u = fit.residual.array() - fit.residual.mean();
    double denominator = 0;
    {
        const auto prepared = panel::prepare(design, iid);
        const Eigen::MatrixXd inverse = (prepared.X.transpose() * prepared.X).inverse();
        denominator = fit.rss * inverse(0, 0) / (fit.terms[0].std_error * fit.terms[0].std_error);
    }
    for (std::int64_t b = 0; b < pairs.replicates; ++b) {
        const auto rows = resample::residual_rows(n, pairs, b);
        Design again = sample;
        for (Eigen::Index i = 0; i < again.y.size(); ++i) {
            again.y(i) +=
                u(rows[static_cast<std::size_t>(i)]) * std::sqrt(static_cast<double>(n) / denominator) -
                fit.residual(i);
        }
        const panel::Fit refit = panel::fit(again, iid);
        for (Eigen::Index j = 0; j < draws.draw.rows(); ++j) {
            const auto& term = refit.terms[static_cast<std::size_t>(j)];
            CHECK_UNARY(same(draws.draw(j, b), term.estimate, 1e-10));
            CHECK_UNARY(same(draws.draw_std_error(j, b), term.std_error, 1e-10));
        }
    }
}

/// Rows of the periods that a replicate draws, put together with fresh periods, and panel::fit of them.
void compare_blocks(const Design& design, std::int64_t L) {
    auto pairs = few(30, 3);
    pairs.block = L;
    pairs.studentise = false;
    const auto draws = resample::pairs_cluster(design, {}, pairs);
    panel::Options clustered;
    clustered.variance = panel::Variance::cluster;
    const Design sample = panel::prepare(design, clustered).sample;
    const auto T = sample.clusters[0].levels;
    for (std::int64_t b = 0; b < pairs.replicates; ++b) {
        std::vector<std::uint32_t> codes(static_cast<std::size_t>(T));
        resample::draw_clusters(T, pairs, b, codes.data());
        std::vector<std::int32_t> count(codes.size(), 0);
        for (std::size_t i = 0; i < codes.size(); ++i) {
            ++count[codes[i]];
            if (i % static_cast<std::size_t>(L) != 0) CHECK(codes[i] == codes[i - 1] + 1);
        }
        CHECK(count == resample::cluster_counts(T, pairs, b));
        Eigen::VectorXd beta, std_error;
        (void)resample::estimate(resample::stack(sample, count, nested_in_cluster(sample)), clustered, beta,
                                 std_error);
        for (Eigen::Index j = 0; j < beta.size(); ++j) {
            INFO("replicate " << b << ", term " << j << ": " << draws.draw(j, b) << " and " << beta(j));
            CHECK_UNARY(same(draws.draw(j, b), beta(j), 1e-10));
        }
    }
}

}  // namespace

TEST_CASE("residual bootstrap: replicates are refits of y*") {
    auto p = make_panel(12, 6, 3, 3, 0, 90);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_residual(p.design);
    auto holes = make_panel(12, 6, 3, 2, 0.25, 91);
    holes.design.effects = {effect(holes.unit), effect(holes.time)};
    compare_residual(holes.design);
    holes.design.effects = {effect(holes.unit), effect(holes.cell)};
    compare_residual(holes.design);
    holes.design.effects = {};
    compare_residual(holes.design);
    holes.design.constant = false;
    compare_residual(holes.design);
}

TEST_CASE("residual bootstrap: the rule of small samples enters the factor of the residuals") {
    auto p = make_panel(12, 5, 3, 2, 0.2, 92);
    p.design.effects = {effect(p.unit), effect(p.time)};
    panel::Options options;
    options.small_sample = panel::SmallSample::fixest;
    compare_residual(p.design, options);
}

TEST_CASE("residual bootstrap: its spread is the iid standard error, threads do not matter") {
    auto p = make_panel(25, 6, 3, 2, 0.1, 93);
    p.design.effects = {effect(p.unit), effect(p.time)};
    auto pairs = few(4000);
    const auto draws = resample::residual_bootstrap(p.design, {}, pairs);
    for (Eigen::Index j = 0; j < 2; ++j) {
        const auto s = resample::summarise(draws, j, 0, 0.95);
        CHECK(s.std_error == doctest::Approx(draws.std_error(j)).epsilon(0.05));
        CHECK(s.infeasible == 0);
    }
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, 1);
    CHECK_UNARY(identical(draws.draw, resample::residual_bootstrap(p.design, {}, pairs).draw));
    pairs.replicates = 41;
    CHECK_UNARY(identical(draws.draw.leftCols(41), resample::residual_bootstrap(p.design, {}, pairs).draw));
    pairs.enumerate = true;
    CHECK_THROWS_AS(static_cast<void>(resample::residual_bootstrap(p.design, {}, pairs)), Error);
}

TEST_CASE("moving blocks: periods in a row, all units together, effects fitted again") {
    auto p = make_panel(10, 11, 3, 2, 0, 94);
    p.design.clusters = {p.time};
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (const std::int64_t L : {1, 3, 4, 10}) compare_blocks(p.design, L);
    p.design.effects = {effect(p.unit)};
    compare_blocks(p.design, 4);
    auto holes = make_panel(10, 11, 3, 2, 0.2, 95);
    holes.design.clusters = {holes.time};
    holes.design.effects = {effect(holes.unit), effect(holes.time)};
    compare_blocks(holes.design, 3);
    holes.design.effects = {effect(holes.unit), effect(holes.cell)};
    compare_blocks(holes.design, 3);
}

TEST_CASE("moving blocks: each start is equally likely; impossible lengths are errors") {
    auto pairs = few(1);
    pairs.block = 4;
    std::vector<int> starts(8, 0);
    for (std::int64_t b = 0; b < 8000; ++b) {
        std::uint32_t codes[11];
        resample::draw_clusters(11, pairs, b, codes);
        ++starts[codes[0]];
        CHECK(codes[10] <= 9);  // the third block is cut after three periods
    }
    for (const int n : starts) CHECK(std::abs(n - 1000) < 150);
    auto p = make_panel(6, 5, 2, 1, 0, 96);
    p.design.clusters = {p.time};
    p.design.effects = {effect(p.unit)};
    pairs.studentise = false;
    for (const std::int64_t L : {-1, 5, 6}) {
        pairs.block = L;
        CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(p.design, {}, pairs)), Error);
    }
    pairs.block = 2;
    pairs.studentise = true;
    CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(p.design, {}, pairs)), Error);
}

TEST_CASE("two specifications with the same clusters see the same resamples") {
    auto p = make_panel(30, 6, 3, 3, 0, 97);
    p.design.effects = {effect(p.unit), effect(p.time)};
    // The outcome shifted by a multiple of x1: the coefficient moves by exactly that in every replicate.
    Design other = p.design;
    other.y += 2.5 * other.X.col(0);
    const auto a = resample::pairs_cluster(p.design, {}, few(60)),
               b = resample::pairs_cluster(other, {}, few(60));
    for (Eigen::Index r = 0; r < 60; ++r)
        CHECK(b.draw(0, r) - a.draw(0, r) == doctest::Approx(2.5).epsilon(1e-10));
    // A specification without x3 has the same draws: its coefficients are those of the refit of the resample.
    Design shorter = p.design;
    shorter.X = Eigen::MatrixXd(p.design.X.leftCols(2));
    shorter.x_name.pop_back();
    const auto c = resample::pairs_cluster(shorter, {}, few(60));
    const Eigen::ArrayXd paired = (a.draw.row(0) - c.draw.row(0)).array(), one = a.draw.row(0).array();
    const auto variance = [](const Eigen::ArrayXd& v) { return (v - v.mean()).square().mean(); };
    auto apart = few(60);
    apart.stream = 1;
    const Eigen::ArrayXd unpaired =
        (a.draw.row(0) - resample::pairs_cluster(shorter, {}, apart).draw.row(0)).array();
    CHECK(variance(paired) < 0.5 * variance(unpaired));
    CHECK(variance(one) > 0);
}
