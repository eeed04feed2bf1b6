#pragma once
#include <cstdint>
#include <vector>

#include "kernels/dea/radial_sample.hpp"
#include "kernels/dea/score_smoothing.hpp"

/// A bootstrap test of returns to scale.
///
/// Problem. H0: the technology has constant returns (or, `nirs`, nowhere increasing ones); H1: variable
/// returns. With e_i the radial efficiency of unit i (theta; output orientation: 1/phi)
///     S = sum_i e_i^H0 / sum_i e_i^vrs <= 1,
/// and a small S speaks against H0. A replicate b makes pseudo-points under H0,
///     delta*_i   a smoothed draw from the delta_i = 1/e_i^H0 (score_smoothing.hpp),
///     x*_i = x_i delta*_i / delta_i  (input), y*_i = y_i delta_i / delta*_i  (output),
/// and S*_b is S of the original units against them; both technologies are of the same pseudo-points.
///     p = (1 + #{S*_b <= S}) / (B + 1),   critical value at level a: the a quantile (type 7) of the S*_b.
///
/// Symbols: e, delta, S pure numbers; X, Y as in dea.hpp. Draws of replicate b: rng::Stream(seed,
/// stage_returns_test, b, item): n draws below(n), then n normals.
///
/// Method: Simar and Wilson (2002), European Journal of Operational Research 139, statistic (3.3) and section
/// 4; the ratio of means there is the ratio of sums here. It supposes that inefficiency does not depend on
/// size and mix.
///
/// Statuses: units without a score under one of the two are left out; a replicate in which a unit has none
/// is counted (`without`) and left out of B. Cost: 2 (B + 1) n programs (rays.hpp).
namespace greenfront::dea {

struct ReturnsTestSettings {
    Orientation orientation = Orientation::input;
    Returns null = Returns::crs;  ///< crs or nirs
    Bandwidth rule = Bandwidth::sheather_jones;
    double bandwidth = 0;  ///< rule given
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;
};

struct ReturnsTest {
    double statistic = 0, p_value = 0;
    double critical_10 = 0, critical_05 = 0, critical_01 = 0;
    double mean_null = 0, mean_vrs = 0;  ///< of the efficiencies
    double bandwidth = 0;
    std::int64_t units = 0, at_most = 0, without = 0;  ///< at_most: replicates with S* <= S
    std::vector<double> draw;                          ///< S*_b; NaN without
    Counters counters;
    Certificate certificate;
};

/// Throws Error(Fault::data) as smoothed_bootstrap() does, and when no replicate has a value.
[[nodiscard]] ReturnsTest returns_test(const Quantities& units, const ReturnsTestSettings& settings);

}  // namespace greenfront::dea
