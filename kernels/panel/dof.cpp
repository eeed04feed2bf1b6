#include "kernels/panel/dof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/panel/graph.hpp"

namespace greenfront::panel {
namespace {

/// Levels in which the variable does not vary; without an intercept, in which it is zero.
std::int64_t idle_levels(const Factor& factor, const Eigen::Ref<const Eigen::VectorXd>& slope,
                         bool intercept) {
    const auto levels = static_cast<std::size_t>(factor.levels);
    std::vector<double> low(levels, std::numeric_limits<double>::infinity()),
        high(levels, -std::numeric_limits<double>::infinity());
    if (!intercept) std::fill(low.begin(), low.end(), 0.0), std::fill(high.begin(), high.end(), 0.0);
    for (std::size_t i = 0; i < factor.code.size(); ++i) {
        const auto level = static_cast<std::size_t>(factor.code[i]);
        const double value = slope[static_cast<Eigen::Index>(i)];
        low[level] = std::min(low[level], value);
        high[level] = std::max(high[level], value);
    }
    std::int64_t idle = 0;
    for (std::size_t l = 0; l < levels; ++l) {
        if (high[l] - low[l] <= 1e-10 * std::max(std::abs(high[l]), std::abs(low[l]))) ++idle;
    }
    return idle;
}

std::int64_t fixest_absorbed(const std::vector<FixedEffect>& effects, const Absorption& absorption,
                             bool constant) {
    if (effects.empty()) return constant ? 1 : 0;
    std::int64_t coefficients = 0, intercepts = 0, nested = 0, others = 0;
    std::size_t row = 0;
    for (const FixedEffect& effect : effects) {
        if (effect.intercept) {
            ++intercepts;
            if (absorption.table[row++].nested) {
                ++nested;
                ++coefficients;
            } else {
                ++others;
                coefficients += effect.factor.levels;
            }
        }
        const auto slopes = static_cast<std::int64_t>(effect.slope.cols());
        coefficients += slopes * effect.factor.levels;
        others += slopes;
        row += static_cast<std::size_t>(slopes);
    }
    if (nested > 0 && others == 0) return 1;
    return coefficients - std::max<std::int64_t>(intercepts - 1, 0);
}

}  // namespace

bool is_nested(const Factor& inner, const Factor& outer) {
    if (inner.code == outer.code) return true;
    std::vector<std::int32_t> parent(static_cast<std::size_t>(inner.levels), -1);
    for (std::size_t i = 0; i < inner.code.size(); ++i) {
        std::int32_t& p = parent[static_cast<std::size_t>(inner.code[i])];
        if (p >= 0 && p != outer.code[i]) return false;
        p = outer.code[i];
    }
    return true;
}

Absorption absorbed_degrees(const std::vector<FixedEffect>& effects, const std::vector<Factor>& clusters,
                            bool constant) {
    Absorption result;
    if (effects.empty()) {
        if (constant) result.table.push_back({"_cons", 1, 0, 1, false});
        result.absorbed = constant ? 1 : 0;
        return result;
    }
    std::vector<std::size_t> intercept_row(effects.size());
    for (std::size_t f = 0; f < effects.size(); ++f) {
        const FixedEffect& effect = effects[f];
        const std::int64_t levels = effect.factor.levels;
        if (effect.intercept) {
            intercept_row[f] = result.table.size();
            const bool nested = std::any_of(clusters.begin(), clusters.end(), [&](const Factor& cluster) {
                return is_nested(effect.factor, cluster);
            });
            result.table.push_back({effect.factor.name, levels, nested ? levels : 0, 0, nested});
            if (nested) {
                result.nested += levels;
                result.any_nested = true;
            }
        }
        for (Eigen::Index s = 0; s < effect.slope.cols(); ++s) {
            result.table.push_back(
                {effect.factor.name + "[" + effect.slope_name[static_cast<std::size_t>(s)] + "]", levels,
                 idle_levels(effect.factor, effect.slope.col(s), effect.intercept), 0, false});
        }
    }
    std::vector<std::size_t> left;
    for (std::size_t f = 0; f < effects.size(); ++f) {
        if (effects[f].intercept && !result.table[intercept_row[f]].nested) left.push_back(f);
    }
    for (std::size_t j = 0; j < left.size(); ++j) {
        const Factor& later = effects[left[j]].factor;
        std::int64_t& redundant = result.table[intercept_row[left[j]]].redundant;
        if (result.any_nested)
            redundant = 1;  // later ones have at least a component in common with an earlier one
        for (std::size_t i = 0; i < j; ++i) {
            const Factor& earlier = effects[left[i]].factor;
            redundant =
                std::max(redundant, components(earlier.code, earlier.levels, later.code, later.levels).count);
        }
    }
    for (AbsorbedEffect& row : result.table) {
        row.coefficients = row.categories - row.redundant;
        result.absorbed += row.coefficients;
    }
    return result;
}

SmallSampleRule small_sample(SmallSample rule, Variance variance, std::int64_t n, std::int64_t k,
                             std::int64_t clusters, const Absorption& absorption,
                             const std::vector<FixedEffect>& effects, bool constant,
                             const Absorber& absorber) {
    SmallSampleRule result;
    std::int64_t extra = 0;
    switch (rule) {
        case SmallSample::reghdfe:
            result.absorbed = absorption.absorbed;
            extra = absorption.any_nested ? 1 : 0;  // effects are nested in clusters only
            break;
        case SmallSample::ivreghdfe:
            result.absorbed =
                effects.empty() && !constant ? 0 : std::max<std::int64_t>(1, absorption.absorbed);
            break;
        case SmallSample::fixest:
            result.absorbed = fixest_absorbed(effects, absorption, constant);
            break;
        case SmallSample::exact_rank:
            result.absorbed = absorber.rank();
            break;
    }
    const auto rows = static_cast<double>(n);
    result.denominator = static_cast<double>(n - k - result.absorbed - extra);
    result.df = static_cast<double>(n - k - result.absorbed);
    const auto G = static_cast<double>(clusters);
    switch (variance) {
        case Variance::iid:
        case Variance::hc2:
        case Variance::hc3:
            break;
        case Variance::robust:
        case Variance::newey_west:
        case Variance::conley:
            result.factor = rows / result.denominator;
            break;
        case Variance::cluster:
        case Variance::driscoll_kraay:
            result.factor = (rows - 1) / result.denominator * (G / (G - 1));
            result.df = rule == SmallSample::reghdfe ? std::min(result.df, G - 1) : G - 1;
            break;
        case Variance::jackknife:
            result.factor = (G - 1) / G;
            result.df = rule == SmallSample::reghdfe ? std::min(result.df, G - 1) : G - 1;
            break;
    }
    return result;
}

std::string name(SmallSample rule) {
    switch (rule) {
        case SmallSample::reghdfe:
            return "reghdfe";
        case SmallSample::ivreghdfe:
            return "ivreghdfe";
        case SmallSample::fixest:
            return "fixest";
        case SmallSample::exact_rank:
            return "exact-rank";
    }
    return {};
}

}  // namespace greenfront::panel
