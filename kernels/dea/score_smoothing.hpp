#pragma once
#include <cstdint>
#include <vector>

#include "kernels/rng/philox.hpp"

/// Draws from a smoothed distribution of scores that end at 1.
///
/// Given n values m_i of a metric with bound 1 (all at least 1, or all at most 1), a draw of n is
///     beta_j   from {m_1, .., m_n} with replacement
///     v_j      = beta_j + h e_j, e_j standard normal; reflected at 1: v_j = 2 - v_j where it lies beyond
///     m*_j     = bar beta + (v_j - bar beta) / sqrt(1 + h^2 / s^2), s^2 the population variance of m
/// Bandwidth h. The values at 1 are an artefact of the estimator; of the k values beyond it and their mirror
/// images at 1 (2k values) take the rule of thumb 0.9 min(sd, IQR/1.349) (2k)^(-1/5) or the Sheather-Jones
/// direct plug-in with two stages, then h = h_2k (2k/n)^(1/5) s_n / s_2k for all n values.
///
/// Symbols: m, h pure numbers. Method: Simar and Wilson (1998), Management Science 44, section 4; Sheather
/// and Jones (1991), plug-in as in Wand and Jones (1995), section 3.6.1. Cost: n a draw; the plug-in k^2.
namespace greenfront::dea {

enum class Bandwidth : std::int8_t { sheather_jones, rule_of_thumb, given };

/// h of n values, of which those farther than 1e-8 from 1 count. Throws Error(Fault::data) when fewer than
/// two do.
[[nodiscard]] double bandwidth_of(const std::vector<double>& values, Bandwidth rule);

class Smoothing {
  public:
    /// `given`: h of the rule `given`. `above`: the values are at least 1.
    Smoothing(std::vector<double> values, Bandwidth rule, double given, bool above);
    [[nodiscard]] double bandwidth() const { return h_; }
    /// How much farther from 1 than m_j the draw m*_j is: m*_j / m_j, or m_j / m*_j of values below 1. Takes
    /// n numbers below(n), then n normals. Throws Error(Fault::data) when a draw is not positive.
    [[nodiscard]] std::vector<double> ratios(rng::Stream& stream) const;

  private:
    std::vector<double> values_;
    bool above_;
    double h_ = 0, shrink_ = 1;
};

}  // namespace greenfront::dea
