#include "kernels/dea/fdh.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::dea {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Scores this close (relative) are tied.
constexpr double tie = 1e-12;

struct Candidate {
    double score = 0, delta = 0, slack_sum = -1;
    std::int32_t unit = -1;
};

/// Smallest delta with delta * have >= want, component by component.
double least_scale(const Eigen::Ref<const Eigen::VectorXd>& want,
                   const Eigen::Ref<const Eigen::VectorXd>& have) {
    double scale = 0;
    for (Eigen::Index i = 0; i < want.size(); ++i) {
        if (want[i] > 0) scale = std::max(scale, have[i] > 0 ? want[i] / have[i] : infinity);
    }
    return scale;
}

/// Largest delta with delta * need <= limit.
double most_scale(const Eigen::Ref<const Eigen::VectorXd>& limit,
                  const Eigen::Ref<const Eigen::VectorXd>& need) {
    double scale = infinity;
    for (Eigen::Index i = 0; i < limit.size(); ++i) {
        if (need[i] > 0) scale = std::min(scale, limit[i] / need[i]);
    }
    return scale;
}

class Hull {
  public:
    Hull(const Quantities& evaluated, const Quantities& reference, const Settings& settings)
        : e_(evaluated),
          r_(reference),
          settings_(settings),
          input_(settings.orientation == Orientation::input) {
        for (const Returns free : {Returns::crs, Returns::nirs}) low_ = settings.returns == free ? 0.0 : low_;
        for (const Returns free : {Returns::crs, Returns::ndrs})
            high_ = settings.returns == free ? infinity : high_;
        const auto mean = [](const Eigen::MatrixXd& values) -> Eigen::VectorXd {
            return values.cols() > 0 ? Eigen::VectorXd(values.rowwise().mean())
                                     : Eigen::VectorXd::Zero(values.rows());
        };
        x_mean_ = mean(r_.X);
        y_mean_ = mean(r_.Y);
        b_mean_ = mean(r_.B);
    }

    [[nodiscard]] Candidate best(Eigen::Index o) const {
        Candidate best;
        for (Eigen::Index j = 0; j < r_.units(); ++j) {
            Candidate c;
            if (!reach(o, j, c)) continue;
            const double gain = input_ ? best.score - c.score : c.score - best.score;
            const double margin = tie * std::abs(c.score);
            if (best.unit >= 0 && gain < -margin) continue;
            c.unit = static_cast<std::int32_t>(j);
            c.slack_sum = slack_sum(o, c);
            const bool better = best.unit < 0 || gain > margin || c.slack_sum > best.slack_sum * (1 + tie);
            if (better) best = c;
        }
        return best;
    }

    void slacks(Eigen::Index o, const Candidate& c, Eigen::VectorXd& x, Eigen::VectorXd& y,
                Eigen::VectorXd& b) const {
        x = ((input_ ? c.score : 1.0) * e_.X.col(o) - c.delta * r_.X.col(c.unit)).cwiseMax(0.0);
        y = (c.delta * r_.Y.col(c.unit) - (input_ ? 1.0 : c.score) * e_.Y.col(o)).cwiseMax(0.0);
        if (r_.B.rows() > 0) b = (e_.B.col(o) - c.delta * r_.B.col(c.unit)).cwiseMax(0.0);
    }

  private:
    /// Score of o against unit j alone; false when j cannot serve.
    bool reach(Eigen::Index o, Eigen::Index j, Candidate& c) const {
        const double bads = r_.B.rows() > 0 ? most_scale(e_.B.col(o), r_.B.col(j)) : infinity;
        if (input_) {
            c.delta = std::max(least_scale(e_.Y.col(o), r_.Y.col(j)), low_);
            if (!(c.delta <= std::min(bads, high_))) return false;
            const double factor = least_scale(r_.X.col(j), e_.X.col(o));
            c.score = c.delta > 0 ? c.delta * factor : 0.0;
            return c.score < infinity;
        }
        c.delta = std::min({most_scale(e_.X.col(o), r_.X.col(j)), bads, high_});
        if (!(c.delta >= low_)) return false;
        const double factor = most_scale(r_.Y.col(j), e_.Y.col(o));
        c.score = c.delta * factor;
        return true;
    }

    [[nodiscard]] double slack_sum(Eigen::Index o, const Candidate& c) const {
        Eigen::VectorXd x, y, b;
        slacks(o, c, x, y, b);
        double sum = 0;
        const auto add = [&](const Eigen::VectorXd& slack, const Eigen::VectorXd& mean) {
            for (Eigen::Index i = 0; i < slack.size(); ++i) sum += mean[i] > 0 ? slack[i] / mean[i] : 0.0;
        };
        add(x, x_mean_);
        add(y, y_mean_);
        add(b, b_mean_);
        return sum;
    }

    const Quantities& e_;
    const Quantities& r_;
    const Settings& settings_;
    bool input_;
    double low_ = 1.0, high_ = 1.0;
    Eigen::VectorXd x_mean_, y_mean_, b_mean_;
};

Scores empty_scores(const Quantities& q) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Eigen::Index k = q.units(), m = q.X.rows(), s1 = q.Y.rows(), s2 = q.B.rows();
    Scores s;
    s.score = Eigen::VectorXd::Constant(k, nan);
    s.status.assign(static_cast<std::size_t>(k), Status::failed);
    s.unique.assign(static_cast<std::size_t>(k), std::int8_t{-1});
    s.input_slack = Eigen::MatrixXd::Constant(m, k, nan);
    s.good_slack = Eigen::MatrixXd::Constant(s1, k, nan);
    s.bad_slack = Eigen::MatrixXd::Constant(s2, k, nan);
    s.multiplier = Eigen::MatrixXd::Constant(m + s1 + s2 + 1, k, nan);
    return s;
}

}  // namespace

Scores score_by_hull(const Quantities& evaluated, const Quantities& reference, const Settings& settings) {
    const Hull hull(evaluated, reference, settings);
    const Eigen::Index k = evaluated.units();
    const bool input = settings.orientation == Orientation::input;
    Scores s = empty_scores(evaluated);
    std::vector<Candidate> found(static_cast<std::size_t>(k));
    tbb::parallel_for(Eigen::Index{0}, k, [&](Eigen::Index o) {
        const auto unit = static_cast<std::size_t>(o);
        const double moving = input ? evaluated.X.col(o).maxCoeff() : evaluated.Y.col(o).maxCoeff();
        if (!(moving > 0)) {
            s.status[unit] = input ? Status::undefined : Status::unbounded;
            return;
        }
        const Candidate c = hull.best(o);
        found[unit] = c;
        s.status[unit] = c.unit < 0           ? Status::infeasible
                         : c.score < infinity ? Status::optimal
                                              : Status::unbounded;
        if (s.status[unit] != Status::optimal) return;
        s.score[o] = c.score;
        Eigen::VectorXd x, y, b(evaluated.B.rows());
        hull.slacks(o, c, x, y, b);
        s.input_slack.col(o) = x;
        s.good_slack.col(o) = y;
        s.bad_slack.col(o) = b;
    });
    s.peer_start.assign(1, 0);
    for (std::size_t o = 0; o < found.size(); ++o) {
        if (s.status[o] == Status::optimal) {
            s.peer.push_back(found[o].unit);
            s.lambda.push_back(found[o].delta);
        }
        s.peer_start.push_back(static_cast<std::int64_t>(s.peer.size()));
    }
    return s;
}

}  // namespace greenfront::dea
