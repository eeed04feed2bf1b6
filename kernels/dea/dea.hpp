#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/status.hpp"

/// Data envelopment analysis: one certified linear program a unit.
///
/// Problem. For the evaluated unit o and a technology spanned by reference units j with intensities lambda >=
/// 0, of sum free (crs), 1 (vrs), <= 1 (nirs) or >= 1 (ndrs):
///   radial, input    theta = min { theta : X lambda <= theta x_o, Y lambda >= y_o, B lambda <= b_o }
///   radial, output   phi   = max { phi   : X lambda <= x_o, Y lambda >= phi y_o, B lambda <= b_o }
///   SBM              rho   = min (1 - sum_i w_i s_i/x_io) / (1 + sum_r w_r s_r/y_ro + sum_k w_k s_k/b_ko)
///                    with x_o = X lambda + s, y_o = Y lambda - s, b_o = B lambda + s, s >= 0;
///                    oriented: the other side of the fraction is 1.
/// Symbols: X m x n inputs, Y s1 x n good outputs, B s2 x n bad outputs (strongly disposable), in the user's
/// units.
///
/// Method: radial Charnes, Cooper and Rhodes (1978), Banker, Charnes and Cooper (1984), stage two on the
/// optimal face of stage one; SBM Tone (2001), undesirable outputs Tone (2003), oriented Tone (2001, section
/// 5), linearised by t > 0 (Charnes and Cooper 1962). Programs are solved and certified by
/// kernels/lp/simplex.hpp on data scaled by powers of two and divided by the unit's own values, so that a
/// change of units changes no score.
///
/// Statuses: optimal; infeasible (o outside the technology); unbounded (output orientation with y_o = 0);
/// undefined (SBM with a zero good output that is scored, radial input orientation with x_o = 0); failed (no
/// certificate). Where optima are not unique, slacks and peers follow a fixed rule (docs/methods/dea.md);
/// multipliers are one optimal set.
///
/// Cost: about 10 pivots of O((m+s)^2) and one pass of O((m+s) n) a unit; memory O((m+s) n) a thread.
namespace greenfront::dea {

enum class Model : std::int8_t { radial, sbm };
enum class Orientation : std::int8_t { none, input, output };
enum class Returns : std::int8_t { crs, vrs, nirs, ndrs };

/// Quantities of a set of units in the user's units of measure; a unit is a column.
struct Quantities {
    Eigen::MatrixXd X;  ///< m x n inputs
    Eigen::MatrixXd Y;  ///< s1 x n good outputs
    Eigen::MatrixXd B;  ///< s2 x n bad outputs; s2 may be 0
    [[nodiscard]] Eigen::Index units() const { return X.cols(); }
};

/// How slacks of stage two are weighted in radial models.
enum class SlackWeights : std::int8_t { mean, raw };

struct Settings {
    Model model = Model::sbm;
    Orientation orientation = Orientation::none;  ///< radial: input or output
    Returns returns = Returns::crs;
    Eigen::VectorXd input_weights;   ///< SBM, m; empty: 1/m each
    Eigen::VectorXd output_weights;  ///< SBM, s1+s2, goods first; empty: 1/(s1+s2) each
    bool slacks = false;             ///< radial: solve stage two
    SlackWeights slack_weights = SlackWeights::mean;
    bool leave_out_self = false;     ///< radial: score each unit against the others only (super-efficiency)
    bool drop_zero_outputs = false;  ///< SBM: a zero good output leaves its term out instead of `undefined`
};

/// Work done, for reports and benchmarks. Sums over the programs of a batch, in unit order.
struct Counters {
    std::int64_t programs = 0;        ///< linear programs solved
    std::int64_t pivots = 0;          ///< basis changes
    std::int64_t pricing_passes = 0;  ///< passes over all columns of the reference set
    std::int64_t fallbacks = 0;       ///< programs that the first rung of the ladder could not certify
    std::int64_t zero_terms = 0;      ///< SBM: inputs and bads that are zero, their slack held at 0
};

/// The worst certificate figures of a batch, on scaled data (method: docs/methods/dea.md).
struct Certificate {
    double min_reduced_cost = 0;  ///< over all columns of all programs; >= -1e-9
    double primal_residual = 0;   ///< largest; <= 1e-9
    double gap = 0;               ///< largest |primal - dual|; <= 1e-9
};

/// Results of a batch of k evaluated units. Where a status is not `optimal`, numbers are NaN.
struct Scores {
    Eigen::VectorXd score;                 ///< k; theta <= 1 input, phi >= 1 output, rho <= 1 SBM
    std::vector<Status> status;            ///< k
    Eigen::MatrixXd input_slack;           ///< m x k, user's units, >= 0; NaN where the model has none
    Eigen::MatrixXd good_slack;            ///< s1 x k
    Eigen::MatrixXd bad_slack;             ///< s2 x k
    std::vector<std::int64_t> peer_start;  ///< k + 1 offsets into the two arrays below
    std::vector<std::int32_t> peer;        ///< reference column, ascending within a unit
    std::vector<double> lambda;            ///< intensity of that peer, > 0
    Eigen::MatrixXd multiplier;            ///< (m+s1+s2+1) x k duals of the rows X, Y, B and of the
                                           ///< returns-to-scale row, in the user's units (score per unit)
    Counters counters;
    Certificate certificate;
};

/// Scores every column of `evaluated` against the technology spanned by `reference`.
///
/// `self[j]` is the column of `reference` that is evaluated unit j itself, or -1 when it is not in the
/// reference set. Throws Error(Fault::data) on negative, infinite or NaN quantities (callers leave such
/// rows out and name them). Results do not depend on the number of threads.
[[nodiscard]] Scores evaluate(const Quantities& evaluated, const Quantities& reference,
                              std::span<const std::int32_t> self, const Settings& settings);

}  // namespace greenfront::dea
