#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

/// The per-cluster store that a pairs bootstrap reads instead of the rows.
///
/// Effects nested in the cluster (every level in one cluster) get fresh levels in each draw of the cluster,
/// so partialling them is the same in every resample and is done once. What remains, the columns Z of all
/// other effects (dummies, slopes; the constant when there are no effects), is refitted in every resample.
/// With x-dot, Z-dot for columns without their nested part, w_g for how often cluster g was drawn, and
/// X+ = [x_1 .. x_k, y] (n x p, p = k + 1):
///
///     S_g = X+_g' X+_g   (p x p)      h_g = Z_g' X+_g   (c x p)      H_g = Z_g' Z_g   (c x c)
///     gamma(w) = (sum w_g H_g)^- sum w_g h_g
///     Q(w)     = sum w_g S_g - (sum w_g h_g)' gamma(w)                              (method 4.7)
///
/// Q(w) holds all cross-products of the resample's partialled columns. X+ are the columns partialled in
/// the full sample: they differ from the raw ones by something in the span of the effects, which every
/// resample removes again, and differencing them loses no digits.
///
/// Columns of Z that one cluster touches belong to one block, and so do all clusters that share a column:
/// sum w_g H_g is block diagonal, and a cluster reads one block only.
namespace greenfront::resample {

struct Block {
    Eigen::Index size = 0;            ///< columns of Z
    Eigen::Index begin = 0, end = 0;  ///< positions of its clusters
    /// All clusters of the block have the same rows of Z-dot, in the same order. Then sum w_g H_g is a
    /// multiple of one matrix, and Z-dot gamma is the same for all of them.
    bool uniform = false;
};

/// One cluster; clusters are ordered by block and stand at a "position".
struct Cluster {
    std::int32_t code = 0;              ///< the cluster's code, which draws refer to
    Eigen::Index begin = 0, end = 0;    ///< rows of `column`
    Eigen::Index block = -1;            ///< -1: no column of Z touches it
    std::vector<Eigen::Index> touched;  ///< columns of the block
    Eigen::MatrixXd Z;                  ///< rows x touched, without the nested part
    Eigen::MatrixXd S, h, H;
    Eigen::VectorXd Z_square;   ///< sums of squares of the touched columns, nested part included
    Eigen::VectorXd low, high;  ///< least and largest raw value of each column of X+
};

struct ClusterMoments {
    Eigen::Index k = 0;             ///< regressors
    Eigen::MatrixXd column;         ///< n x p, X+, rows ordered by position
    std::vector<std::int64_t> row;  ///< row of the estimation sample
    std::vector<Cluster> cluster;   ///< G, by position
    std::vector<Block> block;
    std::vector<char> nested;       ///< of each effect of the sample
    bool constant_removed = false;  ///< a column without variation is absorbed
    Eigen::VectorXd S_full;         ///< diagonal of sum S_g
};

/// Cost: n x columns of Z for the partialling, sum of n_g c_g^2 for the moments.
[[nodiscard]] ClusterMoments cluster_moments(const panel::Prepared& prepared);

/// A resample's cross-products and what its effects remove.
struct Projection {
    Eigen::MatrixXd Q;                   ///< p x p
    Eigen::VectorXd S;                   ///< p, sums of squares before the other effects
    std::vector<Eigen::MatrixXd> gamma;  ///< size x p for each block
};

/// `count` by position. Cost: the touched numbers of the drawn clusters and a factorisation for each block.
void project(const ClusterMoments& moments, const std::vector<std::int32_t>& count, Projection& projection);

/// Solves H gamma = h for a positive semidefinite H in place (h in its range): L D L' in the given order,
/// columns whose pivot is not above 1e-10 of `scale` get gamma = 0. Only the lower triangle of H is read.
void solve_semidefinite(Eigen::MatrixXd& H, Eigen::MatrixXd& h, const Eigen::VectorXd& scale);

/// Scores x-tilde_g' u_g of the clusters at coefficients beta, k x G (zero where not drawn).
void scores(const ClusterMoments& moments, const std::vector<std::int32_t>& count,
            const Projection& projection, const Eigen::VectorXd& beta, Eigen::MatrixXd& score);

}  // namespace greenfront::resample
