#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/dea/radial_sample.hpp"
#include "kernels/dea/score_smoothing.hpp"

/// The homogeneous smoothed bootstrap of radial efficiency scores.
///
/// Problem. Scores of n units against their own technology are biased towards efficiency, since the frontier
/// is estimated from the same units. In a metric m = g(s), by default the one with m >= 1
/// (radial_sample.hpp), a replicate b is
///     m*_i     a smoothed draw from {m_1, .., m_n} (score_smoothing.hpp)
///     X*_i     = x_i m*_i / m_i (inverse; theta: m_i / m*_i), output orientation likewise with Y
///     m*_bi    the score of the original (x_i, y_i) against all n pseudo-points (rays.hpp)
/// and corrected scores and basic intervals follow as radial_sample.hpp has it.
///
/// Pseudo-points lie within the estimated technology, so no replicate is more efficient than its own score:
/// m*_bi <= m_i in metric inverse. A pseudo-technology may leave a unit outside: m*_bi is beyond 1 then, and
/// stays as it is.
///
/// Symbols: theta, phi, m pure numbers; X, Y as in dea.hpp. Draws of replicate b are rng::Stream(seed,
/// stage_boot_dea, b, item): n draws below(n), then n normals.
///
/// Method: Simar and Wilson (1998), Management Science 44; basic intervals Simar and Wilson (2000).
///
/// Limits: radial models, strong disposability, no bad outputs in the score. Efficiency must not depend on
/// the input mix, the size or the environment (homogeneity). Statuses: that of the score; failed where a
/// program of a replicate is not certified. Every replicate reaches every unit.
///
/// Cost: replicates x n programs over the efficient pseudo-points (rays.hpp); memory replicates x n doubles.
namespace greenfront::dea {

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

/// Throws Error(Fault::data) where no unit is inefficient and no bandwidth is given, and where every score
/// is the same.
[[nodiscard]] BootstrapScores smoothed_bootstrap(const Quantities& units, const BootstrapSettings& settings);

}  // namespace greenfront::dea
