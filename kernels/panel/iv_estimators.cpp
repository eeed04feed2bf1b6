#include "kernels/panel/iv_estimators.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/variance.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd upper_factor(const Eigen::MatrixXd& columns) {
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
    return qr.matrixQR().topRows(columns.cols()).triangularView<Eigen::Upper>();
}

/// b1 of the exogenous regressors: R11 b1 = right - R12 b2.
Eigen::VectorXd with_exogenous(const IvProblem& p, Eigen::VectorXd right, const Eigen::VectorXd& b2) {
    right -= p.R12 * b2;
    if (right.size() > 0) p.R11.triangularView<Eigen::Upper>().solveInPlace(right);
    Eigen::VectorXd b(right.size() + b2.size());
    b << right, b2;
    return b;
}

IvEstimate tsls(const IvProblem& p) {
    const auto& c = p.c;
    const Eigen::MatrixXd M = c.Theta * c.Ry;
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> pivoted(M);
    const Eigen::Index last = M.cols() - 1;
    if (std::abs(pivoted.matrixR()(last, last)) <= 1e-10 * std::abs(pivoted.matrixR()(0, 0)) ||
        !(M.norm() > 1e-12)) {
        throw Error(Fault::data,
                    "the equation is not identified: the instruments do not move every endogenous variable "
                    "(the rank condition fails)");
    }
    const Eigen::VectorXd b2 = pivoted.solve(c.Qz.transpose() * c.y);
    IvEstimate e;
    e.b = with_exogenous(p, p.Qx.transpose() * p.y, b2);
    e.R = upper_factor(M);
    e.residual = c.y - c.Qy * (c.Ry * b2);
    e.weight_residual = e.residual;
    e.liml_k = nan;
    return e;
}

/// k - 1 = min over b of |Qz'(y - Y b)|^2 / |(I - QzQz')(y - Y b)|^2.
double liml_excess(const IvProblem& p) {
    const auto& c = p.c;
    const Eigen::Index K = c.Theta.cols();
    if (c.Theta.rows() == K) return 0;
    Eigen::MatrixXd A(c.y.size(), K + 1);
    A.rightCols(K) = c.Qy;
    Eigen::VectorXd rest = c.y;
    for (int pass = 0; pass < 2; ++pass) rest -= c.Qy * (c.Qy.transpose() * rest);
    if (!(rest.norm() > 1e-10 * c.y.norm())) {
        throw Error(Fault::data,
                    fmt::format("{} is fitted perfectly by the regressors and effects: k of LIML is "
                                "not defined",
                                p.outcome));
    }
    A.col(0) = rest.normalized();
    const Eigen::MatrixXd projected = c.Qz.transpose() * A;
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(projected, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const double mu = svd.singularValues()[K] * svd.singularValues()[K];
    const Eigen::VectorXd v = svd.matrixV().col(K);
    return mu / (A * v - c.Qz * (projected * v)).squaredNorm();
}

IvEstimate liml(const IvProblem& p) {
    const auto& c = p.c;
    const Eigen::Index K = c.Theta.cols();
    IvEstimate e = tsls(p);
    const double excess = liml_excess(p);
    e.liml_k = 1 + excess;
    if (excess == 0) return e;
    // In the singular vectors V of Theta, Qy'(I - k M_z) Qy is diagonal: d = s^2 - (k - 1)(1 - s^2).
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(c.Theta, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Eigen::MatrixXd Yv = c.Qy * svd.matrixV(), rest = Yv - c.Qz * (c.Theta * svd.matrixV());
    const Eigen::VectorXd Zy = c.Qz.transpose() * c.y, outside = c.y - c.Qz * Zy;
    Eigen::VectorXd d(K), t(K);
    for (Eigen::Index j = 0; j < K; ++j) {
        const double s = svd.singularValues()[j];
        d[j] = s * s - excess * rest.col(j).squaredNorm();
        t[j] = s * svd.matrixU().col(j).dot(Zy) - excess * rest.col(j).dot(outside);
        if (!(d[j] > 1e-12 * s * s)) {
            throw Error(
                Fault::data,
                "LIML is not identified: its matrix is singular (the instruments explain the endogenous "
                "variables no better than their combination with the outcome)");
        }
    }
    const Eigen::VectorXd beta = svd.matrixV() * t.cwiseQuotient(d);
    const Eigen::VectorXd b2 = c.Ry.triangularView<Eigen::Upper>().solve(beta);
    e.b = with_exogenous(p, p.Qx.transpose() * p.y, b2);
    e.R = upper_factor(d.cwiseSqrt().asDiagonal() * svd.matrixV().transpose() * c.Ry);
    e.residual = c.y - c.Qy * beta;
    e.weight_residual = e.residual;
    return e;
}

/// S^-1 of a symmetric positive definite matrix; Error when it is not.
Eigen::MatrixXd inverse_weights(const Eigen::MatrixXd& S) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(S);
    const Eigen::VectorXd& spectrum = eigen.eigenvalues();
    if (!(spectrum[0] > 1e-12 * spectrum[spectrum.size() - 1])) {
        throw Error(
            Fault::data,
            fmt::format("two-step GMM has no weights: the covariance matrix of the {} moments of the "
                        "excluded instruments is not positive definite (fewer clusters than "
                        "instruments, or several cluster variables); use 2sls or liml, or fewer instruments",
                        S.rows()));
    }
    return eigen.eigenvectors() * spectrum.cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
}

IvEstimate gmm(const IvProblem& p, const ClusterSets& clusters) {
    const auto& c = p.c;
    IvEstimate e = tsls(p);
    const Eigen::Index n = c.y.size(), k1 = p.Qx.cols(), K = c.Theta.cols(), L = c.Theta.rows();
    if (L == K) return e;
    const Eigen::MatrixXd M = c.Theta * c.Ry;
    Eigen::MatrixXd moments(n, L + k1 + 1);
    moments << c.Qz, p.Qx, p.ones;
    const Eigen::MatrixXd S = score_products(moments, e.residual, clusters);
    const Eigen::MatrixXd W = inverse_weights(S.topLeftCorner(L, L));
    const Eigen::MatrixXd WM = W * M;
    const Eigen::MatrixXd H = (M.transpose() * WM).ldlt().solve(WM.transpose());  // b2 = H Qz'y
    const Eigen::MatrixXd P = W - WM * H;
    const Eigen::VectorXd Zy = c.Qz.transpose() * c.y, b2 = H * Zy;
    const Eigen::MatrixXd others = S.bottomLeftCorner(k1 + 1, L) * P;  // S_xz P and S_1z P
    const Eigen::VectorXd shift = others * Zy;
    e.b = with_exogenous(p, p.Qx.transpose() * p.y - shift.head(k1), b2);
    // 1 / sum w; without a constant both uses are zero.
    const double total = p.ones.squaredNorm(), per_row = total > 0 ? 1 / total : 0;
    e.constant_shift = -shift[k1] * per_row;
    e.weight_residual = e.residual;
    e.residual = c.y - c.Qy * (c.Ry * b2) + p.Qx * shift.head(k1);
    e.residual -= e.constant_shift * p.ones;

    e.influence.resize(n, k1 + K + 1);
    e.influence.middleCols(k1, K) = c.Qz * H.transpose();
    Eigen::MatrixXd exogenous =
        p.Qx - c.Qz * others.topRows(k1).transpose() - e.influence.middleCols(k1, K) * p.R12.transpose();
    if (k1 > 0) p.R11.transpose().triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(exogenous);
    e.influence.leftCols(k1) = exogenous;
    e.influence.col(k1 + K) = per_row * (p.ones - c.Qz * others.row(k1).transpose());
    return e;
}

}  // namespace

IvEstimate estimate_iv(const IvProblem& problem, Estimator estimator, Variance variance,
                       const ClusterSets& clusters) {
    if (estimator == Estimator::liml) return liml(problem);
    if (estimator == Estimator::gmm && variance != Variance::iid) return gmm(problem, clusters);
    return tsls(problem);
}

std::string name(Estimator estimator) {
    if (estimator == Estimator::liml) return "liml";
    return estimator == Estimator::gmm ? "gmm" : "2sls";
}

}  // namespace greenfront::panel
