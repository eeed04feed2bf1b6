#include "kernels/dea/separability.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/radial_sample.hpp"
#include "kernels/dea/subsampling.hpp"
#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::dea {
namespace {

using Columns = std::vector<std::int32_t>;

struct Work {
    Counters counters;
    Certificate certificate;
    void add(const Scores& scores) {
        dea::add(counters, scores.counters);
        worst(certificate, scores.certificate);
    }
};

/// Exchanges place i with i + below(n - i).
void shuffle(Columns& columns, rng::Stream& stream) {
    for (std::size_t i = 0; i + 1 < columns.size(); ++i)
        std::swap(columns[i], columns[i + stream.below(columns.size() - i)]);
}

Columns head(const Columns& columns, std::size_t n) {
    return {columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(n)};
}
Columns tail(const Columns& columns, std::size_t n) {
    return {columns.begin() + static_cast<std::ptrdiff_t>(n), columns.end()};
}

/// Means and what they are made of, of one split.
struct Split {
    double statistic = 0, mean = 0, mean_local = 0, bias = 0, bias_local = 0;
};

class Test {
  public:
    Test(const Quantities& units, const Eigen::MatrixXd& Z, const SeparabilitySettings& settings)
        : s_(settings) {
        const Scores scores = evaluate(units, units, themselves(units.units()), s_.programs);
        work_.add(scores);
        Columns known;
        for (Eigen::Index i = 0; i < units.units(); ++i) {
            if (scores.status[static_cast<std::size_t>(i)] == Status::optimal && scores.score[i] > 0)
                known.push_back(static_cast<std::int32_t>(i));
        }
        if (known.size() < 4)
            throw Error(Fault::data, fmt::format("{} units with a score are too few to split", known.size()));
        units_ = pick(units, known);
        Z_ = Z(known, Eigen::all);
        n_ = known.size();
        n1_ = n_ / 2;
        const auto variables = units_.X.rows() + units_.Y.rows() + units_.B.rows();
        kappa_ = known_rate(s_.programs.model, s_.programs.returns, variables);
        windows(variables);
        counts();
    }

    Separability run() {
        const auto S = static_cast<std::size_t>(s_.splits);
        std::vector<Split> splits;
        Separability result;
        for (std::size_t s = 0; s < S; ++s) splits.push_back(split(s));
        for (const Split& one : splits) {
            result.split_statistic.push_back(one.statistic);
            result.split_p_value.push_back(stats::normal_cdf(-one.statistic));
            result.mean += one.mean / static_cast<double>(S);
            result.mean_local += one.mean_local / static_cast<double>(S);
            result.bias += one.bias / static_cast<double>(S);
            result.bias_local += one.bias_local / static_cast<double>(S);
        }
        std::vector<double> ordered = result.split_statistic;
        std::sort(ordered.rbegin(), ordered.rend());  // p values rise as statistics fall
        result.statistic = ordered[(S + 1) / 2 - 1];
        const double p = stats::normal_cdf(-result.statistic);
        result.p_value = S == 1 ? p : std::min(1.0, 2 * p);
        result.bandwidth = H_;
        result.window = share_ * static_cast<double>(n_ - n1_);
        result.units = static_cast<std::int64_t>(n_);
        result.counted = static_cast<std::int64_t>(c1_);
        result.counted_local = static_cast<std::int64_t>(c2_);
        result.counters = work_.counters;
        result.certificate = work_.certificate;
        return result;
    }

  private:
    /// h and the mean share of units in a window.
    void windows(Eigen::Index variables) {
        const auto r = static_cast<double>(Z_.cols()), n2 = static_cast<double>(n_ - n1_);
        H_ = s_.bandwidth > 0 ? s_.bandwidth
                              : 1.7401 * std::pow(4 / (r + 2), 1 / (r + 4)) * std::pow(n2, -1 / (r + 4));
        h_.resize(Z_.cols());
        for (Eigen::Index k = 0; k < Z_.cols(); ++k) {
            const double sd = deviation({Z_.col(k).data(), Z_.col(k).data() + Z_.rows()}, 1);
            if (!(sd > 0))
                throw Error(
                    Fault::data,
                    fmt::format("environmental variable number {} is the same for all units; leave it out",
                                k + 1));
            h_[k] = H_ * sd;
        }
        std::int64_t pairs = 0;
        const Columns all = themselves(static_cast<Eigen::Index>(n_));
        for (const std::int32_t i : all) pairs += static_cast<std::int64_t>(window(all, i).size());
        share_ = static_cast<double>(pairs) / (static_cast<double>(n_) * static_cast<double>(n_));
        if (share_ * n2 < static_cast<double>(variables) + 2)
            throw Error(
                Fault::data,
                fmt::format("a window of the environment holds {:.1f} of {} units on average, too few "
                            "for {} inputs and outputs; use fewer environmental variables or a larger "
                            "bandwidth",
                            share_ * n2, n_ - n1_, variables));
    }

    void counts() {
        c1_ = n1_;
        const double near = share_ * static_cast<double>(n_ - n1_);
        c2_ = static_cast<std::size_t>(near);
        const double enough = s_.programs.model == Model::fdh ? 1.0 / 3 : 0.4;
        if (kappa_ >= enough - 1e-12) return;
        c1_ = static_cast<std::size_t>(std::pow(static_cast<double>(n1_), 2 * kappa_));
        c2_ = static_cast<std::size_t>(std::pow(near, 2 * kappa_));
        if (c1_ < 2 || c2_ < 2)
            throw Error(Fault::data, "too few units for so many inputs and outputs; leave some out");
    }

    /// Those of `columns` in the window of unit i.
    [[nodiscard]] Columns window(const Columns& columns, std::int32_t i) const {
        Columns near;
        for (const std::int32_t j : columns) {
            if (((Z_.row(j) - Z_.row(i)).array().abs() <= h_.transpose().array()).all()) near.push_back(j);
        }
        return near;
    }

    [[nodiscard]] std::vector<double> marginal(const Columns& columns, Work& work) const {
        const Quantities some = pick(units_, columns);
        const Scores scores = evaluate(some, some, themselves(some.units()), s_.programs);
        work.add(scores);
        return checked({scores.score.data(), scores.score.data() + scores.score.size()});
    }

    [[nodiscard]] std::vector<double> local(const Columns& columns, Work& work) const {
        std::vector<double> all;
        for (const std::int32_t i : columns) {
            const Columns near = window(columns, i);
            const std::int32_t self =
                static_cast<std::int32_t>(std::find(near.begin(), near.end(), i) - near.begin());
            const Columns one{i};
            const Columns place{self};
            const Scores scores = evaluate(pick(units_, one), pick(units_, near), place, s_.programs);
            work.add(scores);
            all.push_back(scores.score[0]);
        }
        return checked(std::move(all));
    }

    /// Every unit is in its own reference set, so that only a program that is not certified has no score.
    static std::vector<double> checked(std::vector<double> scores) {
        for (const double s : scores) {
            if (std::isnan(s))
                throw Error(Fault::data,
                            "a program has no certified score; the data may span too many orders "
                            "of magnitude");
        }
        return scores;
    }

    Split split(std::size_t number) {
        const auto K = static_cast<std::size_t>(s_.halvings);
        rng::Stream stream(s_.seed, rng::stage_separability, number * (K + 1), s_.item);
        Columns all = themselves(static_cast<Eigen::Index>(n_));
        shuffle(all, stream);
        const Columns first = head(all, n1_), second = tail(all, n1_);
        const auto own = marginal(first, work_), own_local = local(second, work_);
        Split result;
        biases(number, first, second, mean_of(own), mean_of(own_local), result);
        const auto mean_first = [](const std::vector<double>& values, std::size_t n) {
            return mean_of({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n)});
        };
        result.mean = mean_first(own, c1_) - result.bias;
        result.mean_local = mean_first(own_local, c2_) - result.bias_local;
        const double v1 = deviation(own, 1), v2 = deviation(own_local, 1);
        const double error =
            std::sqrt(v1 * v1 / static_cast<double>(c1_) + v2 * v2 / static_cast<double>(c2_));
        if (!(error > 0))
            throw Error(Fault::data, "every unit has the same score; a test has nothing to say");
        const double sign = s_.programs.orientation == Orientation::output ? 1 : -1;
        result.statistic = sign * (result.mean - result.mean_local) / error;
        return result;
    }

    /// The generalised jackknife.
    void biases(std::size_t number, const Columns& first, const Columns& second, double mean,
                double mean_local, Split& result) {
        const auto K = static_cast<std::size_t>(s_.halvings);
        std::vector<double> half(K), half_local(K);
        std::vector<Work> work(K);
        tbb::parallel_for(std::size_t{0}, K, [&](std::size_t k) {
            rng::Stream stream(s_.seed, rng::stage_separability, number * (K + 1) + k + 1, s_.item);
            Columns a = first, b = second;
            shuffle(a, stream);
            shuffle(b, stream);
            half[k] = (mean_of(marginal(head(a, a.size() / 2), work[k])) +
                       mean_of(marginal(tail(a, a.size() / 2), work[k]))) /
                      2;
            half_local[k] = (mean_of(local(head(b, b.size() / 2), work[k])) +
                             mean_of(local(tail(b, b.size() / 2), work[k]))) /
                            2;
        });
        for (const Work& one : work) {
            add(work_.counters, one.counters);
            worst(work_.certificate, one.certificate);
        }
        const double factor = std::pow(2, kappa_) - 1;
        result.bias = (mean_of(half) - mean) / factor;
        result.bias_local = (mean_of(half_local) - mean_local) / factor;
    }

    SeparabilitySettings s_;
    Quantities units_;
    Eigen::MatrixXd Z_;
    Eigen::VectorXd h_;
    std::size_t n_ = 0, n1_ = 0, c1_ = 0, c2_ = 0;
    double kappa_ = 0, H_ = 0, share_ = 0;
    Work work_;
};

}  // namespace

Separability separability_test(const Quantities& units, const Eigen::MatrixXd& Z,
                               const SeparabilitySettings& settings) {
    return Test(units, Z, settings).run();
}

}  // namespace greenfront::dea
