#include "kernels/resample/permutation_test.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

constexpr double most_summed = 10'000;  ///< arrangements

/// p_exact for b extremes among m draws.
double exact_p(double b, double m, double arrangements) {
    if (arrangements <= most_summed) {
        double sum = 0;
        for (double j = 1; j <= arrangements; ++j) sum += stats::binomial_cdf(b, m, j / arrangements);
        return sum / arrangements;
    }
    const double h = 1 / (2 * arrangements);
    double expected = 0;  // of min(X, b + 1), as the sum of P(X >= j)
    for (double j = 1; j <= b + 1; ++j) {
        const double tail = 1 - stats::binomial_cdf(j - 1, m + 1, h);
        expected += tail;
        if (tail < 1e-17) break;
    }
    return (b + 1 - expected) / (m + 1);
}

}  // namespace

double tie_tolerance(TieRule rule, double observed) {
    switch (rule) {
        case TieRule::t:
            return 1e-7 * (1 + std::abs(observed));
        case TieRule::coefficient:
            return 1e-7 * std::abs(observed);
        case TieRule::stata:
            return 1e-7;
    }
    return 0;
}

void PermutationCounts::add(double draw) {
    if (std::isnan(draw)) return;
    ++used;
    n_extreme += std::abs(draw) >= std::abs(observed) - tolerance ? 1 : 0;
    n_lower += draw <= observed + tolerance ? 1 : 0;
    n_upper += draw >= observed - tolerance ? 1 : 0;
}

void PermutationCounts::merge(const PermutationCounts& other) {
    used += other.used;
    n_extreme += other.n_extreme;
    n_lower += other.n_lower;
    n_upper += other.n_upper;
}

PermutationTest permutation_test(double observed, const Eigen::VectorXd& draws, const PermutationRule& rule) {
    PermutationCounts counts{observed, tie_tolerance(rule.ties, observed)};
    for (const double draw : draws) counts.add(draw);
    return permutation_test(counts, rule);
}

PermutationTest permutation_test(const PermutationCounts& counts, const PermutationRule& rule) {
    PermutationTest test;
    test.used = counts.used;
    test.n_extreme = counts.n_extreme;
    test.n_lower = counts.n_lower;
    test.n_upper = counts.n_upper;
    const auto m = static_cast<double>(test.used), b = static_cast<double>(test.n_extreme);
    if (test.used == 0 || std::isnan(counts.observed)) {
        // Without any statistic there is no p value: (0 + 1) / (0 + 1) would be one out of nothing.
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        test.p_value = test.p_share = test.p_plus_one = test.p_exact = nan;
        test.share_std_error = test.share_low = test.share_high = nan;
        test.p_lower = test.p_upper = test.p_equal_tailed = nan;
        return test;
    }
    test.p_share = b / m;
    const double own = rule.enumerated || rule.share ? 0 : 1;  // the sample, one of m + 1 arrangements
    test.p_lower = (static_cast<double>(test.n_lower) + own) / (m + own);
    test.p_upper = (static_cast<double>(test.n_upper) + own) / (m + own);
    test.p_equal_tailed = std::min(1.0, 2 * std::min(test.p_lower, test.p_upper));
    if (rule.enumerated) {
        test.p_value = test.p_plus_one = test.p_exact = test.p_share;
        test.share_low = test.share_high = test.p_share;
        return test;
    }
    test.p_plus_one = (b + 1) / (m + 1);
    test.p_value = rule.share ? test.p_share : test.p_plus_one;
    if (!rule.drawn) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        test.p_exact = test.share_std_error = test.share_low = test.share_high = nan;
        return test;
    }
    test.p_exact = exact_p(b, m, rule.arrangements);
    test.share_std_error = std::sqrt(test.p_share * (1 - test.p_share) / m);
    const auto interval = stats::clopper_pearson(b, m, rule.confidence);
    test.share_low = interval.low;
    test.share_high = interval.high;
    return test;
}

}  // namespace greenfront::resample
