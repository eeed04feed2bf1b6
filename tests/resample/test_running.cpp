// Bootstraps and placebo tests that do not keep their draws, against the same ones that do.
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/residual.hpp"
#include "kernels/resample/wild.hpp"
#include "kernels/resample/wild_interval.hpp"
#include "tests/resample/pairs_check.hpp"

using namespace test;
using resample::PairsDraws;
using resample::PairsOptions;
using stats::QuantileSketch;

namespace {

constexpr double bound = QuantileSketch::worst_relative_error;

/// Ends that are quantiles of b* - b: within the bound of their distance from the estimate.
void close_end(double running, double kept, double estimate, double scale) {
    if (std::isnan(kept)) {
        CHECK(std::isnan(running));
        return;
    }
    CHECK(std::abs(running - kept) <= bound * std::max(std::abs(kept - estimate), scale));
}

void compare(const PairsDraws& running, const PairsDraws& kept, double null) {
    REQUIRE(running.draw.size() == 0);
    REQUIRE(running.draw_std_error.size() == 0);
    REQUIRE(running.status.empty());
    REQUIRE(running.replicates() == kept.replicates());
    CHECK(running.incomplete == kept.incomplete);
    CHECK(running.literal == kept.literal);
    for (Eigen::Index k = 0; k < kept.estimate.size(); ++k) {
        const auto a = resample::summarise(running, k, null, 0.9),
                   b = resample::summarise(kept, k, null, 0.9);
        const double estimate = kept.estimate(k), s = kept.std_error(k);
        CAPTURE(k);
        CHECK(a.used == b.used);
        CHECK(a.infeasible == b.infeasible);
        CHECK(a.infinite_t == b.infinite_t);
        CHECK(a.n_greater == b.n_greater);
        CHECK(a.n_tie == b.n_tie);
        CHECK(same(a.p_value, b.p_value, 0));
        CHECK(same(a.p_equal_tailed, b.p_equal_tailed, 0));
        CHECK(same(a.std_error, b.std_error, 1e-12));
        CHECK(same(a.more.z0, b.more.z0, 0));
        CHECK(same(a.more.acceleration, b.more.acceleration, 0));
        CHECK(std::abs(a.more.bias - b.more.bias) <= 1e-12 * b.std_error);
        close_end(a.percentile_low, b.percentile_low, estimate, 0);
        close_end(a.percentile_high, b.percentile_high, estimate, 0);
        close_end(a.more.bc_low, b.more.bc_low, estimate, 0);
        close_end(a.more.bc_high, b.more.bc_high, estimate, 0);
        close_end(a.more.bca_low, b.more.bca_low, estimate, 0);
        close_end(a.more.bca_high, b.more.bca_high, estimate, 0);
        close_end(a.t_low, b.t_low, estimate, 1e-9 * s);
        close_end(a.t_high, b.t_high, estimate, 1e-9 * s);
    }
}

Panel two_way(double missing, std::uint64_t seed) {
    Panel p = make_panel(14, 6, 3, 2, missing, seed);
    p.design.effects = {effect(p.unit), effect(p.time)};
    return p;
}

}  // namespace

TEST_CASE("pairs bootstraps count what they do not keep") {
    for (const double missing : {0.0, 0.25}) {
        Panel p = two_way(missing, 4);
        // Two units alone have this regressor: some resamples do not identify it.
        for (Eigen::Index i = 0; i < p.design.X.rows(); ++i) {
            if (p.unit.code[static_cast<std::size_t>(i)] > 1) p.design.X(i, 1) = 0;
        }
        PairsOptions pairs;
        pairs.replicates = 3001;
        pairs.jackknife = true;
        pairs.null = 0.1;
        const auto kept = resample::pairs_cluster(p.design, {}, pairs);
        REQUIRE(kept.incomplete > 0);
        pairs.keep = false;
        compare(resample::pairs_cluster(p.design, {}, pairs), kept, 0.1);
    }
}

TEST_CASE("moving-block and residual bootstraps count what they do not keep") {
    Panel p = two_way(0, 6);
    PairsOptions pairs;
    pairs.replicates = 999;
    auto residual = resample::residual_bootstrap(p.design, {}, pairs);
    pairs.keep = false;
    compare(resample::residual_bootstrap(p.design, {}, pairs), residual, 0);
    p.design.clusters = {p.time};
    pairs.studentise = false;
    pairs.block = 2;
    const auto running = resample::pairs_cluster(p.design, {}, pairs);
    pairs.keep = true;
    compare(running, resample::pairs_cluster(p.design, {}, pairs), 0);
}

TEST_CASE("counts are the same for any number of threads, and memory does not grow with replicates") {
    const Panel p = two_way(0.2, 8);
    PairsOptions pairs;
    pairs.keep = false;
    pairs.replicates = 2000;
    const auto draws = [&](std::size_t threads) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        return resample::pairs_cluster(p.design, {}, pairs);
    };
    const auto one = draws(1), four = draws(4);
    CHECK(one.running == four.running);
    pairs.replicates = 20'000;
    const auto many = draws(4);
    // Tenfold replicates reach values ten times nearer to zero: 3.3 powers of two on either side.
    for (std::size_t k = 0; k < one.running.size(); ++k) {
        CHECK(many.running[k].change.numbers() <= one.running[k].change.numbers() + 20 * 2048);
        CHECK(many.running[k].t.numbers() <= one.running[k].t.numbers() + 20 * 2048);
    }
}

TEST_CASE("counts against one null value do not answer for another; enumerations are kept") {
    const Panel p = make_panel(4, 4, 2, 1, 0, 2);
    PairsOptions pairs;
    pairs.keep = false;
    const auto draws = resample::pairs_cluster(p.design, {}, pairs);
    CHECK_THROWS_AS((void)resample::summarise(draws, 0, 0.5, 0.95), Error);
    pairs.enumerate = true;
    CHECK_THROWS_AS((void)resample::pairs_cluster(p.design, {}, pairs), Error);
}

TEST_CASE("wild bootstraps count what they do not keep, and find the same interval") {
    const Panel p = two_way(0.15, 9);
    Design several = p.design;
    several.clusters = {p.unit, p.time};
    for (const Design& design : {p.design, several}) {
        for (const bool impose : {true, false}) {
            resample::WildOptions wild;
            wild.term = "x1";
            wild.impose_null = impose;
            wild.null = 0.2;
            wild.weights = resample::WildWeights::webb;
            wild.replicates = 1999;
            const auto kept = resample::wild_cluster(design, {}, wild);
            wild.keep = false;
            const auto running = resample::wild_cluster(design, {}, wild);
            const auto a = resample::summarise(running), b = resample::summarise(kept);
            CHECK(running.draw.size() == 0);
            CHECK(running.status.empty());
            CHECK(running.replicates() == 1999);
            CHECK(a.infeasible == b.infeasible);
            CHECK(a.n_greater == b.n_greater);
            CHECK(a.n_tie == b.n_tie);
            CHECK(a.p_value == b.p_value);
            CHECK(a.p_equal_tailed == b.p_equal_tailed);
            CHECK(a.p_plus_one == b.p_plus_one);
            if (impose) {
                CHECK(running.conf_low == kept.conf_low);
                CHECK(running.conf_high == kept.conf_high);
            } else {
                close_end(running.conf_low, kept.conf_low, kept.estimate, 0);
                close_end(running.conf_high, kept.conf_high, kept.estimate, 0);
            }
        }
    }
}

TEST_CASE("all signs of few clusters, counted") {
    Panel p = make_panel(6, 8, 2, 1, 0, 3);
    p.design.effects = {effect(p.unit)};
    resample::WildOptions wild;
    wild.term = "x1";
    const auto kept = resample::wild_cluster(p.design, {}, wild);
    wild.keep = false;
    const auto running = resample::wild_cluster(p.design, {}, wild);
    CHECK(running.enumerated);
    CHECK(running.replicates() == 64);
    CHECK(resample::summarise(running).n_tie == resample::summarise(kept).n_tie);
    CHECK(running.conf_low == kept.conf_low);
    CHECK(running.conf_high == kept.conf_high);
}

TEST_CASE("the search for an interval finds the same ends however many decisions it prepares") {
    int calls = 0;
    // Not rejected: up to 3.7 standard errors below; above, a set with a hole, and then without end.
    const auto kept = [&](const std::vector<double>& steps) {
        ++calls;
        std::vector<char> answers;
        for (const double s : steps) answers.push_back(s > -3.7 && !(s > 1.1 && s < 1.3) ? 1 : 0);
        return answers;
    };
    const auto one = resample::invert(kept, 10, 2, 1e-12, 60, 1);
    CHECK(one.first == doctest::Approx(10 - 2 * 3.7).epsilon(1e-12));
    CHECK(one.second == std::numeric_limits<double>::infinity());
    const int single = calls;
    for (const int ahead : {2, 3, 5, 6}) {
        calls = 0;
        CHECK(resample::invert(kept, 10, 2, 1e-12, 60, ahead) == one);
        CHECK(calls <= single / ahead + 2);
    }
}

TEST_CASE("the wild bootstrap with instruments counts what it does not keep") {
    Panel p = make_panel(12, 5, 3, 3, 0, 5);
    Design& d = p.design;
    const Eigen::MatrixXd all = d.X;
    d.endogenous = all.col(0) + 0.8 * all.col(2);
    d.instruments = all.col(2);
    d.X = all.col(1);
    d.endogenous_name = {"x1"};
    d.instrument_name = {"x3"};
    d.x_name = {"x2"};
    d.effects = {effect(p.unit), effect(p.time)};
    resample::WildOptions wild;
    wild.term = "x1";
    wild.replicates = 499;
    const auto kept = resample::wild_cluster(d, {}, wild);
    wild.keep = false;
    const auto running = resample::wild_cluster(d, {}, wild);
    CHECK(running.draw.size() == 0);
    CHECK(resample::summarise(running).n_greater == resample::summarise(kept).n_greater);
    CHECK(resample::summarise(running).p_value == resample::summarise(kept).p_value);
    CHECK(running.conf_low == kept.conf_low);
    CHECK(running.conf_high == kept.conf_high);
}

TEST_CASE("placebo tests count what they do not keep") {
    Panel p = two_way(0.1, 12);
    // A treatment of two units in few periods: some permutations are absorbed by the effects.
    for (Eigen::Index i = 0; i < p.design.X.rows(); ++i) {
        const auto row = static_cast<std::size_t>(i);
        p.design.X(i, 0) = p.unit.code[row] < 2 && p.time.code[row] == 5 ? 1 : 0;
    }
    panel::Options options;
    options.variance = panel::Variance::cluster;
    for (const bool coefficient : {false, true}) {
        for (const auto scheme : {resample::Scheme::cell, resample::Scheme::within_unit}) {
            resample::PlaceboOptions placebo;
            placebo.treatment = "x1";
            placebo.scheme = scheme;
            placebo.coefficient = coefficient;
            placebo.replicates = 1501;
            const auto kept = resample::placebo(p.design, options, p.unit, p.time, placebo);
            placebo.keep = false;
            const auto running = resample::placebo(p.design, options, p.unit, p.time, placebo);
            REQUIRE(running.running.has_value());
            CHECK(running.draw.size() == 0);
            CHECK(running.reason.empty());
            CHECK(running.replicates() == kept.replicates());
            CHECK(kept.enumerated == (scheme == resample::Scheme::within_unit));
            CHECK(running.infeasible() == kept.infeasible());
            CHECK(running.left_out.count == kept.left_out.count);
            CHECK(running.left_out.first == kept.left_out.first);
            CHECK(running.test.n_extreme == kept.test.n_extreme);
            CHECK(running.test.n_lower == kept.test.n_lower);
            CHECK(running.test.n_upper == kept.test.n_upper);
            CHECK(running.test.p_value == kept.test.p_value);
            CHECK(running.test.p_exact == kept.test.p_exact);
            std::vector<double> draws;
            for (const double b : kept.draw) {
                if (!std::isnan(b)) draws.push_back(b);
            }
            std::sort(draws.begin(), draws.end());
            CHECK(running.running->estimate.count() == static_cast<std::int64_t>(draws.size()));
            for (std::size_t k = 0; k < draws.size(); k += 97) {
                const double found = running.running->estimate.order_statistic(static_cast<std::int64_t>(k));
                CHECK(std::abs(found - draws[k]) <= bound * std::abs(draws[k]));
            }
        }
    }
    resample::PlaceboOptions in_time;
    in_time.treatment = "x1";
    in_time.keep = false;
    CHECK_THROWS_AS((void)resample::placebo_in_time(p.design, options, p.unit, p.time, in_time), Error);
}
