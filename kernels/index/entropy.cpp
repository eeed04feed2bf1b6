#include "kernels/index/entropy.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"
#include "kernels/parallel.hpp"

namespace greenfront::index {
namespace {

using Eigen::Index;

std::string indicator(Index k, const std::vector<std::string>& names) {
    const auto at = static_cast<std::size_t>(k);
    return at < names.size() ? fmt::format("indicator {} (column {})", names[at], k + 1)
                             : fmt::format("indicator in column {}", k + 1);
}

void require_usable(const Eigen::MatrixXd& values, const std::vector<bool>& negative, double shift,
                    const std::vector<std::string>& names) {
    if (values.cols() == 0) throw Error(Fault::data, "index: no indicator; name at least one");
    if (values.rows() < 2) {
        throw Error(Fault::data,
                    fmt::format("index: {} complete rows; at least 2 are needed", values.rows()));
    }
    if (static_cast<Index>(negative.size()) != values.cols()) {
        throw Error(Fault::data,
                    fmt::format("index: {} directions for {} indicators", negative.size(), values.cols()));
    }
    if (!std::isfinite(shift) || shift < 0) {
        throw Error(Fault::data, fmt::format("index: shift {} must be zero or positive", shift));
    }
    // z + s keeps about s 2^-53 of z's digits; beyond this rounding would soon decide the weights.
    constexpr double largest_shift = 1e6;
    if (shift > largest_shift) {
        throw Error(Fault::data,
                    fmt::format("index: shift {} is larger than {}, and rounding would decide the "
                                "weights; none is needed",
                                shift, largest_shift));
    }
    for (Index k = 0; k < values.cols(); ++k) {
        for (Index i = 0; i < values.rows(); ++i) {
            if (std::isfinite(values(i, k))) continue;
            throw Error(Fault::data, fmt::format("index: {} has a missing or infinite value; leave such "
                                                 "rows out",
                                                 indicator(k, names)));
        }
    }
}

/// 1 - e of one indicator: sum_i p_i ln(n p_i) / ln n. With u_i = n p_i - 1, which add up to 0, every term
/// (1 + u) ln(1 + u) - u is >= 0, so that an indicator near entropy 1 loses no digits by cancellation;
/// 0 ln 0 = 0 makes the term 1 at u = -1.
double divergence(const Eigen::VectorXd& z) {
    const auto n = static_cast<double>(z.size());
    double total = 0;
    for (Index i = 0; i < z.size(); ++i) total += z[i];
    double sum = 0;
    for (Index i = 0; i < z.size(); ++i) {
        const double u = n * (z[i] / total) - 1;
        // Also where z is so small beside the total that u is -1 to the last digit.
        sum += u > -1 ? (1 + u) * std::log1p(u) - u : 1;
    }
    return sum / (n * std::log(n));
}

}  // namespace

Fit fit_entropy(const Eigen::MatrixXd& values, const std::vector<bool>& negative, double shift,
                const std::vector<std::string>& names) {
    require_usable(values, negative, shift, names);
    Fit fit;
    fit.minimum = values.colwise().minCoeff();
    fit.maximum = values.colwise().maxCoeff();
    fit.negative = negative;
    fit.shift = shift;
    const Index count = values.cols();
    fit.entropy.resize(count);
    fit.weight.resize(count);
    for (Index k = 0; k < count; ++k) {
        const double range = fit.maximum[k] - fit.minimum[k];
        if (!(range > 0)) {
            throw Error(Fault::data, fmt::format("index: {} has the same value {} in every row and cannot "
                                                 "be weighted; leave it out",
                                                 indicator(k, names), fit.minimum[k]));
        }
        if (!std::isfinite(range)) {
            throw Error(Fault::data, fmt::format("index: the range of {} is too large for a number; "
                                                 "rescale it",
                                                 indicator(k, names)));
        }
    }
    every_index(count, [&](Index k) {
        Eigen::VectorXd z(values.rows());
        for (Index i = 0; i < values.rows(); ++i) z[i] = standardised(fit, values(i, k), k);
        fit.weight[k] = divergence(z);
    });
    double total = 0;
    for (Index k = 0; k < count; ++k) {
        fit.entropy[k] = 1 - fit.weight[k];
        total += fit.weight[k];
    }
    // A huge shift makes every distribution uniform to the last digit.
    if (!(total > 0)) {
        throw Error(Fault::data, fmt::format("index: shift {} leaves no difference between rows; use a "
                                             "smaller one",
                                             shift));
    }
    fit.weight /= total;
    return fit;
}

}  // namespace greenfront::index
