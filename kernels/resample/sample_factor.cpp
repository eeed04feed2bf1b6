#include "kernels/resample/sample_factor.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/dof.hpp"
#include "kernels/resample/literal.hpp"

namespace greenfront::resample {
namespace {

/// Cells of each cluster: for every row the levels of the other effects and, for nested effects, the number
/// of the level within the cluster; rows sorted. Equal cells mean equal shape.
std::vector<std::vector<std::vector<std::int32_t>>> cells(const panel::Design& sample,
                                                          const std::vector<char>& nested) {
    const auto& cluster = sample.clusters.front();
    std::vector<std::size_t> order(cluster.code.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto others = [&](std::size_t row) {
        std::vector<std::int32_t> cell;
        for (std::size_t e = 0; e < nested.size(); ++e) {
            if (nested[e] == 0) cell.push_back(sample.effects[e].factor.code[row]);
        }
        return cell;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return others(a) < others(b); });
    std::vector<std::vector<std::vector<std::int32_t>>> result(static_cast<std::size_t>(cluster.levels));
    std::vector<std::map<std::int32_t, std::int32_t>> number(
        nested.size());  // level -> number in its cluster
    std::vector<std::vector<std::int32_t>> used(nested.size());
    for (auto& u : used) u.assign(static_cast<std::size_t>(cluster.levels), 0);
    for (const auto row : order) {
        const auto g = static_cast<std::size_t>(cluster.code[row]);
        auto cell = others(row);
        for (std::size_t e = 0; e < nested.size(); ++e) {
            if (nested[e] == 0) continue;
            const auto [entry, fresh] = number[e].try_emplace(sample.effects[e].factor.code[row], used[e][g]);
            if (fresh) ++used[e][g];
            cell.push_back(entry->second);
        }
        result[g].push_back(std::move(cell));
    }
    return result;
}

}  // namespace

SampleFactor::SampleFactor(const panel::Design& sample, const std::vector<char>& nested,
                           const panel::Fit& fit, const panel::Options& options)
    : shape_(sample),
      nested_(nested),
      rule_(options.small_sample.value_or(sample.endogenous.cols() > 0 ? panel::SmallSample::ivreghdfe
                                                                       : panel::SmallSample::reghdfe)),
      keep_singletons_(options.keep_singletons) {
    const auto k = sample.X.cols() + sample.endogenous.cols();
    shape_.x_name.clear();
    for (auto* names : {&shape_.endogenous_name, &shape_.instrument_name}) names->clear();
    for (auto* columns : {&shape_.endogenous, &shape_.instruments}) columns->resize(sample.y.size(), 0);
    shape_.X.resize(sample.X.rows(), 0);
    // Slopes count by where their variable varies, which differs between clusters.
    const bool slopes = std::any_of(sample.effects.begin(), sample.effects.end(),
                                    [](const panel::FixedEffect& effect) { return effect.slope.cols() > 0; });
    if (slopes) return;
    const auto all = cells(sample, nested);
    fixed_ = std::all_of(all.begin(), all.end(), [&](const auto& c) { return c == all.front(); });
    if (!fixed_) {
        summarise_shapes();
        return;
    }
    const std::vector<std::int32_t> once(all.size(), 1);
    for (Eigen::Index j = 0; j < k; ++j) by_regressors_.push_back(counted(once, j));
    by_regressors_.push_back(fit.small_sample_factor);
}

double SampleFactor::operator()(const std::vector<std::int32_t>& count, std::int64_t k) const {
    if (fixed_) return by_regressors_[static_cast<std::size_t>(k)];
    double factor = 0;
    return !cluster_.empty() && summed(count, k, factor) ? factor : counted(count, k);
}

void SampleFactor::summarise_shapes() {
    const auto others = std::count(nested_.begin(), nested_.end(), 0);
    if (others > 1 || rule_ == panel::SmallSample::exact_rank) return;
    if (others == 1) other_ = std::find(nested_.begin(), nested_.end(), 0) - nested_.begin();
    const auto& code = shape_.clusters.front().code;
    std::vector<std::map<std::int32_t, std::int32_t>> rows(
        static_cast<std::size_t>(shape_.clusters.front().levels));
    cluster_.resize(rows.size());
    for (auto& shape : cluster_) shape.nested_levels.assign(nested_.size(), 0);
    for (std::size_t i = 0; i < code.size(); ++i) {
        const auto g = static_cast<std::size_t>(code[i]);
        ++cluster_[g].rows;
        if (other_ >= 0) ++rows[g][shape_.effects[static_cast<std::size_t>(other_)].factor.code[i]];
    }
    for (std::size_t g = 0; g < rows.size(); ++g) cluster_[g].level.assign(rows[g].begin(), rows[g].end());
    for (std::size_t e = 0; e < nested_.size(); ++e) {
        if (nested_[e] == 0) continue;
        std::vector<char> seen(static_cast<std::size_t>(shape_.effects[e].factor.levels), 0);
        for (std::size_t i = 0; i < code.size(); ++i) {
            auto& s = seen[static_cast<std::size_t>(shape_.effects[e].factor.code[i])];
            if (s == 0) ++cluster_[static_cast<std::size_t>(code[i])].nested_levels[e];
            s = 1;
        }
    }
}

bool SampleFactor::summed(const std::vector<std::int32_t>& count, std::int64_t k, double& factor) const {
    std::int64_t rows = 0, copies = 0;
    std::vector<panel::FixedEffect> effects(nested_.size());  // levels only
    std::vector<std::int32_t> in_level, copies_in_level;
    if (other_ >= 0) {
        in_level.assign(
            static_cast<std::size_t>(shape_.effects[static_cast<std::size_t>(other_)].factor.levels), 0);
        copies_in_level = in_level;
    }
    for (std::size_t g = 0; g < count.size(); ++g) {
        if (count[g] == 0) continue;
        copies += count[g];
        rows += count[g] * cluster_[g].rows;
        for (const auto& [level, n] : cluster_[g].level) {
            in_level[static_cast<std::size_t>(level)] += count[g] * n;
            copies_in_level[static_cast<std::size_t>(level)] += count[g];
        }
        for (std::size_t e = 0; e < effects.size(); ++e) {
            effects[e].factor.levels += count[g] * cluster_[g].nested_levels[e];
        }
    }
    panel::Absorption absorption;
    for (std::size_t e = 0; e < effects.size(); ++e) {
        if (nested_[e] == 0) continue;
        absorption.nested += effects[e].factor.levels;
        absorption.any_nested = true;
    }
    if (other_ >= 0) {
        // A single row may be a singleton; levels that each lie in one copy would make the effect nested.
        if (!keep_singletons_ && std::find(in_level.begin(), in_level.end(), 1) != in_level.end())
            return false;
        if (*std::max_element(copies_in_level.begin(), copies_in_level.end()) < 2) return false;
        auto& levels = effects[static_cast<std::size_t>(other_)].factor.levels;
        levels = static_cast<std::int32_t>(
            std::count_if(in_level.begin(), in_level.end(), [](auto n) { return n > 0; }));
        absorption.absorbed = levels - (absorption.any_nested ? 1 : 0);
    }
    if (effects.empty()) absorption.absorbed = shape_.constant ? 1 : 0;
    for (std::size_t e = 0; e < effects.size(); ++e) {
        absorption.table.push_back({{}, effects[e].factor.levels, 0, 0, nested_[e] != 0});
    }
    const panel::Absorber unused({}, 0, shape_.constant);
    const auto rule = panel::small_sample(rule_, panel::Variance::cluster, rows, k, copies, absorption,
                                          effects, shape_.constant, unused);
    factor = rule.denominator > 0 && rule.df > 0 ? rule.factor : std::numeric_limits<double>::quiet_NaN();
    return true;
}

double SampleFactor::counted(const std::vector<std::int32_t>& count, std::int64_t k) const {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    panel::Design stacked = stack(shape_, count, nested_);
    if (!keep_singletons_ && !stacked.effects.empty()) {
        const auto singletons = panel::find_singletons(stacked.effects, stacked.y.size());
        if (singletons.kept.empty()) return none;
        if (singletons.dropped > 0) stacked = panel::take_rows(stacked, singletons.kept);
    }
    const std::int64_t clusters = stacked.clusters.front().levels;
    if (clusters < 2) return none;
    const auto absorption = panel::absorbed_degrees(stacked.effects, stacked.clusters, stacked.constant);
    const bool rank = rule_ == panel::SmallSample::exact_rank;  // the only rule that needs the dummies
    const panel::Absorber absorber(rank ? stacked.effects : std::vector<panel::FixedEffect>{},
                                   rank ? stacked.y.size() : 0, stacked.constant);
    const auto rule = panel::small_sample(rule_, panel::Variance::cluster, stacked.y.size(), k, clusters,
                                          absorption, stacked.effects, stacked.constant, absorber);
    return rule.denominator > 0 && rule.df > 0 ? rule.factor : none;
}

}  // namespace greenfront::resample
