#pragma once
#include <Eigen/Core>

#include "kernels/panel/iv_diagnostics.hpp"

/// Strength of the instruments and exogeneity of the regressors, in the coordinates of iv_diagnostics.hpp.
///
/// Minimum distance. For moments g, their derivative D (L x K) and covariance S,
///     J(S, g, D) = min over b of (g - D b)' S^-1 (g - D b).
/// Hansen's J is J(S_zz, Qz'y, Theta) with the scores of the weighting residual.
///
/// Endogeneity. Q = [Qz, T] spans the instruments and Qy; S has the scores of the OLS residual (iid: its mean
/// square times I):   C = J(S, Q'y, Q'Qy) - J(S_zz, Qz'y, Theta),  chi2(K).
///
/// Effective F (Montiel Olea and Pflueger 2013, JBES 31, eq. 5). pi = Qz'x, W its estimated variance, scaled
/// as the first-stage F:  F = pi'pi / tr W. Worst-case bias of 2SLS above a share tau of the benchmark is
/// rejected when F exceeds (their section 4.1 with Patnaik's curve and the simplification B <= 1, x = 1/tau)
///     c = quantile(0.95; noncentral chi2(K_eff, x K_eff)) / K_eff,
///     K_eff = (tr W)^2 (1 + 2 x) / (tr W^2 + 2 x tr W max eig W).
/// The quantile is exact to rounding (Boost.Math). One instrument: 37.42, 23.11, 15.06, 12.05. The values
/// bound those of their general procedure from above, so the test is conservative. Cost: n (K + L)^2 + L^3.
namespace greenfront::panel {

/// J(S, g, D); NaN when S is not positive definite (smallest eigenvalue not above 1e-12 of the largest).
[[nodiscard]] double minimum_distance(const Eigen::MatrixXd& S, const Eigen::VectorXd& g,
                                      const Eigen::MatrixXd& D);

[[nodiscard]] ChiSquared endogeneity_test(const IvCoordinates& c, const IvScale& scale);
[[nodiscard]] EffectiveF effective_f(const IvCoordinates& c, const IvScale& scale);
[[nodiscard]] ChiSquared stock_wright(const IvCoordinates& c, const IvScale& scale);

}  // namespace greenfront::panel
