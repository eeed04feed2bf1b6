#pragma once
#include <cstdint>
#include <vector>

#include "kernels/dea/productivity.hpp"

/// Intervals of efficiency scores of any model by subsampling.
///
/// Problem. s_i is the score of point i against the technology of a sample with G clusters (units with all
/// their rows; or rows). A replicate b draws g = max(2, floor(G^kappa)) of them, without replacement
/// (default) or with, and s*_bi is the score of the same point against the technology of the rows of those.
/// With the rate of convergence r (the error of a score shrinks as G^-r) and f = (g/G)^r the error of s_i is
/// distributed as f times that of s*_bi:
///   ratio       psi_b = s*_bi / s_i - 1,  corrected = s_i / (1 + f mean psi),
///               interval [s_i / (1 + f psi_{1-a/2}), s_i / (1 + f psi_{a/2})]
///   difference  psi_b = s*_bi - s_i,      corrected = s_i - f mean psi,
///               interval [s_i - f psi_{1-a/2}, s_i - f psi_{a/2}]
/// psi_p quantiles (type 7), a = 1 - confidence. Ratios are for scores of which 1 is efficient (radial, fdh,
/// SBM), differences for distances and sums of slacks, 0 when efficient (ddf, nddf, additive).
///
/// A point beyond the technology of a replicate: radial scores pass 1, a ddf falls below 0, SBM has its
/// super-efficiency delta in place of rho (productivity.hpp). Where no program can reach the technology,
/// the point is farther beyond it than any number: psi_b is infinite, +inf for theta and rho, -inf for phi
/// (which is then -1 as a ratio: phi* = 0) and distances. Such replicates are counted; corrected and a bound
/// that falls on one have no number, but for phi, whose bound stays finite.
///
/// Symbols: s, psi pure numbers; G, g counts. Draws of replicate b: rng::Stream(seed, stage_subsample, b,
/// item). Without replacement: for i = 0, .., g-1 exchange place i with i + below(G - i); with: g numbers
/// below(G).
///
/// Method: subsampling Politis, Romano and Wolf (1999), chapter 2; with replacement Kneip, Simar and Wilson
/// (2008), Econometric Theory 24, section 4, eq. (4.7); rates in `known_rate`.
///
/// Statuses: that of the score itself; failed where a program of a replicate is not certified.
///
/// Cost: replicates x points programs over the rows of g clusters; memory replicates x points doubles.
namespace greenfront::dea {

struct SubsampleSettings {
    Settings programs;   ///< super must be off
    double kappa = 0.7;  ///< in (0, 1]
    double rate = 0;     ///< r, > 0
    bool replacement = false;
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;  ///< which of several technologies
    double confidence = 0.95;
};

struct Subsample {
    std::vector<Status> status;
    std::vector<double> score, corrected, bias, sd, low, high;  ///< sd: f times that of the replicates
    std::vector<std::int64_t> beyond;  ///< replicates whose technology the point cannot reach
    Eigen::MatrixXd replicate;         ///< points x replicates: psi
    std::int64_t clusters = 0, drawn = 0;
    Counters counters;
    Certificate certificate;
};

/// r of a model with `variables` inputs and outputs. Proven: radial and directional distance, vrs
/// 2/(v+1) (Kneip, Park and Simar 1998; directional: Simar, Vanhems and Wilson 2012), crs 2/v (Park, Jeong
/// and Simar 2010); fdh 1/v (Park, Simar and Weiner 2000). Other models: the rate of the technology itself,
/// of which their score is a function; a limit distribution is not known. nirs, ndrs: the slower rate of vrs.
[[nodiscard]] double known_rate(Model model, Returns returns, std::int64_t variables);
/// Whether a limit distribution with that rate is proven, so that subsampling is consistent.
[[nodiscard]] bool rate_is_proven(Model model, Returns returns);
/// Whether psi is a difference.
[[nodiscard]] bool compared_by_difference(Model model);

/// `points.reference` span the technology and belong to clusters 0, .., G-1 (`cluster`, one a reference
/// column). Throws Error(Fault::data) when there are fewer than three clusters.
[[nodiscard]] Subsample subsample(const Quantities& units, const Yardstick& points,
                                  const std::vector<std::int32_t>& cluster,
                                  const SubsampleSettings& settings);

}  // namespace greenfront::dea
