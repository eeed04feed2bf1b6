#include "kernels/resample/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/stats/distributions.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::resample {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v / static_cast<double>(values.size());
    return sum;
}

/// Replicates below the estimate, half of the ties counted.
double count_below(const std::vector<double>& draws, double estimate, double tolerance) {
    double below = 0;
    for (const double v : draws) {
        if (v < estimate - tolerance)
            below += 1;
        else if (v <= estimate + tolerance)
            below += 0.5;
    }
    return below;
}

double bias_correction(const DrawShape& shape) {
    const auto n = static_cast<double>(shape.count);
    return shape.count > 1 && shape.below > 0 && shape.below < n ? stats::normal_quantile(shape.below / n)
                                                                 : nan;
}

double acceleration(const std::vector<double>& leave_out) {
    if (leave_out.size() < 2) return nan;
    const double centre = mean(leave_out);
    double squares = 0, cubes = 0, largest = 0;
    for (const double v : leave_out) {
        const double d = centre - v;
        squares += d * d;
        cubes += d * d * d;
        largest = std::max(largest, std::abs(v));
    }
    // Equal leave-outs differ by the rounding of their mean only.
    if (!(std::sqrt(squares) > 1e-12 * largest)) return nan;
    return cubes / (6 * squares * std::sqrt(squares));
}

/// Percentile of the draws at Phi(z0 + (z0 + z) / (1 - a (z0 + z))).
double corrected_end(const DrawShape& shape, double z0, double a, double z) {
    const double divisor = 1 - a * (z0 + z);
    if (!(divisor > 0)) return nan;
    return shape.percentile(100 * stats::normal_cdf(z0 + (z0 + z) / divisor));
}

}  // namespace

double tie_tolerance(double estimate, double std_error) {
    return 1e-9 * std::max(std::abs(estimate), std_error);
}

Intervals intervals_from(const DrawShape& shape, double estimate, const std::vector<double>& leave_out,
                         double confidence) {
    Intervals result;
    result.std_error = shape.std_error;
    result.bias = shape.bias;
    const double z = stats::normal_quantile(0.5 + confidence / 2);
    result.normal_low = estimate - z * result.std_error;
    result.normal_high = estimate + z * result.std_error;
    result.z0 = bias_correction(shape);
    result.acceleration = acceleration(leave_out);
    result.bc_low = corrected_end(shape, result.z0, 0, -z);
    result.bc_high = corrected_end(shape, result.z0, 0, z);
    result.bca_low = corrected_end(shape, result.z0, result.acceleration, -z);
    result.bca_high = corrected_end(shape, result.z0, result.acceleration, z);
    return result;
}

Intervals intervals(const std::vector<double>& draws, double estimate, const std::vector<double>& leave_out,
                    double confidence) {
    const double centre = mean(draws);
    double squares = 0;
    for (const double v : draws) squares += (v - centre) * (v - centre);
    DrawShape shape;
    shape.count = static_cast<std::int64_t>(draws.size());
    shape.std_error = draws.size() < 2 ? nan : std::sqrt(squares / static_cast<double>(draws.size() - 1));
    shape.bias = draws.empty() ? nan : centre - estimate;
    shape.below = count_below(draws, estimate, tie_tolerance(estimate, shape.std_error));
    shape.percentile = [&](double p) { return stats::percentile_stata(draws, p); };
    return intervals_from(shape, estimate, leave_out, confidence);
}

}  // namespace greenfront::resample
