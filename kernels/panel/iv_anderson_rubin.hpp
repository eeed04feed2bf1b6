#pragma once
#include <optional>
#include <vector>

#include "kernels/panel/iv_diagnostics.hpp"

/// Confidence set of Anderson and Rubin (1949) for one endogenous variable: all b0 that the test of
/// y - b0 x on the L instruments does not reject. Right however weak the instruments.
///
/// With reduced form a = Qz'y, first stage b = Qz'x and residuals ey, ex outside of the instruments,
///     iid       |a - b0 b|^2 <= c |ey - b0 ex|^2,   c = L F / (N-L-a):             a quadratic in b0
///     others    d' V(b0)^-1 d <= c,  d = a - b0 b,  V(b0) = Vaa - b0 (Vab + Vba) + b0^2 Vbb,  c = L F /
///     factor
/// (Vab etc.: sums of products of the scores of ey and ex; F the quantile of F(L, df2)). With L = 1 the
/// second is a quadratic too. With more, V(b0) is positive definite for every b0, so the ends are real roots
/// of
///     det(c V(b0) - d d') = 0,
/// a quadratic eigenvalue problem of size L. In homogeneous coordinates b0 = cos/sin of an angle, turned so
/// that a direction where c V - d d' is well-conditioned lies at infinity, it is an ordinary eigenvalue
/// problem of size 2 L. Its eigenvalues cut the circle into arcs; each is tested inside, and the ends between
/// an accepted and a rejected arc are bisected to the last digit. No grid is involved, and unbounded sets
/// come out as rays.
///
/// nullopt when V(b0) is not positive definite for some b0 (several cluster variables, or fewer clusters than
/// instruments): the test does not exist there. Cost: n L^2 + L^3.
namespace greenfront::panel {

[[nodiscard]] std::optional<std::vector<Interval>> anderson_rubin_set(const IvCoordinates& c,
                                                                      const IvScale& scale,
                                                                      double confidence);

}  // namespace greenfront::panel
