#pragma once
#include <Eigen/Core>

#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

/// Weighted least squares as unweighted least squares of rows multiplied by r_i = sqrt(w_i).
///
///     min sum_i w_i (y_i - x_i'b - d_i'a)^2 = min |r y - r X b - r D a|^2
/// Analytic weights are divided by their mean first (sum w = rows), as Stata does: coefficients and standard
/// errors do not change with the scale of the weights, sums of squares and the RMSE do. Frequency weights are
/// counts: N = sum w, and everything equals the data with every row repeated w_i times. In weighted
/// coordinates, with weighted residual e = r u and partialled regressors z = r x:
///     A = z'z, RSS = e'e, TSS = sum w (y - ybar_w)^2, ybar_w = sum w y / sum w
///     score of a row   z_i e_i = w_i x_i u_i               (analytic: one observation; clusters: sums)
///     own-row products sum_i (z_i e_i)(z_i e_i)' / w_i      (frequency: w_i observations x_i u_i each)
/// Source: Stata's [U] 20.24 Weighted estimation, and reghdfe's documentation of its weights.
namespace greenfront::panel {

/// r (n), after the normalisation; empty without weights. Throws Error(Fault::data) for a weight that is not
/// positive and finite, and for a frequency weight that is no whole number.
[[nodiscard]] Eigen::VectorXd root_weights(const Design& design);

/// N: rows, or the sum of the frequency weights.
[[nodiscard]] std::int64_t observations(const Design& design);

/// Every column times r; nothing without weights.
void weigh(const Eigen::VectorXd& root, Eigen::Ref<Eigen::MatrixXd> columns);

/// Sums of squares (weighted) of unweighted columns about zero and about the weighted mean.
[[nodiscard]] Scale column_scale(const Eigen::Ref<const Eigen::MatrixXd>& columns,
                                 const Eigen::VectorXd& root);
[[nodiscard]] double weighted_mean(const Eigen::Ref<const Eigen::VectorXd>& column,
                                   const Eigen::VectorXd& root);

/// The design with every row repeated as often as its frequency weight says, without weights. Throws
/// Error(Fault::data) when that are more than 20 million rows.
[[nodiscard]] Design expand_frequencies(const Design& design);

}  // namespace greenfront::panel
