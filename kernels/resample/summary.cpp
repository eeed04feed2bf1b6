#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::resample {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void test(Summary& summary, const TailCounts& tail) {
    const double n = static_cast<double>(tail.used);
    summary.n_greater = tail.n_greater;
    summary.n_tie = tail.n_tie;
    summary.p_value = static_cast<double>(tail.n_greater) / n;
    // A draw counts in one tail at most, so this is no more than one.
    summary.p_equal_tailed = 2 * static_cast<double>(std::min(tail.upper_greater, tail.lower_less)) / n;
}

/// Ends from percentiles of t*.
template <class Percentile>
void percentile_t(Summary& summary, double estimate, double std_error, double confidence,
                  const Percentile& percentile) {
    const double low = 50 * (1 - confidence);
    summary.t_low = estimate - percentile(100 - low) * std_error;
    summary.t_high = estimate - percentile(low) * std_error;
}

std::vector<double> leave_outs(const PairsDraws& draws, Eigen::Index term) {
    std::vector<double> known;
    for (Eigen::Index g = 0; g < draws.jackknife.cols(); ++g) {
        if (const double v = draws.jackknife(term, g); !std::isnan(v)) known.push_back(v);
    }
    return known;
}

Summary empty_summary() {
    Summary summary;
    summary.t_low = summary.t_high = summary.p_value = summary.p_equal_tailed = nan;
    return summary;
}

/// Of replicates that were not kept.
Summary summarise_running(const PairsDraws& draws, Eigen::Index term, double null, double confidence) {
    const RunningDraws& running = draws.running[static_cast<std::size_t>(term)];
    if (running.null != null) {
        throw Error(Fault::usage, fmt::format("the draws were counted against the null value {}, not {}; ask "
                                              "for the counts of that value when drawing",
                                              running.null, null));
    }
    const double estimate = draws.estimate(term), std_error = draws.std_error(term);
    Summary summary = empty_summary();
    summary.used = running.used();
    summary.infeasible = running.infeasible;
    summary.infinite_t = running.infinite_t;
    const double spread = running.moments.standard_deviation(), tolerance = tie_tolerance(estimate, spread);
    DrawShape shape;
    shape.count = summary.used;
    shape.bias = running.moments.mean();
    shape.std_error = spread;
    if (summary.used > 1) {
        // Ties differ from b by rounding, so it does not matter that the limit is rounded to a bucket.
        const auto low = running.change.below(-tolerance);
        const auto high = running.change.below(tolerance) + running.change.beside(tolerance);
        shape.below = static_cast<double>(low) + 0.5 * static_cast<double>(high - low);
    }
    shape.percentile = [&](double p) { return estimate + running.change.percentile_stata(p); };
    summary.more = intervals_from(shape, estimate, leave_outs(draws, term), confidence);
    summary.std_error = spread;
    const double low = 50 * (1 - confidence);
    summary.percentile_low = shape.percentile(low);
    summary.percentile_high = shape.percentile(100 - low);
    if (running.t.count() > 0 && std_error > 0) {
        percentile_t(summary, estimate, std_error, confidence,
                     [&](double p) { return running.t.percentile_stata(p); });
        test(summary, running.tail);
    }
    return summary;
}

}  // namespace

Summary summarise(const PairsDraws& draws, Eigen::Index term, double null, double confidence) {
    if (!draws.running.empty()) return summarise_running(draws, term, null, confidence);
    Summary summary = empty_summary();
    const double estimate = draws.estimate(term), std_error = draws.std_error(term);
    const bool studentise = draws.draw_std_error.size() > 0;
    std::vector<double> values, t;
    TailCounts tail;
    tail.observed = (estimate - null) / std_error;
    for (Eigen::Index b = 0; b < draws.draw.cols(); ++b) {
        const double draw = draws.draw(term, b);
        if (std::isnan(draw)) {
            ++summary.infeasible;
            continue;
        }
        values.push_back(draw);
        if (!studentise) continue;
        const double spread = draws.draw_std_error(term, b);
        summary.infinite_t += spread > 0 ? 0 : 1;
        t.push_back(studentised(draw, spread, estimate));
        tail.add(t.back());
    }
    summary.used = static_cast<std::int64_t>(values.size());
    summary.more = intervals(values, estimate, leave_outs(draws, term), confidence);
    summary.std_error = summary.more.std_error;
    const double low = 50 * (1 - confidence);
    summary.percentile_low = stats::percentile_stata(values, low);
    summary.percentile_high = stats::percentile_stata(values, 100 - low);
    if (!t.empty() && std_error > 0) {
        percentile_t(summary, estimate, std_error, confidence,
                     [&](double p) { return stats::percentile_stata(t, p); });
        test(summary, tail);
    }
    return summary;
}

}  // namespace greenfront::resample
