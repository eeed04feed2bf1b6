#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/running.hpp"
#include "kernels/status.hpp"

/// Wild cluster bootstrap of one coefficient, every fixed effect refitted in every replicate.
namespace greenfront::resample {

/// Numbers with mean 0 and variance 1 that multiply the residuals of a cluster.
enum class WildWeights : std::int8_t { rademacher, mammen, webb, normal };

/// How residuals are made and how a replicate's variance is: 1 as estimated (CV1), 3 with the cluster left
/// out (CV3). The pair is the name in MacKinnon, Nielsen and Webb (2023): 11 classic, 13 "V", 31 "S", 33 "B".
struct WildType {
    int residuals = 1, variance = 1;
};

struct WildOptions {
    std::string term;  ///< regressor whose coefficient is tested
    double null = 0;   ///< the value that it is tested against, r
    bool impose_null =
        true;  ///< residuals of the regression with coefficient r (WCR), else of the free one (WCU)
    WildType type;
    WildWeights weights = WildWeights::rademacher;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    std::uint64_t stream = 0;  ///< distinguishes several bootstraps of one study
    bool enumerate = false;    ///< all 2^G signs; Rademacher weights do so anyway when 2^G <= replicates
    bool interval = true;      ///< also the interval of null values that are not rejected
    bool keep = true;          ///< the draws; false: counts and a quantile sketch of t* only
};

struct WildDraws {
    std::string term;
    double estimate = 0, std_error = 0, statistic = 0;  ///< observed; (estimate - null) / std_error
    double null = 0;
    double small_sample_factor = 1;  ///< q, in t and in t*
    std::int64_t clusters = 0;       ///< G, that weights are drawn for
    bool enumerated = false;
    Eigen::VectorXd draw;                ///< B: t* of each replicate; NaN where its variance is not positive
    Eigen::VectorXd draw_numerator;      ///< B: beta* less its value in the bootstrap's own model
    std::vector<Status> status;          ///< B: optimal or undefined
    double conf_low = 0, conf_high = 0;  ///< may be infinite; NaN without `interval`
    std::optional<RunningTest> running;  ///< when the draws are not kept; the three vectors are then empty
    [[nodiscard]] std::int64_t replicates() const {
        return running ? running->tail.used + running->infeasible : draw.size();
    }
};

/// t* of B replicates y* = fit + v u, v one weight a cluster.
///
/// With x~, y~ partialled on the effects (n rows, k regressors, tested one j), A = x~'x~, z = x~ A^-1 e_j, Z
/// the effects that are not nested in clusters, H = Z'Z, u the residuals (restricted: y~ - r x~_j on the
/// other regressors; 31, 33: of the regression without the row's own cluster), s_g = x~_g'u_g, e_g = Z_g'u_g:
///     delta = A^-1 sum v_g s_g,   gamma = H^+ sum v_g e_g
///     c_g = v_g z_g'u_g - (Z_g'z_g)'gamma - (x~_g'z_g)'delta,   t* = delta_j / sqrt(q sum c_g^2)
/// (method 4.6; the refit of the effects is the term in gamma). Variance 3: with Q_g, H_g of the sample
/// without cluster g, a_g = Q_g^-1 e_j and b_g = H_g^+ Z_g'x~_g a_g,
///     c_g = v_g (a_g's_g + b_g'e_g) - (a_g'A delta + b_g'H gamma - delta_j),   q = (G - 1) / G,
/// the change of delta_j when cluster g is left out. Several cluster variables (variance 1 only): sums over
/// the levels of every variable and intersection, signed as in Cameron, Gelbach and Miller (2011), signs
/// drawn for the levels of design.clusters[0].
///
/// Replicate b takes its weights from Stream(seed, stage_bootstrap, b, stream), clusters in the order of
/// their codes in design.clusters[0] after singletons are dropped. Rademacher: cluster g is bit g mod 64 of
/// word floor(g / 64), 1 means -1. Mammen: (1 - sqrt 5) / 2 when uniform() < (sqrt 5 + 1) / (2 sqrt 5), else
/// (1 + sqrt 5) / 2. Webb: below(6) of -sqrt(3/2), -1, -sqrt(1/2), sqrt(1/2), 1, sqrt(3/2). Normal: normal().
/// Enumerated, replicate b has the bits of b.
///
/// Interval: the null values r with p(r) > 1 - confidence, p strict and symmetric, by bisection outwards from
/// the estimate (u is linear in r, so five sums a replicate do); unrestricted, percentile-t of |t*|.
///
/// Sources: Cameron, Gelbach and Miller (2008); Roodman, MacKinnon, Nielsen and Webb (2019), Fast and wild,
/// Stata Journal 19; MacKinnon, Nielsen and Webb (2023), Fast and reliable jackknife and bootstrap methods
/// for cluster-robust inference, Journal of Applied Econometrics 38.
///
/// Without `keep` a replicate is counted (running.hpp) and forgotten, memory does not depend on B, and p and
/// the interval are those of kept draws: for the interval the replicates are made again, a dozen times or so,
/// with some thirty null values tried each time. The unrestricted interval, a quantile of |t*|, is off by at
/// most 2^-12 of its half-length.
///
/// With endogenous regressors: kernels/resample/wre.hpp.
///
/// Errors: those of panel::fit; Fault::usage for an unknown or omitted term, no replicates, enumeration with
/// other weights or of more than 2^24 signs, variance 3 with several cluster variables; Fault::data when
/// leaving out a cluster leaves a regressor without variation (13, 31, 33). Cost: for G clusters and R = k +
/// columns of the effects, 4 G R flops a replicate, three times that with the interval. Effects of one level
/// in a cluster (year effects) cost their number of levels, whatever the rows.
[[nodiscard]] WildDraws wild_cluster(const panel::Design& design, const panel::Options& options,
                                     const WildOptions& wild);

/// The terms that wild_cluster can test: regressors with a coefficient, endogenous ones last.
[[nodiscard]] std::vector<std::string> wild_terms(const panel::Design& design, const panel::Options& options);

/// Weights of replicate b by cluster code, as wild_cluster draws them.
[[nodiscard]] std::vector<double> wild_weights(std::int32_t G, const WildOptions& wild, std::int64_t b);

/// Counts of t* against t; |t* - t| within 1e-9 (1 + |t|) is a tie. p values strict (ties do not count), over
/// the replicates that have a statistic; `p_ties` = (n_greater + n_tie) / used; `p_plus_one` =
/// (n_greater + n_tie + 1) / (used + 1).
struct WildSummary {
    std::int64_t used = 0, infeasible = 0;
    std::int64_t n_greater = 0, n_tie = 0;          ///< |t*| above, equal to |t|
    std::int64_t upper_greater = 0, upper_tie = 0;  ///< t* above, equal to t
    std::int64_t lower_less = 0;                    ///< t* below t
    double p_value = 0, p_equal_tailed = 0, p_ties = 0, p_plus_one = 0;
};
[[nodiscard]] WildSummary summarise(const WildDraws& draws);

}  // namespace greenfront::resample
