#include "kernels/panel/iv_strength.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>
#include <limits>

#include "kernels/panel/variance.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

ChiSquared chi_squared(double statistic, Eigen::Index df) {
    return {statistic, stats::chi2_upper(statistic, static_cast<double>(df)), df};
}

}  // namespace

double minimum_distance(const Eigen::MatrixXd& S, const Eigen::VectorXd& g, const Eigen::MatrixXd& D) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(S);
    const Eigen::VectorXd& spectrum = eigen.eigenvalues();
    if (!(spectrum[0] > 1e-12 * spectrum[spectrum.size() - 1])) return nan;
    const Eigen::MatrixXd root =
        spectrum.cwiseSqrt().cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
    const Eigen::VectorXd left = root * g;
    if (D.cols() == 0) return left.squaredNorm();
    const Eigen::MatrixXd right = root * D;
    return (left - right * right.householderQr().solve(left)).squaredNorm();
}

ChiSquared endogeneity_test(const IvCoordinates& c, const IvScale& scale) {
    const Eigen::Index K = c.Theta.cols(), L = c.Theta.rows();
    // What of Qy lies outside of the instruments, in the singular vectors of Theta: orthogonal columns.
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(c.Theta, Eigen::ComputeThinU | Eigen::ComputeThinV);
    Eigen::MatrixXd Q(c.y.size(), L + K);
    Q.leftCols(L) = c.Qz;
    Q.rightCols(K) = c.Qy * svd.matrixV() - c.Qz * (c.Theta * svd.matrixV());
    for (Eigen::Index j = L; j < L + K; ++j) {
        const double size = Q.col(j).norm();
        if (!(size * size > 1e-9)) return chi_squared(nan, K);  // the instruments span this direction of Y
        Q.col(j) /= size;
    }
    const Eigen::VectorXd u = c.y - c.Qy * (c.Qy.transpose() * c.y);
    const Eigen::MatrixXd S =
        scale.variance == Variance::iid
            ? Eigen::MatrixXd((u.squaredNorm() / scale.n) * Eigen::MatrixXd::Identity(L + K, L + K))
            : score_products(Q, u, *scale.clusters);
    const Eigen::VectorXd g = Q.transpose() * c.y;
    const Eigen::MatrixXd D = Q.transpose() * c.Qy;
    const double all = minimum_distance(S, g, D);
    const double without = minimum_distance(S.topLeftCorner(L, L), g.head(L), c.Theta);
    return chi_squared(std::max(all - without, 0.0), K);  // a difference below zero is rounding
}

EffectiveF effective_f(const IvCoordinates& c, const IvScale& scale) {
    const Eigen::Index L = c.Theta.rows();
    if (c.Theta.cols() > 1) return {nan, {}, {}};
    const Eigen::VectorXd x = c.Qy.col(0), pi = c.Qz.transpose() * x, e = x - c.Qz * pi;
    Eigen::MatrixXd W =
        scale.variance == Variance::iid
            ? Eigen::MatrixXd(e.squaredNorm() / scale.denominator * Eigen::MatrixXd::Identity(L, L))
            : Eigen::MatrixXd(score_products(c.Qz, e, *scale.clusters) / scale.factor());
    EffectiveF result;
    const double trace = W.trace();
    result.f = pi.squaredNorm() / trace;
    W /= trace;
    const double largest =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(W, Eigen::EigenvaluesOnly).eigenvalues()[L - 1];
    for (const double tau : {0.05, 0.10, 0.20, 0.30}) {
        const double x_tau = 1 / tau, k = (1 + 2 * x_tau) / (W.squaredNorm() + 2 * x_tau * largest);
        result.df.push_back(k);
        result.critical.push_back(stats::chi2_noncentral_quantile(0.95, k, x_tau * k) / k);
    }
    return result;
}

ChiSquared stock_wright(const IvCoordinates& c, const IvScale& scale) {
    const Eigen::VectorXd g = c.Qz.transpose() * c.y;
    const Eigen::MatrixXd none(g.size(), 0);
    const double statistic = scale.variance == Variance::iid
                                 ? scale.n * g.squaredNorm() / c.y.squaredNorm()
                                 : minimum_distance(score_products(c.Qz, c.y, *scale.clusters), g, none);
    return chi_squared(statistic, g.size());
}

}  // namespace greenfront::panel
