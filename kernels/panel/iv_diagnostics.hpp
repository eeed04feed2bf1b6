#pragma once
#include <Eigen/Core>
#include <vector>

#include "kernels/panel/iv.hpp"

/// The diagnostics of kernels/panel/iv.hpp on orthonormal coordinates.
namespace greenfront::panel {

struct IvCoordinates {
    Eigen::MatrixXd Qz;     ///< n x L1, orthonormal, excluded instruments without X
    Eigen::MatrixXd Qy;     ///< n x K1, orthonormal, endogenous variables without X
    Eigen::MatrixXd Ry;     ///< K1 x K1 upper: the endogenous variables without X are Qy Ry
    Eigen::MatrixXd Theta;  ///< Qz'Qy
    Eigen::VectorXd y;      ///< outcome without X
    Eigen::VectorXd u;      ///< residual that weights the moments
};

/// N-L-a and the factors that turn a Wald statistic into an F.
struct IvScale {
    Variance variance = Variance::iid;
    const ClusterSets* clusters = nullptr;
    double n = 0, denominator = 0, fewest = 0;  ///< N, N-L-a, G
    [[nodiscard]] double factor() const;        ///< robust, cluster: F = Wald factor / L1
    [[nodiscard]] double df2() const;
};

[[nodiscard]] WeakInstruments iv_diagnostics(const IvCoordinates& c, const IvScale& scale,
                                             const std::vector<std::string>& endogenous, double confidence);

}  // namespace greenfront::panel
