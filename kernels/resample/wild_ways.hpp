#pragma once
#include <Eigen/Core>
#include <vector>

#include "kernels/panel/sample.hpp"
#include "kernels/panel/variance.hpp"
#include "kernels/resample/uniform.hpp"
#include "kernels/resample/wild_system.hpp"

/// Several cluster variables: the terms c of wild_cluster for every set of clusters (variables and
/// intersections), rows counted one by one.
///
/// With z_i of row i, its cluster of weights g(i), and P = [m of all blocks; delta]:
///     c_h = sum_{i in h} z_i u_i v_g(i) - sum_{i in h} z_i [D^-1/2 U'Z_i ; x~_i]'P
/// and the sum over sets of +-c_h^2 (Cameron, Gelbach and Miller 2011) takes the place of sum c_g^2.
namespace greenfront::resample {

class WildWays {
  public:
    /// Throws Error(Fault::usage) where the matrices would need more than 2 GB.
    WildWays(const ClusterMoments& moments, const panel::Design& sample, const WildMap& map,
             const std::vector<Eigen::VectorXd>& residuals);

    /// `weights`: [position][16]. For each pair (a, b), a <= b, of the residual vectors, in the order 00, 01,
    /// 11, the signed sums of c_a c_b, and of |c_a c_b| in `size`; delta_j of each.
    struct Sums {
        double numerator[2][strip];
        double squares[3][strip];
        double size[strip];  ///< of the first vector: what the signed sum is rounding of
    };
    void operator()(const double* weights, Sums& sums) const;

  private:
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    struct Set {
        double sign = 1;
        Eigen::MatrixXd load;                   ///< levels x (ranks + k)
        std::vector<Eigen::MatrixXd> diagonal;  ///< of each residual vector: levels x G
    };
    std::vector<Set> sets_;
    std::vector<Eigen::MatrixXd> P_;  ///< of each residual vector: (ranks + k) x G
    Eigen::Index term_row_ = 0;
};

}  // namespace greenfront::resample
