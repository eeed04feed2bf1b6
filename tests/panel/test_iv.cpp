#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/iv_diagnostics.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

/// x1 is endogenous with instrument z (and z2 when `instruments` is 2); x2 is exogenous.
Design iv_design(std::uint64_t seed, const std::string& effects, int instruments) {
    Design design = random_design(seed, effects, 60, 2, true);
    design.endogenous = design.X.leftCols(1);
    design.endogenous_name = {"x1"};
    design.X = design.X.rightCols(1).eval();
    design.x_name = {"x2"};
    if (instruments == 2) {
        Numbers random{seed + 1};
        design.instruments.conservativeResize(Eigen::NoChange, 2);
        for (Eigen::Index i = 0; i < design.y.size(); ++i) {
            design.instruments(i, 1) = random.normal() + 0.3 * design.endogenous(i, 0);
        }
        design.instrument_name = {"z", "z2"};
    }
    return design;
}

/// Two-stage least squares by the textbook's formulas on dense columns without effects and exogenous
/// regressors.
struct Naive {
    Matrix Y, Z;  ///< endogenous and instruments, partialled
    Vector y, u;
    Long b = 0, bread = 0, meat = 0;
};

template <class Same>
Long products(const Vector& psi, Same same) {
    Long sum = 0;
    for (Eigen::Index i = 0; i < psi.size(); ++i) {
        for (Eigen::Index j = 0; j < psi.size(); ++j) sum += same(i, j) ? psi[i] * psi[j] : 0.0L;
    }
    return sum;
}

template <class Same>
Naive naive(const Design& design, Same same) {
    const Matrix D = dummies(design);
    Matrix controls(D.rows(), D.cols() + design.X.cols());
    controls << D, design.X.cast<Long>();
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(controls);
    qr.setThreshold(1e-12L);
    const auto rest = [&](const Matrix& columns) { return Matrix(columns - controls * qr.solve(columns)); };
    Naive n;
    n.Y = rest(design.endogenous.cast<Long>());
    n.Z = rest(design.instruments.cast<Long>());
    n.y = rest(Matrix(design.y.cast<Long>())).col(0);
    const Vector fitted = n.Z * solve(n.Z, Vector(n.Y.col(0)));
    n.bread = 1 / fitted.squaredNorm();
    n.b = fitted.dot(n.y) * n.bread;
    n.u = n.y - n.Y.col(0) * n.b;
    n.meat = products(Vector(fitted.cwiseProduct(n.u)), same);
    return n;
}

}  // namespace

TEST_CASE(
    "2SLS and Kleibergen-Paap for one endogenous variable and one instrument equal the naive formulas") {
    for (const char* effects : {"", "w", "wy"}) {
        CAPTURE(effects);
        Design design = iv_design(3, effects, 1);
        design.clusters.resize(1);
        const auto& code = design.clusters[0].code;
        for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
            const auto same = [&](Eigen::Index i, Eigen::Index j) {
                return variance == Variance::cluster
                           ? code[static_cast<std::size_t>(i)] == code[static_cast<std::size_t>(j)]
                           : i == j;
            };
            const Naive n = naive(design, same);
            Options options;
            options.variance = variance;
            const Fit fit = panel::fit(design, options);
            REQUIRE(fit.iv);
            CHECK(fit.ssc == "ivreghdfe");
            const auto N = static_cast<Long>(design.y.size());
            const Long a = std::max<Long>(1, static_cast<Long>(fit.df_absorbed)), K = 2, L = 2, G = 60;
            Long V = n.u.squaredNorm() * n.bread / (N - K - a);
            if (variance == Variance::robust) V = n.bread * n.meat * n.bread * N / (N - K - a);
            if (variance == Variance::cluster)
                V = n.bread * n.meat * n.bread * (N - 1) / (N - K - a) * G / (G - 1);
            const auto& term = fit.terms[1];
            CHECK(term.name == "x1");
            CHECK(near(term.estimate, n.b));
            CHECK(near(term.std_error, std::sqrt(V)));

            const Vector z = n.Z.col(0), x = n.Y.col(0);
            const Long zx = z.dot(x), zz = z.squaredNorm();
            const Vector e = x - z * (zx / zz);
            const Long m = zx * zx / zz / x.squaredNorm();
            CHECK(near(fit.iv->cragg_donald_f, m / (1 - m) * (N - L - a)));
            Long wald = 0;
            if (variance == Variance::iid) {
                CHECK(near(fit.iv->lm.statistic, N * m));
                CHECK(std::isnan(fit.iv->kp_wald_f));
                wald = m / (1 - m) * (N - L - a);
            } else {
                CHECK(near(fit.iv->lm.statistic, zx * zx / products(Vector(z.cwiseProduct(x)), same)));
                wald = zx * zx / products(Vector(z.cwiseProduct(e)), same);
                wald *= variance == Variance::robust ? (N - L - a) / N : (N - L - a) / (N - 1) * (G - 1) / G;
                CHECK(near(fit.iv->kp_wald_f, wald));
            }
            CHECK(near(fit.iv->first_stage[0].f, wald));
            CHECK(fit.iv->stock_yogo_size == std::vector<double>{16.38, 8.96, 6.66, 5.53});
            CHECK(fit.iv->overid_test.empty());
            CHECK((fit.terms.back().name == "_cons") == std::string(effects).empty());
        }
    }
}

TEST_CASE("degrees of freedom and factors of the tests with instruments") {
    // n = 100 rows, 90 left for the residuals, 12 clusters in the smallest dimension.
    const panel::IvScale iid{Variance::iid, nullptr, 100, 90, 12},
        robust{Variance::robust, nullptr, 100, 90, 12}, cluster{Variance::cluster, nullptr, 100, 90, 12};
    CHECK(iid.df2() == 90);
    CHECK(robust.df2() == 90);
    CHECK(cluster.df2() == 11);
    CHECK(robust.factor() == doctest::Approx(0.9));
    CHECK(cluster.factor() == doctest::Approx(90.0 / 99 * 11 / 12));
}

TEST_CASE("the Anderson-Rubin set holds exactly the values that the test does not reject") {
    Design design = iv_design(8, "wy", 1);
    design.clusters.resize(1);
    for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
        Options options;
        options.variance = variance;
        const Fit fit = panel::fit(design, options);
        REQUIRE(fit.iv->anderson_rubin.confidence);
        REQUIRE(fit.iv->anderson_rubin.confidence->size() == 1);
        const auto set = fit.iv->anderson_rubin.confidence->front();
        CHECK(set.low < fit.terms[1].estimate);
        CHECK(set.high > fit.terms[1].estimate);
        for (const double end : {set.low, set.high}) {
            Design moved = design;  // the test of b = end is the test of zero for y - end x
            moved.y -= end * design.endogenous.col(0);
            CHECK(panel::fit(moved, options).iv->anderson_rubin.p_value ==
                  doctest::Approx(0.05).epsilon(1e-8));
        }
    }
    // A useless instrument: the set is unbounded.
    Numbers random{99};
    for (Eigen::Index i = 0; i < design.y.size(); ++i) design.instruments(i, 0) = random.normal();
    Options options;
    const Fit weak = panel::fit(design, options);
    const auto& set = *weak.iv->anderson_rubin.confidence;
    REQUIRE(!set.empty());
    CHECK(std::isinf(set.front().low));
}

TEST_CASE("overidentification: Sargan and Hansen's J against their definitions") {
    Design design = iv_design(5, "w", 2);
    design.clusters.resize(1);
    const auto& code = design.clusters[0].code;
    for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
        const auto same = [&](Eigen::Index i, Eigen::Index j) {
            return variance == Variance::cluster
                       ? code[static_cast<std::size_t>(i)] == code[static_cast<std::size_t>(j)]
                       : i == j;
        };
        const Naive n = naive(design, same);
        Options options;
        options.variance = variance;
        const Fit fit = panel::fit(design, options);
        CHECK(near(fit.terms[1].estimate, n.b));
        Long J = 0;
        if (variance == Variance::iid) {
            const Vector fitted = n.Z * solve(n.Z, n.u);
            J = static_cast<Long>(n.u.size()) * fitted.squaredNorm() / n.u.squaredNorm();
            CHECK(fit.iv->overid_test == "sargan");
        } else {
            Matrix S = Matrix::Zero(2, 2);
            for (Eigen::Index i = 0; i < n.u.size(); ++i) {
                for (Eigen::Index j = 0; j < n.u.size(); ++j) {
                    if (same(i, j)) S += n.Z.row(i).transpose() * n.Z.row(j) * (n.u[i] * n.u[j]);
                }
            }
            const Matrix W = S.inverse();
            const Vector zx = n.Z.transpose() * n.Y.col(0), zy = n.Z.transpose() * n.y;
            const Long b = zx.dot(W * zy) / zx.dot(W * zx);
            const Vector g = zy - zx * b;
            J = g.dot(W * g);
            CHECK(fit.iv->overid_test == "hansen");
        }
        CHECK(near(fit.iv->overid.statistic, J, 1e-8));
        CHECK(fit.iv->overid.df == 1);
        CHECK(fit.iv->lm.df == 2);
        // With one endogenous variable the Kleibergen-Paap F is the first-stage F.
        if (variance != Variance::iid) CHECK(near(fit.iv->kp_wald_f, fit.iv->first_stage[0].f, 1e-9));
    }
}

TEST_CASE("an instrument that is the endogenous variable itself gives OLS") {
    Design design = iv_design(5, "wy", 1);
    const Design ols = random_design(5, "wy", 60, 2);
    design.instruments = design.endogenous + 0.5 * design.X;
    Options options;
    options.variance = Variance::robust;
    options.small_sample = SmallSample::reghdfe;
    const Fit a = panel::fit(design, options), b = panel::fit(ols, options);
    CHECK(near(a.terms[1].estimate, b.terms[0].estimate, 1e-10));
    CHECK(near(a.terms[1].std_error, b.terms[0].std_error, 1e-10));
    CHECK(near(a.terms[0].estimate, b.terms[1].estimate, 1e-9));
}

TEST_CASE("LIML, GMM and the new tests do not depend on units and the order of rows") {
    for (const char* effects : {"", "wy"}) {
        Design design = iv_design(15, effects, 2);
        design.clusters.resize(1);
        for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
            for (const auto estimator :
                 {panel::Estimator::tsls, panel::Estimator::liml, panel::Estimator::gmm}) {
                Options options;
                options.variance = variance;
                options.estimator = estimator;
                const Fit before = panel::fit(design, options);
                Design other = design;
                other.y *= 1e6;
                other.endogenous *= 1e-5;
                other.instruments.col(0) *= 1e8;
                std::vector<std::int64_t> order;
                for (std::int64_t i = other.y.size(); i-- > 0;) order.push_back(i);
                const Fit after = panel::fit(panel::take_rows(other, order), options);
                for (std::size_t j = 0; j < before.terms.size(); ++j)
                    CHECK(near(after.terms[j].statistic, before.terms[j].statistic, 1e-8));
                CHECK(near(after.iv->endogeneity.statistic, before.iv->endogeneity.statistic, 1e-7));
                CHECK(near(after.iv->effective.f, before.iv->effective.f, 1e-9));
                CHECK(near(after.iv->effective.critical[1], before.iv->effective.critical[1], 1e-9));
                CHECK(near(after.iv->overid.statistic, before.iv->overid.statistic, 1e-7));
                const auto &one = *before.iv->anderson_rubin.confidence,
                           &two = *after.iv->anderson_rubin.confidence;
                REQUIRE(one.size() == two.size());
                for (std::size_t i = 0; i < one.size(); ++i) {
                    if (std::isfinite(one[i].low)) CHECK(near(two[i].low, one[i].low * 1e11, 1e-7));
                    if (std::isfinite(one[i].high)) CHECK(near(two[i].high, one[i].high * 1e11, 1e-7));
                }
            }
        }
    }
}

TEST_CASE("exactly identified: LIML and GMM are 2SLS, and the published critical values") {
    Design design = iv_design(16, "w", 1);
    design.clusters.resize(1);
    Options options;
    options.variance = Variance::cluster;
    const Fit plain = panel::fit(design, options);
    for (const auto estimator : {panel::Estimator::liml, panel::Estimator::gmm}) {
        options.estimator = estimator;
        const Fit same = panel::fit(design, options);
        CHECK(near(same.terms[1].estimate, plain.terms[1].estimate, 1e-12));
        CHECK(near(same.terms[1].std_error, plain.terms[1].std_error, 1e-12));
    }
    // One instrument: P(|N(sqrt x, 1)| < sqrt c) = 0.95, where the lower tail hardly counts.
    for (std::size_t i = 0; i < 4; ++i) {
        const double bias[] = {0.05, 0.10, 0.20, 0.30}, centre = std::sqrt(1 / bias[i]);
        const double root = std::sqrt(plain.iv->effective.critical[i]);
        CHECK(stats::normal_cdf(root - centre) - stats::normal_cdf(-root - centre) ==
              doctest::Approx(0.95).epsilon(1e-10));
    }
    CHECK(plain.iv->effective.critical[1] == doctest::Approx(23.11).epsilon(2e-4));
    CHECK(near(plain.iv->effective.f, plain.iv->kp_wald_f, 1e-12));
    CHECK(panel::stock_yogo_liml(1, 3) == std::vector<double>{6.46, 4.36, 3.69, 3.32});
    CHECK(panel::stock_yogo_liml(2, 3).empty());
}

TEST_CASE("two-step GMM without enough clusters, and an estimator without instruments, are errors") {
    const auto message = [](const Design& design, const Options& options) -> std::string {
        try {
            (void)panel::fit(design, options);
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    Design design = iv_design(17, "w", 2);
    for (auto& code : design.clusters[0].code) code %= 2;
    design.clusters.resize(1);
    design.clusters[0] = factor("half", design.clusters[0].code);
    design.instruments.conservativeResize(Eigen::NoChange, 3);
    design.instruments.col(2) = design.instruments.col(0).cwiseAbs();
    design.instrument_name.push_back("z3");
    Options options;
    options.variance = Variance::cluster;
    options.estimator = panel::Estimator::gmm;
    CHECK(message(design, options).find("two-step GMM has no weights") != std::string::npos);
    options.estimator.reset();
    const Fit plain = panel::fit(design, options);
    CHECK(std::isnan(plain.iv->overid.statistic));
    CHECK_FALSE(plain.iv->anderson_rubin.confidence);
    CHECK(plain.warnings.size() >= 3);
    options.estimator = panel::Estimator::liml;
    CHECK(message(random_design(17, "w", 30), options).find("is for regressions with instruments") !=
          std::string::npos);
}

TEST_CASE("an equation that is not identified is an error") {
    const auto message = [](const Design& design) -> std::string {
        try {
            (void)panel::fit(design, Options{});
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    Design design = iv_design(5, "w", 1);
    for (Eigen::Index i = 0; i < design.y.size(); ++i) {
        design.instruments(i, 0) = design.effects[0].factor.code[static_cast<std::size_t>(i)];
    }
    CHECK(message(design).find("z is omitted (absorbed by the fixed effects)") != std::string::npos);
    design = iv_design(5, "w", 1);
    design.endogenous.conservativeResize(Eigen::NoChange, 2);
    design.endogenous.col(1) = design.y.cwiseAbs();
    design.endogenous_name.push_back("second");
    CHECK(message(design).find("1 excluded instrument for 2 endogenous variables") != std::string::npos);
    design = iv_design(5, "w", 1);
    design.instruments = 3 * design.X;
    CHECK(message(design).find("z is omitted (collinear with x2)") != std::string::npos);
}
