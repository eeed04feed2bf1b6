// Placebo draws of 2SLS: every draw against panel::fit of the permuted sample.
#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using resample::PlaceboOptions;
using resample::Scheme;

namespace {

/// One endogenous regressor e that the first columns move as instruments; the rest stay exogenous.
void instrument(Design& d, int instruments) {
    const Eigen::MatrixXd X = d.X;
    d.instruments = X.leftCols(instruments);
    d.endogenous = X.col(instruments) + 0.7 * X.col(0) + 0.3 * d.y;
    d.endogenous_name = {"e"};
    d.X = X.rightCols(X.cols() - instruments - 1);
    d.x_name.clear();
    for (int j = 0; j < instruments; ++j) d.instrument_name.push_back("z" + std::to_string(j + 1));
    for (Eigen::Index j = 0; j < d.X.cols(); ++j) d.x_name.push_back("x" + std::to_string(j + 1));
}

PlaceboOptions of(std::int64_t replicates, Scheme scheme = Scheme::trajectory) {
    PlaceboOptions placebo;
    placebo.treatment = "e";
    placebo.scheme = scheme;
    placebo.replicates = replicates;
    return placebo;
}

/// Regressor and instruments of the sample change places together, and everything is fitted again.
void compare_with_refits(const Panel& p, panel::Variance variance, const PlaceboOptions& placebo) {
    panel::Options options;
    options.variance = variance;
    const auto draws = resample::placebo(p.design, options, p.unit, p.time, placebo);
    const auto kept = panel::find_singletons(p.design.effects, p.design.y.size()).kept;
    const Design sample = panel::take_rows(p.design, kept);
    const auto unit = panel::take_rows(p.unit, kept), time = panel::take_rows(p.time, kept);
    const auto items = resample::exchange(placebo.scheme, unit, time, {});
    std::vector<std::int64_t> source(unit.code.size());
    for (Eigen::Index r = 0; r < draws.draw.size(); ++r) {
        rng::Stream stream(placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r), placebo.stream);
        resample::source_rows(items, resample::shuffle(items, stream), source);
        Design permuted = sample;
        permuted.endogenous = sample.endogenous(source, Eigen::all);
        permuted.instruments = sample.instruments(source, Eigen::all);
        const auto term = panel::fit(permuted, options).terms.back().name == "e"
                              ? panel::fit(permuted, options).terms.back()
                              : panel::fit(permuted, options).terms.rbegin()[1];
        INFO("draw " << r);
        REQUIRE(term.name == "e");
        CHECK(draws.draw(r) == doctest::Approx(term.estimate).epsilon(1e-9));
        CHECK(draws.draw_std_error(r) == doctest::Approx(term.std_error).epsilon(1e-9));
    }
}

}  // namespace

TEST_CASE("placebo of 2SLS: every draw is a refit") {
    for (const int instruments : {1, 3}) {
        auto p = make_panel(20, 6, 3, instruments + 3, 0, 70);
        instrument(p.design, instruments);
        p.design.effects = {effect(p.unit), effect(p.time)};
        for (const auto variance : {panel::Variance::iid, panel::Variance::robust, panel::Variance::cluster})
            compare_with_refits(p, variance, of(25));
        compare_with_refits(p, panel::Variance::cluster, of(15, Scheme::within_time));
        p.design.effects = {effect(p.unit), effect(p.cell)};
        compare_with_refits(p, panel::Variance::cluster, of(15));
    }
    auto p = make_panel(30, 5, 3, 3, 0.2, 71);
    instrument(p.design, 1);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p, panel::Variance::cluster, of(25));
    p.design.clusters = {p.province};
    compare_with_refits(p, panel::Variance::cluster, of(25));
}

TEST_CASE("placebo of 2SLS: units of measurement, order of columns, threads, counted draws") {
    auto p = make_panel(20, 6, 3, 4, 0, 72);
    instrument(p.design, 2);
    p.design.effects = {effect(p.unit), effect(p.time)};
    panel::Options options;
    options.variance = panel::Variance::cluster;
    const auto draws = resample::placebo(p.design, options, p.unit, p.time, of(200));
    Panel other = p;
    other.design.endogenous *= 1000;
    other.design.instruments.col(0) *= 1e-3;
    other.design.instruments.col(0).swap(other.design.instruments.col(1));
    const auto scaled = resample::placebo(other.design, options, p.unit, p.time, of(200));
    CHECK(scaled.test.n_extreme == draws.test.n_extreme);
    for (Eigen::Index r = 0; r < 200; ++r)
        CHECK(1000 * scaled.draw(r) == doctest::Approx(draws.draw(r)).epsilon(1e-8));
    {
        oneapi::tbb::global_control one(oneapi::tbb::global_control::max_allowed_parallelism, 1);
        const auto alone = resample::placebo(p.design, options, p.unit, p.time, of(200));
        CHECK(alone.draw == draws.draw);
        CHECK(alone.draw_std_error == draws.draw_std_error);
    }
    auto counted = of(200);
    counted.keep = false;
    const auto counts = resample::placebo(p.design, options, p.unit, p.time, counted);
    CHECK(counts.test.p_value == draws.test.p_value);
    CHECK(counts.draw.size() == 0);
}

TEST_CASE("placebo of 2SLS: what is refused") {
    auto p = make_panel(12, 5, 3, 4, 0, 73);
    instrument(p.design, 2);
    auto exogenous = of(5);
    exogenous.treatment = "x1";
    CHECK_THROWS_AS((void)resample::placebo(p.design, {}, p.unit, p.time, exogenous), Error);
    panel::Options liml;
    liml.estimator = panel::Estimator::liml;
    CHECK_THROWS_AS((void)resample::placebo(p.design, liml, p.unit, p.time, of(5)), Error);
    CHECK_THROWS_AS((void)resample::placebo_in_time(p.design, {}, p.unit, p.time, of(5)), Error);
}
