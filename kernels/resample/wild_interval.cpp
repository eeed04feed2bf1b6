#include "kernels/resample/wild_interval.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace greenfront::resample {
namespace {

using Eigen::Index;

constexpr double tie = 1e-9;

struct Count {
    std::int64_t used = 0, above = 0;
};

/// Share of replicates whose |t*| at the null value r is above |t|.
double p_value(const WildInNull& w, double r, double t, double q) {
    const double limit = std::abs(t) + tie * (1 + std::abs(t)), bound = limit * limit * q;
    constexpr Index size = 8192;
    std::vector<Count> blocks(static_cast<std::size_t>((w.y.size() + size - 1) / size));
    oneapi::tbb::parallel_for(std::size_t{0}, blocks.size(), [&](std::size_t block) {
        Count& count = blocks[block];
        const Index begin = static_cast<Index>(block) * size, end = std::min(begin + size, w.y.size());
        for (Index b = begin; b < end; ++b) {
            const double numerator = w.y(b) - r * w.x(b);
            const double squares = w.yy(b) - 2 * r * w.xy(b) + r * r * w.xx(b);
            if (!(squares > 0)) continue;
            ++count.used;
            count.above += numerator * numerator > bound * squares ? 1 : 0;
        }
    });
    Count all;
    for (const Count& count : blocks) {
        all.used += count.used;
        all.above += count.above;
    }
    return all.used > 0 ? static_cast<double>(all.above) / static_cast<double>(all.used) : 0.0;
}

}  // namespace

std::pair<double, double> invert(const std::function<bool(double)>& kept, double estimate, double std_error,
                                 double tolerance, int most_doublings) {
    const auto end = [&](double sign) {
        double inside = 0, outside = 1;
        for (int k = 0; kept(sign * outside); ++k, inside = outside, outside *= 2) {
            if (k == most_doublings) return sign * std::numeric_limits<double>::infinity();
        }
        while (outside - inside > tolerance * std::max(1.0, outside)) {
            const double middle = 0.5 * (inside + outside);
            (kept(sign * middle) ? inside : outside) = middle;
        }
        return estimate + sign * 0.5 * (inside + outside) * std_error;
    };
    return {end(-1), end(1)};
}

std::pair<double, double> invert(const WildInNull& replicates, double estimate, double std_error, double q,
                                 double alpha) {
    const auto kept = [&](double steps) {
        return p_value(replicates, estimate + steps * std_error, -steps, q) > alpha;
    };
    return invert(kept, estimate, std_error, 1e-12, 60);
}

std::pair<double, double> percentile_t(const Eigen::VectorXd& draw, double estimate, double std_error,
                                       double alpha) {
    std::vector<double> size;
    for (const double t : draw) {
        if (!std::isnan(t)) size.push_back(std::abs(t));
    }
    if (size.empty()) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        return {nan, nan};
    }
    std::sort(size.begin(), size.end());
    // A value is kept when more than alpha B of the sizes lie above its |t|.
    const auto above =
        static_cast<std::size_t>(std::floor(alpha * static_cast<double>(size.size()) * (1 + 1e-12)));
    const double quantile = size[size.size() - 1 - std::min(above, size.size() - 1)];
    return {estimate - quantile * std_error, estimate + quantile * std_error};
}

}  // namespace greenfront::resample
