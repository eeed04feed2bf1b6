#pragma once

/// Tails and moments of the standard normal without cancellation.
///
/// I_n(h) = int_0^inf u^n exp(-h u - u^2/2) du obeys 1 = h I_0 + I_1 and n I_{n-1} = h I_n + I_{n+1}. So
/// r_n = I_n / I_{n-1} = n / (h + r_{n+1}): Laplace's continued fraction, all of whose terms are positive
/// for h > 0. It gives Mills' ratio I_0 = (1 - Phi(h))/phi(h) = 1 / (h + r_1) and every moment of the
/// distance u = v - h of a normal v from the bound h it is above, to rounding, however far out h is
/// (the textbook forms 1 + h lambda - lambda^2 lose all digits from h = 1e5 on). Below h = 2 it converges
/// slowly and erfc is exact enough: the recursion loses at most two digits there.
/// An interval with two bounds that both matter is integrated by 48 Gauss-Legendre nodes (error below
/// 1e-14 of each moment): exp(-v^2/2) on at most 20 standard deviations.
namespace greenfront::limited {

/// ln P(v > h), lambda = phi(h)/P(v > h) = E[v | v > h], excess = lambda - h > 0.
struct UpperTail {
    double log_probability, lambda, excess;
};
[[nodiscard]] UpperTail upper_tail(double h);

[[nodiscard]] double normal_density(double x);  ///< 0 at infinity
/// P(a < v < b) for a <= b, from the tail that a and b share.
[[nodiscard]] double normal_between(double a, double b);

/// v standard normal given a < v < b, as v = origin + w: origin is 0, or the bound nearer to 0 when the
/// interval lies far out on one side of it.
struct TruncatedNormal {
    enum class Origin : signed char { lower, zero, upper } origin = Origin::zero;
    double log_mass = 0;            ///< ln int_a^b exp(-(v^2 - origin^2)/2) dv
    double mean = 0;                ///< of w
    double m2 = 1, m3 = 0, m4 = 3;  ///< central moments of w, those of v
};
/// For a < b, either infinite.
[[nodiscard]] TruncatedNormal truncated_normal(double a, double b);

}  // namespace greenfront::limited
