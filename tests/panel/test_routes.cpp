// Fixed-effect estimates by the three routes: direct solution, conjugate gradients and explicit dummies.
#include <cmath>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/quick_ols.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/weights.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

/// Slopes from columns partialled by one route.
Eigen::VectorXd slopes(const Design& design, panel::AbsorbRoute route) {
    const Eigen::VectorXd root = panel::root_weights(design);
    Eigen::MatrixXd W(design.y.size(), 1 + design.X.cols());
    W << design.y, design.X;
    panel::weigh(root, W);
    panel::Absorber(design.effects, design.y.size(), design.constant, root, route).apply(W);
    return W.rightCols(design.X.cols()).colPivHouseholderQr().solve(W.col(0));
}

/// Slopes with the dummies written out, in extended precision.
Vector with_dummies(const Design& design) {
    const Eigen::VectorXd root = panel::root_weights(design);
    Matrix D = dummies(design), X = design.X.cast<Long>();
    Vector y = design.y.cast<Long>();
    if (root.size() > 0) {
        const Vector r = root.cast<Long>();
        D = r.asDiagonal() * D;
        X = r.asDiagonal() * X;
        y = r.cwiseProduct(y);
    }
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(D);
    qr.setThreshold(1e-12L);
    X -= D * qr.solve(X);
    y -= D * qr.solve(y);
    return solve(X, y);
}

/// a^b.
FixedEffect interaction(const FixedEffect& a, const FixedEffect& b) {
    std::vector<std::int32_t> pair;
    for (std::size_t i = 0; i < a.factor.code.size(); ++i)
        pair.push_back(a.factor.code[i] * b.factor.levels + b.factor.code[i]);
    return effect(factor(a.factor.name + "^" + b.factor.name, pair));
}

}  // namespace

TEST_CASE("direct, iterative and explicit dummies agree") {
    // w worker, f firm, y year, s worker with slopes, S slopes alone, x firm^year.
    const char* models[] = {"w",  "y",  "wy", "wf", "fy",  "wfy", "s",
                            "sy", "wS", "sf", "xw", "xwy", "xs",  "sfy"};
    double worst = 0;
    int compared = 0;
    for (std::uint64_t seed = 100; seed < 103; ++seed) {
        for (const int components : {1, 3}) {
            for (const std::string model : models) {
                for (const auto kind :
                     {panel::WeightKind::none, panel::WeightKind::analytic, panel::WeightKind::frequency}) {
                    std::string plain = model;
                    const bool crossed = plain[0] == 'x';
                    if (crossed) plain.erase(0, 1);
                    Design design = random_design(seed, plain, 24, components);
                    if (crossed) {
                        const Design roles = random_design(seed, "fy", 24, components);
                        design.effects.push_back(interaction(roles.effects[0], roles.effects[1]));
                    }
                    design.weight_kind = kind;
                    design.weight_name = "w";
                    Numbers random{seed + 7};
                    if (kind != panel::WeightKind::none) design.weight.resize(design.y.size());
                    for (double& w : design.weight)
                        w = kind == panel::WeightKind::analytic ? 0.05 + 5 * random.uniform()
                                                                : 1 + random.below(4);
                    CAPTURE(model);
                    CAPTURE(seed);
                    CAPTURE(components);
                    const Vector dense = with_dummies(design);
                    for (const auto route : {panel::AbsorbRoute::automatic, panel::AbsorbRoute::direct,
                                             panel::AbsorbRoute::iterative}) {
                        const Eigen::VectorXd b = slopes(design, route);
                        for (Eigen::Index j = 0; j < b.size(); ++j) {
                            const double off = std::abs(static_cast<double>(b[j] - dense[j])) /
                                               std::abs(static_cast<double>(dense[j]));
                            CHECK(off < 1e-9);
                            worst = std::max(worst, off);
                            ++compared;
                        }
                    }
                }
            }
        }
    }
    MESSAGE(compared << " slopes, largest relative difference from explicit dummies " << worst);
}

TEST_CASE("leverages of the effects equal those of explicit dummies by every route") {
    for (const char* model : {"", "w", "wy", "wf", "wfy", "s", "sy", "wS", "S"}) {
        for (const bool weighted : {false, true}) {
            CAPTURE(model);
            Design design = random_design(8, model, 20, 2);
            Numbers random{3};
            if (weighted) {
                design.weight_kind = panel::WeightKind::analytic;
                design.weight.resize(design.y.size());
                for (double& w : design.weight) w = 0.1 + random.uniform();
            }
            const Eigen::VectorXd root = panel::root_weights(design);
            Matrix D = dummies(design);
            if (weighted) D = root.cast<Long>().asDiagonal() * D;
            Eigen::CompleteOrthogonalDecomposition<Matrix> qr(D);
            qr.setThreshold(1e-12L);
            const Matrix P = D * qr.pseudoInverse();
            for (const auto route :
                 {panel::AbsorbRoute::automatic, panel::AbsorbRoute::direct, panel::AbsorbRoute::iterative}) {
                const panel::Absorber absorber(design.effects, design.y.size(), true, root, route);
                const Eigen::VectorXd h = absorber.leverage();
                CHECK((h.cast<Long>() - P.diagonal()).cwiseAbs().maxCoeff() < 1e-10L);
                CHECK(std::abs(h.sum() - static_cast<double>(absorber.rank())) < 1e-8);
            }
        }
    }
    const Design grunfeld = grunfeld_design(true, true);  // balanced
    const panel::Absorber balanced(grunfeld.effects, grunfeld.y.size());
    CHECK((balanced.leverage().array() - 29.0 / 200).abs().maxCoeff() < 1e-14);
}

namespace {

/// The fit by the general way: an instruction that the quick one does not know, weights of one.
Fit general_way(Design design, const Options& options) {
    design.weight_kind = panel::WeightKind::analytic;
    design.weight_name = "one";
    design.weight = Eigen::VectorXd::Ones(design.y.size());
    return panel::fit(design, options);
}

void check_same(const Fit& quick, const Fit& general, double tolerance) {
    REQUIRE(quick.terms.size() == general.terms.size());
    for (std::size_t j = 0; j < quick.terms.size(); ++j) {
        CHECK(quick.terms[j].name == general.terms[j].name);
        CHECK(near(quick.terms[j].estimate, general.terms[j].estimate, tolerance));
        CHECK(near(quick.terms[j].std_error, general.terms[j].std_error, tolerance));
        CHECK(near(quick.terms[j].p_value, general.terms[j].p_value, 1e3 * tolerance));
    }
    const std::pair<double, double> figures[] = {{quick.rss, general.rss},
                                                 {quick.tss, general.tss},
                                                 {quick.tss_within, general.tss_within},
                                                 {quick.r2, general.r2},
                                                 {quick.adj_r2, general.adj_r2},
                                                 {quick.within_r2, general.within_r2},
                                                 {quick.rmse, general.rmse},
                                                 {quick.f_statistic, general.f_statistic},
                                                 {quick.df_residual, general.df_residual},
                                                 {quick.small_sample_factor, general.small_sample_factor}};
    for (const auto& [a, b] : figures) CHECK(near(a, b, tolerance));
    for (std::size_t j = 0; j < quick.vif.size(); ++j) CHECK(near(quick.vif[j], general.vif[j], tolerance));
    CHECK((quick.residual - general.residual).cwiseAbs().maxCoeff() <
          tolerance * general.residual.cwiseAbs().maxCoeff());
    CHECK(quick.clusters == general.clusters);
}

}  // namespace

TEST_CASE("the quick way for usual regressions gives the numbers of the general one") {
    for (const char* model : {"w", "y", "wy", "yw", "wf"}) {
        for (const double offset : {0.0, 1e6}) {
            for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
                CAPTURE(model);
                CAPTURE(offset);
                Design design = random_design(31, model, 40, 2);
                design.clusters = {design.clusters[0]};
                design.y.array() += offset;
                design.X.col(0).array() -= 3 * offset;
                design.X.col(1) *= 1e-7;
                Options options;
                options.variance = variance;
                CHECK(panel::quick_ols(design, options, {}).has_value());
                // A column far from zero has fewer digits to begin with.
                check_same(panel::fit(design, options), general_way(design, options),
                           offset > 0 ? 1e-9 : 1e-12);
            }
        }
    }
    const Design grunfeld = grunfeld_design(true, true);
    Options options;
    options.variance = Variance::robust;
    CHECK(panel::quick_ols(grunfeld, options, {}).has_value());
    check_same(panel::fit(grunfeld, options), general_way(grunfeld, options), 1e-12);
    Design wide = grunfeld;  // more than eight columns: two strips
    Numbers random{4};
    wide.X.conservativeResize(Eigen::NoChange, 11);
    wide.x_name.resize(11);
    for (Eigen::Index j = 2; j < 11; ++j) {
        for (double& value : wide.X.col(j)) value = random.normal();
        wide.x_name[static_cast<std::size_t>(j)] = "x" + std::to_string(j);
    }
    wide.clusters = {wide.clusters[0]};
    for (const Variance variance : {Variance::iid, Variance::robust}) {
        options.variance = variance;
        CHECK(panel::quick_ols(wide, options, {}).has_value());
        check_same(panel::fit(wide, options), general_way(wide, options), 1e-12);
    }
    // Between units much more variation than within: the elimination is repeated.
    Design far = random_design(5, "wy", 40, 1);
    far.clusters = {far.clusters[0]};
    for (Eigen::Index i = 0; i < far.y.size(); ++i)
        far.X(i, 0) += 2000 * far.effects[0].factor.code[static_cast<std::size_t>(i)];
    options.variance = Variance::cluster;
    check_same(panel::fit(far, options), general_way(far, options), 1e-10);
}
