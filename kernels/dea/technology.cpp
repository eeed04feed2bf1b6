#include "kernels/dea/technology.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace greenfront::dea {
namespace {

/// The power of two 2^-e with value = f 2^e, 1/2 <= f < 1.
double reciprocal_power(double value) {
    // A normal number: its exponent stands in bits 52 to 62, biased by 1023, for a fraction in [1, 2).
    const std::uint64_t biased = std::bit_cast<std::uint64_t>(value) >> 52;
    if (biased > 1 && biased < 2045) return std::bit_cast<double>((2045 - biased) << 52);
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

void read_values(const Quantities& units, Eigen::Index j, Eigen::VectorXd& values) {
    values.head(units.X.rows()) = units.X.col(j);
    values.segment(units.X.rows(), units.Y.rows()) = units.Y.col(j);
    if (units.B.rows() > 0) values.tail(units.B.rows()) = units.B.col(j);
}

double Technology::factor_of(const double* values, int rows) const {
    double bounding = bounded_intensities ? 1.0 : 0.0, largest = returns_row ? 1.0 : 0.0;
    for (int i = 0; i < rows; ++i) {
        const double entry = row_factor[i] * values[i];
        largest = std::max(largest, entry);
        if (i < m || i >= m + s1) bounding = std::max(bounding, entry);
    }
    if (bounding > 0) return reciprocal_power(bounding);
    return largest > 0 ? reciprocal_power(largest) : 1.0;
}

Technology::Technology(const Quantities& reference, Returns returns, bool twofold_)
    : m(static_cast<int>(reference.X.rows())),
      s1(static_cast<int>(reference.Y.rows())),
      s2(static_cast<int>(reference.B.rows())),
      units(static_cast<std::int32_t>(reference.units())),
      returns_row(returns != Returns::crs),
      bounded_intensities(returns == Returns::vrs || returns == Returns::nirs),
      twofold(twofold_),
      row_factor(Eigen::VectorXd::Ones(variables())),
      column_factor(Eigen::VectorXd::Ones(twofold ? 2 * units : units)),
      mean(Eigen::VectorXd::Zero(variables())),
      columns(variables() + (returns_row ? 1 : 0), twofold ? 2 * units : units) {
    Eigen::VectorXd span(variables());
    tbb::parallel_for(0, variables(), [&](int i) { span[i] = measure_row(reference, i); });
    wide = span.maxCoeff() > ordinary_span;
    limited = units == 0 || (reference.X.colwise().maxCoeff().array() > 0).all();
    row_reciprocal = row_factor.cwiseInverse();
    using Range = tbb::blocked_range<std::int32_t>;
    tbb::parallel_for(Range(0, units, 512), [&](const Range& range) {
        Eigen::VectorXd values(variables());
        for (std::int32_t j = range.begin(); j < range.end(); ++j) {
            read_values(reference, j, values);
            fill_column(values, j, j, variables());
            if (twofold) fill_column(values, units + j, j, m);
        }
    });
    columns.measure_rows();
}

/// Mean and scale of one variable.
double Technology::measure_row(const Quantities& reference, int i) {
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (Eigen::Index j = 0; j < units; ++j) {
        const double v = value_of(reference, i, j);
        largest = std::max(largest, v);
        if (v > 0) smallest = std::min(smallest, v);
    }
    if (largest <= 0) return 1.0;
    const double unit = reciprocal_power(largest);  // the sum is of shares of it and cannot overflow
    double sum = 0;
    Eigen::Index positive = 0;
    for (Eigen::Index j = 0; j < units; ++j) {
        const double v = value_of(reference, i, j);
        sum += v * unit;
        positive += v > 0 ? 1 : 0;
    }
    row_factor[i] = reciprocal_power(sum / static_cast<double>(positive) / unit);
    mean[i] = sum / static_cast<double>(units) / unit;
    return largest / smallest;
}

/// The first `rows` variables of a unit; the others are zero in this column.
void Technology::fill_column(const Eigen::VectorXd& values, std::int32_t column, Eigen::Index unit,
                             int rows) {
    const double factor = factor_of(values.data(), rows);
    column_factor[column] = factor;
    for (int i = 0; i < rows; ++i) columns.row(i)[column] = row_factor[i] * values[i] * factor;
    if (returns_row) columns.row(variables())[column] = factor;
    // Ties prefer units that come first: the weight of an intensity grows with the position.
    const auto position = static_cast<double>(unit + 1) / static_cast<double>(units);
    columns.tie_cost[static_cast<std::size_t>(column)] = factor * std::sqrt(position);
}

lp::Columns part_of(const Technology& technology, const std::vector<std::int32_t>& columns) {
    const lp::Columns& all = technology.columns;
    lp::Columns part(all.rows, static_cast<std::int32_t>(columns.size()));
    for (std::size_t k = 0; k < columns.size(); ++k) {
        const auto j = static_cast<std::size_t>(columns[k]);
        for (int i = 0; i < all.rows; ++i) part.row(i)[k] = all.row(i)[j];
        part.tie_cost[k] = all.tie_cost[j];
    }
    part.measure_rows();
    return part;
}

}  // namespace greenfront::dea
