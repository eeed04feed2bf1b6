#pragma once
#include <Eigen/Core>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/moments.hpp"
#include "kernels/resample/wild.hpp"

/// The linear maps of wild_cluster: from weights to delta and to the terms c of the variance.
///
/// Coordinates. H_b, the matrix of block b, has eigenvectors U and eigenvalues D (those above rounding):
/// m_b = D^-1/2 U' sum v_g e_g carries the effects, delta the regressors. With P = [m_b; delta],
///     c_g = d_g v_g - L_g P
///     variance 1:  d_g = z_g'u_g,             L_g = [D^-1/2 U'Z_g'z_g ; x~_g'z_g]
///     variance 3:  d_g = a_g's_g + b_g'e_g,   L_g = [D^1/2 U'b_g ; A a_g - e_j]
/// L does not depend on the residuals; d and the coefficients of P do.
namespace greenfront::resample {

/// What does not depend on the residuals.
struct WildMap {
    struct BlockBasis {
        Eigen::MatrixXd into;  ///< D^-1/2 U', rank x columns of the block
    };
    Eigen::Index term = 0;  ///< j
    int variance = 1;
    Eigen::MatrixXd A_inverse;          ///< k x k
    Eigen::VectorXd z;                  ///< n
    std::vector<BlockBasis> basis;      ///< of each block
    Eigen::MatrixXd a;                  ///< variance 3: k x G, a_g by position
    std::vector<Eigen::VectorXd> b;     ///< variance 3: of each position, b_g on the columns of its block
    std::vector<Eigen::VectorXd> load;  ///< L_g of each position: rank of its block, then k
};
/// D^-1/2 U' of each block.
[[nodiscard]] std::vector<WildMap::BlockBasis> block_bases(const ClusterMoments& moments);
/// `cluster` names the clusters in errors.
[[nodiscard]] WildMap wild_map(const ClusterMoments& moments, const panel::Factor& cluster, Eigen::Index term,
                               int variance);

/// What depends on the residuals u (n, in the order of moments.column).
struct WildPart {
    Eigen::VectorXd d;               ///< G, by position
    std::vector<Eigen::VectorXd> m;  ///< of each position: its part of m_b
    Eigen::MatrixXd delta;           ///< k x G
};
[[nodiscard]] WildPart wild_part(const ClusterMoments& moments, const WildMap& map, const Eigen::VectorXd& u);

/// Residuals of y~ and of x~_j (n x 2): u(r) = first - r second. Unrestricted: the second is zero.
/// `residuals` 3: without the row's own cluster.
[[nodiscard]] Eigen::MatrixXd wild_residuals(const ClusterMoments& moments, const panel::Factor& cluster,
                                             Eigen::Index term, bool impose_null, int residuals);

/// Estimate of the coefficient without each cluster, by position.
[[nodiscard]] Eigen::VectorXd leave_out_estimates(const ClusterMoments& moments, const panel::Factor& cluster,
                                                  Eigen::Index term);

}  // namespace greenfront::resample
