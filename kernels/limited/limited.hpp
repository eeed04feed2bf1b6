#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Regressions for a limited outcome, such as an efficiency score, by maximum likelihood.
///
/// x_i (k, the constant included), beta (k), sigma > 0, limits a < b (either may be infinite), phi and Phi
/// the density and distribution of the standard normal, alpha_i = (a - x_i'beta) / sigma, omega_i likewise:
///
///     truncated         rows outside of (a, b) are not in the data:
///                       l_i = ln phi((y_i - x_i'beta)/sigma) - ln sigma - ln(Phi(omega_i) - Phi(alpha_i))
///     tobit             y_i = min(max(x_i'beta + sigma e_i, a), b) (Tobin 1958):
///                       l_i = ln Phi(alpha_i) where y_i = a, ln Phi(-omega_i) where y_i = b,
///                       ln phi((y_i - x_i'beta)/sigma) - ln sigma elsewhere
///     fractional_logit  E[y_i|x_i] = Lambda(x_i'beta), 0 <= y_i <= 1 (Papke and Wooldridge 1996, eq. 4-6):
///                       l_i = y_i ln Lambda(x_i'beta) + (1 - y_i) ln(1 - Lambda(x_i'beta))
///
/// Each is maximised in parameters in which it is concave, so that a maximum is the maximum: tobit in
/// (beta/sigma, 1/sigma) (Olsen 1978), the truncated regression in (beta/sigma^2, 1/sigma^2), the natural
/// parameters of the truncated normal as an exponential family (Orme and Ruud 2002). Newton with the exact
/// Hessian on an orthonormal basis of the regressors, outcome and limits measured from the OLS fit in units
/// of its residuals; no result depends on units of measurement. Estimates in the printed parameters follow
/// by the invariance of maximum likelihood, their variance by the delta method (exact at the maximum).
///
/// Variances, B = (-Hessian)^-1, S the cross-products of scores (kernels/panel/variance.hpp), N rows, G
/// clusters:   iid  B (oim),   robust  N/(N-1) B S B,   cluster  G/(G-1) B S B with the smallest G,
/// as Stata's maximum-likelihood commands; statistics are standard normal (z).
///
/// Fixed effects of the design become dummy variables, the first level of each effect being the base; with
/// few rows a level this is biased in a nonlinear model (the incidental parameters problem), and the fit
/// says so. Cost: n k^2 a Newton step, about six steps.
namespace greenfront::limited {

enum class Model : std::int8_t { truncated, tobit, fractional_logit };

struct Settings {
    Model model = Model::tobit;
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
    panel::Variance variance = panel::Variance::iid;
    bool keep_singletons = false;
    double confidence = 0.95;
};

/// Average over the rows of the derivative of a mean of y with respect to each regressor.
struct MarginalEffects {
    std::string target;  ///< "latent", "observed", "in_range" or "mean"
    std::string text;    ///< the mean that is meant, as a formula
    std::vector<panel::Term> terms;
};

struct ChiSquared {
    std::string test;  ///< "lr": all slopes against a constant alone; "wald": the named regressors are zero
    double statistic = std::numeric_limits<double>::quiet_NaN();
    double p_value = std::numeric_limits<double>::quiet_NaN();
    std::int64_t df = 0;
};

struct DummyEffect {
    std::string name;
    std::int64_t levels = 0, dummies = 0;  ///< dummies kept, the base level and collinear ones left out
};

struct Fit {
    Model model = Model::tobit;
    std::string formula, vcov;
    double lower = 0, upper = 0;
    std::int64_t n = 0, n_read = 0, n_complete = 0, singletons = 0;
    std::vector<std::string> singleton_names;
    std::int64_t at_lower = 0;  ///< tobit: censored; truncated: left out; fractional logit: y = 0
    std::int64_t inside = 0;
    std::int64_t at_upper = 0;
    std::vector<std::pair<std::string, std::int64_t>> clusters;
    std::vector<panel::Omitted> omitted;
    std::vector<DummyEffect> effects;
    std::int64_t df_model = 0;  ///< slopes, dummies included
    std::vector<panel::Term>
        terms;                   ///< kept regressors in formula order, `_cons` last; dummies are not listed
    Eigen::MatrixXd covariance;  ///< of the kept regressors and `_cons`
    panel::Term sigma{};         ///< NaN for the fractional logit
    double log_likelihood = 0;
    double log_likelihood_null = std::numeric_limits<double>::quiet_NaN();  ///< constant alone
    double pseudo_r2 = std::numeric_limits<double>::quiet_NaN();  ///< 1 - l / l_null; not for truncated
    ChiSquared chi2;
    std::vector<MarginalEffects> marginal;
    int iterations = 0;
    double scaled_gradient = 0;  ///< g'(-H)^-1 g at the estimate
    double confidence = 0.95;
    std::vector<std::string> warnings;
};

/// The first row whose outcome no row may have (below a, above b, outside of [0, 1]), or -1. A value within
/// 1e-9 of a limit's size counts as that limit.
[[nodiscard]] Eigen::Index first_outside(const Eigen::VectorXd& y, const Settings& settings);

/// Throws Error(Fault::data), naming the cause: an outcome beyond the limits, no row inside of them, no
/// maximum (perfect prediction, a perfect fit, a sigma without bound), regressors all omitted, too few
/// clusters, effects with slopes, instruments.
[[nodiscard]] Fit fit(const panel::Design& design, const Settings& settings);

}  // namespace greenfront::limited
