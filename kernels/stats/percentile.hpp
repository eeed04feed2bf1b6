#pragma once
#include <cstddef>
#include <optional>
#include <vector>

/// Percentiles of a sample. With x_(1) <= ... <= x_(n) the n values that are not NaN and p in 0..100:
///
///   percentile_stata: h = n p / 100. When h is an integer, the mean of x_(h) and x_(h+1); otherwise
///                     x_(ceil h). The rule of Stata's _pctile; type 2 of Hyndman and Fan (1996, The
///                     American Statistician 50, 361-365).
///   percentile_type7: h = (n - 1) p / 100, x_(1 + floor h) plus the fraction of h times the step to the
///                     next order statistic. Type 7, the default of R and NumPy.
///
/// h counts as an integer when it is one up to 1e-11 max(1, h), so that p = 100 (1 - 0.95)/2 is 2.5.
/// p = 0 and p = 100 are the extremes. NaN when no value is left or p is not in 0..100. Cost: O(n).
namespace greenfront::stats {

[[nodiscard]] double percentile_stata(std::vector<double> values, double p);
/// The order statistics, counted from 0, whose mean is percentile p of n values; nothing where there is none.
struct RankPair {
    std::size_t low = 0, high = 0;
};
[[nodiscard]] std::optional<RankPair> stata_rank(std::size_t n, double p);
[[nodiscard]] double percentile_type7(std::vector<double> values, double p);

}  // namespace greenfront::stats
