#pragma once
#include <Eigen/Core>
#include <vector>

namespace greenfront::index {

/// A fitted composite index: everything that a later application to other data (a scenario) needs.
struct Fit {
    Eigen::VectorXd minimum, maximum;  ///< K, of each indicator over the rows used
    std::vector<bool> negative;        ///< K, less is better
    double shift = 0;                  ///< added after standardisation
    Eigen::VectorXd entropy, weight;   ///< K; weights add up to 1
};

/// (x - min_k) / (max_k - min_k) + s, where less is better (max_k - x) / (max_k - min_k) + s.
[[nodiscard]] double standardised(const Fit& fit, double x, Eigen::Index k);

/// score_i = sum_k w_k (standardised x_ik + shift), with the minima, maxima and weights of `fit`; values
/// outside of the fitted range go below 0 or above 1.
[[nodiscard]] Eigen::VectorXd score(const Fit& fit, const Eigen::MatrixXd& values);

}  // namespace greenfront::index
