#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/dea/dea.hpp"

/// A test of separability: that environmental variables z do not move the frontier.
///
/// Problem. Psi^z is the technology of units with environment z, Psi that of all. H0: Psi^z = Psi for all z;
/// H1: some Psi^z is smaller. Then a unit's score s against its own Psi^z shows it nearer to the frontier
/// than that against Psi, and the means differ. With n units, v inputs and outputs, r environmental variables
/// and the rate of convergence kappa of the estimator (subsampling.hpp):
///   split      n1 = floor(n/2) units at random are S1, the n2 = n - n1 others S2, so that both means are
///              independent; means of the same sample would have no variance under H0
///   marginal   mu1 = mean over S1 of s(x_i, y_i | S1)
///   local      mu2 = mean over S2 of s(x_i, y_i | units j of S2 with |z_jk - z_ik| <= h_k for all k)
///   bias       B = (mean_k mu^(k) - mu) / (2^kappa - 1) for each of the two, mu^(k) the mean over two random
///              halves, each scored against itself, k = 1..K; the local one with the same h, so that the
///              number of units in a window halves, too
///   T = +-((m1 - B1) - (m2 - B2)) / sqrt(v1 / c1 + v2 / c2),  + for output, - for input orientation
/// where m1 and m2 are means over the first c1 of S1 and c2 of S2 (at random), v1 and v2 the variances of all
/// scores of S1 and S2,
///   c1 = n1,  c2 = floor(f n2),  f the mean share of all units in a unit's window (the order of n2 h^r)
/// while kappa >= 2/5 (fdh 1/3): there the bias that is left vanishes faster than the standard error. Below
/// c1 = floor(n1^(2 kappa)) and c2 = floor((f n2)^(2 kappa)). Under H0 T is normal (0, 1) in the limit; large
/// T speak against it, p = 1 - Phi(T).
/// One split is a matter of chance. With S of them p = min(1, 2 p_(ceil(S/2))), twice the median: whatever
/// the dependence, it is below a with probability a at most if each p is (Meinshausen, Meier and Buehlmann
/// 2009, Q(1/2)). In small samples with several variables the p of one split is too small too often, and
/// that of many is not (simulations in docs/methods/efficiency-bootstrap.md).
///
/// Bandwidth. h_k = H sd_k with the same H for all z; by default H = 1.7401 (4/(r+2))^(1/(r+4))
/// n2^(-1/(r+4)), the normal reference rule for a window in place of a normal kernel. Under H0 every h gives
/// the same frontier.
///
/// Symbols: X, Y as in dea.hpp (bad outputs among the inputs, or none); Z n x r, any units. Random numbers of
/// split s: rng::Stream(seed, stage_separability, s (K + 1) + k, item), k = 0 the split, k = 1..K halvings: a
/// permutation of S1, then of S2. A permutation exchanges place i with i + below(n - i), i = 0..n-2.
///
/// Method: Daraio, Simar and Wilson (2018), Econometrics Journal 21, with the central limit theorems and the
/// jackknife of Kneip, Simar and Wilson (2015), Econometric Theory 31. Own choices, which the theory leaves
/// open: the bandwidth rule, c2 by a share that has no units of measurement, and twice the median over
/// splits.
///
/// Limits: radial (crs, vrs) and fdh; continuous z. Statuses: units without a score are left out. Cost: S (K
/// + 1) (n1 programs over a frame and n2 over f n2 columns).
namespace greenfront::dea {

struct SeparabilitySettings {
    Settings programs;     ///< radial or fdh
    double bandwidth = 0;  ///< H; 0: the rule
    std::int64_t splits = 20;
    std::int64_t halvings = 100;  ///< K, in each split
    std::uint64_t seed = 1;
    std::uint64_t item = 0;
};

struct Separability {
    double statistic = 0;  ///< that of the split which p_value is of
    double p_value = 0;
    double mean = 0, mean_local = 0;                         ///< m - B, means over the splits
    double bias = 0, bias_local = 0;                         ///< B, likewise
    double bandwidth = 0;                                    ///< H
    double window = 0;                                       ///< units in a window of S2, on average: f n2
    std::int64_t units = 0, counted = 0, counted_local = 0;  ///< n, c1, c2
    std::vector<double> split_statistic, split_p_value;      ///< S
    Counters counters;
    Certificate certificate;
};

/// Throws Error(Fault::data) when an environmental variable is the same for all units, windows hold fewer
/// than two units more than there are variables, or all scores of a part are the same.
[[nodiscard]] Separability separability_test(const Quantities& units, const Eigen::MatrixXd& Z,
                                             const SeparabilitySettings& settings);

}  // namespace greenfront::dea
