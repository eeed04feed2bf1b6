#pragma once
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"

/// The regressions behind an estimate by instruments, in the notation of kernels/panel/iv.hpp:
///     first stage of Y_j     Y_j = X p_j + Z q_j + v_j      (one for each endogenous variable)
///     reduced form           y   = X p   + Z q   + v
/// with the fixed effects, weights, variance and degrees of freedom of the instrumented regression, so that
/// the joint test of Z (the fit's first test) has L1 restrictions and equals the first-stage F and the
/// Anderson-Rubin F of kernels/panel/iv.hpp under the rule ivreghdfe. (Angrist and Pischke 2009,
/// section 4.6.1: the reduced form has no more than one source of bias less, so look at it first.) Cost: K1 +
/// 1 regressions.
namespace greenfront::panel {

struct IvEquation {
    std::string outcome;
    Fit fit;              ///< empty (n = 0) where `refused` says why
    std::string refused;  ///< for example: the instruments fit the endogenous variable perfectly
};

struct IvEquations {
    std::vector<IvEquation> first_stage;
    IvEquation reduced_form;
};

/// `design` and `options` as they were given to panel::fit, `fit` what it returned.
/// Throws Error(Fault::data) for a design without instruments.
[[nodiscard]] IvEquations iv_equations(const Design& design, const Options& options, const Fit& fit);

}  // namespace greenfront::panel
