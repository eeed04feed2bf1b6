#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/panel/dof.hpp"
#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/variance.hpp"

/// What OLS and two-stage least squares share: the sandwich and the statistics around it.
///
/// Z (n x k) are the partialled regressors (2SLS: their projections on the instruments) divided by `scale`,
/// Z'Z = R'R. With B = (R'R)^-1, e = residual, N rows:
///     V_iid = RSS / denominator  B,    V = factor  B S B     (S: kernels/panel/variance.hpp, dof.hpp)
/// The constant is the coefficient of 1 in the basis [Z, 1], which is orthogonal because effects with an
/// intercept are absorbed; b0 = ybar - xbar'b and its variance come from the map of that basis to
/// [x, 1] as printed (partialled regressors plus their means, as reghdfe does).
namespace greenfront::panel {

/// The estimation sample and everything that is computed once for it.
struct Setup {
    const Design& sample;
    const Options& options;
    const Absorber& absorber;
    Absorption absorption;
    ClusterSets clusters;
    SmallSample rule = SmallSample::reghdfe;
    bool intercept = true;  ///< the constant lies in the span of effects and regressors
    std::int64_t fewest_clusters = 0;
};
[[nodiscard]] Setup make_setup(const Design& sample, const Options& options, const Absorber& absorber);

struct Estimation {
    std::vector<std::string> names;
    Eigen::MatrixXd Z;
    Eigen::VectorXd scale;
    Eigen::MatrixXd R;
    Eigen::VectorXd estimate;  ///< in the data's units
    Eigen::VectorXd residual;
    Eigen::VectorXd mean;  ///< of each regressor as given
    double mean_y = 0;
    bool print_constant = true;
    /// Two-step GMM only: estimate - truth = influence' u in the basis [Z, 1] (n x (k+1)); its scores are
    /// taken at the first step's residuals. The constant moves by `constant_shift` from ybar - xbar'b.
    Eigen::MatrixXd influence;
    Eigen::VectorXd first_residual;
    double constant_shift = 0;
};

/// Fills terms, covariance, degrees of freedom and R2s of `fit`; `tss_within` is set already.
/// Throws Error(Fault::data) without residual degrees of freedom and for a perfect fit.
void finish(const Setup& setup, const Estimation& e, Fit& fit);

/// Throws when the rule leaves no residual degrees of freedom for k regressors.
[[nodiscard]] SmallSampleRule residual_rule(const Setup& setup, std::int64_t k);

/// (R'R)^-1 right, in place.
void solve_normal(const Eigen::MatrixXd& R, Eigen::VectorXd& right);
/// (R'R)^-1.
[[nodiscard]] Eigen::MatrixXd inverse_normal(const Eigen::MatrixXd& R);

}  // namespace greenfront::panel
