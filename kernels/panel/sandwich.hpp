#pragma once
#include <Eigen/Core>

#include "kernels/panel/estimation.hpp"

/// The variance matrices of kernels/panel/estimation.hpp, one for each kind.
namespace greenfront::panel {

/// Variance of [b, b0] in the data's units, before any repair. `rule` changes when the jackknife has to leave
/// clusters in; `fit` gets what single variances report.
[[nodiscard]] Eigen::MatrixXd printed_covariance(const Setup& setup, const Estimation& e,
                                                 SmallSampleRule& rule, Fit& fit);

}  // namespace greenfront::panel
