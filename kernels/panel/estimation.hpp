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
/// Everything is in weighted coordinates (kernels/panel/weights.hpp); without weights r = 1.
/// Z (n x k) are the partialled regressors (2SLS: their projections on the instruments) divided by `scale`,
/// Z'Z = R'R. With B = (R'R)^-1, e = residual, N rows:
///     V_iid = RSS / denominator  B,    V = factor  B S B     (S: kernels/panel/variance.hpp, dof.hpp,
///                                                             dependence.hpp; jackknife.hpp has no B S B)
/// hc2, hc3: S = sum_i psi_i psi_i' with psi_i = z_i e_i / (1 - h_i)^(1/2) or / (1 - h_i), where
/// h_i = (D (D'D)^+ D')_ii + z_i'B z_i is the leverage in the regression with all dummies (MacKinnon and
/// White 1985); with frequency weights h_i is that of one of the w_i rows. A row with h_i = 1 is fitted
/// exactly whatever its outcome and leaves hc2 and hc3 undefined: an error that names it. The constant is the
/// coefficient of 1 in the basis [Z, r], which is orthogonal because effects with an intercept are absorbed;
/// b0 = ybar - xbar'b and its variance come from the map of that basis to [x, 1] as printed (partialled
/// regressors plus their means, as reghdfe does).
namespace greenfront::panel {

/// The estimation sample and everything that is computed once for it.
struct Setup {
    const Design& sample;
    const Options& options;
    const Absorber& absorber;
    Eigen::VectorXd root;  ///< square roots of the weights, or empty
    std::int64_t n = 0;    ///< N
    Absorption absorption;
    ClusterSets clusters;
    SmallSample rule = SmallSample::reghdfe;
    bool intercept = true;             ///< the constant lies in the span of effects and regressors
    std::int64_t fewest_clusters = 0;  ///< of Driscoll-Kraay: periods
};
[[nodiscard]] Setup make_setup(const Design& sample, const Options& options, const Absorber& absorber);

struct Estimation {
    std::vector<std::string> names;
    Eigen::MatrixXd Z;
    Eigen::VectorXd scale;
    Eigen::MatrixXd R;
    Eigen::VectorXd estimate;  ///< in the data's units
    Eigen::VectorXd residual;  ///< e = r u
    Eigen::VectorXd mean;      ///< of each regressor as given
    double mean_y = 0;
    bool print_constant = true;
    Eigen::MatrixXd score_products;  ///< of [Z, r] e, where they are made already; else empty
    /// Two-step GMM only: estimate - truth = influence' e in the basis [Z, r] (n x (k+1)); its scores are
    /// taken at the first step's residuals. The constant moves by `constant_shift` from ybar - xbar'b.
    Eigen::MatrixXd influence;
    Eigen::VectorXd first_residual;
    double constant_shift = 0;
};

/// b by the normal equations of scaled columns, refined once on the residual (corrected semi-normal
/// equations). Needs Z, scale and R; sets estimate and residual.
void least_squares(const Eigen::VectorXd& y, Estimation& e);

/// Fills terms, covariance, degrees of freedom and R2s of `fit`; `tss_within` is set already.
/// Throws Error(Fault::data) without residual degrees of freedom and for a perfect fit.
void finish(const Setup& setup, const Estimation& e, Fit& fit);

/// Variance inflation and the weights of staggered policies; `e.names` are columns of the sample's X.
void add_ols_diagnostics(const Setup& setup, const Estimation& e, Fit& fit);

/// Throws when the rule leaves no residual degrees of freedom for k regressors. `clusters` other than 0
/// stands for the number of them.
[[nodiscard]] SmallSampleRule residual_rule(const Setup& setup, std::int64_t k, std::int64_t clusters = 0);

/// (R'R)^-1 right, in place.
void solve_normal(const Eigen::MatrixXd& R, Eigen::VectorXd& right);
/// (R'R)^-1.
[[nodiscard]] Eigen::MatrixXd inverse_normal(const Eigen::MatrixXd& R);

}  // namespace greenfront::panel
