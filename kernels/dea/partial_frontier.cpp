#include "kernels/dea/partial_frontier.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/dea/check.hpp"
#include "kernels/dea/radial_sample.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
/// Weights of order statistics below this do not change a sum of them.
constexpr double nothing = 1e-18;
/// N alpha this close to a whole number is one.
constexpr double whole = 1e-9;

struct Peer {
    double ratio;
    std::int32_t column;
};

/// Where the quantile of order alpha stands, from 1, among `count` ratios in ascending order.
double rank_of(const PartialSettings& s, double count) {
    if (s.orientation == Orientation::input)
        return std::min(count, std::floor(count * (1 - s.alpha) + whole) + 1);
    const double at = count * s.alpha, nearest = std::round(at);
    return std::abs(at - nearest) <= whole * std::max(1.0, at) ? nearest : std::floor(at) + 1;
}

/// Score of one unit from its peers in ascending order of their ratios, peer k counting weight(k) times.
class Score {
  public:
    Score(const std::vector<Peer>& peers, const PartialSettings& settings) : peers_(peers), s_(settings) {}

    /// NaN where no peer counts. `at`: order alpha: the peer at the quantile.
    template <class Weight>
    double operator()(const Weight& weight, std::int32_t& at) const {
        double total = 0;
        for (const Peer& peer : peers_) total += weight(peer.column);
        if (!(total > 0)) return nan;
        return s_.kind == Partial::order_m ? expectation(weight, total) : quantile(weight, total, at);
    }

  private:
    template <class Weight>
    double expectation(const Weight& weight, double total) const {
        const bool input = s_.orientation == Orientation::input;
        const auto m = static_cast<double>(s_.m);
        double sum = 0, passed = 0, before = input ? 1 : 0;
        for (const Peer& peer : peers_) {
            const double w = weight(peer.column);
            if (w == 0) continue;
            passed += w;
            const double now = std::pow((input ? total - passed : passed) / total, m);
            sum += peer.ratio * std::abs(now - before);
            before = now;
            if (input && before < nothing) break;
        }
        return sum;
    }

    template <class Weight>
    double quantile(const Weight& weight, double total, std::int32_t& at) const {
        const double rank = rank_of(s_, total);
        double passed = 0;
        for (const Peer& peer : peers_) {
            passed += weight(peer.column);
            if (passed < rank - 0.5) continue;  // counts are whole numbers
            at = peer.column;
            return peer.ratio;
        }
        return nan;
    }

    const std::vector<Peer>& peers_;
    const PartialSettings& s_;
};

class Frontier {
  public:
    Frontier(const Quantities& evaluated, const Quantities& reference,
             const std::vector<std::int32_t>& cluster, const PartialSettings& settings)
        : e_(evaluated), r_(reference), cluster_(cluster), s_(settings) {
        const auto n = static_cast<std::size_t>(evaluated.units());
        result_.status.assign(n, Status::optimal);
        for (auto* column : {&result_.score, &result_.sd, &result_.low, &result_.high})
            column->assign(n, nan);
        result_.peers.assign(n, 0);
        result_.without.assign(n, 0);
        result_.at.assign(n, -1);
        draw();
    }

    PartialScores run() {
        tbb::parallel_for(Eigen::Index{0}, e_.units(), [&](Eigen::Index o) { score(o); });
        return std::move(result_);
    }

  private:
    /// How often each cluster counts in each replicate.
    void draw() {
        if (s_.replicates == 0) return;
        clusters_ = static_cast<std::size_t>(1 + *std::max_element(cluster_.begin(), cluster_.end()));
        times_.assign(clusters_ * static_cast<std::size_t>(s_.replicates), 0);
        tbb::parallel_for(std::size_t{0}, static_cast<std::size_t>(s_.replicates), [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_partial_frontier, b, s_.item);
            for (std::size_t c = 0; c < clusters_; ++c) ++times_[b * clusters_ + stream.below(clusters_)];
        });
    }

    [[nodiscard]] bool is_peer(Eigen::Index o, Eigen::Index j) const {
        const bool bads = r_.B.rows() == 0 || (r_.B.col(j).array() <= e_.B.col(o).array()).all();
        return bads &&
               (s_.orientation == Orientation::input ? (r_.Y.col(j).array() >= e_.Y.col(o).array()).all()
                                                     : (r_.X.col(j).array() <= e_.X.col(o).array()).all());
    }

    /// u_j or v_j.
    [[nodiscard]] double ratio(Eigen::Index o, Eigen::Index j) const {
        const bool input = s_.orientation == Orientation::input;
        const auto of = input ? r_.X.col(j) : r_.Y.col(j), own = input ? e_.X.col(o) : e_.Y.col(o);
        double extreme = input ? 0 : infinity;
        for (Eigen::Index i = 0; i < of.size(); ++i) {
            if (own[i] > 0)
                extreme = input ? std::max(extreme, of[i] / own[i]) : std::min(extreme, of[i] / own[i]);
            else if (input && of[i] > 0)
                extreme = infinity;  // no multiple of nothing is enough
        }
        return extreme;
    }

    void score(Eigen::Index o) {
        const auto unit = static_cast<std::size_t>(o);
        const bool input = s_.orientation == Orientation::input;
        if (!((input ? e_.X.col(o) : e_.Y.col(o)).maxCoeff() > 0)) {
            result_.status[unit] = input ? Status::undefined : Status::unbounded;
            return;
        }
        std::vector<Peer> peers;
        for (Eigen::Index j = 0; j < r_.units(); ++j) {
            if (!is_peer(o, j)) continue;
            const double value = ratio(o, j);
            if (value < infinity) peers.push_back({value, static_cast<std::int32_t>(j)});
        }
        std::sort(peers.begin(), peers.end(), [](const Peer& a, const Peer& b) {
            return a.ratio != b.ratio ? a.ratio < b.ratio : a.column < b.column;
        });
        result_.peers[unit] = static_cast<std::int64_t>(peers.size());
        if (peers.empty()) {
            result_.status[unit] = Status::infeasible;
            return;
        }
        const Score of(peers, s_);
        result_.score[unit] = of([](std::int32_t) { return 1.0; }, result_.at[unit]);
        if (s_.replicates > 0) interval(of, unit);
    }

    void interval(const Score& of, std::size_t unit) {
        std::vector<double> draws;
        std::int32_t at = -1;
        for (std::size_t b = 0; b < static_cast<std::size_t>(s_.replicates); ++b) {
            const auto* times = times_.data() + b * clusters_;
            const double star = of(
                [&](std::int32_t j) {
                    return static_cast<double>(
                        times[static_cast<std::size_t>(cluster_[static_cast<std::size_t>(j)])]);
                },
                at);
            if (std::isnan(star))
                ++result_.without[unit];
            else
                draws.push_back(star);
        }
        if (result_.without[unit] > 0) return;
        const double tail = 50 * (1 - s_.confidence);
        result_.sd[unit] = deviation(draws, 1);
        result_.low[unit] = stats::percentile_type7(draws, tail);
        result_.high[unit] = stats::percentile_type7(draws, 100 - tail);
    }

    const Quantities& e_;
    const Quantities& r_;
    const std::vector<std::int32_t>& cluster_;
    const PartialSettings& s_;
    std::size_t clusters_ = 0;
    std::vector<std::uint32_t> times_;  ///< replicates x clusters
    PartialScores result_;
};

}  // namespace

PartialScores partial_frontier(const Quantities& evaluated, const Quantities& reference,
                               const std::vector<std::int32_t>& cluster, const PartialSettings& settings) {
    Settings hull;
    hull.model = Model::fdh;
    hull.orientation = settings.orientation;
    hull.returns = Returns::vrs;
    check_task(evaluated, reference,
               std::vector<std::int32_t>(static_cast<std::size_t>(evaluated.units()), -1), hull, {});
    return Frontier(evaluated, reference, cluster, settings).run();
}

}  // namespace greenfront::dea
