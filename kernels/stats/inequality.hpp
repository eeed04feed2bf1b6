#pragma once
#include <cstdint>
#include <vector>

/// How unequal the values of n units are, and how much of that lies between groups of them.
///
///   coefficient of variation   sd / mean, sd with divisor n
///   sigma                      sd of log x, divisor n (sigma-convergence: it falls over time; Barro and
///                              Sala-i-Martin 1992, Journal of Political Economy 100)
///   Theil                      T = 1/n sum_i (x_i / m) log(x_i / m), m the mean; x log x is 0 at x = 0
///   between                    sum_g s_g log(m_g / m), s_g = n_g m_g / (n m) the group's share of the total
///   within                     sum_g s_g T_g; T = between + within exactly (Theil 1967; Shorrocks 1980,
///                              Econometrica 48)
/// Values that are NaN are left out. Statuses: without a value, with a negative one, or with mean 0 every
/// figure is NaN; sigma is NaN, too, when a value is 0; between and within are NaN where a value used has no
/// group (code < 0). Sums run in the order of the units. Cost: O(n).
namespace greenfront::stats {

struct Inequality {
    double variation = 0, sigma = 0, theil = 0, between = 0, within = 0;
    std::int64_t used = 0;
};
/// `group`: a code 0 .. groups - 1 of each value, or empty (between and within are then NaN).
[[nodiscard]] Inequality inequality(const std::vector<double>& x, const std::vector<std::int32_t>& group,
                                    std::int32_t groups);

}  // namespace greenfront::stats
