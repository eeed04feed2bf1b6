#include "kernels/resample/pairs_tsls.hpp"

#include <Eigen/QR>
#include <cmath>
#include <numeric>

namespace greenfront::resample {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

std::vector<Index> range(Index begin, Index count) {
    std::vector<Index> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), begin);
    return all;
}

/// Positions of W = [X, Z] among the columns.
std::vector<Index> instrument_columns(const PairsModel& model) {
    auto W = range(0, model.exogenous);
    const auto Z = range(model.terms(), model.instruments);
    W.insert(W.end(), Z.begin(), Z.end());
    return W;
}

}  // namespace

bool cholesky(const MatrixXd& Q, const std::vector<Index>& kept, MatrixXd& L) {
    const auto n = static_cast<Index>(kept.size());
    L.setZero(n, n);
    for (Index j = 0; j < n; ++j) {
        const auto qj = kept[static_cast<std::size_t>(j)];
        for (Index i = j; i < n; ++i) {
            double v = Q(kept[static_cast<std::size_t>(i)], qj);
            for (Index l = 0; l < j; ++l) v -= L(i, l) * L(j, l);
            if (i == j) {
                if (!(v > trusted * Q(qj, qj))) return false;
                L(j, j) = std::sqrt(v);
            } else {
                L(i, j) = v / L(j, j);
            }
        }
    }
    return true;
}

bool two_stage(const PairsModel& model, const MatrixXd& Q, TwoStage& result) {
    const Index k1 = model.exogenous, K1 = model.endogenous, L1 = model.instruments, k = k1 + K1, y = k + L1;
    MatrixXd L;
    // Regressors that are collinear in the resample are left to the literal fit, as instruments are.
    if (!cholesky(Q, range(0, k), L)) return false;
    const auto W = instrument_columns(model);
    if (!cholesky(Q, W, L)) return false;
    auto right = range(k1, K1);
    right.push_back(y);
    MatrixXd V = Q(W, right);
    L.triangularView<Eigen::Lower>().solveInPlace(V);
    const MatrixXd M = V.bottomLeftCorner(L1, K1);
    const Eigen::HouseholderQR<MatrixXd> qr(M);
    for (Index j = 0; j < K1; ++j) {
        const double pivot = qr.matrixQR()(j, j);
        if (!(pivot * pivot > trusted * Q(k1 + j, k1 + j))) return false;
    }
    const VectorXd b2 = qr.solve(V.col(K1).tail(L1));
    VectorXd b1 = V.col(K1).head(k1) - V.topLeftCorner(k1, K1) * b2;
    L.topLeftCorner(k1, k1).transpose().triangularView<Eigen::Upper>().solveInPlace(b1);
    result.beta.resize(k);
    result.beta << b1, b2;
    result.R.setZero(k, k);
    result.R.topLeftCorner(k1, k1) = L.topLeftCorner(k1, k1).transpose();
    result.R.topRightCorner(k1, K1) = V.topLeftCorner(k1, K1);
    result.R.bottomRightCorner(K1, K1) = qr.matrixQR().topRows(K1).triangularView<Eigen::Upper>();
    result.projection = V.leftCols(K1);
    L.transpose().triangularView<Eigen::Upper>().solveInPlace(result.projection);
    // The residual may exceed the outcome; what it is made of sets the scale of its rounding.
    VectorXd c = VectorXd::Zero(y + 1);
    c.head(k) = -result.beta;
    c(y) = 1;
    result.rss = c.dot(Q * c);
    const double largest = (c.cwiseAbs2().array() * Q.diagonal().array()).maxCoeff();
    return result.rss > trusted * largest;
}

MatrixXd influence(const PairsModel& model, const TwoStage& estimate, const MatrixXd& score) {
    const Index k1 = model.exogenous, K1 = model.endogenous;
    MatrixXd z(k1 + K1, score.cols());
    z.topRows(k1) = score.topRows(k1);
    z.bottomRows(K1).noalias() =
        estimate.projection.transpose() * score(instrument_columns(model), Eigen::all);
    estimate.R.transpose().triangularView<Eigen::Lower>().solveInPlace(z);
    estimate.R.triangularView<Eigen::Upper>().solveInPlace(z);
    return z;
}

}  // namespace greenfront::resample
