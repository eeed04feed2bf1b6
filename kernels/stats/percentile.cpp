#include "kernels/stats/percentile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Drops NaN; true when a percentile exists.
bool usable(std::vector<double>& values, double p) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    return !values.empty() && p >= 0 && p <= 100;
}

/// The order statistic x_(k+1), k from 0. Afterwards everything behind position k is not smaller.
double order_statistic(std::vector<double>& values, std::size_t k) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// The next one after order_statistic(values, k).
double next_statistic(const std::vector<double>& values, std::size_t k) {
    return *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(k) + 1, values.end());
}

}  // namespace

std::optional<RankPair> stata_rank(std::size_t n, double p) {
    if (n == 0 || !(p >= 0 && p <= 100)) return std::nullopt;
    const double h = static_cast<double>(n) * p / 100;
    const double whole = std::round(h);
    if (std::abs(h - whole) > 1e-11 * std::max(1.0, h)) {
        const auto k = static_cast<std::size_t>(std::ceil(h)) - 1;
        return RankPair{k, k};
    }
    const auto rank = static_cast<std::size_t>(whole);
    if (rank == 0) return RankPair{0, 0};
    return RankPair{rank - 1, std::min(rank, n - 1)};
}

double percentile_stata(std::vector<double> values, double p) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    const auto rank = stata_rank(values.size(), p);
    if (!rank) return nan;
    const double low = order_statistic(values, rank->low);
    // Half of each, so that two values near the largest double do not overflow.
    return rank->low == rank->high ? low : low / 2 + next_statistic(values, rank->low) / 2;
}

double percentile_type7(std::vector<double> values, double p) {
    if (!usable(values, p)) return nan;
    const double h = static_cast<double>(values.size() - 1) * p / 100;
    const double below = std::floor(h);
    const auto rank = static_cast<std::size_t>(below);
    const double low = order_statistic(values, rank);
    const double fraction = h - below;
    if (fraction == 0 || rank + 1 == values.size()) return low;
    const double high = next_statistic(values, rank);
    return low + fraction * (high - low);
}

}  // namespace greenfront::stats
