#include "kernels/dea/smoothed_bootstrap.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/rays.hpp"
#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Metrics so close to 1 are those of efficient units.
constexpr double at_one = 1e-8;

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

/// Sum of squares about the mean over n - less.
double deviation(const std::vector<double>& values, double less) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double v : values) sum += (v - mean) * (v - mean);
    return std::sqrt(sum / (static_cast<double>(values.size()) - less));
}

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

/// Scores, metric and back.
struct Gauge {
    Orientation orientation;
    Metric metric;
    /// Whether the metric is the reciprocal of the score.
    [[nodiscard]] bool turned() const {
        return (orientation == Orientation::input) == (metric == Metric::inverse);
    }
    [[nodiscard]] double from_score(double s) const { return turned() ? 1 / s : s; }
    [[nodiscard]] double to_score(double m) const { return turned() ? 1 / m : m; }
    [[nodiscard]] bool above() const { return metric == Metric::inverse; }
};

class Bootstrap {
  public:
    Bootstrap(const Quantities& units, const BootstrapSettings& settings)
        : units_(units),
          s_(settings),
          gauge_{settings.orientation, settings.metric},
          n_(static_cast<std::size_t>(units.units())) {}

    BootstrapScores run() {
        score();
        const double h = find_bandwidth();
        result_.bandwidth = h;
        result_.replicate = Eigen::MatrixXd::Constant(units_.units(), s_.replicates, nan);
        const auto B = static_cast<std::size_t>(s_.replicates);
        std::vector<std::vector<Status>> statuses(B);
        std::vector<Scores> work(B);
        tbb::parallel_for(std::size_t{0}, B, [&](std::size_t b) {
            Scores scores = score_on_rays(sample_, ratios(h, b), radial());
            for (std::size_t k = 0; k < known_.size(); ++k)
                result_.replicate(known_[k], static_cast<Eigen::Index>(b)) =
                    scores.score[static_cast<Eigen::Index>(k)];
            statuses[b] = std::move(scores.status);
            work[b].counters = scores.counters;
            work[b].certificate = scores.certificate;
        });
        for (const Scores& one : work) count(one);
        summarise(statuses);
        return std::move(result_);
    }

  private:
    [[nodiscard]] Settings radial() const {
        Settings settings;
        settings.model = Model::radial;
        settings.orientation = s_.orientation;
        settings.returns = s_.returns;
        return settings;
    }

    void count(const Scores& scores) {
        add(result_.counters, scores.counters);
        worst(result_.certificate, scores.certificate);
    }

    void score() {
        const Scores scores = evaluate(units_, units_, themselves(units_.units()), radial());
        count(scores);
        result_.status = scores.status;
        result_.score.assign(n_, nan);
        own_.assign(n_, nan);
        for (std::size_t i = 0; i < n_; ++i) {
            const double s = scores.score[static_cast<Eigen::Index>(i)];
            if (scores.status[i] != Status::optimal) continue;
            if (!(s > 0)) {
                result_.status[i] = Status::undefined;
                continue;
            }
            result_.score[i] = s;
            own_[i] = gauge_.from_score(s);
            known_.push_back(static_cast<std::int32_t>(i));
        }
        if (known_.size() < 2)
            throw Error(Fault::data, "fewer than two units have a score; there is nothing to draw from");
        for (const std::int32_t i : known_) drawn_.push_back(own_[static_cast<std::size_t>(i)]);
        sample_ = pick(units_, known_);
        spread_ = deviation(drawn_, 0);
        if (!(spread_ > 0))
            throw Error(Fault::data, "every unit has the same score; a bootstrap has nothing to say");
    }

    [[nodiscard]] double find_bandwidth() const {
        return s_.rule == Bandwidth::given ? s_.bandwidth : bandwidth_of(drawn_, s_.rule);
    }

    /// How much farther from the frontier each pseudo-point of a replicate lies than its unit: x* = x m*/m in
    /// the metric >= 1.
    [[nodiscard]] std::vector<double> ratios(double h, std::size_t b) const {
        rng::Stream stream(s_.seed, rng::stage_boot_dea, b, s_.item);
        const std::size_t k = drawn_.size();
        std::vector<double> m(k);
        for (double& value : m) value = drawn_[stream.below(k)];
        const double centre = mean_of(m), shrink = 1 / std::sqrt(1 + h * h / (spread_ * spread_));
        for (std::size_t j = 0; j < k; ++j) {
            double v = m[j] + h * stream.normal();
            if (gauge_.above() ? v < 1 : v > 1) v = 2 - v;
            v = centre + (v - centre) * shrink;
            if (!(v > 0))
                throw Error(Fault::data,
                            "metric theta: a smoothed score fell to 0 or below; use metric inverse or "
                            "a smaller bandwidth");
            m[j] = gauge_.above() ? v / drawn_[j] : drawn_[j] / v;
        }
        return m;
    }

    void summarise(const std::vector<std::vector<Status>>& statuses) {
        for (auto* column : {&result_.bias, &result_.corrected, &result_.sd, &result_.q025, &result_.q975,
                             &result_.low, &result_.high})
            column->assign(n_, nan);
        result_.without.assign(n_, 0);
        for (std::size_t k = 0; k < known_.size(); ++k) {
            const auto i = static_cast<std::size_t>(known_[k]);
            for (const auto& status : statuses) {
                if (status[k] == Status::optimal) continue;
                ++result_.without[i];
                result_.status[i] = std::max(result_.status[i], status[k]);
            }
            if (result_.status[i] == Status::optimal) summarise(i);
        }
    }

    void summarise(std::size_t i) {
        const auto row = static_cast<Eigen::Index>(i);
        std::vector<double> scores(static_cast<std::size_t>(s_.replicates)), metric(scores.size());
        for (std::size_t b = 0; b < scores.size(); ++b) {
            scores[b] = result_.replicate(row, static_cast<Eigen::Index>(b));
            metric[b] = gauge_.from_score(scores[b]);
        }
        const double tail = 50 * (1 - s_.confidence), m = own_[i];
        result_.corrected[i] = gauge_.to_score(2 * m - mean_of(metric));
        result_.bias[i] = result_.score[i] - result_.corrected[i];
        result_.sd[i] = deviation(scores, 1);
        result_.q025[i] = stats::percentile_type7(scores, 2.5);
        result_.q975[i] = stats::percentile_type7(scores, 97.5);
        const double one = gauge_.to_score(2 * m - stats::percentile_type7(metric, 100 - tail));
        const double other = gauge_.to_score(2 * m - stats::percentile_type7(metric, tail));
        result_.low[i] = gauge_.turned() ? other : one;
        result_.high[i] = gauge_.turned() ? one : other;
    }

    const Quantities& units_;
    const BootstrapSettings& s_;
    Gauge gauge_;
    std::size_t n_;
    std::vector<double> own_;          ///< metric of each unit
    std::vector<std::int32_t> known_;  ///< units with a score
    std::vector<double> drawn_;        ///< their metrics
    Quantities sample_;                ///< their quantities
    double spread_ = 0;                ///< population standard deviation of those
    BootstrapScores result_;
};

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

BootstrapScores smoothed_bootstrap(const Quantities& units, const BootstrapSettings& settings) {
    return Bootstrap(units, settings).run();
}

}  // namespace greenfront::dea
