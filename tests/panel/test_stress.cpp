#include <Eigen/SVD>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "tests/panel/support.hpp"

/// Regressions that are hard on floating point numbers, beside dense dummies and an orthogonal factorisation
/// in long double.
using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

Options robust() {
    Options o;
    o.variance = Variance::robust;
    o.small_sample = SmallSample::reghdfe;
    return o;
}

/// Estimates and the shape of the covariance matrix (the factor for small samples is tested elsewhere).
void check_against_twin(const Design& design, double tolerance) {
    const Fit fit = panel::fit(design, robust());
    const Twin t = twin(design, Variance::robust);
    REQUIRE(fit.omitted.empty());
    REQUIRE(fit.terms.size() >= static_cast<std::size_t>(design.X.cols()));
    const Long unit = fit.terms[0].std_error / std::sqrt(t.covariance(0, 0));
    for (Eigen::Index j = 0; j < design.X.cols(); ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        CHECK(near(term.estimate, t.b[j], tolerance));
        CHECK(near(term.std_error, unit * std::sqrt(t.covariance(j, j)), tolerance));
    }
    CHECK(near(fit.rss, t.residual.squaredNorm(), tolerance));
}

/// The second regressor is the first and a share of noise.
Design nearly_collinear(const std::string& effects, double share) {
    Design design = random_design(17, effects, 40, 1);
    Numbers random{8};
    for (Eigen::Index i = 0; i < design.y.size(); ++i)
        design.X(i, 1) = design.X(i, 0) + share * random.normal();
    return design;
}

}  // namespace

TEST_CASE("near-collinearity up to a condition of 1e12 costs digits as it must, and no more") {
    for (const char* effects : {"", "w", "wy", "wfy"}) {
        for (const double share : {1e-1, 1e-2, 1e-3, 1e-4}) {
            for (const double unit : {1.0, 1e2, 1e-2}) {  // X'X has the condition 1 / share^2 times unit^2
                CAPTURE(effects);
                CAPTURE(share);
                CAPTURE(unit);
                Design design = nearly_collinear(effects, share);
                design.X.col(1) *= unit;
                check_against_twin(design, 1e-14 / (share * share) + 1e-10);
            }
        }
    }
}

TEST_CASE("six powers of one variable: a standardised X'X with a condition of 1e11 to 1e12") {
    for (const char* effects : {"", "w"}) {
        CAPTURE(effects);
        Design design = random_design(23, effects, 60, 1);
        Numbers random{9};
        const Eigen::Index n = design.y.size();
        design.X.resize(n, 6);
        design.x_name.resize(6);
        for (Eigen::Index i = 0; i < n; ++i) {
            const double t = 1.25 + 0.5 * std::sin(7.0 * random.normal());
            for (int j = 0; j < 6; ++j) design.X(i, j) = std::pow(t, j + 1);
        }
        for (std::size_t j = 0; j < 6; ++j) design.x_name[j] = "t" + std::to_string(j + 1);
        Eigen::MatrixXd standard = design.X.rowwise() - design.X.colwise().mean();
        standard.colwise().normalize();
        const Eigen::VectorXd size = standard.jacobiSvd().singularValues();
        const double condition = std::pow(size(0) / size(5), 2);
        CAPTURE(condition);
        CHECK(condition > 1e11);
        CHECK(condition < 1e12);
        check_against_twin(design, 1e-5);
    }
}

TEST_CASE("beyond that the later regressor is omitted, whatever the units") {
    for (const char* effects : {"", "wy"}) {
        for (const double unit : {1e-9, 1.0, 1e9}) {
            CAPTURE(effects);
            CAPTURE(unit);
            Design design = nearly_collinear(effects, 1e-6);
            design.X.col(1) *= unit;
            const Fit fit = panel::fit(design, robust());
            REQUIRE(fit.omitted.size() == 1);
            CHECK(fit.omitted[0].name == design.x_name[1]);
            CHECK(fit.omitted[0].reason == "collinear with " + design.x_name[0]);
        }
    }
}

TEST_CASE("means of 1e9 beside a spread of 1 cost no more than the digits that the data have lost") {
    for (const char* effects : {"", "w", "y", "wy", "yw", "wfy", "sy"}) {
        CAPTURE(effects);
        Design design = random_design(29, effects, 40, 2);
        design.y.array() += 1e9;
        design.X.array() += 1e9;
        check_against_twin(design, 1e-8);
        design.X.col(0).array() -= 2e9;
        check_against_twin(design, 1e-8);
    }
}

TEST_CASE("values from 1e-50 to 1e50: estimates have the units of the data") {
    for (const char* effects : {"", "wy", "wfy"}) {
        const Design design = random_design(37, effects, 40, 2);
        const Fit fit = panel::fit(design, robust());
        for (const double x_unit : {1e-50, 1e-9, 1e50}) {
            for (const double y_unit : {1e-50, 1e50}) {
                CAPTURE(effects);
                CAPTURE(x_unit);
                CAPTURE(y_unit);
                Design scaled = design;
                scaled.X.col(0) *= x_unit;
                scaled.y *= y_unit;
                const Fit other = panel::fit(scaled, robust());
                for (std::size_t j = 0; j < 2; ++j) {
                    CHECK(near(other.terms[j].statistic, fit.terms[j].statistic, 1e-9));
                    const double unit = j == 0 ? y_unit / x_unit : y_unit;
                    CHECK(near(other.terms[j].estimate / unit, fit.terms[j].estimate, 1e-9));
                }
                CHECK(near(other.r2, fit.r2, 1e-9));
            }
        }
    }
}

TEST_CASE("values whose products overflow or vanish are refused by the name of their variable") {
    for (const double unit : {1e-150, 1e150}) {
        Design design = random_design(37, "wy", 40, 2);
        design.X.col(1) *= unit;
        CHECK_THROWS_WITH_AS((void)panel::fit(design, robust()), doctest::Contains(design.x_name[1].c_str()),
                             Error);
        design = random_design(37, "wy", 40, 2);
        design.y *= unit;
        CHECK_THROWS_WITH_AS((void)panel::fit(design, robust()), doctest::Contains(design.y_name.c_str()),
                             Error);
    }
}

TEST_CASE("levels that no row has, and levels of one row each, change nothing but what they are") {
    const Design design = random_design(43, "wy", 40, 2);
    const Fit fit = panel::fit(design, robust());
    Design wider = design;
    for (auto& effect : wider.effects) {
        effect.factor.levels += 1000;
        effect.factor.level_name.clear();
    }
    const Fit same = panel::fit(wider, robust());
    CHECK(same.df_absorbed == fit.df_absorbed);
    for (std::size_t j = 0; j < 2; ++j) CHECK(near(same.terms[j].std_error, fit.terms[j].std_error, 1e-12));

    // Twenty workers of one row each go, and with them nothing else.
    const Eigen::Index n = design.y.size(), more = 20;
    Design lonely = design;
    lonely.y.conservativeResize(n + more);
    lonely.X.conservativeResize(n + more, Eigen::NoChange);
    lonely.y.tail(more).setLinSpaced(-5, 5);
    lonely.X.bottomRows(more).setRandom();
    for (auto& effect : lonely.effects) {
        effect.factor.level_name.clear();
        for (int k = 0; k < more; ++k) {
            const bool worker = &effect == lonely.effects.data();
            effect.factor.code.push_back(worker ? effect.factor.levels + k : 0);
        }
        if (&effect == lonely.effects.data()) effect.factor.levels += static_cast<std::int32_t>(more);
    }
    for (auto& cluster : lonely.clusters) {
        cluster.level_name.clear();
        cluster.code.resize(static_cast<std::size_t>(n + more), 0);
    }
    const Fit left = panel::fit(lonely, robust());
    CHECK(left.singletons == more);
    CHECK(left.n == fit.n);
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(near(left.terms[j].estimate, fit.terms[j].estimate, 1e-12));
        CHECK(near(left.terms[j].std_error, fit.terms[j].std_error, 1e-12));
    }
}

TEST_CASE("numbers that are none are refused by the name of their variable") {
    for (const double wrong : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        Design design = random_design(47, "wy", 30, 1);
        design.X(3, 1) = wrong;
        CHECK_THROWS_WITH_AS((void)panel::fit(design, robust()), doctest::Contains(design.x_name[1].c_str()),
                             Error);
        design = random_design(47, "wy", 30, 1);
        design.y[5] = wrong;
        CHECK_THROWS_WITH_AS((void)panel::fit(design, robust()), doctest::Contains(design.y_name.c_str()),
                             Error);
    }
}
