#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <numeric>
#include <set>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using resample::PlaceboDraws;
using resample::PlaceboOptions;
using resample::Scheme;

namespace {

PlaceboOptions of(const std::string& treatment, std::int64_t replicates, Scheme scheme = Scheme::trajectory) {
    PlaceboOptions placebo;
    placebo.treatment = treatment;
    placebo.scheme = scheme;
    placebo.replicates = replicates;
    return placebo;
}

panel::Options with(panel::Variance variance) {
    panel::Options options;
    options.variance = variance;
    return options;
}

/// Permutes the raw column in the estimation sample and fits again.
void compare_with_refits(const Panel& p, const panel::Options& options, const PlaceboOptions& placebo,
                         double tolerance = 1e-10) {
    const auto draws = resample::placebo(p.design, options, p.unit, p.time, placebo);
    const panel::Fit fit = panel::fit(p.design, options);
    const auto prepared = panel::prepare(p.design, options);
    const auto unit = panel::take_rows(p.unit, prepared.singletons.kept);
    const auto time = panel::take_rows(p.time, prepared.singletons.kept);
    const panel::Factor within = placebo.within.levels > 0
                                     ? panel::take_rows(placebo.within, prepared.singletons.kept)
                                     : panel::Factor{};
    const auto items = resample::exchange(placebo.scheme, unit, time, within);
    Eigen::Index column = 0;
    while (prepared.sample.x_name[static_cast<std::size_t>(column)] != placebo.treatment) ++column;
    CHECK(draws.estimate == fit.terms[static_cast<std::size_t>(column)].estimate);
    CHECK(draws.std_error == fit.terms[static_cast<std::size_t>(column)].std_error);
    CHECK(draws.df == fit.df_residual);
    const resample::Enumeration every(items, prepared.sample.X.col(column));
    std::int64_t extreme = 0;
    std::vector<std::int64_t> source(unit.code.size());
    for (Eigen::Index r = 0; r < draws.draw.size(); ++r) {
        rng::Stream stream(placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r), placebo.stream);
        const auto donor = draws.enumerated ? every.assignment(r) : resample::shuffle(items, stream);
        resample::source_rows(items, donor, source);
        Design permuted = prepared.sample;
        for (std::size_t i = 0; i < source.size(); ++i) {
            permuted.X(static_cast<Eigen::Index>(i), column) = prepared.sample.X(source[i], column);
        }
        const auto again = panel::fit(permuted, options);
        const auto& term = again.terms[static_cast<std::size_t>(column)];
        INFO("draw " << r);
        CHECK(draws.draw(r) == doctest::Approx(term.estimate).epsilon(tolerance));
        CHECK(draws.draw_std_error(r) == doctest::Approx(term.std_error).epsilon(tolerance));
        CHECK(draws.draw_statistic(r) == doctest::Approx(term.statistic).epsilon(tolerance));
        CHECK(draws.p_values()(r) == doctest::Approx(term.p_value).epsilon(1e-8));
        if (std::abs(term.statistic) >= std::abs(draws.statistic) - 1e-7 * (1 + std::abs(draws.statistic)))
            ++extreme;
    }
    CHECK(draws.test.n_extreme == extreme);
}

}  // namespace

TEST_CASE("placebo: balanced panel, every variance") {
    auto p = make_panel(18, 6, 3, 3, 0, 21);
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (const auto variance : {panel::Variance::iid, panel::Variance::robust, panel::Variance::cluster}) {
        compare_with_refits(p, with(variance), of("x2", 40));
    }
    const auto draws =
        resample::placebo(p.design, with(panel::Variance::cluster), p.unit, p.time, of("x2", 40));
    CHECK_FALSE(draws.refitted);
    CHECK(draws.cells == 1);
    CHECK(draws.fixed_items == 0);
}

TEST_CASE("placebo: unbalanced panel, trajectories move within equal patterns only") {
    auto p = make_panel(40, 4, 3, 2, 0.15, 22);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p, with(panel::Variance::cluster), of("x1", 40));
    const auto groups = resample::exchange(Scheme::trajectory, p.unit, p.time);
    CHECK(groups.cell.size() > 3);
    const auto donor = resample::shuffle(groups, rng::Stream(1, rng::stage_placebo, 0));
    const auto periods = [&](std::int32_t u) {
        std::vector<std::int32_t> list;
        for (const auto row : groups.rows[static_cast<std::size_t>(u)])
            list.push_back(p.time.code[static_cast<std::size_t>(row)]);
        return list;
    };
    std::set<std::int32_t> donors(donor.begin(), donor.end());
    CHECK(donors.size() == 40);
    for (std::int32_t u = 0; u < 40; ++u) CHECK(periods(u) == periods(donor[static_cast<std::size_t>(u)]));
}

TEST_CASE("placebo: effects that do not commute are refitted in every draw") {
    auto p = make_panel(24, 5, 4, 2, 0.1, 23);
    p.design.effects = {effect(p.unit), effect(p.cell)};
    compare_with_refits(p, with(panel::Variance::cluster), of("x1", 30));
    CHECK(resample::placebo(p.design, {}, p.unit, p.time, of("x1", 5)).refitted);
    p.design.clusters = {p.province};
    compare_with_refits(p, with(panel::Variance::cluster), of("x2", 20));
}

TEST_CASE("placebo: without effects, one regressor, two cluster variables, slopes in time") {
    auto p = make_panel(15, 5, 3, 1, 0, 24);
    compare_with_refits(p, with(panel::Variance::cluster), of("x1", 20));
    p.design.clusters.push_back(p.time);
    compare_with_refits(p, with(panel::Variance::cluster), of("x1", 10));
    CHECK(resample::placebo(p.design, with(panel::Variance::cluster), p.unit, p.time, of("x1", 5)).literal);
    p.design.clusters.pop_back();
    FixedEffect own = effect(p.unit);
    own.slope.resize(p.design.y.size(), 1);
    own.slope_name = {"trend"};
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i)
        own.slope(i, 0) = p.time.code[static_cast<std::size_t>(i)];
    p.design.effects = {own, effect(p.time)};
    compare_with_refits(p, with(panel::Variance::cluster), of("x1", 20));
    CHECK_FALSE(resample::placebo(p.design, {}, p.unit, p.time, of("x1", 5)).refitted);
}

TEST_CASE("placebo: enumeration has every permutation once, the sample first") {
    auto p = make_panel(5, 4, 2, 2, 0, 25);
    p.design.effects = {effect(p.unit), effect(p.time)};
    auto all = of("x1", 0);
    all.enumerate = true;
    compare_with_refits(p, with(panel::Variance::cluster), all);
    const auto draws = resample::placebo(p.design, with(panel::Variance::cluster), p.unit, p.time, all);
    CHECK(draws.draw.size() == 120);
    CHECK(draws.draw(0) == doctest::Approx(draws.estimate).epsilon(1e-12));
    CHECK(draws.test.n_extreme >= 1);
    CHECK(draws.test.p_value == draws.test.p_share);
    const auto groups = resample::exchange(Scheme::trajectory, p.unit, p.time);
    const resample::Enumeration every(groups, p.design.X.col(0));
    CHECK(every.count() == 120);
    std::set<std::vector<std::int32_t>> seen;
    for (std::int64_t r = 0; r < 120; ++r) seen.insert(every.assignment(r));
    CHECK(seen.size() == 120);
    CHECK(every.assignment(0) == std::vector<std::int32_t>{0, 1, 2, 3, 4});
    auto big = make_panel(12, 3, 2, 1, 0, 26);
    CHECK_THROWS_AS(static_cast<void>(resample::placebo(big.design, {}, big.unit, big.time, all)), Error);
}

TEST_CASE("placebo: p values, threads, B, units of measurement, row order") {
    auto p = make_panel(20, 5, 3, 2, 0, 27);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto options = with(panel::Variance::cluster);
    const auto run = [&](const Panel& q, std::int64_t R) {
        return resample::placebo(q.design, options, q.unit, q.time, of("x1", R));
    };
    const auto base = run(p, 199);
    const auto extreme = static_cast<double>(base.test.n_extreme);
    CHECK(base.test.p_value == doctest::Approx((extreme + 1) / 200).epsilon(1e-15));
    CHECK(base.test.p_share == doctest::Approx(extreme / 199).epsilon(1e-15));
    for (const std::size_t threads : {1U, 2U, 8U}) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        const auto again = run(p, 199);
        CHECK(again.draw == base.draw);
        CHECK(again.draw_std_error == base.draw_std_error);
    }
    CHECK(run(p, 50).draw == base.draw.head(50));
    Panel scaled = p;
    scaled.design.X.col(0) *= 1e9;
    const auto other_unit = run(scaled, 50);
    std::vector<std::int64_t> order(static_cast<std::size_t>(p.design.y.size()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::reverse(order.begin(), order.end());
    Panel reversed = p;
    reversed.design = panel::take_rows(p.design, order);
    reversed.unit = panel::take_rows(p.unit, order);
    reversed.time = panel::take_rows(p.time, order);
    const auto other_order = run(reversed, 50);
    for (Eigen::Index r = 0; r < 50; ++r) {
        CHECK(other_unit.draw(r) * 1e9 == doctest::Approx(base.draw(r)).epsilon(1e-11));
        CHECK(other_unit.draw_statistic(r) == doctest::Approx(base.draw_statistic(r)).epsilon(1e-11));
        CHECK(other_order.draw(r) == doctest::Approx(base.draw(r)).epsilon(1e-11));
        CHECK(other_order.draw_std_error(r) == doctest::Approx(base.draw_std_error(r)).epsilon(1e-11));
    }
}

TEST_CASE("placebo: what cannot be permuted is said") {
    auto p = make_panel(10, 4, 2, 2, 0, 28);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto run = [](const Panel& q, const std::string& treatment) {
        return resample::placebo(q.design, {}, q.unit, q.time, of(treatment, 9));
    };
    CHECK_THROWS_AS(static_cast<void>(run(p, "nothing")), Error);
    Panel twice = p;
    twice.time.code[1] = twice.time.code[0];
    CHECK_THROWS_AS(static_cast<void>(run(twice, "x1")), Error);
    Panel absorbed = p;
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        absorbed.design.X(i, 0) = p.unit.code[static_cast<std::size_t>(i)];
    }
    CHECK_THROWS_AS(static_cast<void>(run(absorbed, "x1")), Error);
    // Most units alone with their periods: a warning; all of them: an error.
    auto ragged = make_panel(12, 8, 2, 1, 0.5, 29);
    ragged.design.effects = {effect(ragged.time)};
    CHECK(resample::exchange(Scheme::trajectory, ragged.unit, ragged.time).fixed_items() == 12);
    CHECK_THROWS_AS(static_cast<void>(run(ragged, "x1")), Error);
}

TEST_CASE("placebo: a warning when most units keep their trajectory") {
    auto p = make_panel(7, 6, 2, 1, 0, 30);
    std::vector<std::int64_t> keep;  // units 0 to 4 lose a period of their own, 5 and 6 none
    for (std::size_t i = 0; i < p.unit.code.size(); ++i) {
        if (p.unit.code[i] >= 5 || p.time.code[i] != p.unit.code[i])
            keep.push_back(static_cast<std::int64_t>(i));
    }
    p.design = panel::take_rows(p.design, keep);
    p.unit = panel::take_rows(p.unit, keep);
    p.time = panel::take_rows(p.time, keep);
    const auto draws = resample::placebo(p.design, {}, p.unit, p.time, of("x1", 20));
    CHECK(draws.fixed_items == 5);
    CHECK(draws.units == 7);
    CHECK(draws.warnings.size() == 1);
}
