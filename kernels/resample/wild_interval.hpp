#pragma once
#include <Eigen/Core>
#include <functional>
#include <utility>

/// Intervals of a wild bootstrap by inversion of its test.
namespace greenfront::resample {

/// delta_j = y - r x and sum c^2 = yy - 2 r xy + r^2 xx of every replicate, as functions of the null value r.
struct WildInNull {
    Eigen::VectorXd y, x, yy, xy, xx;  ///< B
};

/// Ends of {r: kept((r - estimate) / std_error)} around the estimate: steps that double, beginning at one
/// standard error, then bisection until the bracket is `tolerance` wide (of a standard error, or of the end
/// when that is larger); infinite when `most_doublings` never reject.
[[nodiscard]] std::pair<double, double> invert(const std::function<bool(double)>& kept, double estimate,
                                               double std_error, double tolerance, int most_doublings);

/// {r: p(r) > alpha} around `estimate`, p(r) the share of replicates with |t*(r)| above
/// |estimate - r| / std_error (strict; by more than 1e-9 (1 + |t|)), t*(r) = delta_j / sqrt(q sum c^2), to
/// 1e-12 of a standard error; infinite when 60 doublings never reject. Cost: about 50 B a side.
[[nodiscard]] std::pair<double, double> invert(const WildInNull& replicates, double estimate,
                                               double std_error, double q, double alpha);

/// The same where t* does not depend on r: estimate +- the quantile of |t*| times std_error.
[[nodiscard]] std::pair<double, double> percentile_t(const Eigen::VectorXd& draw, double estimate,
                                                     double std_error, double alpha);

}  // namespace greenfront::resample
