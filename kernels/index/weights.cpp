#include "kernels/index/weights.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"
#include "kernels/index/entropy.hpp"

namespace greenfront::index {
namespace {

using Eigen::Index;

Eigen::VectorXd given_weights(const std::vector<double>& given, Index count) {
    if (static_cast<Index>(given.size()) != count) {
        throw Error(Fault::data, fmt::format("index: {} fixed weights for {} indicators; give one for each, "
                                             "positive ones first",
                                             given.size(), count));
    }
    Eigen::VectorXd weight = Eigen::Map<const Eigen::VectorXd>(given.data(), count);
    for (Index k = 0; k < count; ++k) {
        if (std::isfinite(weight[k]) && weight[k] >= 0) continue;
        throw Error(Fault::data, fmt::format("index: fixed weight {} is {}; it must be zero or positive",
                                             k + 1, weight[k]));
    }
    int exponent = 0;  // of the largest: a sum of weights near 1e308 is not a number
    if (std::frexp(weight.maxCoeff(), &exponent) == 0)
        throw Error(Fault::data, "index: the fixed weights are all zero; give one that is not");
    for (double& w : weight) w = std::ldexp(w, -exponent);
    return weight / weight.sum();
}

/// Standardised values less their means, each column of length 1, and the standard deviations.
Eigen::MatrixXd directions(const Fit& fit, const Eigen::MatrixXd& values, Eigen::VectorXd& deviation) {
    Eigen::MatrixXd unit(values.rows(), values.cols());
    deviation.resize(values.cols());
    for (Index k = 0; k < values.cols(); ++k) {
        for (Index i = 0; i < values.rows(); ++i) unit(i, k) = standardised(fit, values(i, k), k);
        unit.col(k).array() -= unit.col(k).mean();
        const double length = unit.col(k).norm();  // positive: the indicator is not constant
        deviation[k] = length / std::sqrt(static_cast<double>(values.rows() - 1));
        unit.col(k) /= length;
    }
    return unit;
}

Eigen::VectorXd critic(const Fit& fit, const Eigen::MatrixXd& values) {
    Eigen::VectorXd deviation;
    const Eigen::MatrixXd unit = directions(fit, values, deviation);
    Eigen::VectorXd weight(values.cols());
    for (Index k = 0; k < values.cols(); ++k) {
        double conflict = 0;
        for (Index l = 0; l < values.cols(); ++l) conflict += l == k ? 0 : 1 - unit.col(k).dot(unit.col(l));
        weight[k] = deviation[k] * conflict;
    }
    const double total = weight.sum();
    // Rounding alone leaves about 1e-16 of each pair.
    if (!(total > 1e-12 * deviation.sum())) {
        throw Error(Fault::data, fmt::format("index: CRITIC weights need two indicators that do not move in "
                                             "step; {} named here do; use equal weights",
                                             values.cols() == 1 ? "the one" : "those"));
    }
    return weight / total;
}

}  // namespace

Fit fit_weights(const Eigen::MatrixXd& values, const std::vector<bool>& negative, const Weighting& weighting,
                const std::vector<std::string>& names) {
    Fit fit = fit_entropy(values, negative, weighting.shift, names);
    switch (weighting.method) {
        case Method::entropy:
            break;
        case Method::equal:
            fit.weight.setConstant(1 / static_cast<double>(fit.weight.size()));
            break;
        case Method::critic:
            fit.weight = critic(fit, values);
            break;
        case Method::fixed:
            fit.weight = given_weights(weighting.given, fit.weight.size());
            break;
    }
    return fit;
}

}  // namespace greenfront::index
