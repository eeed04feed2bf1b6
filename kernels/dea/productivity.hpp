#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Change of productivity between two periods from efficiencies against several technologies.
///
/// Problem. E^tau(t) is the efficiency of a unit's period-t point against the technology tau. From period 0
/// to period 1, for efficiencies that are compared by ratio (c(a, b) = b / a) or by difference (c(a, b) = b -
/// a):
///   adjacent    index = mean of c(E^0(0), E^0(1)) and c(E^1(0), E^1(1)), geometric or arithmetic
///   pooled      index = c(E^P(0), E^P(1)), P spanned by both periods and perhaps more
///   efficiency  EC = c(E^0(0), E^1(1))
///   technical   TC = c(EC, index), so that index = EC TC or EC + TC
///   FGNZ        PEC = c(V^0(0), V^1(1)) with V under variable returns, SEC = c(PEC, EC)
///   Ray-Desli   TC = c(PEC, index on V), SCH = c(PEC, c(TC, index)); index = PEC TC SCH
/// With sequential technologies E^tau and V^tau are those of the periods up to tau.
///
/// Efficiencies of the measures, every one larger for the better:
///   radial input theta; radial output 1/phi; SBM rho, or delta beyond the technology          ratio
///   Malmquist-Luenberger 1/(1+D), D the directional distance                                  ratio
///   Luenberger -D, D the directional distance or the optimum of the nddf                      difference
///
/// Symbols: E, V pure numbers; indices above 1 (ratio) or 0 (difference) are growth.
///
/// Method: adjacent Malmquist and FGNZ Fare, Grosskopf, Norris and Zhang (1994); Ray and Desli (1997); global
/// Pastor and Lovell (2005); biennial Pastor, Asmild and Lovell (2011); sequential Shestalova (2003);
/// Malmquist-Luenberger Chung, Fare and Grosskopf (1997), global Oh (2010), sequential Oh and Heshmati
/// (2010); Luenberger Chambers, Fare and Grosskopf (1996). The equations are the ones above.
///
/// Statuses: that of the index is the worst of those of the efficiencies in it; undefined where 1 + D is at
/// most 1e-9 or a ratio would divide by 0. A component has a number where its own efficiencies have.
///
/// Cost: of measure(), one program (SBM: at times two) for each unit and technology; of change(), nothing.
namespace greenfront::dea {

/// A technology and the points that are measured against it, as columns of one set of quantities, ascending
/// or not. A reference set all of which is evaluated is the cheaper one (frame.hpp).
struct Yardstick {
    std::vector<std::int32_t> reference, evaluated;
};

/// An efficiency and how its program ended; no number unless optimal.
struct Measured {
    double value = 0;
    Status status = Status::undefined;
};

struct Measurement {
    std::vector<std::vector<Measured>> scores;  ///< by yardstick and evaluated point, as the model has them
    Counters counters;
    Certificate certificate;
};

/// Scores of all points. SBM: a point beyond the technology has delta in place of rho; with `Settings::super`
/// so has a point of the reference set with rho at least 1 - 1e-8, delta then without its own column. The
/// other models' `super` must be off. Yardsticks run side by side; results do not depend on the number of
/// threads.
[[nodiscard]] Measurement measure(const Quantities& units, const std::vector<Yardstick>& yardsticks,
                                  const Settings& settings);

/// How efficiencies follow from scores.
enum class Gauge : std::int8_t {
    score,       ///< theta, rho
    reciprocal,  ///< 1/phi
    beyond_one,  ///< 1/(1 + D)
    negative     ///< -D
};
[[nodiscard]] Measured efficiency(Gauge gauge, const Measured& score);

enum class Comparison : std::int8_t { ratio, difference };

/// The efficiencies of one unit in two periods under one returns to scale.
struct PairEfficiencies {
    Measured own_from, own_to;        ///< E^0(0), E^1(1)
    Measured from_in_to, to_in_from;  ///< E^1(0), E^0(1): adjacent technologies
    Measured pool_from, pool_to;      ///< E^P(0), E^P(1): a pooled one
    bool pooled = false;
};

enum class Decomposition : std::int8_t { fgnz, ray_desli };

/// NaN where a component has no number or is not asked for.
struct Change {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    double index = none, efficiency = none, technical = none, pure = none, scale = none;
    Status status = Status::undefined;  ///< of the index
};

/// `variable`: the same pair under variable returns, for pure efficiency and scale. FGNZ reads its own_*
/// only. Ray-Desli's efficiency change is the pure one.
[[nodiscard]] Change change(Comparison comparison, const PairEfficiencies& pair,
                            const std::optional<PairEfficiencies>& variable = {},
                            Decomposition decomposition = Decomposition::fgnz);

}  // namespace greenfront::dea
