#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/index/fit.hpp"

/// Composite indices by the entropy weight method.
///
/// Formula   z_ik = (x_ik - min_k) / (max_k - min_k) + s        more is better
///           z_ik = (max_k - x_ik) / (max_k - min_k) + s        less is better
///           p_ik = z_ik / sum_i z_ik
///           e_k  = - sum_i p_ik ln p_ik / ln n,   0 ln 0 = 0
///           w_k  = (1 - e_k) / sum_l (1 - e_l)
///           score_i = sum_k w_k z_ik
/// Symbols   x: n x K indicators in any units (n = all rows used, pooled over time); z, p, e, w without
/// units;
///           s: shift, 0 to 1e6, 0 by default: with 0 ln 0 = 0 no shift is needed, and a shift moves the
///           weights.
/// Method    entropy weights after Shannon (1948), H = -sum p ln p, with min-max standardisation of the
/// pooled
///           panel as in Chinese city studies. 1 - e_k is summed as n^-1 sum ((1+u) ln(1+u) - u) / ln n with
///           u = n p - 1, which has no cancellation.
/// Limits    an indicator with one value only has no weight and is an error, as is a row with a missing
/// value.
///           The weights do not change when an indicator is multiplied by a positive number or moved.
/// Cost      O(n K); one logarithm a cell.
namespace greenfront::index {

/// `values` is n x K without NaN (n = all rows used). Throws Error(Fault::data) naming the column number
/// for a constant indicator or n < 2. `names` are used in messages only.
[[nodiscard]] Fit fit_entropy(const Eigen::MatrixXd& values, const std::vector<bool>& negative, double shift,
                              const std::vector<std::string>& names);

}  // namespace greenfront::index
