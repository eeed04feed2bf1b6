#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Cluster jackknife (CV3) of an OLS regression with fixed effects.
///
/// b is the estimate on all rows, b_(g) that without cluster g, with all fixed effects fitted again; G
/// clusters:
///     V = (G-1)/G sum_g (b_(g) - b)(b_(g) - b)'
/// centred at the estimate b, not at the mean of the b_(g). Where b_(g) is not identified (a regressor that
/// varies in cluster g alone) the cluster is left out of the sum, counted and named, and G counts the others:
/// the variance then says nothing of what the cluster alone identifies.
/// Symbols: b (k+1), the slopes kept and, last, the constant b0 = ybar - xbar'b; in the data's units.
/// Source: MacKinnon, Nielsen and Webb, "Fast and reliable jackknife and bootstrap methods for
/// cluster-robust inference", Journal of Applied Econometrics 38 (2023), eq. 13.
/// Cost: G fits without their variance; clusters are fitted in parallel, each to its own place.
namespace greenfront::panel {

struct Jackknife {
    Eigen::MatrixXd covariance;         ///< (k+1) x (k+1)
    Eigen::MatrixXd draw;               ///< (k+1) x G, NaN where singular
    std::int64_t used = 0;              ///< G of the formula
    std::vector<std::string> singular;  ///< level names of the clusters whose leave-out is not identified
};

/// `sample` has the kept regressors only; `estimate` are b and the constant.
/// Throws Error(Fault::data) when fewer than two leave-outs are identified.
[[nodiscard]] Jackknife cluster_jackknife(const Design& sample, const Factor& cluster,
                                          const Eigen::VectorXd& estimate);

}  // namespace greenfront::panel
