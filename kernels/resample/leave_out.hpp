#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/pairs_solve.hpp"

/// The delete-one-cluster jackknife of OLS and 2SLS from the moment store: every fixed effect is fitted again
/// without the cluster; no random numbers.
///
/// b_(g) is the estimate without cluster g, G' the number of clusters whose leave-out identifies the term
/// (the others are counted and left out, as in kernels/panel/jackknife.hpp), b_(.) the mean of the b_(g):
///     bias            (G' - 1)(b_(.) - b),   corrected b less that
///     CV3             (G' - 1)/G' sum (b_(g) - b)^2            centred at the estimate
///     CV3 of the mean (G' - 1)/G' sum (b_(g) - b_(.))^2        centred at the mean of the leave-outs
///     t               (b - null) / CV3^(1/2), degrees of freedom min(those of the clustered fit, G' - 1)
/// Sources: MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38, eq. 13; Efron and
/// Tibshirani (1993), An Introduction to the Bootstrap, chapter 11.
namespace greenfront::resample {

/// K x G in the order of the cluster codes, NaN where a term is not identified. Cost: G resamples.
[[nodiscard]] Eigen::MatrixXd leave_out(const PairsSolver& solver, std::int32_t clusters, Eigen::Index terms);

struct ClusterJackknife {
    std::string estimator;                ///< ols or 2sls
    std::vector<std::string> term;        ///< K, as in PairsDraws
    Eigen::VectorXd estimate, std_error;  ///< K, full sample; clustered
    double df = 0;                        ///< of the clustered fit
    std::vector<std::string> cluster;     ///< G names: levels, or codes where they have none
    Eigen::MatrixXd draw;                 ///< K x G
};

/// design.clusters has exactly one factor, of at least three levels. Throws Error as pairs_cluster does.
[[nodiscard]] ClusterJackknife jackknife_clusters(const panel::Design& design, const panel::Options& options);

struct JackknifeSummary {
    double bias = 0, corrected = 0;
    double std_error = 0, std_error_mean = 0;
    double statistic = 0, df = 0, p_value = 0, low = 0, high = 0;
    std::int64_t used = 0, infeasible = 0;
    std::string most_influential;  ///< cluster whose leave-out is farthest from the estimate
};
/// NaN with fewer than two identified leave-outs, or a variance of zero.
[[nodiscard]] JackknifeSummary summarise(const ClusterJackknife& jackknife, Eigen::Index term, double null,
                                         double confidence);

}  // namespace greenfront::resample
