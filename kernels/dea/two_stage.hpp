#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Regression of efficiency on environmental variables inside a parametric bootstrap.
///
/// Problem. delta_i >= 1 is a radial score in Farrell's sense turned so that 1 is efficient (input: 1/theta,
/// output: phi). Under separability (z moves the distance to the frontier, not the frontier)
///     delta_i = z_i' beta + e_i >= 1,   e_i normal (0, sigma), truncated at 1 - z_i' beta from the left.
/// Algorithm 1: beta, sigma by truncated maximum likelihood on the m units with delta > 1 + 1e-8; L2 times
///     delta*_i = z_i' beta + e_i for those m units, and the same fit: beta*, sigma*.
/// Algorithm 2: beta, sigma as above; L1 times for all n units delta*_i = z_i' beta + e_i, pseudo-points
///     x*_i = x_i delta*_i / delta_i (input) or y*_i = y_i delta_i / delta*_i (output), and delta^_bi of the
///     original unit against all n of them. Corrected delta~_i = 2 delta_i - mean_b delta^_bi. Then beta,
///     sigma by the fit of delta~ on all n units, L2 draws of all n units from it, and the fit of each.
/// Intervals of beta over the L2 fits: percentile, and basic [2 b - q_{1-a/2}, 2 b - q_{a/2}] as in the
/// article; quantiles of type 7.
///
/// Symbols: Z n x k with a constant behind, in the user's units; X, Y as in dea.hpp. Random numbers of
/// replicate b: rng::Stream(seed, stage_two_stage, b, phase), phase 1 the L1 draws, 2 the L2 draws, units in
/// order. A truncated normal above a is drawn from the normal by rejection for a <= 0.5, else from a shifted
/// exponential (Robert 1995), exact however far out a is.
///
/// Method: Simar and Wilson (2007), Journal of Econometrics 136, pp. 41-43. The fit:
/// kernels/limited/limited.hpp.
///
/// Limits: radial models. Statuses: a unit whose score, or one of whose replicates (algorithm 2), has no
/// optimum is left out of the regression and of the pseudo-points. A replicate whose likelihood has no
/// maximum is counted and has no coefficients.
///
/// Cost: algorithm 2 L1 x n programs; L2 fits of n k^2 about eight times; memory L1 x n + L2 x k doubles.
namespace greenfront::dea {

struct TwoStageSettings {
    int algorithm = 2;
    Orientation orientation = Orientation::input;
    Returns returns = Returns::crs;
    std::int64_t replicates_bias = 100;
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    double confidence = 0.95;
};

/// Units by technology, one after the other in the rows of Z.
struct TwoStageData {
    std::vector<Quantities> technologies;
    Eigen::MatrixXd Z;               ///< n x k, without the constant
    std::vector<std::string> names;  ///< k
};

struct TwoStageTerm {
    std::string name;
    double estimate, std_error;  ///< standard deviation of the replicates
    double low, high;            ///< percentile interval
    double basic_low, basic_high;
};

struct TwoStage {
    std::vector<TwoStageTerm> terms;  ///< names, _cons, sigma
    std::vector<Status> status;       ///< n
    std::vector<double> delta;        ///< n
    std::vector<double> corrected;    ///< n; algorithm 1: NaN
    std::int64_t used = 0;            ///< units in the regression that the intervals are of
    std::int64_t at_one = 0;          ///< algorithm 1: efficient units, left out of it
    std::int64_t without = 0;         ///< replicates whose likelihood had no maximum
    Eigen::MatrixXd draw;             ///< terms x replicates; NaN without a maximum
    Counters counters;
};

/// Throws Error(Fault::data) where the regression of the scores themselves has no answer (kernels/limited).
[[nodiscard]] TwoStage two_stage(const TwoStageData& data, const TwoStageSettings& settings);

}  // namespace greenfront::dea
