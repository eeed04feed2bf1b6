#pragma once
#include "scenarios/synth/draft.hpp"

namespace greenfront::synth {

/// Scales the indicators of each row until the entropy method, applied to all rows, gives the sub-indices
/// asked for (rows x 3). Holes are straight lines, AI enterprises whole numbers, digital finance stays; the
/// other indicators of the row close the sum, and powers of them keep the weights near those that
/// `divergence` (1 - entropy of each; empty: as they come) gives. Returns the parts of the sub-indices in nqp
/// (sum of weights).
///
/// Method    fixed point: weights from the indicators, row factors from the weights, until every sub-index is
///           right to 1e-12 of itself. Where a row's indicators are at the ends of their scale the sub-index
///           gives way: `sub_index` returns what the indicators make.
Eigen::Vector3d realise_indices(Draft& draft, MatrixXd& sub_index, const VectorXd& divergence);
[[nodiscard]] VectorXd indicator_divergence(const Draft& draft);

/// Sub-indices of the draft's indicators, rows x 3, with the parts.
struct SubIndices {
    MatrixXd value;
    MatrixXd fixed;  ///< the part of it that realise_indices() does not move
    Eigen::Vector3d part;
};
[[nodiscard]] SubIndices sub_indices(const Draft& draft);

/// Moves rows next to the median of nqp across it, in pairs, until exactly `once_low` cities have one row at
/// or below the median and `once_high` cities one above. Returns the factor of each row's sub-indices.
[[nodiscard]] VectorXd median_factors(const VectorXd& nqp, Index periods, int once_low, int once_high);

/// Moves telecommunications volume until the entropy index of internet users, mobile subscribers and
/// telecommunications volume is above its median exactly where the design of the cities says so.
void realise_digital(Draft& draft);

constexpr double most_ai_enterprises = 6000;

}  // namespace greenfront::synth
