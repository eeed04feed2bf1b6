#include "kernels/dea/subsampling.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/radial_sample.hpp"
#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

class Draws {
  public:
    Draws(const Quantities& units, const Yardstick& points, const std::vector<std::int32_t>& cluster,
          const SubsampleSettings& settings)
        : units_(units), points_(points), cluster_(cluster), s_(settings) {
        const auto G = 1 + *std::max_element(cluster.begin(), cluster.end());
        result_.clusters = G;
        if (G < 3)
            throw Error(Fault::data,
                        fmt::format("{} units in a reference set are too few to draw some of", G));
        const double wanted = std::floor(std::pow(static_cast<double>(G), s_.kappa) * (1 + 1e-12));
        result_.drawn = std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted), 2, G);
        share_ = std::pow(static_cast<double>(result_.drawn) / static_cast<double>(G), s_.rate);
        difference_ = compared_by_difference(s_.programs.model);
        expands_ = s_.programs.orientation == Orientation::output &&
                   (s_.programs.model == Model::radial || s_.programs.model == Model::fdh);
    }

    Subsample run() {
        score();
        const auto B = static_cast<std::size_t>(s_.replicates);
        result_.replicate.resize(static_cast<Eigen::Index>(points_.evaluated.size()), s_.replicates);
        std::vector<Measurement> work(B);
        std::vector<std::vector<char>> failed(B);
        tbb::parallel_for(std::size_t{0}, B, [&](std::size_t b) {
            work[b] = measure(units_, {{drawn_rows(b), points_.evaluated}}, s_.programs);
            failed[b] = take(work[b].scores[0], static_cast<Eigen::Index>(b));
            work[b].scores.clear();
        });
        for (const Measurement& one : work) {
            add(result_.counters, one.counters);
            worst(result_.certificate, one.certificate);
        }
        for (std::size_t i = 0; i < result_.status.size(); ++i) {
            for (const auto& one : failed) {
                if (one[i] != 0) result_.status[i] = Status::failed;
            }
            if (result_.status[i] == Status::optimal) summarise(i);
        }
        return std::move(result_);
    }

  private:
    void score() {
        const Measurement own = measure(units_, {points_}, s_.programs);
        result_.counters = own.counters;
        result_.certificate = own.certificate;
        const std::size_t n = points_.evaluated.size();
        for (auto* column :
             {&result_.score, &result_.corrected, &result_.bias, &result_.sd, &result_.low, &result_.high})
            column->assign(n, nan);
        result_.beyond.assign(n, 0);
        for (std::size_t i = 0; i < n; ++i) {
            Measured score = own.scores[0][i];
            if (score.status == Status::optimal && !difference_ && !(score.value > 0))
                score.status = Status::undefined;
            result_.status.push_back(score.status);
            if (score.status == Status::optimal) result_.score[i] = score.value;
        }
    }

    /// Reference rows of the clusters of a replicate.
    [[nodiscard]] std::vector<std::int32_t> drawn_rows(std::size_t b) const {
        rng::Stream stream(s_.seed, rng::stage_subsample, b, s_.item);
        const auto G = static_cast<std::size_t>(result_.clusters),
                   g = static_cast<std::size_t>(result_.drawn);
        std::vector<char> in(G, 0);
        std::vector<std::size_t> place(s_.replacement ? 0 : G);
        std::iota(place.begin(), place.end(), std::size_t{0});
        for (std::size_t i = 0; i < g; ++i) {
            if (s_.replacement) {
                in[stream.below(G)] = 1;
            } else {
                std::swap(place[i], place[i + stream.below(G - i)]);
                in[place[i]] = 1;
            }
        }
        std::vector<std::int32_t> rows;
        for (std::size_t j = 0; j < cluster_.size(); ++j) {
            if (in[static_cast<std::size_t>(cluster_[j])] != 0) rows.push_back(points_.reference[j]);
        }
        return rows;
    }

    /// psi of one replicate; the points whose program failed.
    std::vector<char> take(const std::vector<Measured>& scores, Eigen::Index b) {
        std::vector<char> failed(scores.size(), 0);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const Measured& star = scores[i];
            double& psi = result_.replicate(static_cast<Eigen::Index>(i), b);
            failed[i] = star.status == Status::failed ? 1 : 0;
            if (star.status != Status::optimal)
                psi = expands_ ? -1 : difference_ ? -infinity : infinity;
            else
                psi = difference_ ? star.value - result_.score[i] : star.value / result_.score[i] - 1;
        }
        return failed;
    }

    [[nodiscard]] double shifted(double s, double psi) const {
        if (!std::isfinite(psi)) return nan;
        return difference_ ? s - share_ * psi : s / (1 + share_ * psi);
    }

    void summarise(std::size_t i) {
        const auto row = result_.replicate.row(static_cast<Eigen::Index>(i));
        std::vector<double> psi(static_cast<std::size_t>(row.size()));
        for (std::size_t b = 0; b < psi.size(); ++b) {
            psi[b] = row[static_cast<Eigen::Index>(b)];
            const bool nowhere = !std::isfinite(psi[b]) || (expands_ && psi[b] <= -1);
            result_.beyond[i] += nowhere ? 1 : 0;
        }
        const double s = result_.score[i], tail = 50 * (1 - s_.confidence);
        result_.low[i] = shifted(s, quantile(psi, 100 - tail));
        result_.high[i] = shifted(s, quantile(psi, tail));
        if (result_.beyond[i] > 0) return;
        result_.corrected[i] = shifted(s, mean_of(psi));
        result_.bias[i] = s - result_.corrected[i];
        result_.sd[i] = share_ * deviation(psi, 1) * (difference_ ? 1 : s);
    }

    /// Infinite where it falls on, or next to, an infinite value.
    [[nodiscard]] static double quantile(const std::vector<double>& psi, double p) {
        const double value = stats::percentile_type7(psi, p);
        return std::isnan(value) ? infinity : value;
    }

    const Quantities& units_;
    const Yardstick& points_;
    const std::vector<std::int32_t>& cluster_;
    const SubsampleSettings& s_;
    double share_ = 1;         ///< f
    bool difference_ = false;  ///< psi is a difference
    bool expands_ = false;     ///< efficient units have the smallest scores
    Subsample result_;
};

}  // namespace

bool compared_by_difference(Model model) {
    return model == Model::ddf || model == Model::nddf || model == Model::additive;
}

double known_rate(Model model, Returns returns, std::int64_t variables) {
    const auto v = static_cast<double>(variables);
    if (model == Model::fdh) return 1 / v;
    return returns == Returns::crs ? 2 / v : 2 / (v + 1);
}

bool rate_is_proven(Model model, Returns returns) {
    if (model == Model::fdh) return returns == Returns::vrs;
    const bool known = returns == Returns::crs || returns == Returns::vrs;
    return known && (model == Model::radial || (model == Model::ddf && returns == Returns::vrs));
}

Subsample subsample(const Quantities& units, const Yardstick& points,
                    const std::vector<std::int32_t>& cluster, const SubsampleSettings& settings) {
    return Draws(units, points, cluster, settings).run();
}

}  // namespace greenfront::dea
