#include "kernels/resample/leave_out.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Eigen::MatrixXd leave_out(const PairsSolver& solver, std::int32_t clusters, Eigen::Index terms) {
    PairsDraws draws;
    draws.draw.resize(terms, clusters);
    draws.draw_std_error.resize(terms, clusters);
    draws.status.resize(static_cast<std::size_t>(clusters));
    std::vector<char> literal(static_cast<std::size_t>(clusters));
    constexpr std::int32_t together = 16;
    oneapi::tbb::parallel_for(std::int32_t{0}, (clusters + together - 1) / together, [&](std::int32_t block) {
        const std::int32_t begin = block * together, end = std::min(begin + together, clusters);
        std::vector<std::vector<std::int32_t>> counts;
        for (std::int32_t g = begin; g < end; ++g) {
            counts.emplace_back(static_cast<std::size_t>(clusters), 1);
            counts.back()[static_cast<std::size_t>(g)] = 0;
        }
        solver.solve(counts, begin, draws, literal);
    });
    return draws.draw;
}

ClusterJackknife jackknife_clusters(const panel::Design& design, const panel::Options& options) {
    if (design.clusters.size() != 1) {
        throw Error(Fault::usage,
                    fmt::format("the jackknife leaves out the levels of one cluster variable, {} were given; "
                                "name an intersection as a^b",
                                design.clusters.size()));
    }
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Fit fit = panel::fit(design, clustered);
    const PairsModel model = pairs_model(design, clustered, fit);
    const auto& cluster = model.sample().clusters.front();
    if (cluster.levels < 3) {
        throw Error(Fault::data,
                    fmt::format("the jackknife needs at least three levels of {}, the estimation sample has "
                                "{}; use another cluster variable",
                                cluster.name, cluster.levels));
    }
    ClusterJackknife result;
    result.estimator = fit.estimator;
    result.term = model.term_names();
    const Eigen::Index k = model.terms();
    result.estimate.resize(k);
    result.std_error.resize(k);
    for (Eigen::Index j = 0; j < k; ++j) {
        result.estimate(j) = fit.terms[static_cast<std::size_t>(j)].estimate;
        result.std_error(j) = fit.terms[static_cast<std::size_t>(j)].std_error;
    }
    result.df = fit.df_residual;
    for (std::int32_t g = 0; g < cluster.levels; ++g) {
        result.cluster.push_back(
            cluster.level_name.empty() ? fmt::to_string(g) : cluster.level_name[static_cast<std::size_t>(g)]);
    }
    result.draw = leave_out(PairsSolver(model, fit, clustered, false), cluster.levels, k);
    return result;
}

JackknifeSummary summarise(const ClusterJackknife& jackknife, Eigen::Index term, double null,
                           double confidence) {
    JackknifeSummary s;
    const double estimate = jackknife.estimate(term);
    double sum = 0, farthest = -1;
    for (Eigen::Index g = 0; g < jackknife.draw.cols(); ++g) {
        const double v = jackknife.draw(term, g);
        if (std::isnan(v)) {
            ++s.infeasible;
            continue;
        }
        ++s.used;
        sum += v - estimate;
        if (std::abs(v - estimate) > farthest) {
            farthest = std::abs(v - estimate);
            s.most_influential = jackknife.cluster[static_cast<std::size_t>(g)];
        }
    }
    s.bias = s.corrected = s.std_error = s.std_error_mean = nan;
    s.statistic = s.df = s.p_value = s.low = s.high = nan;
    if (s.used < 2) return s;
    const auto used = static_cast<double>(s.used);
    const double shift = sum / used;  // b_(.) - b
    double about_estimate = 0, about_mean = 0;
    for (Eigen::Index g = 0; g < jackknife.draw.cols(); ++g) {
        const double step = jackknife.draw(term, g) - estimate;
        if (std::isnan(step)) continue;
        about_estimate += step * step;
        about_mean += (step - shift) * (step - shift);
    }
    s.bias = (used - 1) * shift;
    s.corrected = estimate - s.bias;
    s.std_error = std::sqrt((used - 1) / used * about_estimate);
    s.std_error_mean = std::sqrt((used - 1) / used * about_mean);
    s.df = std::min(jackknife.df, used - 1);
    if (!(s.std_error > 0)) return s;
    s.statistic = (estimate - null) / s.std_error;
    s.p_value = stats::t_two_sided(s.statistic, s.df);
    const double critical = stats::t_quantile(0.5 + confidence / 2, s.df);
    s.low = estimate - critical * s.std_error;
    s.high = estimate + critical * s.std_error;
    return s;
}

}  // namespace greenfront::resample
