#include "kernels/resample/wild_system.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>

#include "kernels/error.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What is left of a regressor's sum of squares below this share is no variation.
constexpr double least_part = 1e-9;
/// Eigenvalues below this share of the largest diagonal belong to no effect.
constexpr double least_eigenvalue = 1e-10;

/// H and the raw sums of squares of its columns.
struct BlockSum {
    MatrixXd H;
    VectorXd scale;
};

BlockSum block_sum(const ClusterMoments& moments, const Block& block) {
    BlockSum sum{MatrixXd::Zero(block.size, block.size), VectorXd::Zero(block.size)};
    for (Index at = block.begin; at < block.end; ++at) {
        const auto& g = moments.cluster[static_cast<std::size_t>(at)];
        sum.H(g.touched, g.touched) += g.H;
        sum.scale(g.touched) += g.Z_square;
    }
    return sum;
}

std::vector<BlockSum> block_sums(const ClusterMoments& moments) {
    std::vector<BlockSum> sums;
    for (const auto& block : moments.block) sums.push_back(block_sum(moments, block));
    return sums;
}

/// Symmetric positive definite: columns brought to unit length first, so that units of measure play no part.
MatrixXd inverse(const MatrixXd& A) {
    const VectorXd scale = A.diagonal().cwiseSqrt().cwiseInverse();
    const MatrixXd unit = scale.asDiagonal() * A * scale.asDiagonal();
    const MatrixXd inverted = unit.llt().solve(MatrixXd::Identity(A.rows(), A.cols()));
    return scale.asDiagonal() * inverted * scale.asDiagonal();
}

/// The sample without one cluster. Its columns X+ have h = 0 over the whole sample, so without g
///     gamma = -(H - H_g)^+ h_g,   Q = S - S_g + h_g'gamma.
struct LeaveOut {
    MatrixXd gamma;  ///< columns of the block x p
    MatrixXd Q;      ///< p x p
};

class LeftOut {
  public:
    LeftOut(const ClusterMoments& moments, const panel::Factor& cluster)
        : moments_(moments), cluster_(cluster), sums_(block_sums(moments)) {
        S_.setZero(moments.k + 1, moments.k + 1);
        for (const auto& g : moments.cluster) S_ += g.S;
    }

    [[nodiscard]] LeaveOut without(std::size_t position) const {
        const Cluster& g = moments_.cluster[position];
        LeaveOut out{MatrixXd(), S_ - g.S};
        if (g.block >= 0) {
            const BlockSum& sum = sums_[static_cast<std::size_t>(g.block)];
            MatrixXd H = sum.H, h = MatrixXd::Zero(sum.H.rows(), moments_.k + 1);
            VectorXd scale = sum.scale;
            H(g.touched, g.touched) -= g.H;
            scale(g.touched) -= g.Z_square;
            h(g.touched, Eigen::all) = -g.h;
            solve_semidefinite(H, h, scale.cwiseMax(least_eigenvalue * sum.scale));
            out.Q += g.h.transpose() * h(g.touched, Eigen::all);
            out.gamma = std::move(h);
        }
        return out;
    }

    /// Inverse of the `kept` part of Q.
    [[nodiscard]] MatrixXd inverse_of(const LeaveOut& out, const std::vector<Index>& kept,
                                      std::size_t position) const {
        const MatrixXd part = out.Q(kept, kept);
        const VectorXd scale = S_.diagonal()(kept).cwiseSqrt().cwiseInverse();
        const MatrixXd unit = scale.asDiagonal() * part * scale.asDiagonal();
        const Eigen::LDLT<MatrixXd> factor(unit);
        if (unit.rows() > 0 && !(factor.vectorD().minCoeff() > least_part)) refuse(position);
        const MatrixXd inverted = factor.solve(MatrixXd::Identity(unit.rows(), unit.cols()));
        return scale.asDiagonal() * inverted * scale.asDiagonal();
    }

  private:
    [[noreturn]] void refuse(std::size_t position) const {
        const auto code = static_cast<std::size_t>(moments_.cluster[position].code);
        const std::string level = code < cluster_.level_name.size() ? cluster_.level_name[code]
                                                                    : fmt::format("number {}", code + 1);
        throw Error(
            Fault::data,
            fmt::format("without {} {} the regressors cannot be told apart, so residuals and variances "
                        "that leave out a cluster (types 13, 31 and 33) do not exist; use type 11",
                        cluster_.name, level));
    }

    const ClusterMoments& moments_;
    const panel::Factor& cluster_;
    std::vector<BlockSum> sums_;
    MatrixXd S_;
};

std::vector<Index> all_but(Index k, Index left_out) {
    std::vector<Index> kept;
    for (Index i = 0; i < k; ++i) {
        if (i != left_out) kept.push_back(i);
    }
    return kept;
}

/// Residuals of column `of` on the columns `on`.
VectorXd residual(const MatrixXd& column, Index of, const std::vector<Index>& on) {
    if (on.empty()) return column.col(of);
    const MatrixXd X = column(Eigen::all, on);
    const VectorXd norm = X.colwise().norm();
    const MatrixXd unit = X * norm.cwiseInverse().asDiagonal();
    const Eigen::HouseholderQR<MatrixXd> qr(unit);
    return column.col(of) - unit * qr.solve(column.col(of));
}

}  // namespace

MatrixXd wild_residuals(const ClusterMoments& moments, const panel::Factor& cluster, Index term,
                        bool impose_null, int residuals) {
    const Index k = moments.k;
    const std::vector<Index> on = all_but(k, impose_null ? term : -1);
    MatrixXd u = MatrixXd::Zero(moments.column.rows(), 2);
    if (residuals == 1) {
        u.col(0) = residual(moments.column, k, on);
        if (impose_null) u.col(1) = residual(moments.column, term, on);
        return u;
    }
    const LeftOut left_out(moments, cluster);
    for (std::size_t at = 0; at < moments.cluster.size(); ++at) {
        const Cluster& g = moments.cluster[at];
        const LeaveOut out = left_out.without(at);
        const MatrixXd inverse = left_out.inverse_of(out, on, at);
        MatrixXd own = moments.column.middleRows(g.begin, g.end - g.begin);
        if (g.block >= 0) own -= g.Z * out.gamma(g.touched, Eigen::all);
        const auto free = [&](Index of) -> VectorXd {
            const VectorXd beta = inverse * out.Q.col(of)(on);
            return own.col(of) - own(Eigen::all, on) * beta;
        };
        u.col(0).segment(g.begin, g.end - g.begin) = free(k);
        if (impose_null) u.col(1).segment(g.begin, g.end - g.begin) = free(term);
    }
    return u;
}

VectorXd leave_out_estimates(const ClusterMoments& moments, const panel::Factor& cluster, Index term) {
    const LeftOut left_out(moments, cluster);
    const std::vector<Index> all = all_but(moments.k, -1);
    VectorXd estimate(static_cast<Index>(moments.cluster.size()));
    for (std::size_t at = 0; at < moments.cluster.size(); ++at) {
        const LeaveOut out = left_out.without(at);
        const MatrixXd inverse = left_out.inverse_of(out, all, at);
        estimate(static_cast<Index>(at)) = inverse.row(term).dot(out.Q.col(moments.k)(all));
    }
    return estimate;
}

namespace {

WildMap::BlockBasis basis_of(const BlockSum& sum, VectorXd& root) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(sum.H);
    std::vector<Index> kept;
    for (Index i = 0; i < sum.H.rows(); ++i) {
        if (eigen.eigenvalues()(i) > least_eigenvalue * sum.scale.maxCoeff()) kept.push_back(i);
    }
    root = eigen.eigenvalues()(kept).cwiseSqrt();
    return {root.cwiseInverse().asDiagonal() * eigen.eigenvectors()(Eigen::all, kept).transpose()};
}

/// [D^-1/2 U'Z_g'z_g ; x~_g'z_g]
void load_estimated(const ClusterMoments& moments, WildMap& map) {
    for (const Cluster& g : moments.cluster) {
        const Index rows = g.end - g.begin;
        const auto z = map.z.segment(g.begin, rows);
        const Index rank = g.block >= 0 ? map.basis[static_cast<std::size_t>(g.block)].into.rows() : Index{0};
        VectorXd load(rank + moments.k);
        if (g.block >= 0) {
            const auto& into = map.basis[static_cast<std::size_t>(g.block)].into;
            load.head(rank) = into(Eigen::all, g.touched) * (g.Z.transpose() * z);
        }
        load.tail(moments.k) = moments.column.middleRows(g.begin, rows).leftCols(moments.k).transpose() * z;
        map.load.push_back(std::move(load));
    }
}

/// [D^1/2 U'b_g ; A a_g - e_j]
void load_left_out(const ClusterMoments& moments, const panel::Factor& cluster, const MatrixXd& A,
                   const std::vector<VectorXd>& root, WildMap& map) {
    const LeftOut left_out(moments, cluster);
    const std::vector<Index> all = all_but(moments.k, -1);
    map.a.resize(moments.k, static_cast<Index>(moments.cluster.size()));
    for (std::size_t at = 0; at < moments.cluster.size(); ++at) {
        const Cluster& g = moments.cluster[at];
        const LeaveOut out = left_out.without(at);
        const VectorXd a = left_out.inverse_of(out, all, at).col(map.term);
        map.a.col(static_cast<Index>(at)) = a;
        map.b.emplace_back(g.block >= 0 ? VectorXd(-out.gamma.leftCols(moments.k) * a) : VectorXd());
        const auto block = static_cast<std::size_t>(g.block);
        const Index rank = g.block >= 0 ? map.basis[block].into.rows() : Index{0};
        VectorXd load(rank + moments.k);
        if (g.block >= 0) {
            // D^1/2 U' = D (D^-1/2 U')
            const VectorXd square = root[block].cwiseAbs2();
            load.head(rank) = square.asDiagonal() * (map.basis[block].into * map.b.back());
        }
        load.tail(moments.k) = A * a;
        load(rank + map.term) -= 1;
        map.load.push_back(std::move(load));
    }
}

}  // namespace

std::vector<WildMap::BlockBasis> block_bases(const ClusterMoments& moments) {
    std::vector<WildMap::BlockBasis> bases;
    VectorXd root;
    for (const auto& block : moments.block) bases.push_back(basis_of(block_sum(moments, block), root));
    return bases;
}

WildMap wild_map(const ClusterMoments& moments, const panel::Factor& cluster, Index term, int variance) {
    WildMap map;
    map.term = term;
    map.variance = variance;
    MatrixXd A = MatrixXd::Zero(moments.k, moments.k);
    for (const auto& g : moments.cluster) A += g.S.topLeftCorner(moments.k, moments.k);
    map.A_inverse = inverse(A);
    map.z = moments.column.leftCols(moments.k) * map.A_inverse.col(term);
    std::vector<VectorXd> root(moments.block.size());
    const auto sums = block_sums(moments);
    for (std::size_t b = 0; b < sums.size(); ++b) map.basis.push_back(basis_of(sums[b], root[b]));
    if (variance == 1) {
        load_estimated(moments, map);
    } else {
        load_left_out(moments, cluster, A, root, map);
    }
    return map;
}

WildPart wild_part(const ClusterMoments& moments, const WildMap& map, const VectorXd& u) {
    const auto G = static_cast<Index>(moments.cluster.size());
    WildPart part;
    part.d.resize(G);
    part.delta.resize(moments.k, G);
    for (Index at = 0; at < G; ++at) {
        const Cluster& g = moments.cluster[static_cast<std::size_t>(at)];
        const Index rows = g.end - g.begin;
        const auto own = u.segment(g.begin, rows);
        const VectorXd s = moments.column.middleRows(g.begin, rows).leftCols(moments.k).transpose() * own;
        const VectorXd e = g.Z.transpose() * own;
        part.delta.col(at) = map.A_inverse * s;
        part.m.emplace_back(
            g.block >= 0
                ? VectorXd(map.basis[static_cast<std::size_t>(g.block)].into(Eigen::all, g.touched) * e)
                : VectorXd());
        if (map.variance == 1) {
            part.d(at) = map.z.segment(g.begin, rows).dot(own);
        } else {
            part.d(at) = map.a.col(at).dot(s);
            if (g.block >= 0) part.d(at) += map.b[static_cast<std::size_t>(at)](g.touched).dot(e);
        }
    }
    return part;
}

}  // namespace greenfront::resample
