#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;
using greenfront::panel::compare_groups;
using greenfront::panel::GroupTest;

namespace {

/// Groups of the rows: by row at random, or by worker (whole clusters).
Factor some_groups(const Design& design, std::int32_t levels, bool by_cluster) {
    Numbers random{77};
    std::vector<std::int32_t> of_level;
    Factor groups{"g", {}, levels, {}};
    for (std::int32_t l = 0; l < levels; ++l) groups.level_name.push_back("g" + std::to_string(l));
    const auto& clusters = design.clusters[0];
    for (std::int32_t c = 0; c < clusters.levels; ++c) of_level.push_back(random.below(levels));
    for (std::size_t i = 0; i < design.row.size(); ++i)
        groups.code.push_back(by_cluster ? of_level[static_cast<std::size_t>(clusters.code[i])]
                                         : random.below(levels));
    return groups;
}

}  // namespace

TEST_CASE("splits: the median and terciles put ties low") {
    Eigen::VectorXd x(8);
    x << 1, 2, 2, 2, 5, 6, std::nan(""), 7;
    // The median of 1 2 2 2 5 6 7 is 2; the 33rd percentile 2, the 67th 5.
    CHECK(panel::split("x", x, panel::Split::median).code ==
          std::vector<std::int32_t>{0, 0, 0, 0, 1, 1, -1, 1});
    const Factor three = panel::split("x", x, panel::Split::tercile);
    CHECK(three.code == std::vector<std::int32_t>{0, 0, 0, 0, 1, 2, -1, 2});
    CHECK(three.level_name == std::vector<std::string>{"low", "middle", "high"});
}

TEST_CASE(
    "the interacted regression has the coefficients of the separate ones; its tests are those of dummies") {
    for (const char* effects : {"", "w", "wy"}) {
        for (const bool by_cluster : {false, true}) {
            CAPTURE(effects);
            CAPTURE(by_cluster);
            Design design = random_design(31, effects, 60, 2);
            design.clusters.resize(1);
            const Factor groups = some_groups(design, 2, by_cluster);
            for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
                Options options;
                options.variance = variance;
                const auto result = compare_groups(design, groups, GroupTest::interaction, options);
                const Fit pooled = panel::fit(panel::interacted(design, groups), options);
                // Explicit: regressors times each group's dummy, group dummies times every effect.
                Design sample = panel::interacted(design, groups);
                const auto singletons = panel::find_singletons(sample.effects, sample.y.size());
                sample = panel::take_rows(sample, singletons.kept);
                const Twin naive = twin(sample, variance);
                Long factor =
                    variance == Variance::iid
                        ? 1.0L / (static_cast<Long>(pooled.n) - pooled.df_model - pooled.df_absorbed)
                        : static_cast<Long>(pooled.small_sample_factor);
                for (std::size_t j = 0; j < 2; ++j) {
                    const auto at = static_cast<Eigen::Index>(j);
                    const auto& term = result.terms[j];
                    CHECK(near(term.estimate[0], naive.b[at], 1e-9));
                    CHECK(near(term.estimate[1], naive.b[2 + at], 1e-9));
                    CHECK(near(term.difference, naive.b[at] - naive.b[2 + at], 1e-8));
                    const Long V = naive.covariance(at, at) + naive.covariance(2 + at, 2 + at) -
                                   2 * naive.covariance(at, 2 + at);
                    CHECK(near(term.difference_se, std::sqrt(V * factor), 1e-8));
                    CHECK(near(term.statistic, std::pow(term.difference / term.difference_se, 2), 1e-9));
                    CHECK(term.p_value ==
                          doctest::Approx(
                              stats::t_two_sided(term.difference / term.difference_se, pooled.df_residual))
                              .epsilon(1e-8));
                }
                CHECK(result.joint.df1 == 2);
            }
        }
    }
}

TEST_CASE("suest: disjoint clusters add the variances of the groups, one factor for all clusters") {
    Design design = random_design(32, "wy", 60, 2);
    design.clusters.resize(1);
    const Factor groups = some_groups(design, 3, true);
    Options options;
    options.variance = Variance::cluster;
    const auto result = compare_groups(design, groups, GroupTest::suest, options);
    Long G = 0;
    std::vector<Long> variance;
    for (std::int32_t g = 0; g < 3; ++g) {
        std::vector<std::int64_t> rows;
        for (std::size_t i = 0; i < groups.code.size(); ++i)
            if (groups.code[i] == g) rows.push_back(static_cast<std::int64_t>(i));
        Design part = panel::take_rows(design, rows);
        part = panel::take_rows(part, panel::find_singletons(part.effects, part.y.size()).kept);
        G += part.clusters[0].levels;
        variance.push_back(twin(part, Variance::cluster).covariance(0, 0));
    }
    // Wald test of b1 = b2 = b3 with a diagonal variance: squared distances from the weighted mean.
    Long weight = 0, mean = 0, W = 0;
    for (std::size_t g = 0; g < 3; ++g) {
        const Long V = variance[g] * G / (G - 1);
        weight += 1 / V;
        mean += result.terms[0].estimate[g] / V;
    }
    for (std::size_t g = 0; g < 3; ++g) {
        const Long d = result.terms[0].estimate[g] - mean / weight;
        W += d * d / (variance[g] * G / (G - 1));
    }
    CHECK(near(result.terms[0].statistic, W, 1e-8));
    CHECK(result.terms[0].df1 == 2);
    CHECK(std::isnan(result.terms[0].difference));
    CHECK(near(result.terms[0].p_value, stats::chi2_upper(result.terms[0].statistic, 2), 1e-12));
}

TEST_CASE("suest: clusters in both groups bring the covariance of their scores") {
    Design design = random_design(33, "y", 60, 2);
    design.clusters.resize(1);
    const Factor groups = some_groups(design, 2, false);
    for (const Variance variance : {Variance::robust, Variance::cluster}) {
        Options options;
        options.variance = variance;
        const auto result = compare_groups(design, groups, GroupTest::suest, options);
        // The interacted regression has the same scores; only the factor differs.
        const auto chow = compare_groups(design, groups, GroupTest::interaction, options);
        const Fit pooled = panel::fit(panel::interacted(design, groups), options);
        Long q = static_cast<Long>(pooled.n) / (pooled.n - 1);
        if (variance == Variance::cluster)
            q = static_cast<Long>(pooled.clusters[0].second) / (pooled.clusters[0].second - 1);
        for (std::size_t j = 0; j < 2; ++j) {
            CHECK(near(result.terms[j].difference_se,
                       chow.terms[j].difference_se * std::sqrt(q / pooled.small_sample_factor), 1e-8));
        }
        CHECK(near(result.joint.statistic, 2 * chow.joint.statistic * pooled.small_sample_factor / q, 1e-8));
    }
}

TEST_CASE("group tests do not depend on units and the order of rows") {
    Design design = random_design(34, "wy", 60, 2);
    design.clusters.resize(1);
    Factor groups = some_groups(design, 2, true);
    Options options;
    options.variance = Variance::cluster;
    for (const GroupTest test : {GroupTest::interaction, GroupTest::suest}) {
        const auto before = compare_groups(design, groups, test, options);
        Design other = design;
        other.X.col(0) *= 1e8;
        other.y *= 1e-7;
        std::vector<std::int64_t> order;
        for (std::int64_t i = other.y.size(); i-- > 0;) order.push_back(i);
        other = panel::take_rows(other, order);
        const auto after = compare_groups(other, panel::take_rows(groups, order), test, options);
        for (std::size_t j = 0; j < 2; ++j)
            CHECK(near(after.terms[j].statistic, before.terms[j].statistic, 1e-8));
        CHECK(near(after.joint.statistic, before.joint.statistic, 1e-8));
    }
}

TEST_CASE("interacted groups: frequency weights are repeated rows, in every variance") {
    Design design = random_design(36, "wy", 60, 2);
    design.clusters.resize(1);
    Factor groups = some_groups(design, 2, true);
    Numbers random{5};
    std::vector<std::int64_t> rows;
    Factor repeated{groups.name, {}, groups.levels, groups.level_name};
    design.weight_kind = panel::WeightKind::frequency;
    design.weight_name = "w";
    design.weight.resize(design.y.size());
    for (Eigen::Index i = 0; i < design.y.size(); ++i) {
        design.weight[i] = 1 + random.below(3);
        for (int copy = 0; copy < static_cast<int>(design.weight[i]); ++copy) {
            rows.push_back(i);
            repeated.code.push_back(groups.code[static_cast<std::size_t>(i)]);
        }
    }
    Design longer = panel::take_rows(design, rows);
    longer.weight_kind = panel::WeightKind::none;
    longer.weight.resize(0);
    for (const Variance variance : {Variance::iid, Variance::robust, Variance::hc3, Variance::cluster}) {
        Options options;
        options.variance = variance;
        options.tests = {{"x1", "x2"}};  // of each group; the interacted regression has other terms
        const auto weighted = compare_groups(design, groups, GroupTest::interaction, options);
        const auto plain = compare_groups(longer, repeated, GroupTest::interaction, options);
        for (std::size_t j = 0; j < 2; ++j) {
            CHECK(near(weighted.terms[j].difference, plain.terms[j].difference, 1e-9));
            CHECK(near(weighted.terms[j].difference_se, plain.terms[j].difference_se, 1e-9));
            CHECK(near(weighted.terms[j].p_value, plain.terms[j].p_value, 1e-7));
        }
        CHECK(near(weighted.fit[1].tests.at(0).f, plain.fit[1].tests.at(0).f, 1e-9));
    }
    // Stacked scores know neither weights nor leverages.
    Options options;
    CHECK_THROWS_WITH_AS((void)compare_groups(design, groups, GroupTest::suest, options),
                         doctest::Contains("takes no weights"), Error);
    options.variance = Variance::hc3;
    CHECK_THROWS_WITH_AS((void)compare_groups(longer, repeated, GroupTest::suest, options),
                         doctest::Contains("compare by interaction"), Error);
}

TEST_CASE("instruments: interacted 2SLS has the estimates of the groups, and the variance of one sample") {
    Design design = random_design(36, "wy", 80, 2, true);
    design.clusters.resize(1);
    design.endogenous = design.X.leftCols(1);
    design.endogenous_name = {design.x_name[0]};
    design.X = design.X.rightCols(1).eval();
    design.x_name.erase(design.x_name.begin());
    const Factor groups = some_groups(design, 2, true);
    Options options;
    options.variance = Variance::cluster;
    const auto result = compare_groups(design, groups, GroupTest::interaction, options);
    REQUIRE(result.terms.size() == 2);
    CHECK(result.terms[1].term == "x1");
    // Disjoint clusters: variances of the groups add, each without its own factor, times that of all.
    const Fit pooled = panel::fit(panel::interacted(design, groups), options);
    for (std::size_t j = 0; j < 2; ++j) {
        const auto& term = result.terms[j];
        double variance = 0;
        for (std::size_t g = 0; g < 2; ++g) {
            CHECK(term.estimate[g] == doctest::Approx(result.fit[g].terms[j].estimate).epsilon(1e-12));
            variance += std::pow(term.std_error[g], 2) / result.fit[g].small_sample_factor;
        }
        CHECK(near(term.difference, term.estimate[0] - term.estimate[1], 1e-9));
        CHECK(near(term.difference_se, std::sqrt(variance * pooled.small_sample_factor), 1e-9));
    }
    options.estimator = panel::Estimator::liml;
    CHECK_THROWS_WITH_AS((void)compare_groups(design, groups, GroupTest::interaction, options),
                         doctest::Contains("compare groups by 2sls"), Error);
    options.estimator.reset();
    CHECK_THROWS_WITH_AS((void)compare_groups(design, groups, GroupTest::suest, options),
                         doctest::Contains("takes no instruments"), Error);
}

TEST_CASE("group comparisons that cannot be made") {
    const Design design = random_design(35, "w", 60, 2);
    Factor groups = some_groups(design, 2, true);
    const auto message = [&](const Factor& given) -> std::string {
        try {
            (void)compare_groups(design, given, GroupTest::interaction, Options{});
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    Factor empty = groups;
    empty.levels = 3;
    empty.level_name.push_back("nobody");
    CHECK(message(empty).find("group nobody of g has no row") != std::string::npos);
    Factor one = groups;
    one.levels = 1;
    CHECK(message(one).find("g makes 1 group") != std::string::npos);
    // A group of one row: its own regression says why it fails, and the group is named.
    for (auto& code : groups.code) code = 0;
    groups.code[0] = 1;
    CHECK(message(groups).find("group g1 of g:") != std::string::npos);
}
