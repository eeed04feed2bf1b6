#include "kernels/stats/inequality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::stats {
namespace {

double x_log_x(double x) {
    return x > 0 ? x * std::log(x) : 0;
}

struct Part {
    double sum = 0, entropy = 0;  ///< of x, of x log x
    double count = 0;
    void add(double x) { sum += x, entropy += x_log_x(x), ++count; }
    [[nodiscard]] double mean() const { return sum / count; }
    /// 1/n sum (x/m) log(x/m) = (sum x log x) / (n m) - log m
    [[nodiscard]] double theil() const { return entropy / sum - std::log(mean()); }
};

}  // namespace

Inequality inequality(const std::vector<double>& x, const std::vector<std::int32_t>& group,
                      std::int32_t groups) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Inequality result{nan, nan, nan, nan, nan, 0};
    // Relative to the largest value, so that neither squares nor logarithms leave the range of double.
    double largest = 0;
    bool negative = false, zero = false, grouped = !group.empty();
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        ++result.used;
        largest = std::max(largest, x[i]);
        negative = negative || x[i] < 0;
        zero = zero || x[i] == 0;
        grouped = grouped && group[i] >= 0;
    }
    if (result.used == 0 || negative || largest == 0) return result;
    Part all;
    std::vector<Part> part(static_cast<std::size_t>(grouped ? groups : 0));
    double log_sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        const double share = x[i] / largest;
        all.add(share);
        if (grouped) part[static_cast<std::size_t>(group[i])].add(share);
        if (!zero) log_sum += std::log(share);
    }
    const double mean = all.mean(), log_mean = log_sum / all.count;
    double squares = 0, log_squares = 0;
    for (const double value : x) {
        if (std::isnan(value)) continue;
        const double share = value / largest;
        squares += (share - mean) * (share - mean);
        if (!zero) log_squares += (std::log(share) - log_mean) * (std::log(share) - log_mean);
    }
    result.variation = std::sqrt(squares / all.count) / mean;
    if (!zero) result.sigma = std::sqrt(log_squares / all.count);
    result.theil = std::max(0.0, all.theil());
    if (!grouped) return result;
    result.between = result.within = 0;
    for (const Part& g : part) {
        if (g.sum == 0) continue;
        const double share = g.sum / all.sum;
        result.between += share * std::log(g.mean() / mean);
        result.within += share * g.theil();
    }
    return result;
}

}  // namespace greenfront::stats
