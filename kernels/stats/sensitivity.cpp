#include "kernels/stats/sensitivity.hpp"

#include <cassert>
#include <cmath>
#include <limits>

namespace greenfront::stats {
namespace {

/// Mean of values and the standard error of that mean.
struct MeanError {
    double mean = 0, std_error = 0;
};
MeanError mean_error(const Eigen::VectorXd& values) {
    const auto n = static_cast<double>(values.size());
    const double mean = values.mean();
    const double variance = (values.array() - mean).square().sum() / (n - 1);
    return {mean, std::sqrt(variance / n)};
}

}  // namespace

SobolIndices sobol_indices(const Eigen::VectorXd& y, Eigen::Index d) {
    assert(d > 0 && y.size() % (d + 2) == 0);
    const Eigen::Index blocks = y.size() / (d + 2);
    Eigen::MatrixXd table(blocks, d + 2);  // complete blocks, one a row
    SobolIndices result;
    for (Eigen::Index i = 0; i < blocks; ++i) {
        const auto block = y.segment(i * (d + 2), d + 2);
        if (block.allFinite()) table.row(result.used++) = block.transpose();
    }
    table.conservativeResize(result.used, Eigen::NoChange);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    result.first = result.total = result.first_std_error = result.total_std_error =
        Eigen::VectorXd::Constant(d, nan);
    result.variance = nan;
    if (result.used < 2) return result;
    const auto both = table.leftCols(2);
    const double mean = both.mean();
    result.variance = (both.array() - mean).square().mean();
    if (result.variance <= 1e-28 * both.array().square().mean()) return result;
    for (Eigen::Index j = 0; j < d; ++j) {
        const Eigen::VectorXd moved = table.col(2 + j) - table.col(0);
        const MeanError first = mean_error((table.col(1).array() - mean) * moved.array());
        const MeanError total = mean_error(moved.array().square() / 2);
        result.first[j] = first.mean / result.variance;
        result.first_std_error[j] = first.std_error / result.variance;
        result.total[j] = total.mean / result.variance;
        result.total_std_error[j] = total.std_error / result.variance;
    }
    return result;
}

}  // namespace greenfront::stats
