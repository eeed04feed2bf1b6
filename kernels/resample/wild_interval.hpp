#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/stats/quantile_sketch.hpp"

/// Intervals of a wild bootstrap by inversion of its test.
namespace greenfront::resample {

/// delta_j = y - r x and sum c^2 = yy - 2 r xy + r^2 xx of every replicate, as functions of the null value r.
struct WildInNull {
    Eigen::VectorXd y, x, yy, xy, xx;  ///< B
};

/// Whether null values, so many standard errors from the estimate, are not rejected; all of a call at once.
using KeptValues = std::function<std::vector<char>(const std::vector<double>& steps)>;

/// Ends of {r: kept((r - estimate) / std_error)} around the estimate: steps that double, beginning at one
/// standard error, then bisection until the bracket is `tolerance` wide (of a standard error, or of the end
/// when that is larger); infinite when `most_doublings` never reject. A call asks for what the next `ahead`
/// decisions on both sides may need, 2 (2^ahead - 1) values; the ends do not depend on it.
[[nodiscard]] std::pair<double, double> invert(const KeptValues& kept, double estimate, double std_error,
                                               double tolerance, int most_doublings, int ahead);

/// A null value to try, and how many replicates have a statistic, and one with |t*(r)| above |t(r)|: by more
/// than 1e-9 (1 + |t|).
struct NullValue {
    double r = 0, bound = 0;  ///< q (|t| + 1e-9 (1 + |t|))^2
    std::int64_t used = 0, above = 0;

    NullValue(double estimate, double std_error, double steps, double q);
    void count(double y, double x, double yy, double xy, double xx) {
        const double numerator = y - r * x, squares = yy - 2 * r * xy + r * r * xx;
        const bool positive = squares > 0;
        used += positive ? 1 : 0;
        above += positive && numerator * numerator > bound * squares ? 1 : 0;
    }
    /// p(r) > alpha; false where no replicate has a statistic.
    [[nodiscard]] bool kept(double alpha) const;
};

/// {r: p(r) > alpha} around `estimate`, p(r) the share of replicates with |t*(r)| above
/// |estimate - r| / std_error, t*(r) = delta_j / sqrt(q sum c^2), to 1e-12 of a standard error; infinite when
/// 60 doublings never reject. Cost: about 50 B a side.
[[nodiscard]] std::pair<double, double> invert(const WildInNull& replicates, double estimate,
                                               double std_error, double q, double alpha);
/// The tolerance and the doublings of that.
inline constexpr double null_tolerance = 1e-12;
inline constexpr int most_null_doublings = 60;

/// The same where t* does not depend on r: estimate +- the quantile of |t*| times std_error.
[[nodiscard]] std::pair<double, double> percentile_t(const Eigen::VectorXd& draw, double estimate,
                                                     double std_error, double alpha);
[[nodiscard]] std::pair<double, double> percentile_t(const stats::QuantileSketch& t, double estimate,
                                                     double std_error, double alpha);

}  // namespace greenfront::resample
