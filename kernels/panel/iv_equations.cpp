#include "kernels/panel/iv_equations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"

namespace greenfront::panel {
namespace {

/// Exogenous regressors and excluded instruments beside each other, without an outcome.
Design with_instruments_as_regressors(const Design& design) {
    Design result = design;
    result.X.resize(design.y.size(), design.X.cols() + design.instruments.cols());
    result.X << design.X, design.instruments;
    result.x_name.insert(result.x_name.end(), design.instrument_name.begin(), design.instrument_name.end());
    result.endogenous_name.clear();
    result.endogenous.resize(design.y.size(), 0);
    result.instrument_name.clear();
    result.instruments.resize(design.y.size(), 0);
    result.warnings.clear();  // those of the instrumented regression
    return result;
}

std::string formula_of(const std::string& outcome, const Design& equation) {
    std::vector<std::string> effects;
    for (const FixedEffect& effect : equation.effects) effects.push_back(effect.factor.name);
    const std::string text = fmt::format("{} ~ {}", outcome, fmt::join(equation.x_name, " + "));
    return effects.empty() ? text : fmt::format("{} | {}", text, fmt::join(effects, " + "));
}

IvEquation equation_of(const std::string& outcome, const Eigen::VectorXd& y, Design& equation,
                       const Options& options) {
    equation.y_name = outcome;
    equation.y = y;
    equation.formula = formula_of(outcome, equation);
    IvEquation result{outcome, {}, {}};
    try {
        result.fit = fit(equation, options);
    } catch (const Error& error) {
        if (error.fault() != Fault::data) throw;
        result.refused = error.what();
    }
    return result;
}

}  // namespace

IvEquations iv_equations(const Design& design, const Options& options, const Fit& fit) {
    if (fit.iv == nullptr) {
        throw Error(Fault::data, fmt::format("{} has no instruments, so no first stage", design.formula));
    }
    Options linear = options;
    linear.estimator.reset();
    linear.small_sample = options.small_sample.value_or(SmallSample::ivreghdfe);
    linear.tests = {fit.iv->instrument_names};
    Design equation = with_instruments_as_regressors(design);
    IvEquations result;
    for (std::size_t j = 0; j < design.endogenous_name.size(); ++j) {
        result.first_stage.push_back(equation_of(design.endogenous_name[j],
                                                 design.endogenous.col(static_cast<Eigen::Index>(j)),
                                                 equation, linear));
    }
    result.reduced_form = equation_of(design.y_name, design.y, equation, linear);
    return result;
}

}  // namespace greenfront::panel
