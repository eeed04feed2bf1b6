#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/permutation_test.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using resample::PermutationRule;
using resample::TieRule;

namespace {

Eigen::VectorXd numbers(std::initializer_list<double> values) {
    Eigen::VectorXd v(static_cast<Eigen::Index>(values.size()));
    Eigen::Index i = 0;
    for (const double value : values) v(i++) = value;
    return v;
}

}  // namespace

TEST_CASE("permutation test: counts, ties, tails") {
    const auto draws = numbers({1, -2, 2 - 1e-8, 3, -4, 0.5, std::nan("")});
    const auto test = resample::permutation_test(2, draws, {TieRule::t, false, false, INFINITY, true, 0.95});
    CHECK(test.used == 6);
    CHECK(test.n_extreme == 4);
    CHECK(test.n_lower == 5);
    CHECK(test.n_upper == 2);
    CHECK(test.p_share == doctest::Approx(4.0 / 6));
    CHECK(test.p_plus_one == doctest::Approx(5.0 / 7));
    CHECK(test.p_value == test.p_plus_one);
    CHECK(test.p_exact == test.p_plus_one);
    CHECK(test.p_lower == doctest::Approx(6.0 / 7));
    CHECK(test.p_upper == doctest::Approx(3.0 / 7));
    CHECK(test.p_equal_tailed == doctest::Approx(6.0 / 7));
    CHECK(test.share_std_error == doctest::Approx(std::sqrt(4.0 / 6 * 2 / 6 / 6)));
    const auto stata =
        resample::permutation_test(2, draws, {TieRule::stata, false, true, INFINITY, true, 0.95});
    CHECK(stata.p_value == stata.p_share);
    CHECK(stata.p_upper == doctest::Approx(2.0 / 6));
    PermutationRule leads;
    leads.drawn = false;
    const auto no_draws = resample::permutation_test(2, draws, leads);
    CHECK(no_draws.p_value == test.p_value);
    CHECK(std::isnan(no_draws.p_exact));
    CHECK(std::isnan(no_draws.share_high));
    // Units of a coefficient: 1e-7 counts every small one, the rule for coefficients does not.
    const auto small = numbers({1e-9, 2e-9, 3e-9});
    CHECK(resample::permutation_test(2.5e-9, small, {TieRule::stata}).n_extreme == 3);
    CHECK(resample::permutation_test(2.5e-9, small, {TieRule::coefficient}).n_extreme == 1);
    CHECK(std::isnan(resample::permutation_test(1, numbers({std::nan("")}), {}).p_value));
    // A coefficient of exactly zero has no tolerance: equal draws are ties in all three counts.
    const auto zero = resample::permutation_test(0, numbers({0, 0, 1, -1}), {TieRule::coefficient});
    CHECK(zero.n_extreme == 4);
    CHECK(zero.n_lower == 3);
    CHECK(zero.n_upper == 3);
}

TEST_CASE("Clopper-Pearson interval") {
    // scipy.stats.beta: 7 of 100, 95 %
    const auto seven = stats::clopper_pearson(7, 100, 0.95);
    CHECK(seven.low == doctest::Approx(0.0286053).epsilon(1e-5));
    CHECK(seven.high == doctest::Approx(0.1389195).epsilon(1e-5));
    // its ends have tails of 2.5 %
    CHECK(1 - stats::binomial_cdf(6, 100, seven.low) == doctest::Approx(0.025).epsilon(1e-9));
    CHECK(stats::binomial_cdf(7, 100, seven.high) == doctest::Approx(0.025).epsilon(1e-9));
    CHECK(stats::clopper_pearson(0, 20, 0.95).low == 0);
    CHECK(stats::clopper_pearson(0, 20, 0.95).high == doctest::Approx(1 - std::pow(0.025, 1.0 / 20)));
    CHECK(stats::clopper_pearson(20, 20, 0.95).high == 1);
    CHECK(std::isnan(stats::clopper_pearson(0, 0, 0.95).low));
}

TEST_CASE("Phipson and Smyth's exact p value") {
    const auto p = [](int b, int m, double arrangements) {
        Eigen::VectorXd draws = Eigen::VectorXd::Zero(m);
        draws.head(b).setConstant(2);
        return resample::permutation_test(1, draws, {TieRule::t, false, false, arrangements, true, 0.95})
            .p_exact;
    };
    // two arrangements, one draw: F(0; 1, 1/2) = 1/2 and F(0; 1, 1) = 0, mean 1/4
    CHECK(p(0, 1, 2) == doctest::Approx(0.25).epsilon(1e-14));
    CHECK(p(1, 1, 2) == doctest::Approx(1).epsilon(1e-14));
    // the approximation where the sum stops: both forms at ten thousand arrangements
    for (const int b : {0, 3, 40}) {
        CHECK(p(b, 99, 10'000) == doctest::Approx(p(b, 99, 10'001)).epsilon(1e-4));
        // the integral that the closed form stands for, by the midpoint rule
        const double top = 1 / (2 * 20'000.0);
        double integral = 0;
        for (int i = 0; i < 1000; ++i)
            integral += stats::binomial_cdf(b, 99, (i + 0.5) / 1000 * top) * top / 1000;
        CHECK(p(b, 99, 20'000) == doctest::Approx((b + 1) / 100.0 - integral).epsilon(1e-9));
    }
    CHECK(p(3, 99, INFINITY) == doctest::Approx(0.04).epsilon(1e-15));
    CHECK(p(0, 999, 20) < 1e-3);
}

namespace {

/// Units 0..G-1 over T periods; unit u adopts in period `adopts[u]` (T: never).
test::Panel policy(const std::vector<int>& adopts, int T, std::uint64_t seed) {
    auto p = test::make_panel(static_cast<int>(adopts.size()), T, 2, 2, 0, seed);
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        p.design.X(i, 0) = p.time.code[at] >= adopts[static_cast<std::size_t>(p.unit.code[at])] ? 1 : 0;
    }
    p.design.effects = {test::effect(p.unit), test::effect(p.time)};
    return p;
}

}  // namespace

TEST_CASE("placebo in time: every lead is a regression on the rows before adoption") {
    for (const auto& adopts :
         {std::vector<int>{4, 4, 4, 7, 7, 7, 7, 4}, std::vector<int>{4, 5, 3, 7, 7, 7, 5, 3}}) {
        const auto p = policy(adopts, 7, 51);
        panel::Options options;
        options.variance = panel::Variance::cluster;
        resample::PlaceboOptions placebo;
        placebo.treatment = "x1";
        const auto draws = resample::placebo_in_time(p.design, options, p.unit, p.time, placebo);
        const bool staggered = adopts[1] == 5;
        const int last = staggered ? 5 : 4, leads = last - 1;
        REQUIRE(draws.draw.size() == leads);
        for (int lead = 1; lead <= leads; ++lead) {
            std::vector<std::int64_t> rows;
            for (std::size_t i = 0; i < p.unit.code.size(); ++i) {
                const int adopt = adopts[static_cast<std::size_t>(p.unit.code[i])], t = p.time.code[i];
                if (t < std::min(adopt, last)) rows.push_back(static_cast<std::int64_t>(i));
            }
            auto before = panel::take_rows(p.design, rows);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const auto at = static_cast<std::size_t>(rows[i]);
                const int adopt = adopts[static_cast<std::size_t>(p.unit.code[at])];
                before.X(static_cast<Eigen::Index>(i), 0) =
                    adopt < 7 && p.time.code[at] >= adopt - lead ? 1 : 0;
            }
            const auto fit = panel::fit(before, options);
            INFO("lead " << lead);
            CHECK(draws.lead[static_cast<std::size_t>(lead - 1)] == lead);
            CHECK(draws.draw(lead - 1) == doctest::Approx(fit.terms[0].estimate).epsilon(1e-12));
            CHECK(draws.draw_std_error(lead - 1) == doctest::Approx(fit.terms[0].std_error).epsilon(1e-12));
            CHECK(draws.draw_df(lead - 1) == fit.df_residual);
            CHECK(draws.p_values()(lead - 1) == doctest::Approx(fit.terms[0].p_value).epsilon(1e-12));
        }
    }
}

TEST_CASE("placebo in time: what is no adoption is refused") {
    resample::PlaceboOptions placebo;
    placebo.treatment = "x1";
    const auto run = [&](const test::Panel& p) {
        return resample::placebo_in_time(p.design, {}, p.unit, p.time, placebo);
    };
    auto continuous = policy({3, 3, 6, 6, 6}, 6, 52);
    continuous.design.X(0, 0) = 0.5;
    CHECK_THROWS_AS(static_cast<void>(run(continuous)), Error);
    auto reversed = policy({3, 3, 6, 6, 6}, 6, 53);
    reversed.design.X(5, 0) = 0;
    CHECK_THROWS_AS(static_cast<void>(run(reversed)), Error);
    CHECK_THROWS_AS(static_cast<void>(run(policy({1, 1, 6, 6, 6}, 6, 54))), Error);  // one period before
    CHECK_NOTHROW(static_cast<void>(run(policy({3, 3, 6, 6, 6}, 6, 55))));
}
