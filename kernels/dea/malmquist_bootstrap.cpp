#include "kernels/dea/malmquist_bootstrap.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/joint_smoothing.hpp"
#include "kernels/dea/radial_sample.hpp"
#include "kernels/dea/rays.hpp"
#include "kernels/error.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Efficiencies of the units of two periods against a pair of technologies.
struct Pairs {
    std::vector<PairEfficiencies> pair, variable;
    Counters counters;
    Certificate certificate;
};

struct Replicate {
    std::vector<Change> changes;
    Counters counters;
    Certificate certificate;
};

class Analysis {
  public:
    Analysis(const Quantities& from, const Quantities& to, const MalmquistSettings& settings)
        : from_(from), to_(to), s_(settings) {
        radial_.model = Model::radial;
        radial_.orientation = settings.orientation;
        radial_.returns = settings.returns;
        gauge_ = settings.orientation == Orientation::input ? Gauge::score : Gauge::reciprocal;
    }

    MalmquistBootstrap run() {
        const auto n = static_cast<std::size_t>(from_.units());
        const std::vector<double> still(n, 1.0);
        Pairs own = measure_pairs(from_, to_, still, still);
        result_.changes = changes(own);
        result_.counters = own.counters;
        result_.certificate = own.certificate;
        const Eigen::MatrixXd Z = distances(own);
        const JointSmoothing smoothing(Z, 2, s_.bandwidth);
        result_.bandwidth = smoothing.bandwidth();
        const Quantities from = pick(from_, known_), to = pick(to_, known_);
        std::vector<Replicate> drawn(static_cast<std::size_t>(s_.replicates));
        tbb::parallel_for(std::size_t{0}, drawn.size(), [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_malmquist, b, s_.item);
            const JointSmoothing::Draw draw(smoothing, stream);
            std::vector<double> ratio[2];
            for (Eigen::Index t = 0; t < 2; ++t) {
                const Eigen::VectorXd moved = draw.rows().col(t).cwiseQuotient(Z.col(t));
                ratio[t].assign(moved.begin(), moved.end());
            }
            const Pairs pairs = measure_pairs(from, to, ratio[0], ratio[1]);
            drawn[b] = {changes(pairs), pairs.counters, pairs.certificate};
        });
        summarise(drawn);
        return std::move(result_);
    }

  private:
    /// Points of one period against the technology of pseudo-points.
    [[nodiscard]] std::vector<Measured> taken(const RadialScores& scores, Pairs& pairs) const {
        add(pairs.counters, scores.counters);
        worst(pairs.certificate, scores.certificate);
        std::vector<Measured> all;
        for (std::size_t i = 0; i < scores.status.size(); ++i)
            all.push_back(efficiency(gauge_, {scores.score[static_cast<Eigen::Index>(i)], scores.status[i]}));
        return all;
    }

    void fill(const Quantities& from, const Quantities& to, const std::vector<double>& ratio_from,
              const std::vector<double>& ratio_to, Returns returns, bool own_only,
              std::vector<PairEfficiencies>& pairs, Pairs& work) const {
        Settings settings = radial_;
        settings.returns = returns;
        const Quantities points_from = on_rays(from, ratio_from, s_.orientation),
                         points_to = on_rays(to, ratio_to, s_.orientation);
        const FacetTechnology at_from(points_from, settings), at_to(points_to, settings);
        const auto own_from = taken(of_units(at_from.own(), ratio_from, s_.orientation), work);
        const auto own_to = taken(of_units(at_to.own(), ratio_to, s_.orientation), work);
        std::vector<Measured> from_in_to, to_in_from;
        if (!own_only) {
            from_in_to = taken(at_to.score(from), work);
            to_in_from = taken(at_from.score(to), work);
        }
        pairs.resize(own_from.size());
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            pairs[i].own_from = own_from[i];
            pairs[i].own_to = own_to[i];
            if (own_only) continue;
            pairs[i].from_in_to = from_in_to[i];
            pairs[i].to_in_from = to_in_from[i];
        }
    }

    [[nodiscard]] Pairs measure_pairs(const Quantities& from, const Quantities& to,
                                      const std::vector<double>& ratio_from,
                                      const std::vector<double>& ratio_to) const {
        Pairs pairs;
        fill(from, to, ratio_from, ratio_to, s_.returns, false, pairs.pair, pairs);
        if (s_.variable)
            fill(from, to, ratio_from, ratio_to, Returns::vrs, s_.decomposition == Decomposition::fgnz,
                 pairs.variable, pairs);
        return pairs;
    }

    [[nodiscard]] Change change_of(const Pairs& pairs, std::size_t i) const {
        std::optional<PairEfficiencies> variable;
        if (s_.variable) variable = pairs.variable[i];
        return change(Comparison::ratio, pairs.pair[i], variable, s_.decomposition);
    }

    [[nodiscard]] std::vector<Change> changes(const Pairs& pairs) const {
        std::vector<Change> all;
        all.reserve(pairs.pair.size());
        for (std::size_t i = 0; i < pairs.pair.size(); ++i) all.push_back(change_of(pairs, i));
        return all;
    }

    /// delta of the units that have both.
    Eigen::MatrixXd distances(const Pairs& own) {
        std::vector<double> first, second;
        for (std::size_t i = 0; i < own.pair.size(); ++i) {
            const Measured &a = own.pair[i].own_from, &b = own.pair[i].own_to;
            if (a.status != Status::optimal || b.status != Status::optimal) continue;
            if (!(a.value > 0 && b.value > 0)) continue;
            known_.push_back(static_cast<std::int32_t>(i));
            first.push_back(1 / a.value);
            second.push_back(1 / b.value);
        }
        if (known_.size() < 2)
            throw Error(Fault::data,
                        "fewer than two units have a score in both periods; there is nothing "
                        "to draw from");
        if (!(deviation(first, 0) + deviation(second, 0) > 0))
            throw Error(Fault::data, "every unit has the same score; a bootstrap has nothing to say");
        Eigen::MatrixXd Z(static_cast<Eigen::Index>(known_.size()), 2);
        for (std::size_t k = 0; k < known_.size(); ++k)
            Z.row(static_cast<Eigen::Index>(k)) << first[k], second[k];
        return Z;
    }

    void summarise(const std::vector<Replicate>& drawn) {
        for (const Replicate& one : drawn) {
            add(result_.counters, one.counters);
            worst(result_.certificate, one.certificate);
        }
        result_.without.assign(result_.changes.size(), 0);
        result_.intervals.resize(result_.changes.size());
        for (auto& unit : result_.intervals) unit.fill({nan, nan, nan, nan});
        tbb::parallel_for(std::size_t{0}, known_.size(), [&](std::size_t k) {
            const auto i = static_cast<std::size_t>(known_[k]);
            std::vector<Change> stars;
            for (const Replicate& one : drawn) {
                stars.push_back(one.changes[k]);
                result_.without[i] += std::isnan(stars.back().index) ? 1 : 0;
            }
            for (std::size_t p = 0; p < change_parts.size(); ++p)
                result_.intervals[i][p] = interval(result_.changes[i].*change_parts[p], stars, p);
        });
    }

    [[nodiscard]] MalmquistInterval interval(double value, const std::vector<Change>& stars,
                                             std::size_t part) const {
        std::vector<double> draws;
        for (const Change& star : stars) draws.push_back(star.*change_parts[part]);
        const bool missing = std::any_of(draws.begin(), draws.end(), [](double v) { return std::isnan(v); });
        if (missing || std::isnan(value)) return {nan, nan, nan, nan};
        const double tail = 50 * (1 - s_.confidence);
        return {2 * value - mean_of(draws), deviation(draws, 1),
                2 * value - stats::percentile_type7(draws, 100 - tail),
                2 * value - stats::percentile_type7(draws, tail)};
    }

    const Quantities& from_;
    const Quantities& to_;
    const MalmquistSettings& s_;
    Settings radial_;
    Gauge gauge_ = Gauge::score;
    std::vector<std::int32_t> known_;  ///< units with a score in both periods
    MalmquistBootstrap result_;
};

}  // namespace

MalmquistBootstrap malmquist_bootstrap(const Quantities& from, const Quantities& to,
                                       const MalmquistSettings& settings) {
    return Analysis(from, to, settings).run();
}

}  // namespace greenfront::dea
