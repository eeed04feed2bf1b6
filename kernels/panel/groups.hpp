#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Regressions by group, and tests of whether their coefficients differ (method 4.9).
///
/// interaction. Every regressor, every fixed effect (or the constant) and its slopes are interacted with the
/// group, so the pooled regression has the coefficients of the separate ones. Its variance V, of the sort
/// asked for, is that of one sample: N, absorbed coefficients and clusters are counted together. For a term
/// with coefficients b_1 .. b_m and r = (b_1 - b_2, ..., b_1 - b_m):
///     W = r' (R V R')^-1 r,   F = W / (m - 1) ~ F(m - 1, df of t)                          (Chow 1960)
/// suest. The separate regressions with their scores stacked over the pooled sample (Weesie 1999):
///     V = q sum_g s_g s_g',  s_g = sum_{i in g} (A_j^-1 x_i u_i)_{j = group of i},  A_j = X_j'X_j
/// clusters g may have rows in several groups; q = G/(G-1) with all clusters together, N/(N-1) where each row
/// is its own (iid and robust alike, as suest is always robust). W ~ chi2(m - 1).
/// With instruments the endogenous variables and the instruments are interacted, too (2SLS, interaction
/// only). With disjoint clusters the variance of a difference is V_1 + V_2. The joint test covers all
/// regressors that every group has. Cost: that of the regressions.
namespace greenfront::panel {

/// How a variable makes groups. median: strictly above is high, ties are low. tercile: cut points are the
/// percentiles 100/3 and 200/3 (Stata's rule), ties go to the lower group.
enum class Split : std::int8_t { median, tercile };
/// Codes with levels low, (middle,) high; -1 where the value is NaN. Empty groups are left for the tests to
/// refuse.
[[nodiscard]] Factor split(const std::string& name, const Eigen::VectorXd& values, Split how);

enum class GroupTest : std::int8_t { interaction, suest };

struct TermDifference {
    std::string term;
    std::vector<double> estimate, std_error;  ///< by group, of the separate regressions; NaN where omitted
    double difference = 0;                    ///< first less second group; NaN with more than two
    double difference_se = 0;
    double statistic = 0, df1 = 0, df2 = 0;  ///< F (interaction) or chi-squared (suest, df2 infinite)
    double p_value = 0;                      ///< NaN where a group lacks the term
};

struct GroupComparison {
    std::vector<std::string> group;
    std::vector<Fit> fit;  ///< of each group alone
    std::vector<TermDifference> terms;
    TermDifference joint;  ///< all terms that every group has; its term is "all"
};

/// Errors: those of panel::fit, with the group's name in front; Fault::data for fewer than two groups, a
/// group without rows, and LIML or GMM; with suest also for instruments, weights and variances other than
/// iid, robust and clustered. `groups` has one code a design row and no -1.
[[nodiscard]] GroupComparison compare_groups(const Design& design, const Factor& groups, GroupTest test,
                                             const Options& options);

/// The design of the interacted regression; terms are named x:group.
[[nodiscard]] Design interacted(const Design& design, const Factor& groups);

}  // namespace greenfront::panel
