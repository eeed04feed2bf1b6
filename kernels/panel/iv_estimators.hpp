#pragma once
#include <Eigen/Core>
#include <string>

#include "kernels/panel/estimation.hpp"
#include "kernels/panel/iv_diagnostics.hpp"

/// Coefficients and bread of 2SLS, LIML and two-step GMM on orthonormal coordinates (kernels/panel/iv.hpp).
///
/// The scaled regressors are Xs = Qx R11 (n x k1) and Ys = Qx R12 + Qy Ry (n x K1); M = Theta Ry = Qz'Ys;
/// with weights every column is multiplied by r (kernels/panel/weights.hpp);
/// y has the exogenous regressors taken out, S = sum of products of the moments' scores (variance.hpp).
///     2SLS   b2 = argmin |Qz'y - M b2|,  u = y - Qy Ry b2,  b1 = R11^-1 (Qx'y0 - R12 b2),  y0 with Xs
///            V = B s2 or B (P[Xs,Ys]' S_u P[Xs,Ys]) B,  B = ([Xs,Ys]'P[Xs,Ys])^-1
///     LIML   k = smallest root of |[y Y]'[y Y] - k [y Y]'(I - Qz Qz')[y Y]| = 0, 1 when L1 = K1;
///            k - 1 = mu/(1 - mu), mu the smallest squared canonical correlation of [y Y] with Z
///            b2 = (Y'(I - k M_z) Y)^-1 Y'(I - k M_z) y;  B = ([Xs,Ys]'(I - k M_z)[Xs,Ys])^-1 in the same V
///     GMM    S = S_zz with the scores of Qz and the residuals of 2SLS,
///            b2 = (M'S^-1 M)^-1 M'S^-1 Qz'y,   P = S^-1 - S^-1 M (M'S^-1 M)^-1 M'S^-1
///            b1 = R11^-1 (Qx'y0 - S_xz P Qz'y - R12 b2): the moments of X and of the constant are weighted
///            too, V = (D' S_all^-1 D)^-1 over all moments, computed as the sandwich of the estimate's
///            influence, so that only S_zz must be invertible. With iid errors or L1 = K1 it is 2SLS.
/// Every V has the factor of the small-sample rule. Sources: Hayashi, Econometrics (2000), sections 3.5
/// and 8.6; Baum, Schaffer and Stillman (2007), sections 2 and 4 (LIML's robust variance has the scores of
/// P[Xs,Ys]).
namespace greenfront::panel {

/// What fit_iv has computed before the estimator enters.
struct IvProblem {
    const IvCoordinates& c;
    Eigen::MatrixXd Qx;    ///< n x k1
    Eigen::MatrixXd R12;   ///< k1 x K1
    Eigen::MatrixXd R11;   ///< k1 x k1
    Eigen::VectorXd y;     ///< outcome, effects absorbed
    Eigen::VectorXd ones;  ///< the constant as a moment: r = sqrt(w), 1 without weights; 0 where none is
                           ///< estimated
    std::string outcome;
};

struct IvEstimate {
    Eigen::VectorXd b;                ///< k1 + K1, of the scaled regressors
    Eigen::MatrixXd R;                ///< K1 x K1 upper: bread of the endogenous block is (R'R)^-1
    Eigen::VectorXd residual;         ///< of the estimate
    Eigen::VectorXd weight_residual;  ///< that weights the moments of Hansen's J
    Eigen::MatrixXd influence;        ///< GMM: n x (k1 + K1 + 1), as Estimation has it; else empty
    double constant_shift = 0;
    double liml_k = 0;  ///< NaN but for LIML
};

/// Throws Error(Fault::data) where the estimate does not exist: the rank condition fails, LIML's matrix is
/// singular, or the moments' covariance matrix is.
[[nodiscard]] IvEstimate estimate_iv(const IvProblem& problem, Estimator estimator, Variance variance,
                                     const ClusterSets& clusters);

[[nodiscard]] std::string name(Estimator estimator);

}  // namespace greenfront::panel
