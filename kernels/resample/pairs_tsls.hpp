#pragma once
#include <Eigen/Core>

#include "kernels/resample/pairs_model.hpp"

/// Two-stage least squares from the cross-products of a resample.
///
/// Q holds all products of the partialled [X, Y, Z, y]. With W = [X, Z], Cholesky Q_WW = L L' and
/// V = L^-1 Q_W,[Y y], rows split as X and Z:
///     M = V_Z,Y = Q_R (QR factors),  b2 = argmin |v_Z,y - M b2|,   b1 = L_XX^-T (v_X,y - V_X,Y b2)
///     [X, PY]'[X, PY] = R'R,  R = [L_XX'  V_X,Y; 0  Q_R's triangle],  PY = W Pi,  Pi = L^-T V_,Y
///     V = q (R'R)^-1 (sum_g w_g s_g s_g') (R'R)^-1,   s_g = [X_g'u_g; Pi' W_g'u_g],   u = y - X b1 - Y b2
/// M comes from the factor, not from the difference Y'PY - Y'P_X Y, which would lose the digits of a weak
/// first stage.
namespace greenfront::resample {

/// Share of a sum of squares that must be left for it to be trusted (pairs_solve.hpp).
inline constexpr double trusted = 1e-8;

/// Lower Cholesky factor of the kept rows and columns of Q; false at a pivot below `trusted` of its diagonal.
[[nodiscard]] bool cholesky(const Eigen::MatrixXd& Q, const std::vector<Eigen::Index>& kept,
                            Eigen::MatrixXd& L);

struct TwoStage {
    Eigen::VectorXd beta;        ///< k1 + K1
    Eigen::MatrixXd R;           ///< upper, of [X, PY]
    Eigen::MatrixXd projection;  ///< Pi, (k1 + L1) x K1
    double rss = 0;
};

/// False when a pivot or the residual sum of squares kept less than `trusted` of what it started from.
[[nodiscard]] bool two_stage(const PairsModel& model, const Eigen::MatrixXd& Q, TwoStage& result);

/// (R'R)^-1 s_g, k x G, from the scores of [X, Y, Z] with u.
[[nodiscard]] Eigen::MatrixXd influence(const PairsModel& model, const TwoStage& estimate,
                                        const Eigen::MatrixXd& score);

}  // namespace greenfront::resample
