#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/absorb.hpp"
#include "kernels/panel/mediation.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;
using greenfront::panel::Mediation;

namespace {

Eigen::VectorXd mediator_of(const Design& design, std::uint64_t seed) {
    Numbers random{seed};
    Eigen::VectorXd m = 0.7 * design.X.col(0) + 0.2 * design.y;
    for (Eigen::Index i = 0; i < m.size(); ++i) m[i] += random.normal();
    return m;
}

}  // namespace

TEST_CASE("mediation: the total effect is the direct one and the product of the paths") {
    for (const char* effects : {"", "w", "wy", "wfy"}) {
        CAPTURE(effects);
        Design design = random_design(21, effects, 60, 2);
        design.clusters.resize(1);
        const Eigen::VectorXd m = mediator_of(design, 4);
        for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
            Options options;
            options.variance = variance;
            const Mediation result = panel::mediate(design, "x1", "m", m, options);
            CHECK(near(result.c, result.direct + result.a * result.b, 1e-11));
            CHECK(result.indirect == result.a * result.b);
            // Each path against the naive twin of its equation.
            const Twin first = twin(panel::of_mediator(design, "m", m), variance);
            const Twin full = twin(panel::with_mediator(design, "m", m), variance);
            CHECK(near(result.a, first.b[0]));
            CHECK(near(result.b, full.b[full.b.size() - 1]));
            CHECK(near(result.direct, full.b[0]));
            const double a2 = result.a * result.a, b2 = result.b * result.b, sa2 = result.a_se * result.a_se,
                         sb2 = result.b_se * result.b_se;
            CHECK(near(result.sobel.std_error, std::sqrt(a2 * sb2 + b2 * sa2)));
            CHECK(near(result.aroian.std_error, std::sqrt(a2 * sb2 + b2 * sa2 + sa2 * sb2)));
            CHECK(near(result.goodman.std_error, std::sqrt(a2 * sb2 + b2 * sa2 - sa2 * sb2)));
            CHECK(near(result.sobel.p_value, std::erfc(std::abs(result.sobel.statistic) / std::sqrt(2.0)),
                       1e-9));
            CHECK(result.first.n == result.full.n);
        }
    }
}

TEST_CASE("mediation: its equations say in their formulas what they are") {
    const Design design = random_design(21, "wy", 30, 2);
    const Eigen::VectorXd m = mediator_of(design, 4);
    CHECK(panel::with_mediator(design, "m", m).formula == design.formula + ", with m");
    CHECK(panel::with_mediator(design, "m", m).x_name.back() == "m");
    CHECK(panel::of_mediator(design, "m", m).formula == design.formula + ", outcome m");
    CHECK(panel::of_mediator(design, "m", m).y_name == "m");
}

TEST_CASE("mediation from cross-products is that of the regressions") {
    Design design = random_design(22, "wy", 60, 2);
    const Eigen::VectorXd m = mediator_of(design, 5);
    Options options;
    options.keep_singletons = true;
    const Mediation result = panel::mediate(design, "x2", "m", m, options);
    Eigen::MatrixXd W(design.y.size(), design.X.cols() + 2);
    W << design.X, m, design.y;
    panel::Absorber(design.effects, design.y.size(), design.constant).apply(W);
    // Units of the columns must not matter.
    for (const double scale : {1.0, 1e9}) {
        Eigen::MatrixXd scaled = W;
        scaled.col(1) *= scale;
        const auto effects = panel::mediation_effects(scaled.transpose() * scaled, 1);
        CHECK(near(effects.a * scale, result.a));
        CHECK(near(effects.b, result.b));
        CHECK(near(effects.c * scale, result.c));
        CHECK(near(effects.direct * scale, result.direct));
        CHECK(near(effects.indirect() * scale, result.indirect));
    }
    W.col(0) = W.col(1);
    CHECK(std::isnan(panel::mediation_effects(W.transpose() * W, 1).a));
}

TEST_CASE("mediation: the share is given only where the total effect is clear") {
    Design design = random_design(23, "w", 60, 2);
    const Eigen::VectorXd m = mediator_of(design, 6);
    const Mediation clear = panel::mediate(design, "x1", "m", m, Options{});
    CHECK(clear.share_note.empty());
    CHECK(near(clear.share, clear.indirect / clear.c));
    // The outcome without the total effect: a ratio over nothing.
    design.y -= clear.c * design.X.col(0);
    const Mediation none = panel::mediate(design, "x1", "m", m, Options{});
    CHECK(std::isnan(none.share));
    CHECK(none.share_note.find("not clearly different from zero") != std::string::npos);
}

TEST_CASE("mediation: what is refused") {
    const Design design = random_design(24, "w", 60, 2);
    const Eigen::VectorXd m = mediator_of(design, 7);
    const auto message = [&](const std::string& x, const std::string& name,
                             const Eigen::VectorXd& values) -> std::string {
        try {
            (void)panel::mediate(design, x, name, values, Options{});
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    CHECK(message("x9", "m", m).find("x9 is not a regressor") != std::string::npos);
    CHECK(message("x1", "x2", m).find("the mediator x2 is already in") != std::string::npos);
    CHECK(message("x1", "m", 2 * design.X.col(1)).find("m is fitted perfectly by the regressors") !=
          std::string::npos);
}
