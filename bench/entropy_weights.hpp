#pragma once
#include <Eigen/Core>
#include <cmath>
#include <vector>

/// The entropy weights by their formula alone, to check those of the kernel against.
namespace greenfront::bench {

/// w_k = (1 - e_k) / sum (1 - e), e_k = -sum p ln p / ln n, p the shares of the columns scaled to [0, 1].
inline Eigen::VectorXd weights_by_hand(const Eigen::MatrixXd& x, const std::vector<bool>& negative) {
    Eigen::VectorXd weight(x.cols());
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
        const double low = x.col(k).minCoeff(), high = x.col(k).maxCoeff();
        Eigen::ArrayXd z = (x.col(k).array() - low) / (high - low);
        if (negative[static_cast<std::size_t>(k)]) z = 1 - z;
        const Eigen::ArrayXd p = z / z.sum();
        weight[k] =
            1 + (p > 0).select(p * p.max(1e-300).log(), 0.0).sum() / std::log(static_cast<double>(x.rows()));
    }
    return weight / weight.sum();
}

}  // namespace greenfront::bench
