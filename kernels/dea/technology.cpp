#include "kernels/dea/technology.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::dea {
namespace {

/// The power of two 2^-e with value = f 2^e, 1/2 <= f < 1.
double reciprocal_power(double value) {
    int exponent = 0;
    (void)std::frexp(value, &exponent);
    return std::ldexp(1.0, -exponent);
}

}  // namespace

double value_of(const Quantities& units, int i, Eigen::Index j) {
    const auto m = units.X.rows(), s1 = units.Y.rows();
    if (i < m) return units.X(i, j);
    if (i < m + s1) return units.Y(i - m, j);
    return units.B(i - m - s1, j);
}

double Technology::factor_of(const Quantities& units, Eigen::Index j) const {
    double largest = returns_row ? 1.0 : 0.0;
    for (int i = 0; i < variables(); ++i) largest = std::max(largest, row_factor[i] * value_of(units, i, j));
    return largest > 0 ? reciprocal_power(largest) : 1.0;
}

Technology::Technology(const Quantities& reference, Returns returns)
    : m(static_cast<int>(reference.X.rows())),
      s1(static_cast<int>(reference.Y.rows())),
      s2(static_cast<int>(reference.B.rows())),
      returns_row(returns != Returns::crs),
      row_factor(Eigen::VectorXd::Ones(variables())),
      column_factor(Eigen::VectorXd::Ones(reference.units())),
      mean(Eigen::VectorXd::Zero(variables())),
      columns(variables() + (returns_row ? 1 : 0), static_cast<std::int32_t>(reference.units())) {
    const Eigen::Index n = reference.units();
    for (int i = 0; i < variables(); ++i) {
        double sum = 0;  // of shares of the largest, so that it cannot overflow
        double largest = 0;
        Eigen::Index positive = 0;
        for (Eigen::Index j = 0; j < n; ++j) largest = std::max(largest, value_of(reference, i, j));
        for (Eigen::Index j = 0; j < n && largest > 0; ++j) {
            const double v = value_of(reference, i, j);
            sum += v / largest;
            positive += v > 0 ? 1 : 0;
        }
        if (positive == 0) continue;
        row_factor[i] = reciprocal_power(sum / static_cast<double>(positive) * largest);
        mean[i] = sum / static_cast<double>(n) * largest;
    }
    for (Eigen::Index j = 0; j < n; ++j) {
        const double factor = factor_of(reference, j);
        column_factor[j] = factor;
        for (int i = 0; i < variables(); ++i) {
            columns.row(i)[j] = row_factor[i] * value_of(reference, i, j) * factor;
        }
        if (returns_row) columns.row(variables())[j] = factor;
        // Ties prefer units that come first: the weight of an intensity grows with the position.
        const auto position = static_cast<double>(j + 1) / static_cast<double>(n);
        columns.tie_cost[static_cast<std::size_t>(j)] = factor * std::sqrt(position);
    }
}

}  // namespace greenfront::dea
