#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kernels/panel/estimation.hpp"
#include "kernels/panel/staggered.hpp"

namespace greenfront::panel {
namespace {

/// On partialled columns: what collinearity with the others multiplies the variance of a coefficient by.
void add_vif(const Estimation& e, Fit& fit) {
    // Columns of Z have norm one, so that 1 / (1 - R_j^2) is the diagonal of (Z'Z)^-1.
    const Eigen::MatrixXd B = inverse_normal(e.R);
    for (Eigen::Index j = 0; j < B.cols(); ++j) fit.vif.push_back(B(j, j));
}

/// Whether a regressor is a policy adopted at different times is not known without unit and period.
void ask_for_roles(const Design& sample, const Estimation& e, Fit& fit) {
    const auto intercepts = std::count_if(sample.effects.begin(), sample.effects.end(),
                                          [](const FixedEffect& effect) { return effect.intercept; });
    if (intercepts < 2) return;
    for (const auto& name : e.names) {
        const auto place = std::find(sample.x_name.begin(), sample.x_name.end(), name);
        const auto x = sample.X.col(place - sample.x_name.begin());
        // x (x - 1) is zero for 0 and 1 alone; the first value settles it for most columns.
        if ((x[0] != 0 && x[0] != 1) || (x.array() * (x.array() - 1)).abs().maxCoeff() > 0) continue;
        fit.warnings.push_back(fmt::format(
            "{} is 0 or 1: if it is a policy that units adopt at different times, its coefficient may weigh "
            "some effects negatively; name the panel's unit and time to have the weights counted",
            name));
    }
}

/// Policies adopted at different times: the weights behind their coefficients.
void add_policies(const Setup& setup, const Estimation& e, Fit& fit) {
    const Design& sample = setup.sample;
    if (sample.unit.levels == 0) return ask_for_roles(sample, e, fit);
    std::optional<bool> asked;
    for (std::size_t j = 0; j < e.names.size(); ++j) {
        const auto place = std::find(sample.x_name.begin(), sample.x_name.end(), e.names[j]);
        const Eigen::Index column = place - sample.x_name.begin();
        const double first = sample.X(0, column);
        if (first != 0 && first != 1) continue;
        if (!asked) asked = two_way(sample);
        if (!*asked) return;
        // The residual on all others is the column of Z (Z'Z)^-1 in units of its diagonal.
        Eigen::VectorXd unit = Eigen::VectorXd::Unit(e.R.cols(), static_cast<Eigen::Index>(j));
        solve_normal(e.R, unit);
        Eigen::VectorXd residual = e.Z * unit;
        Eigen::VectorXd weight;
        if (setup.root.size() > 0) {
            residual.array() /= setup.root.array();
            weight = setup.root.array().square();
        }
        const auto policy = policy_weights(sample, column, residual, weight);
        if (!policy) continue;
        if (policy->negative > 0) {
            fit.warnings.push_back(fmt::format(
                "{} is 0 or 1 and changes within units at different times: as a policy its coefficient "
                "weighs the effects in "
                "{} "
                "treated cells, {} of them ({:.1f} %) negatively, with a sum of {:.4f}; where effects differ "
                "it "
                "can have the wrong sign (de Chaisemartin and D'Haultfoeuille 2020)",
                policy->term, policy->treated, policy->negative,
                100 * static_cast<double>(policy->negative) / static_cast<double>(policy->treated),
                policy->negative_sum));
        }
        fit.policy.push_back(*policy);
    }
}

}  // namespace

void add_ols_diagnostics(const Setup& setup, const Estimation& e, Fit& fit) {
    add_vif(e, fit);
    add_policies(setup, e, fit);
}

}  // namespace greenfront::panel
