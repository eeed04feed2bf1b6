#include "kernels/dea/two_stage.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/limited/limited.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double efficient = 1 + 1e-8;
constexpr std::uint64_t phase_bias = 1, phase_interval = 2;

/// A standard normal above a.
double normal_above(double a, rng::Stream& stream) {
    if (a <= 0.5) {
        for (;;) {
            const double v = stream.normal();
            if (v > a) return v;
        }
    }
    const double rate = (a + std::sqrt(a * a + 4)) / 2;
    for (;;) {
        const double v = a - std::log(stream.uniform()) / rate;
        const double off = v - rate;
        if (stream.uniform() <= std::exp(-off * off / 2) && v > a) return v;
    }
}

/// beta (the constant last) and sigma.
struct Estimate {
    Eigen::VectorXd beta;
    double sigma = 0;
};

class Regression {
  public:
    explicit Regression(const TwoStageData& data) : data_(data) {
        settings_.model = limited::Model::truncated;
        settings_.lower = 1;
    }

    /// Throws Error(data) where there is no maximum, or a regressor has to go.
    [[nodiscard]] Estimate fit(const std::vector<Eigen::Index>& rows, const Eigen::VectorXd& y) const {
        panel::Design design;
        design.y_name = "delta";
        design.formula = "delta";
        design.x_name = data_.names;
        design.y = y;
        design.X.resize(y.size(), data_.Z.cols());
        for (std::size_t i = 0; i < rows.size(); ++i)
            design.X.row(static_cast<Eigen::Index>(i)) = data_.Z.row(rows[i]);
        design.row.assign(rows.begin(), rows.end());
        design.n_read = y.size();
        const limited::Fit fit = limited::fit(design, settings_);
        if (!fit.omitted.empty())
            throw Error(Fault::data, fit.omitted.front().name + ": " + fit.omitted.front().reason +
                                         "; leave this environmental variable out");
        Estimate estimate{Eigen::VectorXd(data_.Z.cols() + 1), fit.sigma.estimate};
        for (Eigen::Index j = 0; j < estimate.beta.size(); ++j)
            estimate.beta[j] = fit.terms[static_cast<std::size_t>(j)].estimate;
        return estimate;
    }

    [[nodiscard]] double mean(const Estimate& estimate, Eigen::Index row) const {
        return data_.Z.row(row).dot(estimate.beta.head(data_.Z.cols())) + estimate.beta[data_.Z.cols()];
    }

    /// delta* of some rows.
    [[nodiscard]] Eigen::VectorXd draw(const Estimate& estimate, const std::vector<Eigen::Index>& rows,
                                       rng::Stream& stream) const {
        Eigen::VectorXd y(static_cast<Eigen::Index>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double mu = mean(estimate, rows[i]);
            y[static_cast<Eigen::Index>(i)] =
                mu + estimate.sigma * normal_above((1 - mu) / estimate.sigma, stream);
        }
        return y;
    }

  private:
    const TwoStageData& data_;
    limited::Settings settings_;
};

class Analysis {
  public:
    Analysis(const TwoStageData& data, const TwoStageSettings& settings)
        : data_(data), s_(settings), regression_(data), n_(data.Z.rows()) {}

    TwoStage run() {
        score();
        std::vector<Eigen::Index> rows = beyond_one();
        result_.at_one = static_cast<std::int64_t>(known_.size() - rows.size());
        Estimate estimate = regression_.fit(rows, values(result_.delta, rows));
        if (s_.algorithm == 2) {
            correct(estimate);
            rows = known_;
            result_.at_one = 0;
            estimate = regression_.fit(rows, values(result_.corrected, rows));
        }
        result_.used = static_cast<std::int64_t>(rows.size());
        intervals(estimate, rows);
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
    [[nodiscard]] double delta_of(double score) const {
        return s_.orientation == Orientation::input ? 1 / score : score;
    }

    void score() {
        result_.status.assign(static_cast<std::size_t>(n_), Status::undefined);
        result_.delta.assign(static_cast<std::size_t>(n_), nan);
        result_.corrected.assign(static_cast<std::size_t>(n_), nan);
        Eigen::Index first = 0;
        for (const Quantities& q : data_.technologies) {
            std::vector<std::int32_t> self(static_cast<std::size_t>(q.units()));
            for (std::size_t j = 0; j < self.size(); ++j) self[j] = static_cast<std::int32_t>(j);
            const Scores scores = evaluate(q, q, self, radial());
            count(scores);
            for (Eigen::Index j = 0; j < q.units(); ++j) {
                const auto i = static_cast<std::size_t>(first + j);
                result_.status[i] = scores.status[static_cast<std::size_t>(j)];
                if (result_.status[i] != Status::optimal) continue;
                if (!(scores.score[j] > 0)) {
                    result_.status[i] = Status::undefined;
                    continue;
                }
                result_.delta[i] = delta_of(scores.score[j]);
            }
            first += q.units();
        }
        for (Eigen::Index i = 0; i < n_; ++i) {
            if (result_.status[static_cast<std::size_t>(i)] == Status::optimal) known_.push_back(i);
        }
    }

    void count(const Scores& scores) {
        result_.counters.programs += scores.counters.programs;
        result_.counters.pivots += scores.counters.pivots;
        result_.counters.fallbacks += scores.counters.fallbacks;
    }

    [[nodiscard]] std::vector<Eigen::Index> beyond_one() const {
        std::vector<Eigen::Index> rows;
        for (const Eigen::Index i : known_) {
            if (result_.delta[static_cast<std::size_t>(i)] > efficient) rows.push_back(i);
        }
        return rows;
    }

    [[nodiscard]] static Eigen::VectorXd values(const std::vector<double>& all,
                                                const std::vector<Eigen::Index>& rows) {
        Eigen::VectorXd some(static_cast<Eigen::Index>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i)
            some[static_cast<Eigen::Index>(i)] = all[static_cast<std::size_t>(rows[i])];
        return some;
    }

    /// The units of one technology with a score, by their delta* (of all known units) in a replicate.
    [[nodiscard]] Quantities pseudo(const Quantities& q, Eigen::Index first,
                                    const Eigen::VectorXd& star) const {
        std::vector<std::pair<Eigen::Index, double>> moved;  // column, delta* / delta
        for (std::size_t i = 0; i < known_.size(); ++i) {
            const Eigen::Index j = known_[i] - first;
            if (j < 0 || j >= q.units()) continue;
            moved.emplace_back(
                j, star[static_cast<Eigen::Index>(i)] / result_.delta[static_cast<std::size_t>(known_[i])]);
        }
        const auto columns = static_cast<Eigen::Index>(moved.size());
        Quantities points{Eigen::MatrixXd(q.X.rows(), columns), Eigen::MatrixXd(q.Y.rows(), columns),
                          Eigen::MatrixXd(q.B.rows(), columns), Eigen::MatrixXd()};
        const bool inwards = s_.orientation == Orientation::input;
        for (Eigen::Index k = 0; k < columns; ++k) {
            const auto [j, ratio] = moved[static_cast<std::size_t>(k)];
            points.X.col(k) = q.X.col(j) * (inwards ? ratio : 1);
            points.Y.col(k) = q.Y.col(j) * (inwards ? 1 : 1 / ratio);
            points.B.col(k) = q.B.col(j);
        }
        return points;
    }

    /// Step 3 of algorithm 2: the bias of each score.
    void correct(const Estimate& estimate) {
        const auto L = static_cast<std::size_t>(s_.replicates_bias);
        Eigen::MatrixXd delta = Eigen::MatrixXd::Constant(n_, static_cast<Eigen::Index>(L), nan);
        std::vector<Counters> work(L);
        tbb::parallel_for(std::size_t{0}, L, [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_two_stage, b, phase_bias);
            const Eigen::VectorXd star = regression_.draw(estimate, known_, stream);
            Eigen::Index first = 0;
            for (const Quantities& q : data_.technologies) {
                const Quantities points = pseudo(q, first, star);
                const std::vector<std::int32_t> outside(static_cast<std::size_t>(q.units()), -1);
                const Scores scores = evaluate(q, points, outside, radial());
                for (Eigen::Index j = 0; j < q.units(); ++j) {
                    if (scores.status[static_cast<std::size_t>(j)] == Status::optimal)
                        delta(first + j, static_cast<Eigen::Index>(b)) = delta_of(scores.score[j]);
                }
                work[b].programs += scores.counters.programs;
                work[b].pivots += scores.counters.pivots;
                work[b].fallbacks += scores.counters.fallbacks;
                first += q.units();
            }
        });
        for (const Counters& one : work) {
            result_.counters.programs += one.programs;
            result_.counters.pivots += one.pivots;
            result_.counters.fallbacks += one.fallbacks;
        }
        std::vector<Eigen::Index> still;
        for (const Eigen::Index i : known_) {
            double sum = 0;
            for (Eigen::Index b = 0; b < delta.cols(); ++b) sum += delta(i, b);
            const auto at = static_cast<std::size_t>(i);
            result_.corrected[at] = 2 * result_.delta[at] - sum / static_cast<double>(L);
            if (std::isnan(sum))
                result_.status[at] = Status::infeasible;
            else
                still.push_back(i);
        }
        known_ = std::move(still);
    }

    void intervals(const Estimate& estimate, const std::vector<Eigen::Index>& rows) {
        const Eigen::Index k = data_.Z.cols() + 2;
        const auto L = static_cast<std::size_t>(s_.replicates);
        result_.draw = Eigen::MatrixXd::Constant(k, static_cast<Eigen::Index>(L), nan);
        tbb::parallel_for(std::size_t{0}, L, [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_two_stage, b, phase_interval);
            const Eigen::VectorXd y = regression_.draw(estimate, rows, stream);
            try {
                const Estimate star = regression_.fit(rows, y);
                result_.draw.col(static_cast<Eigen::Index>(b)) << star.beta, star.sigma;
            } catch (const Error& error) {  // no maximum: an answer, counted below
                if (error.fault() != Fault::data) throw;
            }
        });
        std::vector<std::string> names = data_.names;
        names.insert(names.end(), {"_cons", "sigma"});
        for (Eigen::Index j = 0; j < k; ++j) {
            const double value = j + 1 < k ? estimate.beta[j] : estimate.sigma;
            result_.terms.push_back(term(names[static_cast<std::size_t>(j)], value, j));
        }
        for (Eigen::Index b = 0; b < result_.draw.cols(); ++b)
            result_.without += std::isnan(result_.draw(0, b));
    }

    [[nodiscard]] TwoStageTerm term(const std::string& name, double value, Eigen::Index j) const {
        std::vector<double> draws;
        double mean = 0, squares = 0;
        for (Eigen::Index b = 0; b < result_.draw.cols(); ++b) {
            const double d = result_.draw(j, b);
            if (std::isnan(d)) continue;
            draws.push_back(d);
            const double off = d - mean;
            mean += off / static_cast<double>(draws.size());
            squares += off * (d - mean);
        }
        const auto count = static_cast<double>(draws.size());
        const double tail = 50 * (1 - s_.confidence);
        const double low = stats::percentile_type7(draws, tail),
                     high = stats::percentile_type7(draws, 100 - tail);
        return {name,
                value,
                count > 1 ? std::sqrt(squares / (count - 1)) : nan,
                low,
                high,
                2 * value - high,
                2 * value - low};
    }

    const TwoStageData& data_;
    const TwoStageSettings& s_;
    Regression regression_;
    Eigen::Index n_;
    std::vector<Eigen::Index> known_;  ///< units with a score
    TwoStage result_;
};

}  // namespace

TwoStage two_stage(const TwoStageData& data, const TwoStageSettings& settings) {
    return Analysis(data, settings).run();
}

}  // namespace greenfront::dea
