#include "kernels/resample/wre_system.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>
#include <limits>
#include <utility>

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Orthonormal basis of independent columns; the first ones span the first ones.
MatrixXd orthonormal(const MatrixXd& columns) {
    if (columns.cols() == 0) return columns;
    const VectorXd norm = columns.colwise().norm();
    const MatrixXd unit = columns * norm.cwiseInverse().asDiagonal();
    const Eigen::HouseholderQR<MatrixXd> qr(unit);
    return qr.householderQ() * MatrixXd::Identity(columns.rows(), columns.cols());
}

/// What Q leaves of the columns; twice, for the digits.
MatrixXd without(const MatrixXd& Q, MatrixXd columns) {
    for (int pass = 0; pass < 2 && Q.cols() > 0; ++pass) columns -= Q * (Q.transpose() * columns);
    return columns;
}

MatrixXd all_but(const MatrixXd& columns, Index left_out) {
    MatrixXd rest(columns.rows(), columns.cols() - 1);
    rest << columns.leftCols(left_out), columns.rightCols(rest.cols() - left_out);
    return rest;
}

/// A v with v = (1, -b), b of LIML: the least v'A'PA v / v'A'A v, P the projection on `instruments`
/// (orthonormal). A = Q R, so v = R^-1 (last right singular vector of instruments'Q).
VectorXd liml_residual(const MatrixXd& A, const MatrixXd& instruments) {
    const MatrixXd Q = orthonormal(A);
    const MatrixXd projected = instruments.transpose() * Q;
    const Eigen::JacobiSVD<MatrixXd> svd(projected, Eigen::ComputeFullV);
    const VectorXd direction = Q * svd.matrixV().col(A.cols() - 1);
    // The coefficient of A's first column: how much of what the others leave of it is in the direction.
    const VectorXd own = without(orthonormal(A.rightCols(A.cols() - 1)), A.leftCols(1));
    return direction * (own.squaredNorm() / own.dot(direction));
}

}  // namespace

/// One replicate's coefficients.
struct WreModel::Replicate {
    bool identified = false;
    double numerator = 0;
    VectorXd step;       ///< delta_2
    VectorXd direction;  ///< of D: x^ = D direction
    VectorXd rho;        ///< Q'[W, Y^] delta
};

WreModel::WreModel(const ClusterMoments& moments, WreColumns columns)
    : moments_(moments), columns_(std::move(columns)), basis_(block_bases(moments)) {
    const Index k1 = columns_.W.cols(), L1 = columns_.Z.cols();
    MatrixXd all(columns_.y.size(), k1 + L1);
    all << columns_.W, columns_.Z;
    Q_ = orthonormal(all);
    norm_ = columns_.Y.colwise().norm();
    if (columns_.exogenous()) {
        // Q_w h is what the other regressors leave of W_j, divided by its square: its product with Q_w R11 b
        // is b_j.
        const VectorXd own =
            without(orthonormal(all_but(columns_.W, columns_.term)), columns_.W.col(columns_.term));
        h_ = Q_.leftCols(k1).transpose() * own / own.squaredNorm();
        D_.resize(Q_.rows(), L1 + 1);
        D_ << Q_.leftCols(k1) * h_, Q_.rightCols(L1);
    } else {
        D_ = Q_.rightCols(L1);
    }
    make_runs();
}

void WreModel::make_runs() {
    const auto G = static_cast<Index>(moments_.cluster.size());
    const Index d = D_.cols(), l = Q_.cols();
    for (Index begin = 0; begin < G;) {
        const Index block = moments_.cluster[static_cast<std::size_t>(begin)].block;
        Index end = begin;
        while (end < G && moments_.cluster[static_cast<std::size_t>(end)].block == block) ++end;
        Run run{begin, end - begin, block < 0 ? 0 : basis_[static_cast<std::size_t>(block)].into.rows(), {}};
        run.load.resize(run.clusters * d, run.rank + l);
        for (Index at = begin; at < end; ++at) {
            const Cluster& g = moments_.cluster[static_cast<std::size_t>(at)];
            const auto own = D_.middleRows(g.begin, g.end - g.begin);
            auto load = run.load.middleRows((at - begin) * d, d);
            if (block >= 0) {
                const auto& into = basis_[static_cast<std::size_t>(block)].into;
                load.leftCols(run.rank) = (into(Eigen::all, g.touched) * (g.Z.transpose() * own)).transpose();
            }
            load.rightCols(l) = own.transpose() * Q_.middleRows(g.begin, g.end - g.begin);
        }
        run_.push_back(std::move(run));
        begin = end;
    }
}

WreModel::Residuals WreModel::residuals(double null) const {
    const auto& c = columns_;
    const Index k1 = c.W.cols(), K1 = c.Y.cols();
    const Index of_Y = c.exogenous() ? -1 : c.term - k1;
    const VectorXd tested = c.exogenous() ? c.W.col(c.term) : c.Y.col(of_Y);
    const MatrixXd W = c.exogenous() ? all_but(c.W, c.term) : c.W;
    const MatrixXd Y = c.exogenous() ? c.Y : all_but(c.Y, of_Y);
    const MatrixXd Q_w = orthonormal(W);
    MatrixXd A(c.y.size(), 1 + Y.cols());
    A << c.y - null * tested, Y;
    A = without(Q_w, A);
    Residuals r;
    if (Y.cols() == 0) {
        r.u1 = A.col(0);
    } else {
        MatrixXd instruments(c.y.size(), c.Z.cols() + (c.exogenous() ? 1 : 0));
        if (c.exogenous()) {
            instruments << tested, c.Z;
        } else {
            instruments = c.Z;
        }
        r.u1 = liml_residual(A, orthonormal(without(Q_w, instruments)));
    }
    // Y on [Q, u1]: what Q leaves of u1 has coefficient s, and u1 = Q Q'u1 + rest.
    const VectorXd in_Q = Q_.transpose() * r.u1;
    const VectorXd rest = without(Q_, r.u1);
    r.fit = Q_.transpose() * c.Y;
    for (Index m = 0; m < K1; ++m) r.fit.col(m) -= in_Q * (rest.dot(c.Y.col(m)) / rest.squaredNorm());
    r.u2 = c.Y - Q_ * r.fit;
    return r;
}

WreModel::Store WreModel::store(const Residuals& residuals) const {
    const auto G = static_cast<Index>(moments_.cluster.size());
    const Index l = Q_.cols(), d = D_.cols(), columns = residuals.u2.cols() + 1;
    Store s;
    s.fit = residuals.fit;
    s.a.resize(columns * l, G);
    s.own.resize(columns * d, G);
    MatrixXd u(Q_.rows(), columns);
    u << residuals.u1, residuals.u2;
    for (const Run& run : run_) {
        MatrixXd m(columns * run.rank, run.clusters);
        for (Index at = run.begin; at < run.begin + run.clusters; ++at) {
            const Cluster& g = moments_.cluster[static_cast<std::size_t>(at)];
            const Index rows = g.end - g.begin;
            for (Index i = 0; i < columns; ++i) {
                const auto own = u.col(i).segment(g.begin, rows);
                s.a.col(at).segment(i * l, l) = Q_.middleRows(g.begin, rows).transpose() * own;
                s.own.col(at).segment(i * d, d) = D_.middleRows(g.begin, rows).transpose() * own;
                if (run.rank == 0) continue;
                const auto& into = basis_[static_cast<std::size_t>(g.block)].into;
                m.col(at - run.begin).segment(i * run.rank, run.rank) =
                    into(Eigen::all, g.touched) * (g.Z.transpose() * own);
            }
        }
        s.m.push_back(std::move(m));
    }
    return s;
}

WreModel::Replicate WreModel::estimate(const Store& store, const VectorXd& a) const {
    const Index l = Q_.cols(), L1 = columns_.Z.cols(), k1 = l - L1, K1 = columns_.Y.cols();
    const Eigen::Map<const MatrixXd> moved(a.data() + l, l, K1);  // Q'(v u2)
    const auto a0 = a.head(l);
    const MatrixXd M = store.fit.bottomRows(L1) + moved.bottomRows(L1);
    MatrixXd inverse(K1, L1);  // M^+
    Replicate r;
    if (K1 == 1) {
        const double square = M.squaredNorm();
        if (!(square > 1e-24 * norm_(0) * norm_(0))) return r;
        inverse = M.transpose() / square;
    } else {
        const MatrixXd unit = M * norm_.cwiseInverse().asDiagonal();
        const Eigen::ColPivHouseholderQR<MatrixXd> qr(unit);
        const double least = std::abs(qr.matrixR()(K1 - 1, K1 - 1)), most = std::abs(qr.matrixR()(0, 0));
        if (!(unit.norm() > 1e-12) || !(least > 1e-10 * most)) return r;
        inverse = norm_.cwiseInverse().asDiagonal() * qr.solve(MatrixXd::Identity(L1, L1));
    }
    r.identified = true;
    r.step = inverse * a0.tail(L1);
    r.rho.resize(l);
    r.rho.head(k1) = a0.head(k1) - moved.topRows(k1) * r.step;
    r.rho.tail(L1) = store.fit.bottomRows(L1) * r.step;
    if (!columns_.exogenous()) {
        const Index of_Y = columns_.term - k1;
        r.numerator = r.step(of_Y);
        r.direction = inverse.row(of_Y).transpose();
        return r;
    }
    const VectorXd cross = (store.fit.topRows(k1) + moved.topRows(k1)).transpose() * h_;
    r.numerator = h_.dot(a0.head(k1)) - cross.dot(r.step);
    r.direction.resize(L1 + 1);
    r.direction << 1, -inverse.transpose() * cross;
    return r;
}

void WreModel::operator()(const Store& store, const double* weights, Sums& sums) const {
    const auto G = static_cast<Index>(moments_.cluster.size());
    const Index l = Q_.cols(), d = D_.cols(), K1 = columns_.Y.cols();
    const Eigen::Map<const RowMajor> V(weights, G, strip);
    const MatrixXd a = store.a * V;
    std::vector<Replicate> replicate;
    MatrixXd step(K1, strip), direction(d, strip), rho(l, strip);
    for (int r = 0; r < strip; ++r) {
        const Replicate found = estimate(store, a.col(r));
        sums.numerator[r] = found.identified ? found.numerator : std::numeric_limits<double>::quiet_NaN();
        sums.squares[r] = sums.size[r] = 0;
        step.col(r) = found.identified ? found.step : VectorXd::Zero(K1);
        direction.col(r) = found.identified ? found.direction : VectorXd::Zero(d);
        rho.col(r) = found.identified ? found.rho : VectorXd::Zero(l);
    }
    const RowMajor steps = step, directions = direction;
    RowMajor P, lost;
    for (std::size_t at = 0; at < run_.size(); ++at) {
        const Run& run = run_[at];
        P.resize(run.rank + l, strip);
        if (run.rank > 0) {
            const RowMajor m = store.m[at] * V.middleRows(run.begin, run.clusters);
            P.topRows(run.rank) = m.topRows(run.rank);
            for (Index i = 0; i < K1; ++i)
                P.topRows(run.rank).array() -=
                    m.middleRows((i + 1) * run.rank, run.rank).array().rowwise() * steps.row(i).array();
        }
        P.bottomRows(l) = rho;
        lost.noalias() = run.load * P;
        for (Index g = 0; g < run.clusters; ++g) {
            const double* own = store.own.col(run.begin + g).data();
            const double* v = weights + (run.begin + g) * strip;
            double c[strip] = {};
            for (Index i = 0; i < d; ++i) {
                const double* gone = lost.row(g * d + i).data();
                const double* along = directions.row(i).data();
                double kept[strip];
                for (int r = 0; r < strip; ++r) kept[r] = own[i];
                for (Index m = 0; m < K1; ++m) {
                    const double part = own[(m + 1) * d + i];
                    const double* by = steps.row(m).data();
                    for (int r = 0; r < strip; ++r) kept[r] -= part * by[r];
                }
                for (int r = 0; r < strip; ++r) {
                    const double part = along[r] * v[r] * kept[r];
                    c[r] += part - along[r] * gone[r];
                    sums.size[r] += part * part;
                }
            }
            for (int r = 0; r < strip; ++r) sums.squares[r] += c[r] * c[r];
        }
    }
}

}  // namespace greenfront::resample
