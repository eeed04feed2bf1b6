#include "kernels/dea/score_smoothing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/dea/radial_sample.hpp"
#include "kernels/error.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

/// Metrics so close to 1 are those of efficient units.
constexpr double at_one = 1e-8;

/// Estimate of the integral of f f^(r), r = 4 or 6, with a normal kernel of width h; diagonal terms included.
double functional(const std::vector<double>& values, double h, int r) {
    const auto n = static_cast<double>(values.size());
    const auto hermite = [r](double u2) {
        return r == 4 ? (u2 - 6) * u2 + 3 : ((u2 - 15) * u2 + 45) * u2 - 15;
    };
    double sum = n * hermite(0) / 2;
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = i + 1; j < values.size(); ++j) {
            const double u = (values[i] - values[j]) / h;
            sum += hermite(u * u) * std::exp(-u * u / 2);
        }
    }
    const double unit = std::sqrt(2 * std::numbers::pi);
    return 2 * sum / (n * (n - 1) * std::pow(h, r + 1) * unit);
}

/// Two-stage direct plug-in; the pilot widths are those of a normal density of the same scale.
double sheather_jones(const std::vector<double>& values, double scale) {
    const auto n = static_cast<double>(values.size());
    const double sixth = functional(values, 1.23 * scale * std::pow(n, -1.0 / 9), 6);
    const double fourth = functional(values, std::pow(2.394 / (-n * sixth), 1.0 / 7), 4);
    return std::pow(1 / (2 * std::sqrt(std::numbers::pi) * n * fourth), 0.2);
}

}  // namespace

double bandwidth_of(const std::vector<double>& values, Bandwidth rule) {
    std::vector<double> mirrored;
    for (const double v : values) {
        if (std::abs(v - 1) <= at_one) continue;
        mirrored.push_back(v);
        mirrored.push_back(2 - v);
    }
    if (mirrored.size() < 4)
        throw Error(Fault::data,
                    fmt::format("{} of {} units are inefficient, too few for a bandwidth; give one "
                                "as a number",
                                mirrored.size() / 2, values.size()));
    const double spread = deviation(mirrored, 1);
    const double quartiles = stats::percentile_type7(mirrored, 75) - stats::percentile_type7(mirrored, 25);
    const double scale = quartiles > 0 ? std::min(spread, quartiles / 1.349) : spread;
    const auto count = static_cast<double>(mirrored.size()), n = static_cast<double>(values.size());
    const double h = rule == Bandwidth::rule_of_thumb ? 0.9 * scale * std::pow(count, -0.2)
                                                      : sheather_jones(mirrored, scale);
    return h * std::pow(count / n, 0.2) * deviation(values, 1) / spread;
}

Smoothing::Smoothing(std::vector<double> values, Bandwidth rule, double given, bool above)
    : values_(std::move(values)), above_(above) {
    h_ = rule == Bandwidth::given ? given : bandwidth_of(values_, rule);
    const double spread = deviation(values_, 0);
    shrink_ = 1 / std::sqrt(1 + h_ * h_ / (spread * spread));
}

std::vector<double> Smoothing::ratios(rng::Stream& stream) const {
    const std::size_t n = values_.size();
    std::vector<double> m(n);
    for (double& value : m) value = values_[stream.below(n)];
    const double centre = mean_of(m);
    for (std::size_t j = 0; j < n; ++j) {
        double v = m[j] + h_ * stream.normal();
        if (above_ ? v < 1 : v > 1) v = 2 - v;
        v = centre + (v - centre) * shrink_;
        if (!(v > 0))
            throw Error(Fault::data,
                        "metric theta: a smoothed score fell to 0 or below; use metric inverse or "
                        "a smaller bandwidth");
        m[j] = above_ ? v / values_[j] : values_[j] / v;
    }
    return m;
}

}  // namespace greenfront::dea
