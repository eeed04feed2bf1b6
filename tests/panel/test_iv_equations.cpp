#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/iv_equations.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

/// y on x1, x2, x3 of which the first ones are endogenous, with three instruments, two of them made here.
Design several(std::uint64_t seed, const std::string& effects, int endogenous) {
    Design design = random_design(seed, effects, 60, 2, true);
    Numbers random{seed + 1};
    design.X.conservativeResize(Eigen::NoChange, 3);
    for (Eigen::Index i = 0; i < design.y.size(); ++i) design.X(i, 2) = random.normal();
    design.x_name = {"x1", "x2", "x3"};
    design.endogenous = design.X.leftCols(endogenous);
    design.endogenous_name.assign(design.x_name.begin(), design.x_name.begin() + endogenous);
    design.X = design.X.rightCols(3 - endogenous).eval();
    design.x_name.erase(design.x_name.begin(), design.x_name.begin() + endogenous);
    design.instruments.conservativeResize(Eigen::NoChange, 3);
    for (Eigen::Index i = 0; i < design.y.size(); ++i) {
        for (Eigen::Index z = 1; z < 3; ++z)
            design.instruments(i, z) =
                random.normal() + 0.4 * design.endogenous(i, std::min<Eigen::Index>(z - 1, endogenous - 1));
    }
    design.instrument_name = {"z", "z2", "z3"};
    return design;
}

}  // namespace

TEST_CASE("first stages and reduced form: their tests are the diagnostics, their ratio the estimate") {
    for (const char* effects : {"", "w", "wy"}) {
        for (const int endogenous : {1, 2}) {
            for (const Variance variance : {Variance::iid, Variance::robust, Variance::cluster}) {
                CAPTURE(effects);
                CAPTURE(endogenous);
                Design design = several(41, effects, endogenous);
                design.clusters.resize(1);
                Options options;
                options.variance = variance;
                const Fit fit = panel::fit(design, options);
                const auto equations = panel::iv_equations(design, options, fit);
                REQUIRE(equations.first_stage.size() == static_cast<std::size_t>(endogenous));
                for (std::size_t j = 0; j < equations.first_stage.size(); ++j) {
                    const auto& equation = equations.first_stage[j];
                    const auto& stage = fit.iv->first_stage[j];
                    CHECK(equation.outcome == stage.endogenous);
                    CHECK(equation.fit.n == fit.n);
                    CHECK(equation.fit.tests.at(0).f == doctest::Approx(stage.f).epsilon(1e-9));
                    CHECK(equation.fit.tests.at(0).p_value == doctest::Approx(stage.p_value).epsilon(1e-7));
                    CHECK(equation.fit.tests.at(0).terms == fit.iv->instrument_names);
                }
                CHECK(equations.reduced_form.fit.tests.at(0).f ==
                      doctest::Approx(fit.iv->anderson_rubin.f).epsilon(1e-9));
                CHECK(equations.reduced_form.outcome == design.y_name);
            }
        }
    }
}

TEST_CASE("one instrument: the coefficient is reduced form over first stage (indirect least squares)") {
    Design design = several(43, "wy", 1);
    design.instruments = design.instruments.rightCols(1).eval();
    design.instrument_name = {"z3"};
    const Fit fit = panel::fit(design, {});
    const auto equations = panel::iv_equations(design, {}, fit);
    const auto of = [](const Fit& equation) {
        for (const auto& term : equation.terms)
            if (term.name == "z3") return term.estimate;
        return std::nan("");
    };
    const double ratio = of(equations.reduced_form.fit) / of(equations.first_stage[0].fit);
    CHECK(fit.terms.at(2).name == "x1");
    CHECK(fit.terms.at(2).estimate == doctest::Approx(ratio).epsilon(1e-10));
}

TEST_CASE("an endogenous variable that the instruments fit perfectly has no first stage, with the reason") {
    Design design = several(47, "w", 1);
    design.endogenous.col(0) = 2 * design.instruments.col(0) - design.X.col(0);
    const Fit fit = panel::fit(design, {});
    const auto equations = panel::iv_equations(design, {}, fit);
    CHECK(equations.first_stage[0].refused.find("perfectly") != std::string::npos);
    CHECK(equations.reduced_form.refused.empty());
    design.endogenous.resize(design.y.size(), 0);
    design.endogenous_name.clear();
    design.instruments.resize(design.y.size(), 0);
    design.instrument_name.clear();
    CHECK_THROWS_AS((void)panel::iv_equations(design, {}, panel::fit(design, {})), Error);
}
