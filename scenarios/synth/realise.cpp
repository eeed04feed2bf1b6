#include "scenarios/synth/realise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/index/entropy.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::synth {
namespace {

VectorXd entropy_weights(const MatrixXd& values) {
    const auto k = static_cast<std::size_t>(values.cols());
    return index::fit_entropy(values, std::vector<bool>(k, false), 0, std::vector<std::string>(k)).weight;
}

void to_unit_interval(Eigen::Ref<VectorXd> v) {
    const double low = v.minCoeff(), high = v.maxCoeff();
    v = (v.array() - low) / (high - low);
}

/// What preparation will do to the indicators, and the standardisation of the index.
void settle(Draft& draft, bool whole_numbers) {
    MatrixXd& p = draft.indicator;
    fill_holes(draft, hole_wage, p.col(wage));
    fill_holes(draft, hole_library, p.col(library_books));
    fill_holes(draft, hole_postal, p.col(postal));
    fill_holes(draft, hole_telecom, p.col(telecom));
    for (Index j = 0; j < p.cols(); ++j) to_unit_interval(p.col(j));
    if (whole_numbers) {
        p.col(ai_enterprises) =
            (p.col(ai_enterprises) * most_ai_enterprises).array().round() / most_ai_enterprises;
    }
}

/// Indicators that scores of the cities' quality drive; the others have levels of their own.
bool driven(std::size_t j) {
    return j != green_cover && j != waste_treatment && j != so2_intensity && j != digital_finance;
}

/// 1 - entropy of each indicator, which its weight is proportional to.
VectorXd divergences(const MatrixXd& p) {
    const VectorXd sum = p.colwise().sum();
    VectorXd d = VectorXd::Ones(p.cols());
    for (Index j = 0; j < p.cols(); ++j) {
        double plogp = 0;
        for (const double v : p.col(j)) plogp += v > 0 ? v / sum(j) * std::log(v / sum(j)) : 0;
        d(j) += plogp / std::log(static_cast<double>(p.rows()));
    }
    return d;
}

/// Powers of the indicators that bring their weights back: divergence goes about with the square of the
/// power.
void restore_weights(Draft& draft, const VectorXd& aim) {
    const VectorXd now = divergences(draft.indicator);
    for (std::size_t j = 0; j < n_indicators; ++j) {
        const auto k = static_cast<Index>(j);
        if (!driven(j)) continue;
        const double power = std::clamp(std::pow(aim(k) / now(k), 0.35), 0.8, 1.25);
        draft.indicator.col(k) = draft.indicator.col(k).array().pow(power);
    }
}

/// Whether the row's value of indicator j may be moved to close the sum.
bool movable(const Draft& draft, Index row, std::size_t j, bool whole_numbers) {
    if (!driven(j) || (j == ai_enterprises && whole_numbers)) return false;
    const auto& hole = draft.hole[static_cast<std::size_t>(row)];
    if ((j == wage && hole[hole_wage]) || (j == library_books && hole[hole_library]) ||
        (j == postal && hole[hole_postal]) || (j == telecom && hole[hole_telecom])) {
        return false;
    }
    const double p = draft.indicator(row, static_cast<Index>(j));
    return p > 0 && p < 1;  // the worst and the best value of the panel define the scale
}

/// Moves one row's dimension to its value; returns the relative error that was left before.
double close_row(Draft& draft, Index row, int d, double aim, const VectorXd& weight, bool whole_numbers) {
    double sum = 0, total = 0, movable_sum = 0;
    for (std::size_t j = 0; j < n_indicators; ++j) {
        if (dimension_of[j] != d) continue;
        const double w = weight(static_cast<Index>(j)),
                     part = w * draft.indicator(row, static_cast<Index>(j));
        total += w;
        sum += part;
        if (movable(draft, row, j, whole_numbers)) movable_sum += part;
    }
    const double missing = aim * total - sum, factor = 1 + missing / movable_sum;
    for (std::size_t j = 0; j < n_indicators; ++j) {
        if (dimension_of[j] != d || !movable(draft, row, j, whole_numbers)) continue;
        double& p = draft.indicator(row, static_cast<Index>(j));
        p = std::clamp(p * factor, 1e-9, 1 - 1e-9);
    }
    return std::abs(missing / (aim * total));
}

}  // namespace

VectorXd indicator_divergence(const Draft& draft) {
    return divergences(draft.indicator);
}

SubIndices sub_indices(const Draft& draft) {
    const VectorXd weight = entropy_weights(draft.indicator);
    const MatrixXd none = MatrixXd::Zero(draft.rows(), 3);
    SubIndices result{none, none, Eigen::Vector3d::Zero()};
    for (std::size_t j = 0; j < n_indicators; ++j) {
        const int d = dimension_of[j];
        const VectorXd share = weight(static_cast<Index>(j)) * draft.indicator.col(static_cast<Index>(j));
        result.value.col(d) += share;
        for (Index r = 0; r < share.size(); ++r) {
            if (!movable(draft, r, j, true)) result.fixed(r, d) += share(r);
        }
        result.part(d) += weight(static_cast<Index>(j));
    }
    for (int d = 0; d < 3; ++d) {
        result.value.col(d) /= result.part(d);
        result.fixed.col(d) /= result.part(d);
    }
    return result;
}

Eigen::Vector3d realise_indices(Draft& draft, MatrixXd& sub_index, const VectorXd& divergence) {
    constexpr int rounds = 400, rounds_of_weights = 40, rounds_before_whole_numbers = 80;
    double worst = 0, before = 0;
    for (int round = 0; round < rounds; ++round) {
        const bool whole_numbers = round >= rounds_before_whole_numbers;
        if (round < rounds_of_weights && divergence.size() > 0) restore_weights(draft, divergence);
        settle(draft, whole_numbers);
        const VectorXd weight = entropy_weights(draft.indicator);
        before = worst;
        worst = 0;
        for (Index r = 0; r < draft.rows(); ++r) {
            for (int d = 0; d < 3; ++d) {
                worst = std::max(worst, close_row(draft, r, d, sub_index(r, d), weight, whole_numbers));
            }
        }
        if (round > rounds_before_whole_numbers && (worst < 1e-12 || std::abs(worst - before) < 1e-13)) break;
    }
    settle(draft, true);
    const SubIndices made = sub_indices(draft);
    sub_index = made.value;
    return made.part;
}

VectorXd median_factors(const VectorXd& nqp, Index periods, int once_low, int once_high) {
    constexpr std::size_t reach = 150;  // rows on each side of the median
    constexpr double margin = 2e-5;
    VectorXd moved = nqp;
    const Index n = nqp.size();
    for (int round = 0; round < 1000; ++round) {
        const double median = stats::percentile_stata({moved.begin(), moved.end()}, 50);
        std::vector<Index> low_years(static_cast<std::size_t>(n / periods), 0);
        std::vector<std::pair<double, Index>> below, above;
        for (Index r = 0; r < n; ++r) {
            const double gap = moved(r) - median;
            (gap <= 0 ? below : above).emplace_back(std::abs(gap), r);
            if (gap <= 0) ++low_years[static_cast<std::size_t>(r / periods)];
        }
        const auto count = [&](Index years) {
            return static_cast<int>(std::count(low_years.begin(), low_years.end(), years));
        };
        const int excess_low = count(1) - once_low, excess_high = count(periods - 1) - once_high;
        if (excess_low == 0 && excess_high == 0) return moved.cwiseQuotient(nqp);
        std::sort(below.begin(), below.end());
        std::sort(above.begin(), above.end());
        below.resize(std::min(below.size(), reach));
        above.resize(std::min(above.size(), reach));
        // A pair keeps the halves equal: one row goes up, one of another city comes down.
        double best = 1e300;
        Index up = -1, down = -1;
        for (const auto& [rise, a] : below) {
            for (const auto& [fall, b] : above) {
                if (a / periods == b / periods) continue;
                const Index ya = low_years[static_cast<std::size_t>(a / periods)],
                            yb = low_years[static_cast<std::size_t>(b / periods)];
                const auto is = [](Index years, Index what) { return years == what ? 1 : 0; };
                const int low = excess_low + is(ya - 1, 1) - is(ya, 1) + is(yb + 1, 1) - is(yb, 1);
                const int high = excess_high + is(ya - 1, periods - 1) - is(ya, periods - 1) +
                                 is(yb + 1, periods - 1) - is(yb, periods - 1);
                const int gain =
                    std::abs(excess_low) + std::abs(excess_high) - std::abs(low) - std::abs(high);
                if (gain > 0 && (rise + fall) / gain < best) {
                    best = (rise + fall) / gain;
                    up = a;
                    down = b;
                }
            }
        }
        if (up < 0) break;
        moved(up) = median + margin;
        moved(down) = median - margin;
    }
    // Cannot happen in the published shape, where pairs on the two sides of the median abound.
    throw std::logic_error("synth: no pair of rows next to the median makes the two halves of the study");
}

namespace {

/// Moves the row's digital index by `gap` through telecommunications volume, and through internet users where
/// that comes to an end of its scale.
void close_digital(MatrixXd& values, Index r, double gap, const VectorXd& weight) {
    for (const Index k : {Index{2}, Index{0}}) {
        const double before = values(r, k);
        if (before <= 0 || before >= 1) continue;  // defines the scale
        values(r, k) = std::clamp(before + gap / weight(k), 1e-6, 1 - 1e-6);
        gap -= weight(k) * (values(r, k) - before);
    }
}

}  // namespace

void realise_digital(Draft& draft) {
    constexpr double margin = 0.002;
    MatrixXd values(draft.rows(), 3);
    values << draft.internet, draft.indicator.col(mobile_subscribers), draft.telecom_volume;
    double threshold = 0;
    for (int round = 0; round < 200; ++round) {
        fill_holes(draft, hole_internet, values.col(0));
        to_unit_interval(values.col(0));
        to_unit_interval(values.col(2));
        const VectorXd weight = entropy_weights(values);
        const VectorXd score = values * weight;
        if (round == 0) threshold = stats::percentile_stata({score.begin(), score.end()}, 50);
        bool moved = false;
        for (Index r = 0; r < draft.rows(); ++r) {
            const bool high = r % draft.periods >= draft.city_of(r).low_digital_years;
            const double gap = high ? threshold + margin / 2 - score(r) : threshold - margin / 2 - score(r);
            if (high ? gap <= 0 : gap >= 0) continue;
            close_digital(values, r, gap + (high ? margin : -margin), weight);
            moved = true;
        }
        if (moved) continue;
        draft.internet = values.col(0);
        draft.telecom_volume = values.col(2);
        return;
    }
    draft.internet = values.col(0);
    draft.telecom_volume = values.col(2);
    draft.warnings.push_back(
        fmt::format("with seed {} the digital index does not take its design: the four types of city-years "
                    "have other sizes",
                    draft.settings.seed));
}

}  // namespace greenfront::synth
