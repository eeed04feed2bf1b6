#pragma once
#include <cstdint>
#include <functional>
#include <vector>

/// Confidence intervals from replicates of an estimate.
///
/// b is the estimate, b*_1 .. b*_B its replicates (those that exist), s their standard deviation (divisor
/// B - 1), Phi the normal distribution function, z = Phi^-1(1 - (1 - c)/2) for the confidence c:
///     bias        mean(b*) - b
///     normal      b -+ z s
///     z0          Phi^-1((#{b* < b} + #{b* = b}/2) / B), ties within 1e-9 max(|b|, s)
///     acceleration  a = sum d_g^3 / (6 (sum d_g^2)^(3/2)),  d_g = mean(b_(.)) - b_(g) of the leave-outs
///     BCa         percentiles of b* (Stata's rule) at Phi(z0 + (z0 -+ z) / (1 - a (z0 -+ z)))
///     bias-corrected  the same with a = 0: Phi(2 z0 -+ z)
/// Half of the ties count as below, so that a discrete distribution that is symmetric about b has z0 = 0
/// (Stata counts all of them). NaN where it is not defined: z0 when all replicates lie on one side of b, a
/// without two different leave-outs, BCa where 1 - a (z0 -+ z) is not positive.
/// Sources: Efron (1987), Better bootstrap confidence intervals, JASA 82, 171-185, eqs. 2.3 and 6.6 in the
/// form of Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 14.3. Leave-outs are whole
/// clusters, as the draws are.
namespace greenfront::resample {

struct Intervals {
    double std_error = 0;  ///< s; NaN with fewer than two replicates
    double bias = 0, z0 = 0, acceleration = 0;
    double normal_low = 0, normal_high = 0;
    double bc_low = 0, bc_high = 0;
    double bca_low = 0, bca_high = 0;
};

/// What intervals need to know of the replicates, kept or not.
struct DrawShape {
    std::int64_t count = 0;
    double bias = 0, std_error = 0;
    double below = 0;                          ///< replicates below the estimate and half of the ties
    std::function<double(double)> percentile;  ///< of the replicates, Stata's rule, 0 .. 100
};
/// Replicates within it of the estimate are ties.
[[nodiscard]] double tie_tolerance(double estimate, double std_error);
[[nodiscard]] Intervals intervals_from(const DrawShape& shape, double estimate,
                                       const std::vector<double>& leave_out, double confidence);

/// No argument holds NaN. `leave_out` may be empty: acceleration and BCa are NaN then.
[[nodiscard]] Intervals intervals(const std::vector<double>& draws, double estimate,
                                  const std::vector<double>& leave_out, double confidence);

}  // namespace greenfront::resample
