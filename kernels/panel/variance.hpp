#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Cross-products of scores: the middle of the sandwich.
///
/// psi_i = z_i u_i is the score of row i (z_i: k columns). Without a factor for small samples:
///     robust    S = sum_i psi_i psi_i'
///     cluster   S = sum_g s_g s_g',  s_g = sum_{i in g} psi_i
///     several   S = sum over non-empty subsets r of the variables, (-1)^(|r|+1) S_r, where S_r clusters by
///               the intersection (Cameron, Gelbach and Miller 2011, eq. 2.11)
/// Cost: n k 2^variables + clusters k^2.
namespace greenfront::panel {

/// Cluster codes of the variables and of their intersections, made once and used for every set of scores.
struct ClusterSets {
    struct Set {
        std::vector<std::int32_t> code;
        std::int32_t levels = 0;
        double sign = 1;
    };
    std::vector<Set> sets;
    [[nodiscard]] bool empty() const { return sets.empty(); }
    [[nodiscard]] bool several() const { return sets.size() > 1; }
};
/// At most 8 variables, else Error(Fault::data).
[[nodiscard]] ClusterSets cluster_sets(const std::vector<Factor>& clusters);

/// S of psi_i = z_i * u_i; each row is its own cluster when `clusters` is empty.
[[nodiscard]] Eigen::MatrixXd score_products(const Eigen::Ref<const Eigen::MatrixXd>& z,
                                             const Eigen::Ref<const Eigen::VectorXd>& u,
                                             const ClusterSets& clusters);
/// The same where psi (n x k) is given.
[[nodiscard]] Eigen::MatrixXd score_products(const Eigen::Ref<const Eigen::MatrixXd>& psi,
                                             const ClusterSets& clusters);

/// Sets negative eigenvalues of a symmetric matrix to zero; true when there were any below -1e-12 of the
/// largest in units of the diagonal (so that the answer does not depend on the units of the columns).
bool repair(Eigen::MatrixXd& V);

/// W = b' V^-1 b; NaN when V is singular (smallest eigenvalue not above 1e-12 of the largest in units of the
/// diagonal).
[[nodiscard]] double wald(const Eigen::VectorXd& b, const Eigen::MatrixXd& V);

}  // namespace greenfront::panel
