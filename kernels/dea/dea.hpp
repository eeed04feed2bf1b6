#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/status.hpp"

/// Data envelopment analysis: one certified linear program a unit.
///
/// Problem. For the evaluated unit o and a technology spanned by reference units j with intensities lambda >=
/// 0, of sum free (crs), 1 (vrs), <= 1 (nirs) or >= 1 (ndrs), T = { (x,y,b) : X lambda <= x, Y lambda >= y,
/// B lambda <= b } (weak disposability: B lambda = b):
///   radial, input    theta = min { theta : (theta x_o, y_o, b_o) in T }
///   radial, output   phi   = max { phi   : (x_o, phi y_o, b_o) in T }
///   SBM              rho   = min (1 - sum_i w_i s_i/x_io) / (1 + sum_r w_r s_r/y_ro + sum_k w_k s_k/b_ko)
///                    with x_o = X lambda + s, y_o = Y lambda - s, b_o = B lambda + s, s >= 0;
///                    oriented: the other side of the fraction is 1.
///   super SBM        delta = min (1 + sum_i w_i e_i/x_io) / (1 - sum_r w_r e_r/y_ro - sum_k w_k e_k/b_ko)
///                    with (x_o + e, y_o - e, b_o + e) in T without o, e >= 0; the numerator form moves the
///                    bads, weights 1/(m+s2), above the line and leaves 1/s1 to the goods
///   additive         max sum_i w_i s_i over the slacks of the SBM, or of one side only (orientation)
///   ddf              beta  = max { beta : (x_o - beta g_x, y_o + beta g_y, b_o - beta g_b) in T }; beta may
///                    be negative where o is not in the reference set
///   nddf             max sum_i w_i beta_i, the same with a beta_i >= 0 for each variable
///   fdh              radial with lambda_j > 0 for a single j (non-convex free disposal hull)
///   cost             min { p'x : (x, y_o, b_o) in T } / p'x_o
///   revenue          q'y_o / max { q'y : (x_o, y, b_o) in T }
/// Symbols: X m x n inputs, Y s1 x n good outputs, B s2 x n bad outputs, in the user's units; w weights, g
/// direction (magnitudes), p, q prices. Under weak disposability and vrs each unit has a second intensity
/// mu_j (Kuosmanen 2005): X (lambda + mu) <= x, Y lambda >= y, B lambda = b, sum(lambda + mu) = 1.
///
/// Method: radial Charnes, Cooper and Rhodes (1978), Banker, Charnes and Cooper (1984), stage two on the
/// optimal face of stage one; SBM Tone (2001), undesirable outputs Tone (2003), super Tone (2002), linearised
/// by t > 0 (Charnes and Cooper 1962); additive Charnes et al. (1985), RAM Cooper, Park and Pastor (1999),
/// BAM Cooper et al. (2011), Lovell and Pastor (1995); DDF Chambers, Chung and Fare (1996), Chung, Fare and
/// Grosskopf (1997); NDDF Zhou, Ang and Wang (2012); FDH Deprins, Simar and Tulkens (1984); cost and revenue
/// Farrell (1957), Fare, Grosskopf and Lovell (1985). Programs are solved and certified by
/// kernels/lp/simplex.hpp on data scaled by powers of two and divided by the unit's own values, so that a
/// change of units changes no score.
///
/// Statuses: optimal; infeasible (o outside the technology and no way in along the model's path); unbounded
/// (output orientation with y_o = 0; a direction along which T has no end); undefined (SBM with a zero good
/// output that is scored, radial input orientation with x_o = 0, a direction or value p'x_o of zero); failed
/// (no certificate). Where optima are not unique, slacks and peers follow a fixed rule (docs/methods/dea.md);
/// multipliers are one optimal set.
///
/// Cost: about 10 pivots of O((m+s)^2) and one pass of O((m+s) n) a unit; where the reference set is scored
/// against itself (frame.hpp) n is the number of efficient units. Memory O((m+s) n) a thread.
namespace greenfront::dea {

enum class Model : std::int8_t { radial, sbm, additive, ddf, nddf, fdh, cost, revenue };
enum class Orientation : std::int8_t { none, input, output };
enum class Returns : std::int8_t { crs, vrs, nirs, ndrs };
/// Of bad outputs. Weak: B lambda = b, under vrs Kuosmanen's technology; weak_naive: B lambda = b with one
/// intensity whatever the returns, for comparison with other programs.
enum class Disposability : std::int8_t { strong, weak, weak_naive };

/// Quantities of a set of units in the user's units of measure; a unit is a column.
struct Quantities {
    Eigen::MatrixXd X;        ///< m x n inputs
    Eigen::MatrixXd Y;        ///< s1 x n good outputs
    Eigen::MatrixXd B;        ///< s2 x n bad outputs; s2 may be 0
    Eigen::MatrixXd price{};  ///< cost: m x n of the inputs; revenue: s1 x n of the goods; else empty
    [[nodiscard]] Eigen::Index units() const { return X.cols(); }
};

/// Reference columns first, .., last - 1.
struct ColumnRange {
    std::int32_t first = 0, last = 0;
    [[nodiscard]] bool contains(std::int32_t j) const { return j >= first && j < last; }
    [[nodiscard]] bool empty() const { return first >= last; }
};

/// How slacks of stage two are weighted in radial and directional models.
enum class SlackWeights : std::int8_t { mean, raw };
/// Where bad outputs stand in super-efficient SBM.
enum class SuperBads : std::int8_t { denominator, numerator };
/// Weights of slacks in the additive model, per unit of the variable: 1; 1/v_o; 1/((m+s) range); 1/((m+s)
/// distance to the best value); 1/standard deviation; `Settings::item_weights`. Ranges, best values and
/// deviations (n - 1) are those of the evaluated units; (m+s) is m or s when the model is oriented. A weight
/// without a value (range, distance, deviation 0; mip: v_o = 0) is 0 and holds its slack at 0.
enum class AdditiveWeights : std::int8_t { ones, mip, ram, bam, normalized, given };

/// Direction of one group of variables: nothing, the evaluated unit's own values, or given magnitudes.
struct Direction {
    enum class Kind : std::int8_t { zeros, observed, given };
    Kind kind = Kind::zeros;
    Eigen::VectorXd given;  ///< one a variable of the group, >= 0, user's units
};

struct Settings {
    Model model = Model::sbm;
    Orientation orientation = Orientation::none;  ///< radial, fdh: input or output; sbm, additive: any
    Returns returns = Returns::crs;
    Disposability disposability = Disposability::strong;  ///< weak forms: ddf, nddf
    Eigen::VectorXd input_weights;                        ///< SBM, m; empty: 1/m each
    Eigen::VectorXd output_weights;                       ///< SBM, s1+s2, goods first; empty: 1/(s1+s2) each
    AdditiveWeights additive_weights = AdditiveWeights::ones;
    Eigen::VectorXd item_weights;  ///< m+s1+s2, >= 0: nddf, of each beta (empty: thirds); additive `given`
    Direction direction_inputs{Direction::Kind::zeros, {}};    ///< ddf, nddf
    Direction direction_goods{Direction::Kind::observed, {}};  ///< ddf, nddf
    Direction direction_bads{Direction::Kind::observed, {}};   ///< ddf, nddf
    bool slacks = false;                                       ///< radial, ddf: solve stage two
    SlackWeights slack_weights = SlackWeights::mean;
    bool super = false;  ///< score each unit against the others only: see `left_out` of evaluate()
    SuperBads super_bads = SuperBads::denominator;
    bool drop_zero_outputs = false;  ///< SBM: a zero good output leaves its term out instead of `undefined`
    bool price_all_columns = false;  ///< every program prices the whole reference set (for checks)
    int digits = 100;  ///< most digits of the arithmetic (16, 34, 100); what needs more is `failed`
};

/// NDDF weights `thirds`: a third for each group that is there (inputs, goods, bads; with fewer groups what
/// Zhou, Ang and Wang give: 1/3 each, the missing ones lost), split equally inside it. m+s1+s2.
[[nodiscard]] Eigen::VectorXd thirds(Eigen::Index m, Eigen::Index s1, Eigen::Index s2);

/// Work done, for reports and benchmarks. Sums over the programs of a batch, in unit order.
struct Counters {
    std::int64_t programs = 0;        ///< linear programs solved
    std::int64_t pivots = 0;          ///< basis changes
    std::int64_t pricing_passes = 0;  ///< passes over all columns of the reference set (or of its frame)
    std::int64_t fallbacks = 0;       ///< programs that the first rung of the ladder could not certify
    std::int64_t zero_terms = 0;      ///< SBM: inputs and bads that are zero, their slack held at 0
    std::int64_t frame = 0;           ///< columns that were enough to span the technology; 0: all were priced
};

/// The worst certificate figures of a batch, on scaled data (method: docs/methods/dea.md).
struct Certificate {
    double min_reduced_cost = 0;  ///< over all columns of all programs; >= -1e-9
    double primal_residual = 0;   ///< largest; <= 1e-9
    double gap = 0;               ///< largest |primal - dual|; <= 1e-9
};

/// Results of a batch of k evaluated units. Where a status is not `optimal`, numbers are NaN.
struct Scores {
    Eigen::VectorXd score;                 ///< k
    std::vector<Status> status;            ///< k
    std::vector<std::int8_t> unique;       ///< k: 1 no other optimum exists, 0 one may (a nonbasic column has
                                           ///< reduced cost 0), -1 no optimum or the model does not say
    Eigen::MatrixXd input_slack;           ///< m x k, user's units, >= 0; NaN where the model has none. Super
                                           ///< SBM: the expansions e
    Eigen::MatrixXd good_slack;            ///< s1 x k
    Eigen::MatrixXd bad_slack;             ///< s2 x k
    Eigen::MatrixXd beta;                  ///< nddf: (m+s1+s2) x k; else empty
    std::vector<std::int64_t> peer_start;  ///< k + 1 offsets into the three arrays below
    std::vector<std::int32_t> peer;        ///< reference column, ascending within a unit
    std::vector<double> lambda;            ///< intensity of that peer, >= 0
    std::vector<double> idle;              ///< Kuosmanen: its mu_j, >= 0 (lambda + mu > 0); else empty
    Eigen::MatrixXd multiplier;            ///< (m+s1+s2+1) x k duals of the rows X, Y, B and of the
                                 ///< returns-to-scale row, in the user's units (score per unit); NaN
                                 ///< for fdh
    Counters counters;
    Certificate certificate;
};

/// Scores every column of `evaluated` against the technology spanned by `reference`.
///
/// `self[j]` is the column of `reference` that is evaluated unit j itself (equal quantities), or -1 when it
/// is not in the reference set. With `Settings::super`, unit j is scored without the columns left_out[j] (one
/// range a unit; an empty span: its own column). Throws Error(Fault::data) on negative, infinite or NaN
/// quantities (callers leave such rows out and name them). Results do not depend on the number of threads.
[[nodiscard]] Scores evaluate(const Quantities& evaluated, const Quantities& reference,
                              std::span<const std::int32_t> self, const Settings& settings,
                              std::span<const ColumnRange> left_out = {});

}  // namespace greenfront::dea
