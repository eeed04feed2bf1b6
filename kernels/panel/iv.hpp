#pragma once
#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "kernels/panel/estimation.hpp"
#include "kernels/panel/regression.hpp"

/// Instrumental variables: two-stage least squares, LIML and two-step efficient GMM with their diagnostics,
/// as ivreg2 and ivreghdfe define them.
///
/// y = X b1 + Y b2 + u with K1 endogenous variables Y, exogenous X and L1 excluded instruments Z, all with
/// the fixed effects (or the constant) absorbed. After taking X out as well, Qz and Qy are orthonormal bases
/// of Z and Y, Theta = Qz'Qy (L1 x K1) = U Sigma V', and m is the smallest squared singular value.
/// The estimators and their variances: kernels/panel/iv_estimators.hpp. u below is the residual of 2SLS (of
/// LIML after LIML) with Y itself, not its projection.
/// N rows, L = L1 + columns of X, a = absorbed degrees of freedom of the rule, G clusters:
///     Cragg-Donald F     m/(1-m) (N-L-a)/L1
///     Anderson LM        N m,  chi2(L1-K1+1)                                            (iid errors)
///     Kleibergen-Paap    rk = l' S^-1 l with l = A'Theta B; A and B span the singular vectors of all but the
///                        K1-1 largest singular values; S = sum_g of products of (A'qz_i)(B'e_i), with
///                        e_i = qy_i for the LM test and qy_i - Theta'qz_i for the Wald test
///                        (Kleibergen and Paap 2006; any bases of the null spaces give the same number)
///     KP LM              rk,  chi2(L1-K1+1), no small-sample factor
///     KP Wald F          rk (N-L-a)/(N L1) robust;  rk (N-L-a)/(N-1) (G-1)/G / L1 clustered
///     first-stage F      Wald test of Z in the regression of one endogenous variable, scaled likewise
///     effective F        K1 = 1, pi = Qz'Y, Sp its variance (scaled likewise): pi'pi / tr Sp
///                        (Montiel Olea and Pflueger 2013, eq. 5); the KP F when L1 = 1
///     Anderson-Rubin F   the same of y on X and Z: tests b2 = 0 whatever the strength of the instruments
///     Stock-Wright S     its LM form: (Qz'y)' S^-1 (Qz'y), moments of y without X;  chi2(L1)
///     Sargan             N |Qz'u|^2 / u'u (iid);  Hansen J: two-step efficient GMM, weights from u
///     endogeneity        difference of two such statistics, with and without the moments Y'u = 0, both with
///                        the weights of the OLS residuals, so never negative;  chi2(K1)  (Hayashi 2000, p.
///                        220)
/// Degrees of freedom: chi2(L1-K1) for overidentification; F(L1, N-L-a), with clusters F(L1, G-1).
/// Confidence set of Anderson-Rubin, K1 = 1: kernels/panel/iv_anderson_rubin.hpp. Critical values of the
/// effective F: kernels/panel/iv_strength.hpp.
/// Cost: n (K+L)^2.
namespace greenfront::panel {

struct ChiSquared {
    double statistic = 0, p_value = 0;
    std::int64_t df = 0;
};

struct FirstStage {
    std::string endogenous;
    double f = 0, df1 = 0, df2 = 0, p_value = 0, partial_r2 = 0;
    /// F(L1-K1+1, df2); f and p NaN with one endogenous variable
    double sanderson_windmeijer_f = 0, sanderson_windmeijer_df1 = 0, sanderson_windmeijer_p = 0;
};

/// b0 in any of the intervals is not rejected; an end may be infinite. No interval: every b0 is rejected.
struct Interval {
    double low, high;
};

struct AndersonRubin {
    double f = 0, df1 = 0, df2 = 0, p_value = 0;
    ChiSquared chi_squared;                           ///< the Wald statistic without a small-sample factor
    std::optional<std::vector<Interval>> confidence;  ///< one endogenous variable only
};

/// Montiel Olea and Pflueger's test of weak instruments; one endogenous variable only.
struct EffectiveF {
    double f = 0;                  ///< NaN with several endogenous variables
    std::vector<double> critical;  ///< 5 % level; a worst-case bias of 5, 10, 20, 30 % of the benchmark
    std::vector<double> df;        ///< effective degrees of freedom of each critical value
};

struct WeakInstruments {
    std::int64_t endogenous = 0, instruments = 0;  ///< K1, L1
    ChiSquared lm;                                 ///< Anderson (iid) or Kleibergen-Paap
    double kp_wald_f = 0;                          ///< NaN with iid errors
    double cragg_donald_f = 0;
    std::vector<double>
        stock_yogo_size;  ///< of the estimator, 10, 15, 20, 25 % maximal size; empty: not tabulated
    std::vector<double> stock_yogo_bias;  ///< 5, 10, 20, 30 % maximal relative bias; or empty
    std::string overid_test;              ///< sargan, hansen; empty when exactly identified
    ChiSquared overid;
    std::vector<FirstStage> first_stage;
    AndersonRubin anderson_rubin;
    EffectiveF effective;
    ChiSquared stock_wright, endogeneity;  ///< statistic NaN where the moments' covariance is singular
    double liml_k = 0;                     ///< after LIML: k; otherwise NaN
    ChiSquared liml_overid;                ///< after LIML, overidentified: N ln k (Anderson and Rubin 1950)
    std::vector<std::string> instrument_names;  ///< excluded instruments that were kept
    std::vector<std::string> notes;             ///< what could not be computed, and why
};

/// Fills `fit`, including fit.iv. Throws Error(Fault::data) when the equation is not identified.
void fit_iv(const Design& sample, const Options& options, Fit& fit);

/// Critical values of Stock and Yogo (2005), tables 5.1, 5.2 and 5.4, as ivreg2 stores them; empty where the
/// copy here has none.
[[nodiscard]] std::vector<double> stock_yogo_size(std::int64_t endogenous, std::int64_t instruments);
[[nodiscard]] std::vector<double> stock_yogo_liml(std::int64_t endogenous, std::int64_t instruments);
[[nodiscard]] std::vector<double> stock_yogo_bias(std::int64_t endogenous, std::int64_t instruments);

}  // namespace greenfront::panel
