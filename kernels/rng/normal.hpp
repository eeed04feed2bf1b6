#pragma once

namespace greenfront::rng {

/// The quantile function of the standard normal distribution, z with Phi(z) = p, for 0 < p < 1.
///
/// Method: three rational approximations of degree 7, around the centre and in two parts of the tail:
/// Wichura (1988), Algorithm AS 241, PPND16, Applied Statistics 37(3), 477-484. Relative error about
/// 1e-16 in exact arithmetic; the tails are as accurate as the centre, and z(1 - p) = -z(p) whenever
/// 1 - p is exact. Needs only + - * /, sqrt and, in the tails (p < 0.075 or > 0.925), one logarithm,
/// which is the only operation that a C library may round differently.
/// p = 0 and 1 give -inf and inf, anything outside gives NaN.
[[nodiscard]] double normal_quantile(double p);

}  // namespace greenfront::rng
