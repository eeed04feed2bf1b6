#include "kernels/dea/two_stage.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/rays.hpp"
#include "kernels/error.hpp"
#include "kernels/limited/limited.hpp"
#include "kernels/limited/refit.hpp"
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

using Estimate = limited::TruncatedRefit::Estimate;

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
            const Scores scores = evaluate(q, q, themselves(q.units()), radial());
            add(result_.counters, scores.counters);
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

    /// The known units of one technology: their place in known_, and their quantities.
    struct Known {
        std::vector<std::size_t> place;
        Quantities units;
    };
    [[nodiscard]] std::vector<Known> known_by_technology() const {
        std::vector<Known> all;
        Eigen::Index first = 0;
        for (const Quantities& q : data_.technologies) {
            Known some;
            std::vector<std::int32_t> columns;
            for (std::size_t i = 0; i < known_.size(); ++i) {
                const Eigen::Index j = known_[i] - first;
                if (j < 0 || j >= q.units()) continue;
                some.place.push_back(i);
                columns.push_back(static_cast<std::int32_t>(j));
            }
            some.units = pick(q, columns);
            if (!columns.empty()) all.push_back(std::move(some));
            first += q.units();
        }
        return all;
    }

    /// delta^* of the known units in a replicate, whose delta* are `star`; NaN without an optimum.
    void score_replicate(const std::vector<Known>& technologies, const Eigen::VectorXd& star,
                         Eigen::Ref<Eigen::VectorXd> delta, Counters& work) const {
        for (const Known& some : technologies) {
            std::vector<double> ratio;
            for (const std::size_t i : some.place)
                ratio.push_back(star[static_cast<Eigen::Index>(i)] /
                                result_.delta[static_cast<std::size_t>(known_[i])]);
            const RadialScores scores = score_on_rays(some.units, ratio, radial());
            for (std::size_t k = 0; k < some.place.size(); ++k) {
                if (scores.status[k] == Status::optimal)
                    delta[known_[some.place[k]]] = delta_of(scores.score[static_cast<Eigen::Index>(k)]);
            }
            add(work, scores.counters);
        }
    }

    /// Step 3 of algorithm 2: the bias of each score.
    void correct(const Estimate& estimate) {
        const auto L = static_cast<std::size_t>(s_.replicates_bias);
        Eigen::MatrixXd delta = Eigen::MatrixXd::Constant(n_, static_cast<Eigen::Index>(L), nan);
        std::vector<Counters> work(L);
        const std::vector<Known> technologies = known_by_technology();
        tbb::parallel_for(std::size_t{0}, L, [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_two_stage, b, phase_bias);
            const Eigen::VectorXd star = regression_.draw(estimate, known_, stream);
            score_replicate(technologies, star, delta.col(static_cast<Eigen::Index>(b)), work[b]);
        });
        for (const Counters& one : work) add(result_.counters, one);
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
        const limited::TruncatedRefit refit(data_.Z(rows, Eigen::all), data_.names, 1);
        tbb::parallel_for(std::size_t{0}, L, [&](std::size_t b) {
            rng::Stream stream(s_.seed, rng::stage_two_stage, b, phase_interval);
            const Eigen::VectorXd y = regression_.draw(estimate, rows, stream);
            try {
                const Estimate star = refit.fit(y, estimate);
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
