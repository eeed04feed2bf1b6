#pragma once
#include <Eigen/Core>
#include <optional>

#include "kernels/panel/regression.hpp"

/// Weights behind the coefficient of a policy dummy that units adopt at different times.
///
/// With unit and period effects the coefficient of D (0/1) is a weighted sum of the policy's effects in the
/// treated cells (de Chaisemartin and D'Haultfoeuille, "Two-way fixed effects estimators with heterogeneous
/// treatment effects", American Economic Review 110 (2020), theorem 1):
///     b = sum_{D_it=1} w_it effect_it,   w_it = v_it e_it / sum_{D_it=1} v_it e_it
/// e_it is the residual of D on the effects and the other regressors, v_it the row's weight (1 without).
/// Where effects differ, cells with w_it < 0 pull the coefficient against their own effect. A regressor
/// counts as such a policy when its values are 0 and 1, it changes within units, and units change at two or
/// more different periods; the effects must hold one whose levels lie within units and one whose levels lie
/// within periods. Cost: n for each regressor that is 0/1.
namespace greenfront::panel {

/// `x`: the regressor as given; `residual`: its residual e (unweighted coordinates); `weight`: v, or empty.
/// Nothing when the regressor is not such a policy.
[[nodiscard]] std::optional<PolicyWeights> policy_weights(const Design& sample, Eigen::Index column,
                                                          const Eigen::VectorXd& residual,
                                                          const Eigen::VectorXd& weight);

/// Whether the effects and roles of the sample make the question meaningful at all.
[[nodiscard]] bool two_way(const Design& sample);

/// Whether the regressor is 0/1 and adopted at two or more different periods within units.
[[nodiscard]] bool is_staggered(const Design& sample, Eigen::Index column);

}  // namespace greenfront::panel
