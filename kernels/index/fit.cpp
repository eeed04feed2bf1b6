#include "kernels/index/fit.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"

namespace greenfront::index {

using Eigen::Index;

double standardised(const Fit& fit, double x, Index k) {
    const double range = fit.maximum[k] - fit.minimum[k];
    const double above = fit.negative[static_cast<std::size_t>(k)] ? fit.maximum[k] - x : x - fit.minimum[k];
    return above / range + fit.shift;
}

Eigen::VectorXd score(const Fit& fit, const Eigen::MatrixXd& values) {
    if (values.cols() != fit.weight.size()) {
        throw Error(Fault::data,
                    fmt::format("index: {} columns for {} weights", values.cols(), fit.weight.size()));
    }
    Eigen::VectorXd result = Eigen::VectorXd::Zero(values.rows());
    // A column at a time, as they lie in memory; a row's sum still runs over k in order.
    for (Index k = 0; k < values.cols(); ++k) {
        const double weight = fit.weight[k];
        for (Index i = 0; i < values.rows(); ++i) result[i] += weight * standardised(fit, values(i, k), k);
    }
    return result;
}

}  // namespace greenfront::index
