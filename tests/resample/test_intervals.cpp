#include <doctest/doctest.h>

#include <cmath>

#include "kernels/error.hpp"
#include "kernels/resample/intervals.hpp"
#include "kernels/resample/leave_out.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/resample/pairs_check.hpp"

using namespace test;
using resample::intervals;

namespace {

/// Leave-outs against panel::fit of the other rows and panel::fit's own jackknife variance.
void compare_with_leave_outs(const Design& design, bool own_variance = true) {
    const auto jackknife = resample::jackknife_clusters(design, {});
    panel::Options options;
    options.variance = panel::Variance::cluster;
    const Design sample = panel::prepare(design, options).sample;
    const auto G = static_cast<Eigen::Index>(sample.clusters[0].levels);
    REQUIRE(jackknife.draw.cols() == G);
    for (Eigen::Index g = 0; g < G; ++g) {
        std::vector<std::int32_t> count(static_cast<std::size_t>(G), 1);
        count[static_cast<std::size_t>(g)] = 0;
        Eigen::VectorXd beta, std_error;
        (void)resample::estimate(resample::stack(sample, count, nested_in_cluster(sample)), options, beta,
                                 std_error);
        for (Eigen::Index j = 0; j < beta.size(); ++j) {
            INFO("without " << g << ", term " << j << ": " << jackknife.draw(j, g) << " and " << beta(j));
            CHECK_UNARY(same(jackknife.draw(j, g), beta(j), 1e-10));
        }
    }
    if (!own_variance) return;
    options.variance = panel::Variance::jackknife;
    const auto fit = panel::fit(design, options);
    for (Eigen::Index j = 0; j < jackknife.draw.rows(); ++j) {
        const auto s = resample::summarise(jackknife, j, 0, 0.95);
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        CHECK_UNARY(same(s.std_error, term.std_error, 1e-10));
        CHECK_UNARY(same(s.p_value, term.p_value, 1e-8));
        CHECK_UNARY(same(s.low, term.conf_low, 1e-9));
        CHECK(s.df == fit.df_residual);
    }
}

}  // namespace

TEST_CASE("jackknife: bias, spread and the most influential cluster by hand") {
    resample::ClusterJackknife jackknife;
    jackknife.term = {"x"};
    jackknife.estimate = Eigen::VectorXd::Constant(1, 2);
    jackknife.cluster = {"a", "b", "c", "d", "e"};
    jackknife.draw.resize(1, 5);
    jackknife.draw << 2.5, std::nan(""), 1.25, 2.25, 2.6;  // c is farthest below, though e is largest
    const auto s = resample::summarise(jackknife, 0, 0, 0.95);
    CHECK(s.most_influential == "c");
    CHECK(s.used == 4);
    CHECK(s.infeasible == 1);
    CHECK(s.bias == doctest::Approx(3 * (2.15 - 2)));
    CHECK(s.corrected == doctest::Approx(2 - 3 * 0.15));
    CHECK(s.std_error == doctest::Approx(std::sqrt(3.0 / 4 * (0.25 + 0.5625 + 0.0625 + 0.36))));
    CHECK(s.std_error_mean == doctest::Approx(std::sqrt(3.0 / 4 * (0.1225 + 0.81 + 0.01 + 0.2025))));
}

TEST_CASE("jackknife: leave-outs are refits, CV3 is panel::fit's") {
    auto p = make_panel(18, 6, 3, 3, 0, 80);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_leave_outs(p.design);
    auto holes = make_panel(18, 6, 3, 3, 0.3, 81);
    holes.design.effects = {effect(holes.unit), effect(holes.time)};
    compare_with_leave_outs(holes.design);
    holes.design.effects = {effect(holes.unit), effect(holes.cell)};
    compare_with_leave_outs(holes.design);
    holes.design.effects = {};
    compare_with_leave_outs(holes.design);
}

TEST_CASE("jackknife of 2SLS") {
    auto p = make_panel(16, 6, 3, 4, 0.2, 82);
    Design& d = p.design;
    d.endogenous = d.X.col(1);
    d.endogenous_name = {"e"};
    d.instruments = d.X.leftCols(1);
    d.instrument_name = {"z"};
    d.X = Eigen::MatrixXd(d.X.rightCols(2));
    d.x_name = {"a", "b"};
    d.effects = {effect(p.unit), effect(p.time)};
    compare_with_leave_outs(d, false);
    CHECK(resample::jackknife_clusters(d, {}).estimator == "2sls");
}

TEST_CASE("jackknife: a term of one cluster has no leave-out there, and the bias is by hand") {
    auto p = make_panel(8, 5, 2, 2, 0, 83);
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        const auto r = static_cast<std::size_t>(i);
        p.design.X(i, 1) = p.unit.code[r] == 2 && p.time.code[r] > 2 ? 1 : 0;
    }
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto jackknife = resample::jackknife_clusters(p.design, {});
    const auto s = resample::summarise(jackknife, 1, 0, 0.95),
               x1 = resample::summarise(jackknife, 0, 0, 0.95);
    CHECK(s.infeasible == 1);
    CHECK(s.used == 7);
    CHECK(x1.infeasible == 0);
    const double mean = jackknife.draw.row(0).mean();
    CHECK(x1.bias == doctest::Approx(7 * (mean - jackknife.estimate(0))));
    CHECK(x1.corrected == doctest::Approx(8 * jackknife.estimate(0) - 7 * mean));
    CHECK(x1.std_error_mean ==
          doctest::Approx(std::sqrt(7.0 / 8 * (jackknife.draw.row(0).array() - mean).square().sum())));
    CHECK(x1.std_error_mean <= x1.std_error);
    Design two = p.design;
    for (auto& c : two.clusters[0].code) c = c < 4 ? 0 : 1;
    two.clusters[0].levels = 2;
    CHECK_THROWS_AS(static_cast<void>(resample::jackknife_clusters(two, {})), Error);
}

TEST_CASE("intervals by hand") {
    // Of ten draws three lie below 2 and two are ties: z0 is the quantile of 0.4.
    const std::vector<double> draws{0, 1, 1.5, 2, 2, 2.5, 3, 4, 5, 6};
    const std::vector<double> leave_out{1, 2, 2, 3, 7};  // mean 3, d = 2, 1, 1, 0, -4
    const auto i = intervals(draws, 2, leave_out, 0.5);
    const double z0 = stats::normal_quantile(0.4), a = (8.0 + 1 + 1 - 64) / (6 * std::pow(22.0, 1.5)),
                 z = stats::normal_quantile(0.75);
    CHECK(i.z0 == doctest::Approx(z0));
    CHECK(i.acceleration == doctest::Approx(a));
    CHECK(i.bias == doctest::Approx(0.7));
    CHECK(i.normal_high == doctest::Approx(2 + z * i.std_error));
    // Phi(2 z0 -+ z) = 0.119 and 0.567: the second and the sixth.
    CHECK(stats::normal_cdf(2 * z0 - z) == doctest::Approx(0.119).epsilon(0.01));
    CHECK(i.bc_low == 1);
    CHECK(stats::normal_cdf(2 * z0 + z) == doctest::Approx(0.567).epsilon(0.01));
    CHECK(i.bc_high == 2.5);
    const auto end = [&](double q) { return stats::normal_cdf(z0 + (z0 + q) / (1 - a * (z0 + q))); };
    CHECK(i.bca_low == draws[static_cast<std::size_t>(std::ceil(10 * end(-z))) - 1]);
    CHECK(i.bca_high == draws[static_cast<std::size_t>(std::ceil(10 * end(z))) - 1]);
}

TEST_CASE("intervals: symmetry, ties and what is not defined") {
    const auto symmetric = intervals({-2, -1, 0, 1, 2}, 0, {1, 2, 3}, 0.9);
    CHECK(symmetric.z0 == doctest::Approx(0).epsilon(1e-15));
    CHECK(symmetric.acceleration == doctest::Approx(0).epsilon(1e-15));
    CHECK(symmetric.bca_low == -2);
    CHECK(symmetric.bca_high == 2);
    const auto one_side = intervals({1, 2, 3}, 0, {1, 2, 4}, 0.9);
    CHECK(std::isnan(one_side.z0));
    CHECK(std::isnan(one_side.bc_low));
    CHECK(std::isnan(one_side.bca_high));
    CHECK_FALSE(std::isnan(one_side.normal_low));
    const auto same_leave_outs = intervals({1, 2, 3}, 2, {0.1, 0.1, 0.1}, 0.9);
    CHECK(std::isnan(same_leave_outs.acceleration));
    CHECK_FALSE(std::isnan(same_leave_outs.bc_low));
    CHECK(std::isnan(intervals({1, 2, 3}, 2, {}, 0.9).bca_low));
    CHECK(std::isnan(intervals({1}, 1, {1, 2}, 0.9).std_error));
    CHECK(std::isnan(intervals({}, 1, {1, 2}, 0.9).bias));
}

TEST_CASE("BCa of the pairs bootstrap uses the leave-outs of the same solver") {
    auto p = make_panel(15, 5, 3, 2, 0.1, 84);
    p.design.effects = {effect(p.unit), effect(p.time)};
    auto pairs = few(99);
    CHECK(resample::pairs_cluster(p.design, {}, pairs).jackknife.size() == 0);
    pairs.jackknife = true;
    const auto draws = resample::pairs_cluster(p.design, {}, pairs);
    CHECK_UNARY(identical(draws.jackknife, resample::jackknife_clusters(p.design, {}).draw));
    const auto s = resample::summarise(draws, 0, 0, 0.95);
    CHECK(s.more.std_error == s.std_error);
    CHECK(s.more.bca_low < s.more.bca_high);
    // Units of measurement stretch the interval and leave z0 and the acceleration.
    Design scaled = p.design;
    scaled.X *= 1e-7;
    const auto other = resample::summarise(resample::pairs_cluster(scaled, {}, pairs), 0, 0, 0.95);
    CHECK_UNARY(same(other.more.acceleration, s.more.acceleration, 1e-9));
    CHECK(other.more.z0 == s.more.z0);
    CHECK_UNARY(same(other.more.bca_low * 1e-7, s.more.bca_low, 1e-9));
}
