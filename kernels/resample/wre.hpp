#pragma once
#include "kernels/panel/regression.hpp"
#include "kernels/resample/wild.hpp"

/// Wild restricted efficient (WRE) cluster bootstrap of one coefficient of a 2SLS regression.
namespace greenfront::resample {

/// t* of B replicates in which outcome and endogenous variables are both made anew:
///     Y* = Y^ + v u2,   y* = r X*_j + (the other restricted terms) + v u1,   v one weight a cluster.
///
/// y (n), W (n x k1) exogenous regressors, Y (n x K1) endogenous ones, Z (n x L1) excluded instruments, all
/// partialled on the effects; X = [W, Y], tested one j, Q = [Q_w, Q_z] an orthonormal basis of [W, Z].
///   u1   residual of the structural equation with coefficient j equal to r, the null always imposed. When
///        that leaves endogenous variables, their coefficients are LIML's, (1, -b) the v with the least
///        v'A'P A v / v'A'A v for A = [y - r X_j, those of Y] without the exogenous regressors left and P on
///        the instruments (an exogenous X_j is one of them); else least squares.
///   u2   Y less its fit Y^ = [W, Z] pi, pi from the regression of Y on [W, Z, u1]: with u1 among the
///        regressors the first stage is efficient, and its part in Y stays in u2.
/// The effects are refitted in every replicate, as are both stages. y* - X* b~ = v u1, so with a_0 = Q'(v
/// u1), a_m = Q'(v u2_m) (sums over clusters), M = Q_z'Y^ + a_z the bootstrap first stage, Z^e the effects
/// that are not nested in clusters and gamma their coefficients in v u:
///     delta_2 = M^+ a_0z,   delta_1 = R11^-1 (a_0w - (Q_w'Y^ + a_w) delta_2),  delta = b* - b~
///     e = v (u1 - u2 delta_2) - Z^e (gamma_0 - Gamma delta_2) - [W, Y^] delta
///     c_g = x^'e over cluster g with x^ = P X* (X*'P X*)^-1 e_j,   t* = delta_j / sqrt(q sum c_g^2)
/// x^ is a combination of L1 directions (L1 + 1 for an exogenous j), so c_g comes from moments of clusters:
/// no pass over rows in a replicate.
///
/// Weights, enumeration, ties and counts are those of wild_cluster. Status undefined: the rank condition
/// fails in the replicate (|M| <= 1e-12 of Y*, or the ratio of the pivots of M <= 1e-10), or the variance is
/// not positive.
/// Interval: null values with p(r) > 1 - confidence, all residuals estimated again for each r, by doubling
/// steps and bisection to 1e-6 of a standard error; infinite when 30 doublings never reject (with weak
/// instruments a bounded interval need not exist). Values farther out that are again not rejected are not
/// looked for.
///
/// Sources: Davidson and MacKinnon (2010), Wild bootstrap tests for IV regression, JBES 28, eqs. 16-20;
/// Roodman, MacKinnon, Nielsen and Webb (2019), Fast and wild, Stata Journal 19, section 3.4 and 4.4.
///
/// Errors: those of panel::fit; Fault::usage for types other than 11, an unrestricted bootstrap, LIML or GMM,
/// several cluster variables, an unknown term, and as wild_cluster for draws.
/// Cost: 2 G ((L1 + k1 + R)(K1 + 1) + (L1 + 1)(L1 + k1 + R)) flops a replicate, R columns of the effects; the
/// interval about 45 times that.
[[nodiscard]] WildDraws wild_restricted_efficient(const panel::Design& design, const panel::Options& options,
                                                  const WildOptions& wild);

}  // namespace greenfront::resample
