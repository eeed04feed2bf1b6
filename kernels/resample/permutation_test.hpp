#pragma once
#include <Eigen/Core>
#include <cstdint>

/// p values of a test whose null distribution is given by draws.
namespace greenfront::resample {

/// With m draws T*_1 .. T*_m that have a value and b of them with |T*| >= |T| - e:
///     p_share     b / m; its simulation error is sqrt(p (1 - p) / m), its interval that of Clopper and
///     Pearson p_plus_one  (b + 1) / (m + 1): the sample is one of the m + 1 arrangements p_exact     with M
///     different arrangements, one of them the sample, drawn with replacement
///                 (Phipson and Smyth 2010): the mean of F(b; m, j/M) over j = 1 .. M, F binomial; above 10^4
///                 arrangements their approximation, which is here
///                 p_plus_one - E min(X, b + 1) / (m + 1),  X binomial(m + 1, 1/(2M))
///     p_lower, p_upper   (c + 1)/(m + 1), c the draws with T* <= T + e, with T* >= T - e;
///     p_equal_tailed     min(1, 2 min of them)
/// e is 1e-7 (1 + |T|) for a t statistic, 1e-7 |T| for a coefficient, whose units are arbitrary; 1e-7 in the
/// modes that repeat Stata's commands, where p_lower and p_upper are c/m, too. When all M arrangements are
/// drawn the sample is among them: all are shares, p_plus_one and p_exact equal p_share. Values that are no
/// draws (the leads of a placebo in time) have neither a simulation error nor p_exact: NaN.
struct PermutationTest {
    std::int64_t used = 0;  ///< m
    std::int64_t n_extreme = 0, n_lower = 0, n_upper = 0;
    double p_value = 0;  ///< p_plus_one, or p_share where a mode asks for it
    double p_share = 0, p_plus_one = 0, p_exact = 0;
    double share_std_error = 0, share_low = 0, share_high = 0;
    double p_lower = 0, p_upper = 0, p_equal_tailed = 0;
};

enum class TieRule : std::int8_t { t, coefficient, stata };

struct PermutationRule {
    TieRule ties = TieRule::t;
    bool enumerated = false;
    bool share = false;       ///< p_value is p_share
    double arrangements = 0;  ///< M, may be infinite
    bool drawn = true;        ///< at random; false: nothing that has a simulation error
    double confidence = 0.95;
};
/// e of the rule.
[[nodiscard]] double tie_tolerance(TieRule rule, double observed);

/// Counts of draws against the observed statistic, in any order; those of parts may be added.
struct PermutationCounts {
    double observed = 0, tolerance = 0;
    std::int64_t used = 0, n_extreme = 0, n_lower = 0, n_upper = 0;

    /// NaN draws are left out.
    void add(double draw);
    void merge(const PermutationCounts& other);
};
/// Everything is NaN when no draw is left.
[[nodiscard]] PermutationTest permutation_test(const PermutationCounts& counts, const PermutationRule& rule);
/// NaN draws are left out.
[[nodiscard]] PermutationTest permutation_test(double observed, const Eigen::VectorXd& draws,
                                               const PermutationRule& rule);

}  // namespace greenfront::resample
