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

double bias_correction(const std::vector<double>& draws, double estimate, double std_error) {
    const double tolerance = 1e-9 * std::max(std::abs(estimate), std_error);
    double below = 0;
    for (const double v : draws) {
        if (v < estimate - tolerance)
            below += 1;
        else if (v <= estimate + tolerance)
            below += 0.5;
    }
    const auto n = static_cast<double>(draws.size());
    return below > 0 && below < n ? stats::normal_quantile(below / n) : nan;
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
double corrected_end(const std::vector<double>& draws, double z0, double a, double z) {
    const double divisor = 1 - a * (z0 + z);
    if (!(divisor > 0)) return nan;
    return stats::percentile_stata(draws, 100 * stats::normal_cdf(z0 + (z0 + z) / divisor));
}

}  // namespace

Intervals intervals(const std::vector<double>& draws, double estimate, const std::vector<double>& leave_out,
                    double confidence) {
    Intervals result;
    const double centre = mean(draws);
    double squares = 0;
    for (const double v : draws) squares += (v - centre) * (v - centre);
    const auto n = static_cast<double>(draws.size());
    result.std_error = draws.size() < 2 ? nan : std::sqrt(squares / (n - 1));
    result.bias = draws.empty() ? nan : centre - estimate;
    const double z = stats::normal_quantile(0.5 + confidence / 2);
    result.normal_low = estimate - z * result.std_error;
    result.normal_high = estimate + z * result.std_error;
    result.z0 = draws.size() < 2 ? nan : bias_correction(draws, estimate, result.std_error);
    result.acceleration = acceleration(leave_out);
    result.bc_low = corrected_end(draws, result.z0, 0, -z);
    result.bc_high = corrected_end(draws, result.z0, 0, z);
    result.bca_low = corrected_end(draws, result.z0, result.acceleration, -z);
    result.bca_high = corrected_end(draws, result.z0, result.acceleration, z);
    return result;
}

}  // namespace greenfront::resample
