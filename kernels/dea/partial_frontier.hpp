#pragma once
#include <cstdint>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Partial frontiers of order m and of order alpha: efficiency against peers that are drawn, or against a
/// quantile, in place of the best that was ever seen.
///
/// Problem. Input orientation: the peers of o are the N reference units j that produce as much, Y_j >= y_o
/// (B_j <= b_o), and u_j = max_i x_ij / x_io what share of its inputs peer j needs. With u_(1) <= .. <= u_(N)
///   order m      theta_m     = E min(u of m peers drawn with replacement)
///                            = sum_k u_(k) [((N-k+1)/N)^m - ((N-k)/N)^m]
///   order alpha  theta_alpha = inf { t : share of peers with u_j <= t is above 1 - alpha } = u_(k),
///                            k = min(N, floor(N (1-alpha)) + 1)
/// Output orientation: peers have X_j <= x_o (B_j <= b_o), v_j = min_r y_rj / y_ro,
///   order m      phi_m       = sum_k v_(k) [(k/N)^m - ((k-1)/N)^m]
///   order alpha  phi_alpha   = sup { t : share of peers with v_j >= t is above 1 - alpha } = v_(k),
///                            k = N alpha where that is whole, else floor(N alpha) + 1
/// The sums are the exact expectations, for any number of inputs and outputs: a minimum over draws has the
/// distribution 1 - (1 - F)^m of the one number u. m to infinity and alpha = 1 give the free disposal hull
/// under vrs. A unit may be better than its partial frontier: theta above 1, phi below 1.
///
/// Replicates: G clusters of reference rows drawn with replacement, a row counting as often as its cluster
/// was drawn; percentile interval (type 7) and standard deviation of the scores. The estimators are
/// root-n consistent and asymptotically normal, so the plain bootstrap is consistent.
///
/// Symbols: theta, phi, u, v pure numbers; X, Y, B as in dea.hpp. Draws of replicate b: rng::Stream(seed,
/// stage_partial_frontier, b, item), G numbers below(G).
///
/// Method: order m Cazals, Florens and Simar (2002), Journal of Econometrics 106, eq. (5.9) (their integral
/// over the distribution of the minimum, here summed); order alpha Daouia and Simar (2007), Journal of
/// Econometrics 140, definitions 2.1 and 2.2.
///
/// Statuses: a unit j that uses an input of which o has none is no peer in the input orientation, as no u
/// would do. optimal; infeasible (no peer); undefined (input: x_o = 0); unbounded (output: y_o = 0). A unit
/// that has no peer in some replicates (they are counted) has no interval.
///
/// Cost: O((m+s) n) and a sort for each unit, O(peers) more for each replicate.
namespace greenfront::dea {

enum class Partial : std::int8_t { order_m, order_alpha };

struct PartialSettings {
    Partial kind = Partial::order_m;
    Orientation orientation = Orientation::input;
    std::int64_t m = 25;  ///< order_m: at least 1
    double alpha = 0.95;  ///< order_alpha: in (0, 1]
    std::int64_t replicates = 0;
    std::uint64_t seed = 1;
    std::uint64_t item = 0;  ///< which of several technologies
    double confidence = 0.95;
};

struct PartialScores {
    std::vector<Status> status;
    std::vector<double> score, sd, low, high;  ///< NaN where there is none
    std::vector<std::int64_t> peers;           ///< N
    std::vector<std::int32_t> at;              ///< order_alpha: the reference column at the quantile, or -1
    std::vector<std::int64_t> without;         ///< replicates without a peer
};

/// `cluster`: of each reference column, 0, .., G-1; read when there are replicates. Throws Error(Fault::data)
/// as evaluate() does on negative or missing quantities.
[[nodiscard]] PartialScores partial_frontier(const Quantities& evaluated, const Quantities& reference,
                                             const std::vector<std::int32_t>& cluster,
                                             const PartialSettings& settings);

}  // namespace greenfront::dea
