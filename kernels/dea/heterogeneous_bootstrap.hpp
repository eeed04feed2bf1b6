#pragma once
#include <cstdint>

#include "kernels/dea/radial_sample.hpp"

/// The heterogeneous smoothed bootstrap of radial scores: inefficiency may depend on mix and size.
///
/// Problem. In the metric delta >= 1 (1/theta, phi), a unit is described by its mix on the side that moves (p
/// variables w: inputs, or goods in the output orientation), the amounts a of the other side and delta:
///   levels   eta_j = arctan(w~_j / w~_1), j = 2..p (w~ = w over its column's mean; w~_1 = 0: pi/2), a
///   logs     ln(w_j / w_1), j = 2..p, ln a
/// z = (mix, amounts, delta) has d = p + q columns. A replicate draws n rows from their joint kernel density,
/// mirrored at delta = 1 (joint_smoothing.hpp). A row becomes the pseudo-point
///     input   (theta_o delta* w*, a*),  theta_o the score of (w*, a*) against the units themselves
///     output  (a*, phi_o w* / delta*),  phi_o likewise
/// w* being any amounts of the row's mix: on the estimated frontier, then delta* away from it. The original
/// units are scored against all pseudo-points; corrected scores and intervals follow as radial_sample.hpp has
/// it. A row that no unit could be (an amount or a mix that is not positive, amounts that the technology does
/// not reach) is drawn again, and counted.
///
/// Symbols: X, Y as in dea.hpp; eta angles in radians; delta pure numbers. Draws of replicate b:
/// rng::Stream(seed, stage_heterogeneous, b, item): one draw of joint_smoothing.hpp, then in rounds for each
/// row that is drawn again one row more, in the order of rows.
///
/// Method: Simar and Wilson (2000), Journal of Applied Statistics 27, algorithm of section 4 (levels); logs
/// keep amounts positive and suit skewed sizes. No result depends on the units of measurement.
///
/// Limits: radial models without bad outputs; logs need positive data. Statuses as smoothed_bootstrap.hpp; a
/// unit beyond the reach of a pseudo-technology (vrs, nirs, ndrs) is counted (radial_sample.hpp).
/// Error(Fault::data) when a row is not usable after 1000 rounds.
///
/// Cost: replicates x 2 n programs, and those of rows drawn again.
namespace greenfront::dea {

enum class JointScale : std::int8_t { levels, logs };

struct HeterogeneousSettings {
    Orientation orientation = Orientation::input;
    Returns returns = Returns::crs;
    JointScale scale = JointScale::levels;
    double bandwidth = 0;  ///< h in standard deviations; 0: the rule
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;
    double confidence = 0.95;
};

[[nodiscard]] BootstrapScores heterogeneous_bootstrap(const Quantities& units,
                                                      const HeterogeneousSettings& settings);

}  // namespace greenfront::dea
