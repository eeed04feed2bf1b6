#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/resample/resample.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::resample {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Test of estimate = null by the resampled t statistics; a draw within 1e-9 (1 + |t|) of |t| is a tie.
void test(Summary& summary, const std::vector<double>& t, double observed) {
    std::int64_t above = 0, below = 0;
    const double tolerance = 1e-9 * (1 + std::abs(observed));
    for (const double v : t) {
        const double excess = std::abs(v) - std::abs(observed);
        if (excess > tolerance)
            ++summary.n_greater;
        else if (excess >= -tolerance)
            ++summary.n_tie;
        if (v - observed > tolerance) ++above;
        if (observed - v > tolerance) ++below;
    }
    const double n = static_cast<double>(t.size());
    summary.p_value = static_cast<double>(summary.n_greater) / n;
    summary.p_equal_tailed = std::min(1.0, 2 * static_cast<double>(std::min(above, below)) / n);
}

}  // namespace

Summary summarise(const PairsDraws& draws, Eigen::Index term, double null, double confidence) {
    Summary summary;
    const double estimate = draws.estimate(term), std_error = draws.std_error(term);
    const bool studentised = draws.draw_std_error.size() > 0;
    std::vector<double> values, t;
    for (Eigen::Index b = 0; b < draws.draw.cols(); ++b) {
        const double draw = draws.draw(term, b);
        if (std::isnan(draw)) {
            ++summary.infeasible;
            continue;
        }
        values.push_back(draw);
        if (!studentised) continue;
        const double spread = draws.draw_std_error(term, b);
        const double gap = draw - estimate;
        if (spread > 0) {
            t.push_back(gap / spread);
        } else {
            ++summary.infinite_t;
            const bool same = std::abs(gap) <= 1e-9 * std::abs(estimate);
            t.push_back(same ? 0 : std::copysign(std::numeric_limits<double>::infinity(), gap));
        }
    }
    summary.used = static_cast<std::int64_t>(values.size());
    std::vector<double> leave_out;
    for (Eigen::Index g = 0; g < draws.jackknife.cols(); ++g) {
        if (const double v = draws.jackknife(term, g); !std::isnan(v)) leave_out.push_back(v);
    }
    summary.more = intervals(values, estimate, leave_out, confidence);
    summary.std_error = summary.more.std_error;
    const double low = 50 * (1 - confidence), high = 100 - low;
    summary.percentile_low = stats::percentile_stata(values, low);
    summary.percentile_high = stats::percentile_stata(values, high);
    summary.t_low = summary.t_high = summary.p_value = summary.p_equal_tailed = nan;
    if (!t.empty() && std_error > 0) {
        summary.t_low = estimate - stats::percentile_stata(t, high) * std_error;
        summary.t_high = estimate - stats::percentile_stata(t, low) * std_error;
        test(summary, t, (estimate - null) / std_error);
    }
    return summary;
}

}  // namespace greenfront::resample
