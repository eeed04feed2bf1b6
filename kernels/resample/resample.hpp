#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/intervals.hpp"
#include "kernels/resample/running.hpp"
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
    std::int64_t block = 0;    ///< moving blocks of so many clusters; 0: clusters are drawn one by one
    bool jackknife = false;    ///< also the estimates without each cluster, which BCa intervals need
    bool keep = true;          ///< the draws; false: counts, sums and quantile sketches of them only
    double null = 0;           ///< without `keep`: the value that the counts test against
};

struct PairsDraws {
    std::string estimator;              ///< ols or 2sls
    std::vector<std::string> term;      ///< K terms: the kept regressors, formula order, endogenous ones last
    Eigen::VectorXd estimate;           ///< K, full sample
    Eigen::VectorXd std_error;          ///< K, clustered, full sample
    Eigen::MatrixXd draw;               ///< K x B; NaN where the replicate does not identify the term
    Eigen::MatrixXd draw_std_error;     ///< K x B; 0 x 0 without studentise
    std::vector<Status> status;         ///< B
    std::int64_t clusters = 0;          ///< G
    std::vector<std::string> level;     ///< G names of the clusters in the order of their codes; may be empty
    Eigen::MatrixXd jackknife;          ///< K x G, NaN where not identified; 0 x 0 unless asked for
    std::int64_t literal = 0;           ///< replicates whose rows were stacked and fitted anew (see below)
    std::int64_t incomplete = 0;        ///< replicates that leave some term without an estimate
    std::vector<RunningDraws> running;  ///< K, when the draws are not kept; draw and status are then empty
    [[nodiscard]] std::int64_t replicates() const {
        return running.empty() ? draw.cols() : running.front().used() + running.front().infeasible;
    }
};

/// Estimates of B resamples of whole clusters.
///
/// Replicate b of n draws its G clusters as Stream(seed, stage_bootstrap, b, stream).below(G), G times; the
/// numbers are codes of design.clusters[0] after singletons are dropped, so a draw depends neither on the
/// order of rows nor on B. Two estimations with the same clusters, seed and stream see the same resamples,
/// whatever their columns: replicate b of one less replicate b of the other is a replicate of the difference,
/// and what both have in common cancels. Each drawn copy is a cluster of its own: sums over clusters carry
/// the weight w_g, not its square, and the small-sample factor is that of the resample (its rows, levels and
/// clusters).
///
/// Method: kernels/resample/moments.hpp. A term is not identified (NaN) when it has no variation in the
/// resample or panel::fit would omit it; `status` is then undefined and the other terms keep their numbers.
/// Resamples that are nearly collinear (a cross-product loses more than eight digits) are stacked and given
/// to panel::fit, which decides; `literal` counts them. Blocks of more than 600 columns of other effects are
/// handled in that way altogether.
///
/// Moving blocks (`block` = L). The clusters are the periods of a panel, their codes in the order of time,
/// and what is drawn are blocks of L periods in a row that were observed, all units together: replicate b
/// draws ceil(G / L) starts s as below(G - L + 1) from the same stream, takes the periods s .. s + L - 1 of
/// each and leaves out what exceeds G. A period drawn twice is two periods, so effects nested in periods get
/// fresh levels and all others (of units) are fitted again. Dependence over time within L periods and any
/// dependence between units stay in the resample (Kunsch 1989, Annals of Statistics 17; Goncalves 2011,
/// Econometric Theory 27). 1 <= L < G. Replicates are not studentised.
///
/// With instruments every replicate is 2SLS with the regressors and instruments that the full sample keeps
/// (kernels/resample/pairs_tsls.hpp); a replicate that does not identify the equation has no estimate of any
/// term. LIML and GMM are an error (Fault::usage).
///
/// Without `keep` a replicate is counted (running.hpp) and forgotten: memory does not depend on B, and all
/// numbers but quantiles are those of kept draws. Enumerations are kept (Fault::usage).
///
/// design.clusters has exactly one factor. Throws Error as panel::fit does; fewer than two clusters is an
/// error, and so is an enumeration of more than 10^7.
/// Cost: one G-length draw and one k x k solve a replicate; no pass over the rows for estimates.
[[nodiscard]] PairsDraws pairs_cluster(const panel::Design& design, const panel::Options& options,
                                       const PairsOptions& pairs);

/// Codes of the G clusters that replicate b draws, in order.
void draw_clusters(std::int32_t G, const PairsOptions& pairs, std::int64_t b, std::uint32_t* codes);
/// How often each of G clusters is drawn in replicate b.
[[nodiscard]] std::vector<std::int32_t> cluster_counts(std::int32_t G, const PairsOptions& pairs,
                                                       std::int64_t b);

/// Quantities of a replicate column that tables print; NaN draws are left out and counted.
struct Summary {
    double std_error = 0;                            ///< standard deviation, divisor B - 1
    double percentile_low = 0, percentile_high = 0;  ///< Stata's percentile rule
    double t_low = 0, t_high = 0;                    ///< percentile-t interval
    Intervals more;                                  ///< bias, normal, bias-corrected, BCa (intervals.hpp)
    double p_value = 0;                              ///< strict, of |t*| > |t|, t* centred at the estimate
    double p_equal_tailed = 0;
    std::int64_t n_greater = 0, n_tie = 0;
    std::int64_t used = 0, infeasible = 0;  ///< draws with and without an estimate of this term
    std::int64_t infinite_t = 0;            ///< draws with an estimate but a clustered variance of zero
};
/// With t = (estimate - null) / std_error and t* = (draw - estimate) / draw_std_error: a draw counts as a tie
/// when ||t*| - |t|| <= 1e-9 (1 + |t|); the percentile-t interval is [b - q_high s, b - q_low s] with the
/// percentiles q of t*; p_equal_tailed = 2 min(share t* > t, share t* < t), strict. t_low to p_equal_tailed
/// are NaN when the draws are not studentised. Shares are of the `used` draws: one whose scores cancel in
/// every cluster (say, copies of a single cluster) has t* = +-infinity by the sign of its numerator.
[[nodiscard]] Summary summarise(const PairsDraws& draws, Eigen::Index term, double null, double confidence);

}  // namespace greenfront::resample
