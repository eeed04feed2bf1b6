#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

/// Composite indices by the entropy weight method.
namespace greenfront::index {

/// Everything that a later application to other data (a scenario) needs.
struct EntropyFit {
    Eigen::VectorXd minimum, maximum;  ///< K, of each indicator over the rows used
    std::vector<bool> negative;        ///< K, less is better
    double shift = 0;                  ///< added after standardisation
    Eigen::VectorXd entropy, weight;   ///< K; weights add up to 1
};

/// `values` is n x K without NaN (n = all rows used). Throws Error(Fault::data) naming the column number
/// for a constant indicator or n < 2. `names` are used in messages only.
[[nodiscard]] EntropyFit fit_entropy(const Eigen::MatrixXd& values, const std::vector<bool>& negative,
                                     double shift, const std::vector<std::string>& names);

/// score_i = sum_k w_k (standardised x_ik + shift), with the minima, maxima and weights of `fit`.
[[nodiscard]] Eigen::VectorXd score(const EntropyFit& fit, const Eigen::MatrixXd& values);

}  // namespace greenfront::index
