#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/status.hpp"

/// Resampling of panel regressions: replicates of one estimation, each a function of (seed, replicate).
namespace greenfront::resample {

/// Cluster pairs bootstrap: whole clusters are drawn with replacement; every fixed effect is refitted in
/// every replicate, and a cluster drawn twice counts as two (effects nested in it get fresh levels).
struct PairsOptions {
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    std::uint64_t stream = 0;  ///< distinguishes several bootstraps of one study
    bool enumerate = false;    ///< all G^G ordered resamples instead of random ones
    bool studentise = true;    ///< also the clustered standard error in each replicate
};

struct PairsDraws {
    std::vector<std::string> term;   ///< K terms: the kept regressors, formula order
    Eigen::VectorXd estimate;        ///< K, full sample
    Eigen::VectorXd std_error;       ///< K, clustered, full sample
    Eigen::MatrixXd draw;            ///< K x B; NaN where the replicate does not identify the term
    Eigen::MatrixXd draw_std_error;  ///< K x B; 0 x 0 without studentise
    std::vector<Status> status;      ///< B
    std::int64_t clusters = 0;       ///< G
    std::int64_t literal = 0;        ///< replicates whose rows were stacked and fitted anew (see below)
};

/// Estimates of B resamples of whole clusters.
///
/// Replicate b of n draws its G clusters as Stream(seed, stage_bootstrap, b, stream).below(G), G times; the
/// numbers are codes of design.clusters[0] after singletons are dropped, so a draw depends neither on the
/// order of rows nor on B. Each drawn copy is a cluster of its own: sums over clusters carry the weight w_g,
/// not its square, and the small-sample factor is that of the resample (its rows, levels and clusters).
///
/// Method: kernels/resample/moments.hpp. A term is not identified (NaN) when it has no variation in the
/// resample or panel::fit would omit it; `status` is then undefined and the other terms keep their numbers.
/// Resamples that are nearly collinear (a cross-product loses more than eight digits) are stacked and given
/// to panel::fit, which decides; `literal` counts them. Blocks of more than 600 columns of other effects are
/// handled in that way altogether.
///
/// design.clusters has exactly one factor. Throws Error as panel::fit does; fewer than two clusters is an
/// error, endogenous regressors are one (Fault::usage), and so is an enumeration of more than 10^7.
/// Cost: one G-length draw and one k x k solve a replicate; no pass over the rows for estimates.
[[nodiscard]] PairsDraws pairs_cluster(const panel::Design& design, const panel::Options& options,
                                       const PairsOptions& pairs);

/// How often each of G clusters is drawn in replicate b.
[[nodiscard]] std::vector<std::int32_t> cluster_counts(std::int32_t G, const PairsOptions& pairs,
                                                       std::int64_t b);

/// Quantities of a replicate column that tables print; NaN draws are left out and counted.
struct Summary {
    double std_error = 0;                            ///< standard deviation, divisor B - 1
    double percentile_low = 0, percentile_high = 0;  ///< Stata's percentile rule
    double t_low = 0, t_high = 0;                    ///< percentile-t interval
    double p_value = 0;                              ///< strict, of |t*| > |t|, t* centred at the estimate
    double p_equal_tailed = 0;
    std::int64_t n_greater = 0, n_tie = 0;
    std::int64_t used = 0, infeasible = 0;  ///< draws with and without an estimate of this term
    std::int64_t infinite_t = 0;            ///< draws with an estimate but a clustered variance of zero
};
/// With t = (estimate - null) / std_error and t* = (draw - estimate) / draw_std_error: a draw counts as a tie
/// when ||t*| - |t|| <= 1e-9 (1 + |t|); the percentile-t interval is [b - q_high s, b - q_low s] with the
/// percentiles q of t*; p_equal_tailed = 2 min(share t* > t, share t* < t), strict. t_low to p_equal_tailed
/// are NaN when the draws are not studentised. Shares are of the `used` draws: one whose scores cancel in every
/// cluster (say, copies of a single cluster) has t* = +-infinity by the sign of its numerator.
[[nodiscard]] Summary summarise(const PairsDraws& draws, Eigen::Index term, double null, double confidence);

}  // namespace greenfront::resample
