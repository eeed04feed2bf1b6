#pragma once
#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "kernels/panel/estimation.hpp"
#include "kernels/panel/regression.hpp"

/// Two-stage least squares and its diagnostics, as ivreg2 and ivreghdfe define them.
///
/// y = X b1 + Y b2 + u with K1 endogenous variables Y, exogenous X and L1 excluded instruments Z, all with
/// the fixed effects (or the constant) absorbed. After taking X out as well, Qz and Qy are orthonormal bases
/// of Z and Y, Theta = Qz'Qy (L1 x K1) = U Sigma V', and m is the smallest squared singular value.
///     b2 = argmin |Qz'(y - Y b2)|,   residual u = y - X b1 - Y b2 with Y itself,
///     variance: the sandwich of kernels/panel/estimation.hpp with [X, P Y], P the projection on [X, Z].
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
///     Anderson-Rubin F   the same of y on X and Z: tests b2 = 0 whatever the strength of the instruments
///     Sargan             N |Qz'u|^2 / u'u (iid);  Hansen J: two-step efficient GMM, weights of the 2SLS
///     residuals
/// Degrees of freedom: chi2(L1-K1) for overidentification; F(L1, N-L-a), with clusters F(L1, G-1).
/// Confidence set of Anderson-Rubin for K1 = L1 = 1 in closed form: with reduced-form a and first-stage b,
///     (a - b0 b)^2 <= c (Vaa - 2 b0 Vab + b0^2 Vbb):  an interval, two rays, the whole line or nothing.
/// Cost: n (K+L)^2.
namespace greenfront::panel {

struct ChiSquared {
    double statistic = 0, p_value = 0;
    std::int64_t df = 0;
};

struct FirstStage {
    std::string endogenous;
    double f = 0, df1 = 0, df2 = 0, p_value = 0, partial_r2 = 0;
    double sanderson_windmeijer_f = 0;  ///< NaN with one endogenous variable
};

/// b0 in any of the intervals is not rejected; an end may be infinite. No interval: every b0 is rejected.
struct Interval {
    double low, high;
};

struct AndersonRubin {
    double f = 0, df1 = 0, df2 = 0, p_value = 0;
    std::optional<std::vector<Interval>> confidence;  ///< one endogenous variable and one instrument only
};

struct WeakInstruments {
    std::int64_t endogenous = 0, instruments = 0;  ///< K1, L1
    ChiSquared lm;                                 ///< Anderson (iid) or Kleibergen-Paap
    double kp_wald_f = 0;                          ///< NaN with iid errors
    double cragg_donald_f = 0;
    std::vector<double> stock_yogo_size;  ///< 10, 15, 20, 25 % maximal size; empty: not tabulated
    std::vector<double> stock_yogo_bias;  ///< 5, 10, 20, 30 % maximal relative bias; or empty
    std::string overid_test;              ///< sargan, hansen; empty when exactly identified
    ChiSquared overid;
    std::vector<FirstStage> first_stage;
    AndersonRubin anderson_rubin;
    std::vector<std::string> instrument_names;  ///< excluded instruments that were kept
};

/// Fills `fit`, including fit.iv. Throws Error(Fault::data) when the equation is not identified.
void fit_iv(const Design& sample, const Options& options, Fit& fit);

/// Critical values of Stock and Yogo (2005), tables 5.1 and 5.2, as ivreg2 stores them; empty where the copy
/// here has none.
[[nodiscard]] std::vector<double> stock_yogo_size(std::int64_t endogenous, std::int64_t instruments);
[[nodiscard]] std::vector<double> stock_yogo_bias(std::int64_t endogenous, std::int64_t instruments);

}  // namespace greenfront::panel
