#pragma once
#include <Eigen/Core>

/// Sobol' sensitivity indices: the shares of an outcome's variance that each of d inputs explains.
///
/// Problem. For y = f(x_1, .., x_d) with independent inputs, V = Var(y):
///   first_j = Var(E[y | x_j]) / V          by x_j alone
///   total_j = E[Var(y | all but x_j)] / V  with all its interactions
/// Estimates (Saltelli et al. 2010, Table 2 (b) and (f); Jansen 1999) from the saltelli design of
/// rng/designs.hpp, n blocks of d + 2 outcomes A_i, B_i, AB_i1, .., AB_id (AB_ij: A_i with x_j from B_i):
///   first_j = 1/n sum_i (B_i - m)(AB_ij - A_i) / V,   total_j = 1/(2n) sum_i (A_i - AB_ij)^2 / V,
///   m and V: mean and variance (divisor 2n) of all A_i and B_i.
/// Subtracting m changes no expectation (sum_i (AB_ij - A_i) is zero in expectation) and takes the mean of y
/// out of the error. Blocks with a NaN are left out; `used` counts the others. The standard errors are those
/// of the two means, the variance taken as known (delta method on the numerator). Status: with fewer than two
/// usable blocks, or V = 0 up to rounding (no input moves the outcome), all NaN. Cost: O(n d).
namespace greenfront::stats {

struct SobolIndices {
    Eigen::VectorXd first, total;                      ///< d
    Eigen::VectorXd first_std_error, total_std_error;  ///< d
    double variance = 0;                               ///< V
    Eigen::Index used = 0;                             ///< blocks
};
/// `y` has n (d + 2) values in the design's order.
[[nodiscard]] SobolIndices sobol_indices(const Eigen::VectorXd& y, Eigen::Index d);

}  // namespace greenfront::stats
