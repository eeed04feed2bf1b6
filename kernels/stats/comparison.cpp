#include "kernels/stats/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/stats/percentile.hpp"

namespace greenfront::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Positions of the values that are not NaN, largest first, equal ones in their order.
std::vector<std::size_t> falling(const std::vector<double>& value) {
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < value.size(); ++s) {
        if (!std::isnan(value[s])) order.push_back(s);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return value[a] > value[b]; });
    return order;
}

std::vector<double> known_sorted(const Eigen::VectorXd& sample) {
    std::vector<double> values;
    for (const double x : sample) {
        if (!std::isnan(x)) values.push_back(x);
    }
    std::sort(values.begin(), values.end());
    return values;
}

}  // namespace

std::vector<std::int64_t> ranks(const std::vector<double>& value) {
    const auto order = falling(value);
    std::vector<std::int64_t> rank(value.size(), static_cast<std::int64_t>(order.size()) + 1);
    for (std::size_t place = 0; place < order.size(); ++place) {
        const bool tie = place > 0 && value[order[place]] == value[order[place - 1]];
        rank[order[place]] = tie ? rank[order[place - 1]] : static_cast<std::int64_t>(place) + 1;
    }
    return rank;
}

RankStability rank_stability(const Eigen::MatrixXd& all) {
    std::vector<Eigen::Index> known;  // options with some effect
    for (Eigen::Index s = 0; s < all.rows(); ++s) {
        if (!all.row(s).array().isNaN().all()) known.push_back(s);
    }
    if (known.size() < static_cast<std::size_t>(all.rows())) {
        Eigen::MatrixXd part_draw(static_cast<Eigen::Index>(known.size()), all.cols());
        for (std::size_t k = 0; k < known.size(); ++k)
            part_draw.row(static_cast<Eigen::Index>(k)) = all.row(known[k]);
        const RankStability part = known.empty() ? RankStability{} : rank_stability(part_draw);
        const auto blank = Eigen::VectorXd::Constant(all.rows(), nan);
        RankStability spread{blank, blank, blank, part.used};
        for (std::size_t k = 0; k < known.size(); ++k) {
            const auto from = static_cast<Eigen::Index>(k);
            spread.best[known[k]] = part.best[from];
            spread.mean[known[k]] = part.mean[from];
            spread.sd[known[k]] = part.sd[from];
        }
        return spread;
    }
    const Eigen::MatrixXd& draw = all;
    const Eigen::Index S = draw.rows();
    RankStability result{Eigen::VectorXd::Zero(S), Eigen::VectorXd::Zero(S), Eigen::VectorXd::Zero(S), 0};
    std::vector<double> column(static_cast<std::size_t>(S));
    for (Eigen::Index b = 0; b < draw.cols(); ++b) {
        Eigen::Map<Eigen::VectorXd>(column.data(), S) = draw.col(b);
        const auto order = falling(column);
        if (order.size() != column.size()) continue;
        ++result.used;
        for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
            while (last < order.size() && column[order[last]] == column[order[first]]) ++last;
            const double place = static_cast<double>(first + 1 + last) / 2;
            for (std::size_t k = first; k < last; ++k) {
                const auto s = static_cast<Eigen::Index>(order[k]);
                if (first == 0) result.best[s] += 1.0 / static_cast<double>(last);
                result.mean[s] += place;
                result.sd[s] += place * place;  // places are multiples of 1/2, their squares are exact
            }
        }
    }
    const auto used = static_cast<double>(result.used);
    if (result.used == 0) {
        result.best.setConstant(nan);
        result.mean.setConstant(nan);
        result.sd.setConstant(nan);
        return result;
    }
    result.best /= used;
    result.mean /= used;
    result.sd = (result.sd.array() / used - result.mean.array().square()).max(0).sqrt();
    return result;
}

PairedDifference paired_difference(const Eigen::VectorXd& a, const Eigen::VectorXd& b, double confidence) {
    std::vector<double> difference;
    double wins = 0, sum = 0;
    for (Eigen::Index r = 0; r < a.size(); ++r) {
        if (std::isnan(a[r]) || std::isnan(b[r])) continue;
        const double value = a[r] - b[r];
        difference.push_back(value);
        sum += value;
        wins += value > 0 ? 1 : value == 0 ? 0.5 : 0;
    }
    if (difference.empty()) return {nan, nan, nan, nan, 0};
    const auto used = static_cast<double>(difference.size());
    const double tail = 50 * (1 - confidence);
    return {sum / used, percentile_stata(difference, tail), percentile_stata(difference, 100 - tail),
            wins / used, static_cast<std::int64_t>(difference.size())};
}

Dominance dominance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    const auto x = known_sorted(a), y = known_sorted(b);
    if (x.empty() || y.empty()) return Dominance::none;
    const auto nx = static_cast<double>(x.size()), ny = static_cast<double>(y.size());
    const double range = std::max(x.back(), y.back()) - std::min(x.front(), y.front());
    // Between two neighbouring values of either sample both distribution functions are constant.
    bool first = true, first_strict = false, second = true, second_strict = false;
    double area = 0, before = std::min(x.front(), y.front());  // area: integral of F_b - F_a so far
    std::size_t i = 0, j = 0;
    while (i < x.size() || j < y.size()) {
        const double at = j == y.size() || (i < x.size() && x[i] <= y[j]) ? x[i] : y[j];
        area += (static_cast<double>(j) / ny - static_cast<double>(i) / nx) * (at - before);
        second = second && area >= -1e-12 * range;
        second_strict = second_strict || area > 1e-12 * range;
        while (i < x.size() && x[i] == at) ++i;
        while (j < y.size() && y[j] == at) ++j;
        // i / nx against j / ny in whole numbers
        const auto left = i * y.size(), right = j * x.size();
        first = first && left <= right;
        first_strict = first_strict || left < right;
        before = at;
    }
    if (first && first_strict) return Dominance::first;
    return second && second_strict ? Dominance::second : Dominance::none;
}

std::vector<char> pareto_set(const std::vector<double>& effect, const std::vector<double>& cost) {
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < effect.size(); ++s) {
        if (!std::isnan(effect[s]) && !std::isnan(cost[s])) order.push_back(s);
    }
    // Cheapest first, of equal cost the most effective first: one is beaten by what stands before it alone.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return cost[a] != cost[b] ? cost[a] < cost[b] : effect[a] > effect[b];
    });
    std::vector<char> in(effect.size(), 0);
    double best = -std::numeric_limits<double>::infinity(), best_cost = 0;
    for (const std::size_t s : order) {
        const bool equal = effect[s] == best && cost[s] == best_cost;
        if (effect[s] > best || equal) in[s] = 1;
        if (effect[s] > best) best = effect[s], best_cost = cost[s];
    }
    return in;
}

}  // namespace greenfront::stats
