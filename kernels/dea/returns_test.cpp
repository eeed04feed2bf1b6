#include "kernels/dea/returns_test.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/rays.hpp"
#include "kernels/error.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// S* so close (relative) above S counts as equal: scores are sums of certified numbers.
constexpr double tie = 1e-12;

/// Sum of the efficiencies; NaN where one has no optimum.
double total(const RadialScores& scores, Orientation orientation) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.status.size(); ++i) {
        const double s = scores.score[static_cast<Eigen::Index>(i)];
        if (scores.status[i] != Status::optimal) return nan;
        sum += orientation == Orientation::input ? s : 1 / s;
    }
    return sum;
}

struct Work {
    Counters counters;
    Certificate certificate;
    void take(const RadialScores& scores) {
        add(counters, scores.counters);
        worst(certificate, scores.certificate);
    }
};

/// Units with a score under both returns.
RadialSample common_sample(const Quantities& units, const ReturnsTestSettings& s, Settings& variable,
                           double& sum_vrs, Work& work) {
    RadialSample sample = radial_sample(units, s.orientation, s.null, Metric::inverse);
    variable = sample.radial;
    variable.returns = Returns::vrs;
    const RadialScores vrs = facet_scores(sample.units, variable);
    work.counters = sample.counters;
    work.certificate = sample.certificate;
    work.take(vrs);
    sum_vrs = total(vrs, s.orientation);
    if (std::isnan(sum_vrs))
        throw Error(Fault::data, "a unit has no score under variable returns; leave it out of the panel");
    return sample;
}

}  // namespace

ReturnsTest returns_test(const Quantities& units, const ReturnsTestSettings& s) {
    Work work;
    Settings variable;
    double sum_vrs = 0;
    const RadialSample sample = common_sample(units, s, variable, sum_vrs, work);
    const Smoothing smoothing(sample.metric, s.rule, s.bandwidth, true, s.order);
    double sum_null = 0;
    for (const double delta : sample.metric) sum_null += 1 / delta;

    const auto n = static_cast<double>(sample.known.size());
    ReturnsTest test;
    test.units = static_cast<std::int64_t>(sample.known.size());
    test.statistic = sum_null / sum_vrs;
    test.mean_null = sum_null / n;
    test.mean_vrs = sum_vrs / n;
    test.bandwidth = smoothing.bandwidth();
    test.draw.assign(static_cast<std::size_t>(s.replicates), nan);
    std::vector<Work> works(test.draw.size());
    tbb::parallel_for(std::size_t{0}, test.draw.size(), [&](std::size_t b) {
        rng::Stream stream(s.seed, rng::stage_returns_test, b, s.item);
        const std::vector<double> ratio = smoothing.ratios(stream);
        const RadialScores null = score_on_rays(sample.units, ratio, sample.radial);
        const RadialScores vrs = score_on_rays(sample.units, ratio, variable);
        works[b].take(null);
        works[b].take(vrs);
        test.draw[b] = total(null, s.orientation) / total(vrs, s.orientation);
    });
    std::vector<double> draws;
    for (std::size_t b = 0; b < works.size(); ++b) {
        add(work.counters, works[b].counters);
        worst(work.certificate, works[b].certificate);
        const double star = test.draw[b];
        if (std::isnan(star)) {
            ++test.without;
            continue;
        }
        draws.push_back(star);
        test.at_most += star <= test.statistic * (1 + tie) ? 1 : 0;
    }
    if (draws.empty()) throw Error(Fault::data, "no replicate has a value; the data may be degenerate");
    test.p_value = (1 + static_cast<double>(test.at_most)) / (static_cast<double>(draws.size()) + 1);
    test.critical_10 = stats::percentile_type7(draws, 10);
    test.critical_05 = stats::percentile_type7(draws, 5);
    test.critical_01 = stats::percentile_type7(draws, 1);
    test.counters = work.counters;
    test.certificate = work.certificate;
    return test;
}

}  // namespace greenfront::dea
