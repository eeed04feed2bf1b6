#pragma once
#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/status.hpp"

/// Fisher permutation of a coefficient's difference between two groups.
namespace greenfront::resample {

struct GroupOptions {
    std::string term;  ///< regressor whose coefficients are compared
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    std::uint64_t stream = 0;
    bool enumerate = false;  ///< all assignments; done anyway when there are no more than `replicates`
};

/// One of the two groups, as estimated alone.
struct GroupEstimate {
    std::string name;
    std::int64_t units = 0, n = 0;       ///< units (of the pooled sample), rows of the group's own regression
    double estimate = 0, std_error = 0;  ///< clustered by unit
};

struct GroupDraws {
    std::string term;
    std::array<GroupEstimate, 2> group;
    double difference = 0;          ///< first less second
    bool enumerated = false;        ///< the observed assignment is one of the draws
    Eigen::VectorXd draw;           ///< B: d*; NaN where a group does not identify the term
    Eigen::MatrixXd draw_estimate;  ///< 2 x B
    std::vector<Status> status;     ///< B: optimal or undefined
    std::int64_t units = 0;         ///< G
    std::int64_t literal = 0;       ///< regressions that were put together row by row (resample.hpp)
};

/// d = b_0 - b_1 with every coefficient and effect estimated separately in each group. A draw gives the G_0
/// labels of the first group to other units and keeps G_0 and G_1; whole units change, never single rows
/// (method 4.9).
///
/// Draw b: units in the order of their codes after singletons of the pooled sample are dropped; for i = 0 ..
/// G_0 - 1 position i changes with position i + below(G - i) of Stream(seed, stage_group_difference, b,
/// stream), and the first G_0 are the first group. Enumerated, all C(G, G_0) subsets in lexicographic order.
///
/// Method: kernels/resample/moments.hpp and pairs_solve.hpp. A group is a resample in which a unit counts
/// once or not at all, and the second group is the complement; with w in {0, 1}
///     Q(w) = sum w_g S_g - (sum w_g h_g)'(sum w_g H_g)^- (sum w_g h_g),   b = Q_xx^-1 Q_xy
/// holds the cross-products of the group's own partialled columns, exactly. What loses too many digits is
/// estimated by panel::fit on the group's rows.
/// Status undefined: the term has no variation, is collinear with earlier ones, or nothing can be estimated
/// in one of the groups.
///
/// `unit` and `groups` have one code a design row; `groups` two levels, the same in all rows of a unit.
/// Errors: those of panel::fit, with the group's name in front; Fault::usage for instruments, an unknown
/// term, no replicates, or more than 10^7 assignments to enumerate; Fault::data for another number of groups,
/// a unit in two groups, a group of one unit, a term that a group omits. Source: Cleary (1999), Journal of
/// Finance 54(2); Phipson and Smyth (2010) for p. Cost: two k x k solves a draw and 2 G numbers of the
/// moments; no pass over the rows.
[[nodiscard]] GroupDraws group_permutation(const panel::Design& design, const panel::Options& options,
                                           const panel::Factor& unit, const panel::Factor& groups,
                                           const GroupOptions& choice);

/// Which units (by code) draw b puts into the first group. `choice.enumerate` as settled: GroupDraws.
[[nodiscard]] std::vector<std::int32_t> first_group(std::int32_t G, std::int32_t G0,
                                                    const GroupOptions& choice, std::int64_t b);

/// Counts against d; a difference within 1e-9 (1 + |d|) is a tie. Shares are over the draws that have one; p
/// values are NaN without any.
struct GroupSummary {
    std::int64_t used = 0, infeasible = 0;
    std::int64_t n_greater = 0, n_tie = 0;          ///< |d*| above, equal to |d|
    std::int64_t upper_greater = 0, upper_tie = 0;  ///< d* above, equal to d
    std::int64_t lower_less = 0;                    ///< d* below d
    double p_value = 0;  ///< (1 + #{|d*| >= |d|}) / (used + 1); enumerated: #{|d*| >= |d|} / used
    double p_share = 0;  ///< #{|d*| >= |d|} / used
    double share_low = 0, share_high = 0;  ///< Clopper-Pearson interval of p_share; NaN when enumerated
    /// Stata's bdiff (Lian): #{d* >= d} / used, or one less that share where it is above 1/2. One-sided, and
    /// the side is chosen after looking: no test of a two-sided hypothesis.
    double p_bdiff = 0;
};
[[nodiscard]] GroupSummary summarise(const GroupDraws& draws, double confidence);

}  // namespace greenfront::resample
