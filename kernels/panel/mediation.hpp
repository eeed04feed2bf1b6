#pragma once
#include <Eigen/Core>
#include <string>

#include "kernels/panel/regression.hpp"

/// Mediation: how much of the effect of x on y goes through m.
///
/// On one sample, with the same other regressors w, effects and variance:
///     first   m = a x  + w'. + effects + e1        the regression to report (Jiang 2022)
///     total   y = c x  + w'. + effects + e2
///     full    y = c'x + b m + w'. + effects + e3
/// so that c = c' + a b exactly. The indirect effect a b has the first-order variance, taking a and b as
/// uncorrelated,
///     Sobel (1982)    a^2 sb^2 + b^2 sa^2
///     Aroian (1947)   a^2 sb^2 + b^2 sa^2 + sa^2 sb^2
///     Goodman (1960)  a^2 sb^2 + b^2 sa^2 - sa^2 sb^2     (undefined where negative)
/// with z = a b / se against the normal distribution. The share a b / c is given only where the confidence
/// interval of c leaves zero out: elsewhere the ratio has no useful distribution.
/// a b is a function of the cross-products of [regressors, m, y] alone (mediation_effects), which is what a
/// pairs bootstrap resamples (kernels/resample/moments.hpp). Cost: three regressions.
namespace greenfront::panel {

struct IndirectTest {
    double std_error = 0, statistic = 0, p_value = 0;
};

struct Mediation {
    Fit first, total, full;
    double a = 0, a_se = 0, b = 0, b_se = 0;            ///< x to m; m to y given x
    double c = 0, c_se = 0, direct = 0, direct_se = 0;  ///< total and direct effect of x
    double indirect = 0;                                ///< a b
    IndirectTest sobel, aroian, goodman;
    double share = 0;        ///< a b / c; NaN when suppressed
    std::string share_note;  ///< why it is suppressed, or empty
};

/// `design` is the total equation; `treatment` one of its regressors; `mediator` has one value a design row.
/// Errors: those of panel::fit; Fault::data for instruments, a treatment that is no regressor, a mediator
/// that is one, and a treatment or mediator that is omitted.
[[nodiscard]] Mediation mediate(const Design& design, const std::string& treatment,
                                const std::string& mediator_name, const Eigen::VectorXd& mediator,
                                const Options& options);

struct MediationEffects {
    double a = 0, b = 0, c = 0, direct = 0;
    [[nodiscard]] double indirect() const { return a * b; }
};
/// From Q = W'W of partialled columns W = [regressors (k), m, y]; `treatment` is the position of x. NaN where
/// Q is singular.
[[nodiscard]] MediationEffects mediation_effects(const Eigen::MatrixXd& Q, Eigen::Index treatment);

/// The regressors of `design` with `mediator` last, and the design with `mediator` as outcome.
[[nodiscard]] Design with_mediator(const Design& design, const std::string& name,
                                   const Eigen::VectorXd& mediator);
[[nodiscard]] Design of_mediator(const Design& design, const std::string& name,
                                 const Eigen::VectorXd& mediator);

}  // namespace greenfront::panel
