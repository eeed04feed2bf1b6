#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/dea/productivity.hpp"

/// Bootstrap of the Malmquist index and its components.
///
/// Problem. n units in two periods, 0 and 1, delta_i^0 and delta_i^1 their distances (>= 1: 1/theta, phi) to
/// the technology of their own period. The two are correlated: a unit that is inefficient stays so. A
/// replicate b
///     (delta*_i^0, delta*_i^1)   n draws from the joint kernel density of the pairs, mirrored at 1 in each
///                                (four quadrants, joint_smoothing.hpp; h = (4/5n)^(1/6))
///     x*_i^t = x_i^t delta*_i^t / delta_i^t  (input),  y*_i^t = y_i^t delta_i^t / delta*_i^t  (output)
/// makes one pair of pseudo-technologies, against which all efficiencies of the original points are taken:
/// E^0(0), E^1(1), E^0(1), E^1(0), and V^0(0), V^1(1) (Ray-Desli: the other two) under variable returns.
/// Index and components of the replicate follow from them as in productivity.hpp. For each of them, M:
///     corrected 2 M - mean_b M*_b,  interval [2 M - q_{1-a/2}, 2 M - q_{a/2}] of the M*_b, quantiles of
///     type 7.
/// Growth or decline is significant when the interval leaves 1 out. With a wide bootstrap a lower bound may
/// fall below 0; it is not clipped.
///
/// Symbols: delta, E, V, M pure numbers; X, Y as in dea.hpp. Draws of replicate b: rng::Stream(seed,
/// stage_malmquist, b, item).
///
/// Method: Simar and Wilson (1999), European Journal of Operational Research 115, section 3.
///
/// Limits: radial models, technologies of single periods, every unit in both. Statuses: a unit without one of
/// its efficiencies has no numbers; nor has one of whose replicates one has none (they are counted).
///
/// Cost: replicates x 4 n programs, with components under variable returns 6 n (Ray-Desli 8 n).
namespace greenfront::dea {

struct MalmquistSettings {
    Orientation orientation = Orientation::output;
    Returns returns = Returns::crs;
    bool variable = false;  ///< pure efficiency and scale, too
    Decomposition decomposition = Decomposition::fgnz;
    double bandwidth = 0;  ///< h in standard deviations; 0: the rule
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;  ///< which of several pairs of periods
    double confidence = 0.95;
};

struct MalmquistInterval {
    double corrected, sd, low, high;
};
/// Index, efficiency, technical, pure, scale: the order of Change.
inline constexpr std::array<double Change::*, 5> change_parts{
    &Change::index, &Change::efficiency, &Change::technical, &Change::pure, &Change::scale};

struct MalmquistBootstrap {
    std::vector<Change> changes;                                                ///< of each unit, as measured
    std::vector<std::array<MalmquistInterval, change_parts.size()>> intervals;  ///< NaN without
    std::vector<std::int64_t> without;  ///< replicates in which the index has no value
    double bandwidth = 0;
    Counters counters;
    Certificate certificate;
};

/// Unit i is column i of both. Throws Error(Fault::data) when fewer than two units have both scores, or all
/// the same.
[[nodiscard]] MalmquistBootstrap malmquist_bootstrap(const Quantities& from, const Quantities& to,
                                                     const MalmquistSettings& settings);

}  // namespace greenfront::dea
