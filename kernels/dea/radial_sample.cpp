#include "kernels/dea/radial_sample.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/gather.hpp"
#include "kernels/error.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// [low, high] of the scores; a bound that falls on a replicate without a number has none.
void set_interval(const RadialSample& sample, double m, double tail, const std::vector<double>& metric,
                  double& low, double& high) {
    const auto bound = [&](double p) {
        const double q = stats::percentile_type7(metric, p);
        return std::isfinite(q) ? sample.scale.to_score(2 * m - q) : nan;
    };
    low = bound(100 - tail);
    high = bound(tail);
    if (sample.scale.turned()) std::swap(low, high);
}

void summarise(const RadialSample& sample, double confidence, std::size_t k, BootstrapScores& result) {
    const MetricScale& scale = sample.scale;
    const auto i = static_cast<std::size_t>(sample.known[k]);
    const auto row = static_cast<Eigen::Index>(i);
    std::vector<double> scores(static_cast<std::size_t>(result.replicate.cols())), metric(scores.size());
    for (std::size_t b = 0; b < scores.size(); ++b) {
        scores[b] = result.replicate(row, static_cast<Eigen::Index>(b));
        metric[b] = std::isnan(scores[b]) ? scale.beyond() : scale.from_score(scores[b]);
    }
    const double tail = 50 * (1 - confidence), m = sample.metric[k];
    set_interval(sample, m, tail, metric, result.low[i], result.high[i]);
    if (result.without[i] > 0) return;
    result.corrected[i] = scale.to_score(2 * m - mean_of(metric));
    result.bias[i] = result.score[i] - result.corrected[i];
    result.sd[i] = deviation(scores, 1);
    result.q025[i] = stats::percentile_type7(scores, 2.5);
    result.q975[i] = stats::percentile_type7(scores, 97.5);
}

/// The replicates, n x B, and the status of each known unit in them.
std::vector<std::vector<Status>> run(const RadialSample& sample, std::int64_t replicates,
                                     const std::function<RadialScores(std::size_t)>& replicate,
                                     BootstrapScores& result) {
    const auto B = static_cast<std::size_t>(replicates);
    const auto n = static_cast<Eigen::Index>(sample.score.size());
    result.replicate = Eigen::MatrixXd::Constant(n, replicates, nan);
    std::vector<std::vector<Status>> statuses(B);
    std::vector<Counters> counters(B);
    std::vector<Certificate> certificates(B);
    tbb::parallel_for(std::size_t{0}, B, [&](std::size_t b) {
        RadialScores scores = replicate(b);
        for (std::size_t k = 0; k < sample.known.size(); ++k)
            result.replicate(sample.known[k], static_cast<Eigen::Index>(b)) =
                scores.score[static_cast<Eigen::Index>(k)];
        statuses[b] = std::move(scores.status);
        counters[b] = scores.counters;
        certificates[b] = scores.certificate;
    });
    for (const Counters& one : counters) add(result.counters, one);
    for (const Certificate& one : certificates) worst(result.certificate, one);
    return statuses;
}

}  // namespace

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values, double less) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double v : values) sum += (v - mean) * (v - mean);
    return std::sqrt(sum / (static_cast<double>(values.size()) - less));
}

RadialSample radial_sample(const Quantities& units, Orientation orientation, Returns returns, Metric metric) {
    RadialSample sample;
    sample.scale = {orientation, metric};
    sample.radial.model = Model::radial;
    sample.radial.orientation = orientation;
    sample.radial.returns = returns;
    const Scores scores = evaluate(units, units, themselves(units.units()), sample.radial);
    sample.counters = scores.counters;
    sample.certificate = scores.certificate;
    sample.status = scores.status;
    sample.score.assign(sample.status.size(), nan);
    for (std::size_t i = 0; i < sample.status.size(); ++i) {
        const double s = scores.score[static_cast<Eigen::Index>(i)];
        if (sample.status[i] != Status::optimal) continue;
        if (!(s > 0)) {
            sample.status[i] = Status::undefined;
            continue;
        }
        sample.score[i] = s;
        sample.known.push_back(static_cast<std::int32_t>(i));
        sample.metric.push_back(sample.scale.from_score(s));
    }
    if (sample.known.size() < 2)
        throw Error(Fault::data, "fewer than two units have a score; there is nothing to draw from");
    if (!(deviation(sample.metric, 0) > 0))
        throw Error(Fault::data, "every unit has the same score; a bootstrap has nothing to say");
    sample.units = pick(units, sample.known);
    return sample;
}

BootstrapScores bootstrap(const RadialSample& sample, std::int64_t replicates, double confidence,
                          const std::function<RadialScores(std::size_t)>& replicate) {
    BootstrapScores result;
    const std::size_t n = sample.score.size();
    result.status = sample.status;
    result.score = sample.score;
    result.counters = sample.counters;
    result.certificate = sample.certificate;
    for (auto* column :
         {&result.bias, &result.corrected, &result.sd, &result.q025, &result.q975, &result.low, &result.high})
        column->assign(n, nan);
    result.without.assign(n, 0);
    const auto statuses = run(sample, replicates, replicate, result);
    for (std::size_t k = 0; k < sample.known.size(); ++k) {
        const auto i = static_cast<std::size_t>(sample.known[k]);
        for (const auto& status : statuses) {
            if (status[k] == Status::optimal) continue;
            ++result.without[i];
            if (status[k] != Status::infeasible) result.status[i] = std::max(result.status[i], status[k]);
        }
        if (result.status[i] == Status::optimal) summarise(sample, confidence, k, result);
    }
    return result;
}

}  // namespace greenfront::dea
