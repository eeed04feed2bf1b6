#pragma once
#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "tests/panel/grunfeld.hpp"

/// Designs for the tests of panel regressions, and a naive twin of the estimator.
namespace greenfront::panel_test {

using panel::Design;
using panel::Factor;
using panel::Fit;
using panel::FixedEffect;
using panel::Options;
using panel::SmallSample;
using panel::Variance;
using Long = long double;
using Matrix = Eigen::Matrix<Long, Eigen::Dynamic, Eigen::Dynamic>;
using Vector = Eigen::Matrix<Long, Eigen::Dynamic, 1>;

/// splitmix64; the tests need numbers that are the same everywhere, not good ones.
struct Numbers {
    std::uint64_t state;
    std::uint64_t next();
    double uniform();  ///< in (0, 1)
    double normal();   ///< sum of twelve uniforms
    std::int32_t below(std::int32_t n);
};

[[nodiscard]] Factor factor(const std::string& name, const std::vector<std::int32_t>& code);
[[nodiscard]] FixedEffect effect(const Factor& factor);
[[nodiscard]] Design grunfeld_design(bool firm, bool year);  ///< inv ~ value + capital

/// An unbalanced panel of workers who move between firms over years, with `components` markets that do not
/// mix; effects worker, firm, year in the order asked for ("wfy"), "s": year slopes of a trend inside worker.
[[nodiscard]] Design random_design(std::uint64_t seed, const std::string& effects, int workers = 30,
                                   int components = 1, bool instrument = false);

/// Dense dummy variables and slopes of all effects, or the constant.
[[nodiscard]] Matrix dummies(const Design& design);
[[nodiscard]] int rank(const Matrix& D);
/// Least squares with an orthogonal factorisation in long double that bears collinear columns.
[[nodiscard]] Vector solve(const Matrix& A, const Vector& b);

/// Naive estimate: y on [X, dummies]; variance by summation over pairs of rows in the same cluster.
struct Twin {
    Vector b, residual;
    Matrix covariance;  ///< without any factor for small samples (iid: RSS (X'MX)^-1)
    Matrix Xt;          ///< regressors after the dummies
};
[[nodiscard]] Twin twin(const Design& design, Variance variance);

[[nodiscard]] bool near(double a, Long b, double tolerance = 1e-9);

}  // namespace greenfront::panel_test
