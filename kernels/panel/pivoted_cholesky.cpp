#include "kernels/panel/pivoted_cholesky.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/error.hpp"

namespace greenfront::panel {

PivotedCholesky::PivotedCholesky(Eigen::MatrixXd H, double tolerance)
    : factor_(std::move(H)), order_(static_cast<std::size_t>(factor_.rows())) {
    std::iota(order_.begin(), order_.end(), Eigen::Index{0});
    const Eigen::Index m = factor_.rows();
    Eigen::MatrixXd& L = factor_;
    for (Eigen::Index k = 0; k < m; ++k) {
        Eigen::Index pivot = k;
        L.diagonal().tail(m - k).maxCoeff(&pivot);
        pivot += k;
        if (!(L(pivot, pivot) > tolerance)) break;
        if (pivot != k) {
            L.row(k).swap(L.row(pivot));
            L.col(k).swap(L.col(pivot));
            std::swap(order_[static_cast<std::size_t>(k)], order_[static_cast<std::size_t>(pivot)]);
        }
        const double root = std::sqrt(L(k, k));
        L(k, k) = root;
        L.col(k).tail(m - k - 1) /= root;
        // The whole square is kept symmetric, so that rows can be swapped like columns.
        for (Eigen::Index j = k + 1; j < m; ++j) {
            L.col(j).tail(m - k - 1) -= L(j, k) * L.col(k).tail(m - k - 1);
        }
        ++rank_;
    }
}

void PivotedCholesky::solve(Eigen::VectorXd& h) const {
    const Eigen::VectorXd right = h;
    h.setZero();
    Eigen::VectorXd part(rank_);
    for (Eigen::Index j = 0; j < rank_; ++j) part[j] = right[order_[static_cast<std::size_t>(j)]];
    const auto L = factor_.topLeftCorner(rank_, rank_).triangularView<Eigen::Lower>();
    L.solveInPlace(part);
    L.transpose().solveInPlace(part);
    for (Eigen::Index j = 0; j < rank_; ++j) h[order_[static_cast<std::size_t>(j)]] = part[j];
}

Eigen::MatrixXd PivotedCholesky::inverse() const {
    Eigen::MatrixXd root = Eigen::MatrixXd::Identity(rank_, rank_);
    if (rank_ > 0) factor_.topLeftCorner(rank_, rank_).triangularView<Eigen::Lower>().solveInPlace(root);
    const Eigen::MatrixXd part = root.transpose() * root;
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(factor_.rows(), factor_.rows());
    for (Eigen::Index p = 0; p < rank_; ++p) {
        for (Eigen::Index q = 0; q < rank_; ++q)
            result(order_[static_cast<std::size_t>(p)], order_[static_cast<std::size_t>(q)]) = part(p, q);
    }
    return result;
}

void factorise(Eigen::MatrixXd& H) {
    if (H.rows() == 0) return;
    Eigen::LLT<Eigen::MatrixXd> cholesky(H);
    if (cholesky.info() != Eigen::Success) {
        throw Error(
            Fault::data,
            "the fixed effects cannot be absorbed: their graph of levels is connected by rounding only");
    }
    H = cholesky.matrixL();
}

void solve_factorised(const Eigen::MatrixXd& factor, Eigen::VectorXd& h) {
    if (factor.rows() == 0) return;
    const auto L = factor.triangularView<Eigen::Lower>();
    L.solveInPlace(h);
    L.transpose().solveInPlace(h);
}

}  // namespace greenfront::panel
