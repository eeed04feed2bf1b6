#include <oneapi/tbb/global_control.h>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/dof.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

Options options(Variance variance, std::optional<SmallSample> rule = {}) {
    Options o;
    o.variance = variance;
    o.small_sample = rule;
    return o;
}

/// Everything the twin knows against a fit that dropped no rows.
void check_against_twin(const Design& design, Variance variance, SmallSample rule, std::int64_t absorbed,
                        bool nested) {
    const Fit fit = panel::fit(design, options(variance, rule));
    REQUIRE(fit.singletons == 0);
    const Twin t = twin(design, variance);
    const auto n = static_cast<Long>(design.y.size());
    const auto k = static_cast<Long>(design.X.cols());
    const Long left = n - k - static_cast<Long>(absorbed);
    Long factor = 1 / left;
    if (variance == Variance::robust) factor = n / left;
    Long df = left;
    if (variance == Variance::cluster) {
        Long G = n;
        for (const Factor& c : design.clusters) G = std::min(G, static_cast<Long>(c.levels));
        const Long extra = rule == SmallSample::reghdfe && nested ? 1 : 0;
        factor = (n - 1) / (left - extra) * G / (G - 1);
        df = G - 1;
    }
    CHECK(fit.df_absorbed == absorbed);
    CHECK(near(fit.df_residual, df));
    for (Eigen::Index j = 0; j < design.X.cols(); ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        CHECK(near(term.estimate, t.b[j]));
        CHECK(near(term.std_error, std::sqrt(factor * t.covariance(j, j))));
        CHECK(near(term.statistic, t.b[j] / std::sqrt(factor * t.covariance(j, j))));
    }
    CHECK(near(fit.rss, t.residual.squaredNorm()));
    for (Eigen::Index i = 0; i < fit.residual.size(); ++i) {
        REQUIRE(std::abs(static_cast<Long>(fit.residual[i]) - t.residual[i]) < 1e-9);
    }
}

Design clustered(Design design, std::vector<std::size_t> which) {
    std::vector<Factor> chosen;
    for (const std::size_t c : which) chosen.push_back(design.clusters[c]);
    design.clusters = chosen;
    return design;
}

std::string message(const Design& design, const Options& o) {
    try {
        (void)panel::fit(design, o);
    } catch (const Error& error) {
        CHECK(error.fault() == Fault::data);
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("Grunfeld's data give the published numbers") {
    // Stata's xtreg, fe: .1101238 (.0118567), .3100653 (.0173545), _cons -58.74394 (12.45369); Greene,
    // Baltagi.
    Design design = grunfeld_design(true, false);
    Fit fit = panel::fit(design, options(Variance::iid));
    CHECK(fit.terms[0].estimate == doctest::Approx(0.1101238).epsilon(1e-6));
    CHECK(fit.terms[0].std_error == doctest::Approx(0.0118567).epsilon(1e-5));
    CHECK(fit.terms[1].estimate == doctest::Approx(0.3100653).epsilon(1e-6));
    CHECK(fit.terms[1].std_error == doctest::Approx(0.0173545).epsilon(1e-5));
    CHECK(fit.terms[2].name == "_cons");
    CHECK(fit.terms[2].estimate == doctest::Approx(-58.74394).epsilon(1e-6));
    CHECK(fit.terms[2].std_error == doctest::Approx(12.45369).epsilon(1e-6));
    CHECK(fit.df_residual == 188);
    CHECK(fit.within_r2 == doctest::Approx(0.7668).epsilon(1e-4));
    CHECK(fit.f_statistic == doctest::Approx(309.01).epsilon(1e-4));
    CHECK(fit.f_p_value == stats::f_upper(fit.f_statistic, 2, 188));
    CHECK(fit.f_p_value < 1e-58);

    // inv ~ capital, firm and year, clustered by firm: N - 21 in the denominator.
    design = clustered(grunfeld_design(true, true), {0});
    design.X = Eigen::MatrixXd(design.X.col(1));
    design.x_name = {"capital"};
    fit = panel::fit(design, options(Variance::cluster));
    CHECK(fit.terms[0].estimate == doctest::Approx(0.41380183).epsilon(1e-7));
    CHECK(fit.terms[0].std_error == doctest::Approx(0.06328129).epsilon(1e-6));
    CHECK(fit.small_sample_factor == doctest::Approx(199.0 / 179 * 10 / 9));
    CHECK(fit.df_residual == 9);
}

TEST_CASE("every variance equals the naive twin") {
    for (const char* effects : {"", "w", "wy", "yw", "wfy", "sy", "wS"}) {
        CAPTURE(effects);
        const Design design = random_design(23, effects, 40, 2);
        const std::string text = effects;
        // What reghdfe's rule comes to for these effects, by hand: 40 workers, 8 firms in 2 markets, 8 years.
        std::int64_t iid = 1, by_worker = 1;
        if (text == "w") iid = 40, by_worker = 0;
        if (text == "wy" || text == "yw") iid = 47, by_worker = 7;
        if (text == "wfy") iid = 40 + (8 - 2) + 7, by_worker = (8 - 1 - 1) + 7;
        if (text == "sy") iid = 40 + 40 + 7, by_worker = 40 + 7;
        if (text == "wS") iid = 40 + 8, by_worker = 8;
        if (text == "wfy") by_worker = (8 - 1) + 7;
        check_against_twin(design, Variance::iid, SmallSample::reghdfe, iid, false);
        check_against_twin(design, Variance::robust, SmallSample::reghdfe, iid, false);
        const bool nested = text.find_first_of("ws") != std::string::npos;
        check_against_twin(clustered(design, {0}), Variance::cluster, SmallSample::reghdfe, by_worker,
                           nested);
    }
}

TEST_CASE("two and three cluster variables equal the pairwise twin") {
    const Design design = random_design(41, "", 40, 2);
    check_against_twin(clustered(design, {0, 1}), Variance::cluster, SmallSample::reghdfe, 1, false);
    check_against_twin(clustered(design, {0, 2}), Variance::cluster, SmallSample::reghdfe, 1, false);
    check_against_twin(clustered(design, {0, 1, 2}), Variance::cluster, SmallSample::reghdfe, 1, false);
    check_against_twin(clustered(random_design(41, "f", 40, 2), {0, 1}), Variance::cluster,
                       SmallSample::reghdfe, 8, false);
}

TEST_CASE("the rules for degrees of freedom") {
    const Design design = random_design(23, "wf", 40, 2);
    const auto absorbed = [&](SmallSample rule, Variance variance) {
        return panel::fit(clustered(design, {0}), options(variance, rule)).df_absorbed;
    };
    CHECK(absorbed(SmallSample::reghdfe, Variance::iid) == 40 + 8 - 2);
    CHECK(absorbed(SmallSample::fixest, Variance::iid) == 40 + 8 - 1);
    CHECK(absorbed(SmallSample::exact_rank, Variance::iid) == rank(dummies(design)));
    CHECK(absorbed(SmallSample::reghdfe, Variance::cluster) == 7);
    CHECK(absorbed(SmallSample::ivreghdfe, Variance::cluster) == 7);
    CHECK(absorbed(SmallSample::fixest, Variance::cluster) == 8);
    CHECK(absorbed(SmallSample::exact_rank, Variance::cluster) == rank(dummies(design)));
    // Slopes count whole, less the levels in which the variable is constant.
    Design slopes = random_design(23, "s", 40, 2);
    CHECK(panel::fit(slopes, options(Variance::iid)).df_absorbed == 80);
    for (std::size_t i = 0; i < slopes.effects[0].factor.code.size(); ++i) {
        if (slopes.effects[0].factor.code[i] < 3)
            slopes.effects[0].slope(static_cast<Eigen::Index>(i), 0) = 2.5;
    }
    const Fit fit = panel::fit(slopes, options(Variance::iid));
    CHECK(fit.df_absorbed == 77);
    CHECK(fit.absorbed[1].name == "worker[trend]");
    CHECK(fit.absorbed[1].redundant == 3);
    CHECK(panel::fit(slopes, options(Variance::iid, SmallSample::exact_rank)).df_absorbed ==
          rank(dummies(slopes)));
}

TEST_CASE("singletons are dropped until none is left, and can be kept") {
    Design design = random_design(13, "wy", 20, 1);
    REQUIRE(panel::fit(design, options(Variance::iid)).singletons == 0);
    // One row of a worker with many becomes the only one of a level of its own.
    auto& workers = design.effects[0].factor;
    std::size_t lone = 0;
    while (std::count(workers.code.begin(), workers.code.end(), workers.code[lone]) < 6) ++lone;
    workers.code[lone] = workers.levels++;
    workers.level_name.push_back("lone");
    const Fit fit = panel::fit(design, options(Variance::iid));
    CHECK(fit.singletons == 1);
    CHECK(fit.n == design.y.size() - 1);
    CHECK(fit.singleton_names == std::vector<std::string>{"worker=lone"});
    CHECK(std::find(fit.row.begin(), fit.row.end(), static_cast<std::int64_t>(lone)) == fit.row.end());
    Options keep = options(Variance::iid);
    keep.keep_singletons = true;
    const Fit kept = panel::fit(design, keep);
    CHECK(kept.n == design.y.size());
    CHECK(kept.singletons == 0);
    // A singleton changes no slope, and with its own coefficient no residual degree of freedom either.
    CHECK(near(kept.terms[0].estimate, fit.terms[0].estimate, 1e-10));
    CHECK(kept.df_residual == fit.df_residual);
}

TEST_CASE("absorbed and collinear regressors are omitted, the later one of a set") {
    Design design = random_design(9, "wy", 30, 1);
    const Fit plain = panel::fit(design, options(Variance::robust));
    Eigen::MatrixXd X(design.y.size(), 5);
    Eigen::VectorXd by_worker(design.y.size());
    for (Eigen::Index i = 0; i < by_worker.size(); ++i) {
        by_worker[i] = std::sin(design.effects[0].factor.code[static_cast<std::size_t>(i)]);
    }
    X << by_worker, design.X, 2 * design.X.col(0) - 3 * design.X.col(1) + by_worker, design.X.col(1);
    design.X = X;
    design.x_name = {"talent", "x1", "x2", "mixture", "again"};
    const Fit fit = panel::fit(design, options(Variance::robust));
    REQUIRE(fit.omitted.size() == 3);
    CHECK(fit.omitted[0].name == "talent");
    CHECK(fit.omitted[0].reason == "absorbed by the fixed effects");
    CHECK(fit.omitted[1].name == "mixture");
    CHECK(fit.omitted[1].reason == "collinear with x1, x2");
    CHECK(fit.omitted[2].reason == "collinear with x2");
    CHECK(fit.df_model == 2);
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(near(fit.terms[j].estimate, plain.terms[j].estimate, 1e-10));
        CHECK(near(fit.terms[j].std_error, plain.terms[j].std_error, 1e-10));
    }
    // Almost collinear is not collinear.
    Numbers random{4};
    for (Eigen::Index i = 0; i < X.rows(); ++i) X(i, 3) += 1e-3 * random.normal();
    design.X = X;
    CHECK(panel::fit(design, options(Variance::robust)).omitted.size() == 2);
}

TEST_CASE("t does not depend on units, order of rows, codes or threads") {
    const Design design = clustered(random_design(31, "wfy", 40, 2), {0, 1});
    const Fit fit = panel::fit(design, options(Variance::cluster));
    const auto same = [&](const Fit& other, double tolerance) {
        for (std::size_t j = 0; j < 2; ++j) {
            CHECK(std::abs(other.terms[j].statistic - fit.terms[j].statistic) <
                  tolerance * std::abs(fit.terms[j].statistic));
        }
    };
    for (const double unit : {1e-9, 1e9}) {
        Design scaled = design;
        scaled.X.col(0) *= unit;
        same(panel::fit(scaled, options(Variance::cluster)), 1e-10);
        scaled = design;
        scaled.y *= unit;
        same(panel::fit(scaled, options(Variance::cluster)), 1e-10);
    }
    Design reversed = design;
    reversed.y.reverseInPlace();
    reversed.X = design.X.colwise().reverse().eval();
    for (auto& e : reversed.effects) std::reverse(e.factor.code.begin(), e.factor.code.end());
    for (auto& c : reversed.clusters) std::reverse(c.code.begin(), c.code.end());
    same(panel::fit(reversed, options(Variance::cluster)), 1e-10);
    Design recoded = design;
    for (auto& e : recoded.effects) {
        for (auto& code : e.factor.code) code = 3 * (e.factor.levels - 1 - code);
        e.factor.levels *= 3;  // two of three levels are empty now
        e.factor.level_name.clear();
    }
    same(panel::fit(recoded, options(Variance::cluster)), 1e-10);
    CHECK(panel::fit(recoded, options(Variance::cluster)).df_absorbed == fit.df_absorbed);
    const oneapi::tbb::global_control one(oneapi::tbb::global_control::max_allowed_parallelism, 1);
    const Fit serial = panel::fit(design, options(Variance::cluster));
    for (std::size_t j = 0; j < fit.terms.size(); ++j)
        CHECK(serial.terms[j].std_error == fit.terms[j].std_error);
}

TEST_CASE("the constant is ybar - xbar b, with the standard error of the regression with dummies' mean") {
    // Without effects the constant and its variance are those of plain least squares.
    const Design design = random_design(12, "", 30, 1);
    Design explicit_one = design;
    explicit_one.constant = false;
    explicit_one.X.conservativeResize(Eigen::NoChange, 3);
    explicit_one.X.col(2).setOnes();
    explicit_one.x_name.push_back("one");
    for (const Variance variance : {Variance::iid, Variance::robust}) {
        const Fit with = panel::fit(design, options(variance)),
                  by_hand = panel::fit(explicit_one, options(variance));
        CHECK(with.terms[2].name == "_cons");
        CHECK(near(with.terms[2].estimate, by_hand.terms[2].estimate));
        CHECK(near(with.terms[2].std_error, by_hand.terms[2].std_error));
        CHECK(near(with.terms[0].std_error, by_hand.terms[0].std_error));
        CHECK(by_hand.terms.size() == 3);
    }
}

TEST_CASE("a negative two-way matrix is repaired with a warning and leaves no F") {
    // Four clusters a side and a regressor with opposite signs inside each intersection.
    Design design = random_design(2, "", 4, 1);
    bool repaired = false;
    for (std::uint64_t seed = 1; seed < 60 && !repaired; ++seed) {
        design = clustered(random_design(seed, "w", 5, 1), {0, 1});
        const Fit fit = panel::fit(design, options(Variance::cluster));
        repaired = fit.variance_repaired;
        if (!repaired) continue;
        CHECK(std::isnan(fit.f_statistic));
        CHECK(fit.warnings.size() >= 1);
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(fit.covariance);
        CHECK(eigen.eigenvalues()[0] > -1e-12 * eigen.eigenvalues()[1]);
        // The repaired matrix is the positive part of the twin's.
        const Twin t = twin(design, Variance::cluster);
        const Eigen::SelfAdjointEigenSolver<Matrix> raw(
            Matrix(t.covariance * static_cast<Long>(fit.small_sample_factor)));
        CHECK(raw.eigenvalues()[0] < 0);
        const Matrix positive = raw.eigenvectors() * raw.eigenvalues().cwiseMax(0.0L).asDiagonal() *
                                raw.eigenvectors().transpose();
        CHECK(near(fit.covariance(0, 0), positive(0, 0), 1e-7));
        CHECK(near(fit.covariance(1, 1), positive(1, 1), 1e-7));
    }
    CHECK(repaired);
}

TEST_CASE("what cannot be estimated is an error that names the variable") {
    const Options iid = options(Variance::iid);
    Design design = random_design(1, "w", 10, 1);
    Design changed = design;
    changed.y.setConstant(0.1);
    CHECK(message(changed, iid).find("y is constant (0.1)") != std::string::npos);
    changed = design;
    for (Eigen::Index i = 0; i < changed.y.size(); ++i) {
        changed.y[i] = 0.1 * changed.effects[0].factor.code[static_cast<std::size_t>(i)];
    }
    CHECK(message(changed, iid).find("y is explained completely by the fixed effects") != std::string::npos);
    changed = design;
    changed.y = 0.3 * design.X.col(0) - 2 * design.X.col(1);
    CHECK(message(changed, iid).find("y is fitted perfectly") != std::string::npos);
    changed = design;
    changed.X.setConstant(0.7);
    CHECK(message(changed, iid).find("every regressor is omitted: x1 (absorbed by the fixed effects), x2") !=
          std::string::npos);
    changed = design;
    changed.X(3, 1) = std::numeric_limits<double>::quiet_NaN();
    CHECK(message(changed, iid).find("x2 has values that are not finite") != std::string::npos);
    changed = clustered(random_design(1, "w", 10, 1), {0, 3});
    CHECK(message(changed, options(Variance::cluster)).find("only one cluster: market") != std::string::npos);
    changed = design;
    changed.clusters.clear();
    CHECK(message(changed, options(Variance::cluster)).find("needs a cluster variable") != std::string::npos);
    // Every row in a level of its own: nothing is left, or no degrees of freedom.
    changed = design;
    std::vector<std::int32_t> own(static_cast<std::size_t>(design.y.size()));
    std::iota(own.begin(), own.end(), 0);
    changed.effects = {effect(factor("row", own))};
    CHECK(message(changed, iid).find("no observations are left") != std::string::npos);
    Options keep = iid;
    keep.keep_singletons = true;
    CHECK(message(changed, keep).find("no residual degrees of freedom") != std::string::npos);
}

TEST_CASE("one residual degree of freedom is enough") {
    // y = 1, 3, 2 on x = 0, 1, 2: slope 1/2, residuals -1/2, 1, -1/2.
    Design design;
    design.formula = "y ~ x";
    design.y_name = std::string(1, 'y');
    design.x_name = {"x"};
    design.y = Eigen::Vector3d(1, 3, 2);
    design.X = Eigen::Vector3d(0, 1, 2);
    design.row = {0, 1, 2};
    design.n_read = 3;
    const auto fit = panel::fit(design, options(Variance::iid));
    CHECK(fit.df_residual == 1);
    CHECK(fit.terms[0].estimate == doctest::Approx(0.5));
    CHECK(fit.terms[0].std_error == doctest::Approx(std::sqrt(1.5 / 2)));
    CHECK(fit.terms[0].p_value == doctest::Approx(2 / std::numbers::pi * std::atan2(std::sqrt(0.75), 0.5)));
    design.y.conservativeResize(2);
    design.X.conservativeResize(2, 1);
    design.row = {0, 1};
    CHECK(message(design, options(Variance::iid)).find("no residual degrees of freedom") !=
          std::string::npos);
}

TEST_CASE("distribution functions") {
    using namespace greenfront::stats;
    CHECK(t_two_sided(2.2621571627982055, 9) == doctest::Approx(0.05).epsilon(1e-12));
    CHECK(t_quantile(0.975, 9) == doctest::Approx(2.2621571627982055).epsilon(1e-12));
    CHECK(f_upper(4.256494729093748, 2, 9) == doctest::Approx(0.05).epsilon(1e-12));
    CHECK(f_quantile(0.95, 2, 9) == doctest::Approx(4.256494729093748).epsilon(1e-12));
    CHECK(chi2_upper(3.841458820694124, 1) == doctest::Approx(0.05).epsilon(1e-12));
    CHECK(chi2_quantile(0.95, 1) == doctest::Approx(3.841458820694124).epsilon(1e-12));
    CHECK(normal_cdf(normal_quantile(0.975)) == doctest::Approx(0.975).epsilon(1e-13));
    CHECK(normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-13));
    CHECK(t_two_sided(400, 3) > 0);
    CHECK(std::isnan(t_two_sided(1, 0)));
    CHECK(std::isnan(f_upper(-1, 1, 1)));
    CHECK(chi2_upper(std::numeric_limits<double>::infinity(), 2) == 0);
}

TEST_CASE("a constant whose variance the repair made zero has no standard error") {
    int undefined = 0;
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
        CAPTURE(seed);
        Design design = clustered(random_design(seed, "w", 5, 1), {0, 1});
        design.X = design.X.leftCols(1).eval();
        design.x_name.resize(1);
        Design plain = design;
        plain.clusters.clear();
        const double usual = panel::fit(plain, options(Variance::iid)).terms.back().std_error;
        const Fit fit = panel::fit(design, options(Variance::cluster));
        const panel::Term& constant = fit.terms.back();
        REQUIRE(constant.name == "_cons");
        if (!std::isnan(constant.std_error)) {
            CHECK(constant.std_error > 1e-6 * usual);
            continue;
        }
        ++undefined;
        CHECK(std::isnan(constant.p_value));
        CHECK(std::any_of(fit.warnings.begin(), fit.warnings.end(), [](const std::string& warning) {
            return warning.find("standard error of _cons is not defined") != std::string::npos;
        }));
    }
    CHECK(undefined > 0);
}
