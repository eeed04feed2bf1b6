#include "kernels/panel/staggered.hpp"

#include <algorithm>
#include <set>

#include "kernels/panel/dof.hpp"

namespace greenfront::panel {
namespace {

/// Rows of every unit in the order of time.
std::vector<std::vector<Eigen::Index>> histories(const Design& sample) {
    std::vector<std::vector<Eigen::Index>> rows(static_cast<std::size_t>(sample.unit.levels));
    for (std::size_t i = 0; i < sample.unit.code.size(); ++i)
        rows[static_cast<std::size_t>(sample.unit.code[i])].push_back(static_cast<Eigen::Index>(i));
    const auto time = [&](Eigen::Index row) {
        return sample.time[static_cast<std::size_t>(sample.period.code[static_cast<std::size_t>(row)])];
    };
    for (auto& unit : rows)
        std::stable_sort(unit.begin(), unit.end(), [&](auto a, auto b) { return time(a) < time(b); });
    return rows;
}

}  // namespace

bool two_way(const Design& sample) {
    if (sample.unit.levels < 2 || sample.period.levels < 2) return false;
    const auto within = [&](const Factor& role) {
        return std::any_of(sample.effects.begin(), sample.effects.end(), [&](const FixedEffect& effect) {
            return effect.intercept && is_nested(effect.factor, role);
        });
    };
    return within(sample.unit) && within(sample.period);
}

bool is_staggered(const Design& sample, Eigen::Index column) {
    const auto x = sample.X.col(column);
    if (!std::all_of(x.begin(), x.end(), [](double value) { return value == 0 || value == 1; })) return false;
    std::set<std::int64_t> starts;
    for (const auto& unit : histories(sample)) {
        for (std::size_t i = 1; i < unit.size(); ++i) {
            if (x[unit[i]] == x[unit[i - 1]]) continue;
            starts.insert(
                sample.time[static_cast<std::size_t>(sample.period.code[static_cast<std::size_t>(unit[i])])]);
        }
    }
    return starts.size() >= 2;
}

std::optional<PolicyWeights> policy_weights(const Design& sample, Eigen::Index column,
                                            const Eigen::VectorXd& residual, const Eigen::VectorXd& weight) {
    if (!is_staggered(sample, column)) return std::nullopt;
    PolicyWeights result;
    result.term = sample.x_name[static_cast<std::size_t>(column)];
    double total = 0, negative = 0;
    for (Eigen::Index i = 0; i < residual.size(); ++i) {
        if (sample.X(i, column) != 1) continue;
        const double w = weight.size() > 0 ? weight[i] * residual[i] : residual[i];
        ++result.treated;
        total += w;
        if (w < 0) {
            ++result.negative;
            negative += w;
        }
    }
    result.negative_sum = negative / total;
    return result;
}

}  // namespace greenfront::panel
