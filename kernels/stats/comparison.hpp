#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

/// Comparison of S options by their effects in R paired replicates (the same replicate of two options shares
/// its random numbers), and by effect and cost.
///
/// Draws are S x R; larger is better. An option that is NaN in every replicate takes no part. A replicate
/// where any other one is NaN is left out of everything that ranks options against each other; `used` counts
/// the rest.
namespace greenfront::stats {

/// 1 for the largest; equal values share the smaller rank; NaN come last.
[[nodiscard]] std::vector<std::int64_t> ranks(const std::vector<double>& value);

/// How firm a ranking is.
///   best_s    share of replicates in which s has the largest effect, ties shared equally
///   mean_s, sd_s   mean and standard deviation (divisor used) of its rank over replicates; options that tie
///             have the mean of their places
/// Cost: O(R S log S).
struct RankStability {
    Eigen::VectorXd best, mean, sd;  ///< S; NaN when no replicate is complete
    std::int64_t used = 0;
};
[[nodiscard]] RankStability rank_stability(const Eigen::MatrixXd& all);

/// a against b: mean of a - b over replicates where both are known, its percentile interval (Stata's rule),
/// and the share of replicates with a > b, half a tie.
struct PairedDifference {
    double mean = 0, low = 0, high = 0, probability = 0;
    std::int64_t used = 0;
};
[[nodiscard]] PairedDifference paired_difference(const Eigen::VectorXd& a, const Eigen::VectorXd& b,
                                                 double confidence);

/// Stochastic dominance of the sample a over b (of equal weights; NaN are left out, separately).
///   first    F_a(x) <= F_b(x) for all x, < for some: every maximiser of an increasing utility prefers a
///   second   int_-inf^x F_a <= int_-inf^x F_b for all x, < for some: every risk-averse one does
/// (Hadar and Russell 1969, American Economic Review 59.) First implies second. Differences of areas up to
/// 1e-12 of the range count as none. none: neither, or a sample is empty. Cost: O(R log R).
enum class Dominance : std::int8_t { none, second, first };
[[nodiscard]] Dominance dominance(const Eigen::VectorXd& a, const Eigen::VectorXd& b);

/// Options that no other one beats: none has at least the effect at no more cost with one of the two strict.
/// An option with a NaN is never in the set and beats nothing; equal options are in it together.
/// Cost: O(S log S).
[[nodiscard]] std::vector<char> pareto_set(const std::vector<double>& effect,
                                           const std::vector<double>& cost);

}  // namespace greenfront::stats
