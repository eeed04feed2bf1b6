#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/dea/dea.hpp"

/// The homogeneous smoothed bootstrap of radial efficiency scores.
///
/// Problem. Scores s_i of n units against their own technology are biased towards efficiency, since the
/// frontier is estimated from the same units. In a metric m = g(s), by default the one with m >= 1,
///     metric     input orientation    output orientation
///     inverse    m = 1 / theta        m = phi                 (m >= 1)
///     theta      m = theta            m = 1 / phi             (m <= 1)
/// a replicate b is
///     beta_i   drawn from {m_1, .., m_n} with replacement
///     v_i      = beta_i + h e_i, e_i standard normal; reflected at 1: v_i = 2 - v_i where it lies beyond
///     m*_i     = bar beta + (v_i - bar beta) / sqrt(1 + h^2 / s^2), s^2 the population variance of m
///     X*_i     = x_i m*_i / m_i (inverse; theta: m_i / m*_i), output orientation likewise with Y
///     m*_bi    the score of the original (x_i, y_i) against all n pseudo-points
/// Over the replicates:
///     bias in m      bar m*_i - m_i;  corrected  m~_i = 2 m_i - bar m*_i
///     basic interval [2 m_i - q_{1-a/2}, 2 m_i - q_{a/2}] of the m*_i, q quantiles (type 7)
/// and everything is turned back into scores at the end, bounds exchanged where g falls.
///
/// Bandwidth h. The scores at 1 are an artefact of the estimator; of the k scores beyond it and their mirror
/// images at 1 (2k values) take the rule of thumb 0.9 min(sd, IQR/1.349) (2k)^(-1/5) or the Sheather-Jones
/// direct plug-in with two stages, then h = h_2k (2k/n)^(1/5) s_n / s_2k for all n scores.
///
/// Pseudo-points lie within the estimated technology, so no replicate is more efficient than its own score:
/// m*_bi <= m_i in metric inverse. A pseudo-technology may leave a unit outside: m*_bi is beyond 1 then, and
/// stays as it is.
///
/// Symbols: theta, phi, m pure numbers; X, Y as in dea.hpp. Draws of replicate b are rng::Stream(seed,
/// stage_boot_dea, b, item): n draws below(n), then n normals.
///
/// Method: Simar and Wilson (1998), Management Science 44; basic intervals Simar and Wilson
/// (2000); Sheather and Jones (1991), plug-in as in Wand and Jones (1995), section 3.6.1.
///
/// Limits: radial models, strong disposability, no bad outputs in the score. Efficiency must not depend on
/// the input mix, the size or the environment (homogeneity). Statuses: a unit whose score, or that of one of
/// its replicates, is not optimal has no numbers; replicates without an optimum are counted.
///
/// Cost: replicates x n programs over the efficient pseudo-points (rays.hpp); memory replicates x n doubles.
namespace greenfront::dea {

enum class Metric : std::int8_t { inverse, theta };
enum class Bandwidth : std::int8_t { sheather_jones, rule_of_thumb, given };

struct BootstrapSettings {
    Orientation orientation = Orientation::input;
    Returns returns = Returns::crs;
    Metric metric = Metric::inverse;
    Bandwidth rule = Bandwidth::sheather_jones;
    double bandwidth = 0;  ///< rule given: h, in the metric
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;  ///< draw number of the random numbers: which of several technologies
    double confidence = 0.95;
};

struct BootstrapScores {
    std::vector<Status> status;         ///< of the score and its replicates
    std::vector<double> score;          ///< theta or phi
    std::vector<double> bias;           ///< score - corrected
    std::vector<double> corrected;      ///< the corrected m, as a score
    std::vector<double> sd;             ///< of the replicates, as scores (divisor n - 1)
    std::vector<double> q025, q975;     ///< quantiles of the replicates, as scores
    std::vector<double> low, high;      ///< basic interval, as scores
    std::vector<std::int64_t> without;  ///< replicates without an optimum
    Eigen::MatrixXd replicate;          ///< n x replicates, as scores
    double bandwidth = 0;
    Counters counters;
    Certificate certificate;
};

/// Throws Error(Fault::data) where no unit is inefficient and no bandwidth is given, and where every score
/// is the same.
[[nodiscard]] BootstrapScores smoothed_bootstrap(const Quantities& units, const BootstrapSettings& settings);

/// h of n values of a metric with bound 1, of which those farther than 1e-8 from it count.
[[nodiscard]] double bandwidth_of(const std::vector<double>& values, Bandwidth rule);

}  // namespace greenfront::dea
