#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/rng/philox.hpp"
#include "tests/resample/pairs_check.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using resample::PairsDraws;
using resample::PairsOptions;

TEST_CASE("the stacked resample has one cluster for each draw and fresh nested levels") {
    auto p = make_panel(4, 3, 2, 1, 0, 1);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const Design s = resample::stack(p.design, {2, 0, 1, 1}, {1, 0});
    CHECK(s.y.size() == 12);
    CHECK(s.clusters[0].levels == 4);
    CHECK(s.effects[0].factor.levels == 4);
    CHECK(s.effects[1].factor.levels == 3);
    CHECK(s.y.head(3) == p.design.y.head(3));
    CHECK(s.y.segment(3, 3) == p.design.y.head(3));
    CHECK(s.y.tail(6) == p.design.y.tail(6));
}

TEST_CASE("pairs: city and year effects, balanced") {
    auto p = make_panel(20, 6, 3, 3, 0, 1);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(70));
    const auto draws = resample::pairs_cluster(p.design, {}, few(70));
    CHECK(draws.literal == 0);
    CHECK(draws.clusters == 20);
}

TEST_CASE("pairs: balanced panels of one to nine regressors, odd numbers of replicates and clusters") {
    for (int k = 1; k <= 9; ++k) {
        auto p = make_panel(17, 5, 3, k, 0, 40 + static_cast<std::uint64_t>(k));
        p.design.effects = {effect(p.unit), effect(p.time)};
        compare_with_refits(p.design, {}, few(19));
        CHECK(resample::pairs_cluster(p.design, {}, few(19)).literal == 0);
    }
}

TEST_CASE("pairs: city and year effects, unbalanced") {
    auto p = make_panel(20, 6, 3, 3, 0.3, 2);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(70));
    CHECK(resample::pairs_cluster(p.design, {}, few(70)).literal == 0);
}

TEST_CASE("pairs: city and province-by-year effects, whose cells become singletons in resamples") {
    auto p = make_panel(24, 5, 6, 2, 0.1, 3);
    p.design.effects = {effect(p.unit), effect(p.cell)};
    compare_with_refits(p.design, {}, few(60));
    auto balanced = make_panel(24, 5, 6, 2, 0, 4);
    balanced.design.effects = {effect(balanced.unit), effect(balanced.cell)};
    compare_with_refits(balanced.design, {}, few(60));
}

TEST_CASE("pairs: province clusters, with city, year and province-by-year effects") {
    auto p = make_panel(24, 5, 6, 2, 0.15, 5);
    p.design.clusters = {p.province};
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(60));
    p.design.effects = {effect(p.unit), effect(p.cell)};
    compare_with_refits(p.design, {}, few(40));
}

TEST_CASE("pairs: clusters of years, so that the city effects are refitted") {
    auto p = make_panel(12, 8, 3, 2, 0.1, 6);
    p.design.clusters = {p.time};
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(50));
}

TEST_CASE("pairs: two effects that are not nested") {
    auto p = make_panel(24, 6, 4, 2, 0.1, 7);
    p.design.effects = {effect(p.province), effect(p.time)};
    compare_with_refits(p.design, {}, few(50));
    p.design.effects = {effect(p.unit), effect(p.time), effect(p.cell)};
    compare_with_refits(p.design, {}, few(30));
}

TEST_CASE("pairs: slopes, nested and not") {
    auto p = make_panel(20, 8, 4, 2, 0.1, 8);
    Eigen::MatrixXd trend(p.design.y.size(), 1);
    for (Eigen::Index i = 0; i < trend.rows(); ++i) trend(i, 0) = p.time.code[static_cast<std::size_t>(i)];
    FixedEffect own = effect(p.unit), shared = effect(p.province);
    own.slope = trend;
    own.slope_name = {"trend"};
    shared.slope = trend;
    shared.slope_name = {"trend"};
    shared.intercept = false;
    p.design.effects = {own, effect(p.time)};
    compare_with_refits(p.design, {}, few(30));
    p.design.effects = {effect(p.unit), effect(p.time), shared};
    compare_with_refits(p.design, {}, few(30), 1e-9);
}

TEST_CASE("pairs: without effects, with and without a constant") {
    auto p = make_panel(10, 4, 2, 2, 0.1, 9);
    compare_with_refits(p.design, {}, few(60));
    p.design.constant = false;
    compare_with_refits(p.design, {}, few(60));
}

TEST_CASE("pairs: every rule of small samples, singletons kept and dropped") {
    auto p = make_panel(10, 3, 4, 1, 0.4, 10);
    p.design.effects = {effect(p.unit), effect(p.cell)};
    for (const auto rule : {panel::SmallSample::reghdfe, panel::SmallSample::ivreghdfe,
                            panel::SmallSample::fixest, panel::SmallSample::exact_rank}) {
        panel::Options options;
        options.small_sample = rule;
        compare_with_refits(p.design, options, few(25));
    }
    panel::Options keep;
    keep.keep_singletons = true;
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, keep, few(40));
}

TEST_CASE("pairs: a treatment of two clusters is not identified in resamples without them") {
    auto p = make_panel(12, 5, 3, 2, 0, 11);
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        const auto r = static_cast<std::size_t>(i);
        p.design.X(i, 1) = p.unit.code[r] < 2 && p.time.code[r] >= 3 ? 1 : 0;
    }
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(100));
    const auto draws = resample::pairs_cluster(p.design, {}, few(400));
    const auto x1 = resample::summarise(draws, 0, 0, 0.95), dummy = resample::summarise(draws, 1, 0, 0.95);
    CHECK(x1.infeasible == 0);
    // (10/12)^12 = 0.112 of the resamples have neither.
    CHECK(dummy.infeasible > 20);
    CHECK(dummy.infeasible < 80);
    CHECK(dummy.used + dummy.infeasible == 400);
}

TEST_CASE("pairs: a constant outcome or nearly collinear regressors go to the literal fit") {
    auto p = make_panel(8, 4, 2, 2, 0, 12);
    p.design.effects = {effect(p.unit), effect(p.time)};
    // x2 equals x1 except in one cluster: without it the later one is omitted.
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        if (p.unit.code[static_cast<std::size_t>(i)] != 3) p.design.X(i, 1) = p.design.X(i, 0);
    }
    compare_with_refits(p.design, {}, few(60));
    CHECK(resample::pairs_cluster(p.design, {}, few(60)).literal > 5);
}

TEST_CASE("pairs: the same bits for any number of threads; replicate b does not depend on B") {
    auto p = make_panel(30, 6, 3, 3, 0.2, 13);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto base = resample::pairs_cluster(p.design, {}, few(300));
    for (const std::size_t threads : {1U, 2U, 8U}) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        const auto again = resample::pairs_cluster(p.design, {}, few(300));
        CHECK_UNARY(identical(base.draw, again.draw));
        CHECK_UNARY(identical(base.draw_std_error, again.draw_std_error));
    }
    const auto shorter = resample::pairs_cluster(p.design, {}, few(37));
    CHECK_UNARY(identical(base.draw.leftCols(37), shorter.draw));
    auto other = few(37);
    other.stream = 1;
    CHECK_FALSE(identical(resample::pairs_cluster(p.design, {}, other).draw, shorter.draw));
    auto plain = few(37);
    plain.studentise = false;
    const auto coefficients = resample::pairs_cluster(p.design, {}, plain);
    CHECK_UNARY(identical(coefficients.draw, shorter.draw));
    CHECK(coefficients.draw_std_error.size() == 0);
}

TEST_CASE("pairs: row order and units of measurement") {
    auto p = make_panel(15, 5, 3, 2, 0.2, 14);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto base = resample::pairs_cluster(p.design, {}, few(50));

    std::vector<std::int64_t> order(static_cast<std::size_t>(p.design.y.size()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    rng::Stream stream(99, 77, 0);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
    const auto shuffled = resample::pairs_cluster(panel::take_rows(p.design, order), {}, few(50));
    Design scaled = p.design;
    scaled.X.col(1) *= 1e9;
    const auto other_unit = resample::pairs_cluster(scaled, {}, few(50));
    for (Eigen::Index b = 0; b < 50; ++b) {
        for (Eigen::Index j = 0; j < 2; ++j) {
            CHECK_UNARY(same(base.draw(j, b), shuffled.draw(j, b), 1e-11));
            CHECK_UNARY(same(base.draw_std_error(j, b), shuffled.draw_std_error(j, b), 1e-11));
            const double scale = j == 1 ? 1e9 : 1;
            CHECK_UNARY(same(base.draw(j, b), other_unit.draw(j, b) * scale, 1e-10));
            CHECK_UNARY(same(base.draw_std_error(j, b), other_unit.draw_std_error(j, b) * scale, 1e-10));
        }
    }
}

TEST_CASE("pairs: enumeration has all G^G resamples") {
    auto p = make_panel(4, 5, 2, 1, 0, 15);
    p.design.effects = {effect(p.unit), effect(p.time)};
    PairsOptions all;
    all.enumerate = true;
    const auto draws = resample::pairs_cluster(p.design, {}, all);
    CHECK(draws.draw.cols() == 256);
    // The resample with every cluster once is the sample; 4! orders of it.
    int as_sample = 0, undefined = 0;
    for (Eigen::Index b = 0; b < 256; ++b) {
        if (same(draws.draw(0, b), draws.estimate(0), 1e-12)) ++as_sample;
        if (draws.status[static_cast<std::size_t>(b)] == Status::undefined) ++undefined;
    }
    CHECK(as_sample >= 24);
    CHECK(undefined == 4);  // one cluster four times: the year effects take everything
    auto many = make_panel(9, 4, 2, 1, 0, 16);
    many.design.effects = {effect(many.unit)};
    CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(many.design, {}, all)), Error);
}

TEST_CASE("pairs: what cannot be bootstrapped is an error") {
    auto p = make_panel(6, 4, 2, 1, 0, 17);
    p.design.effects = {effect(p.unit)};
    Design two = p.design;
    two.clusters.push_back(p.time);
    CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(two, {}, few(9))), Error);
    Design one = p.design;
    one.clusters[0].levels = 1;
    std::fill(one.clusters[0].code.begin(), one.clusters[0].code.end(), 0);
    CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(one, {}, few(9))), Error);
    CHECK_THROWS_AS(static_cast<void>(resample::pairs_cluster(p.design, {}, few(0))), Error);
}

TEST_CASE("summaries of a column of draws") {
    PairsDraws draws;
    draws.term = {"x"};
    draws.estimate = Eigen::VectorXd::Constant(1, 2.0);
    draws.std_error = Eigen::VectorXd::Constant(1, 0.5);  // t = 4 against zero
    draws.draw.resize(1, 6);
    draws.draw_std_error.resize(1, 6);
    draws.draw << 1, 2, 3, 4, std::nan(""), 7;  // t*: -2, 0, 2, 4, none, 5
    draws.draw_std_error << 0.5, 0.5, 0.5, 0.5, std::nan(""), 1;
    const auto s = resample::summarise(draws, 0, 0, 0.5);
    CHECK(s.used == 5);
    CHECK(s.infinite_t == 0);
    CHECK(s.infeasible == 1);
    CHECK(s.std_error == doctest::Approx(std::sqrt(21.2 / 4)));
    CHECK(s.percentile_low == 2);   // h = 1.25
    CHECK(s.percentile_high == 4);  // h = 3.75
    CHECK(s.t_low == 2 - 0.5 * 4);
    CHECK(s.t_high == 2 - 0.5 * 0);
    CHECK(s.n_greater == 1);
    CHECK(s.n_tie == 1);
    CHECK(s.p_value == doctest::Approx(0.2));
    CHECK(s.p_equal_tailed == doctest::Approx(0.4));
    draws.draw_std_error(0, 0) = std::nan("");  // scores cancel: t* = -infinity
    const auto endless = resample::summarise(draws, 0, 0, 0.5);
    CHECK(endless.infinite_t == 1);
    CHECK(endless.n_greater == 2);
    CHECK(endless.p_value == doctest::Approx(0.4));
    draws.draw_std_error(0, 0) = 0.5;
    const auto shifted = resample::summarise(draws, 0, 2, 0.5);  // t = 0
    CHECK(shifted.n_greater == 4);
    CHECK(shifted.n_tie == 1);
}
