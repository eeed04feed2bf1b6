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
      rule_(options.small_sample.value_or(panel::SmallSample::reghdfe)),
      keep_singletons_(options.keep_singletons) {
    const auto k = sample.X.cols();
    shape_.x_name.clear();
    shape_.X.resize(sample.X.rows(), 0);
    // Slopes count by where their variable varies, which differs between clusters.
    const bool slopes = std::any_of(sample.effects.begin(), sample.effects.end(),
                                    [](const panel::FixedEffect& effect) { return effect.slope.cols() > 0; });
    if (slopes) return;
    const auto all = cells(sample, nested);
    fixed_ = std::all_of(all.begin(), all.end(), [&](const auto& c) { return c == all.front(); });
    if (!fixed_) return;
    const std::vector<std::int32_t> once(all.size(), 1);
    for (Eigen::Index j = 0; j < k; ++j) by_regressors_.push_back(counted(once, j));
    by_regressors_.push_back(fit.small_sample_factor);
}

double SampleFactor::operator()(const std::vector<std::int32_t>& count, std::int64_t k) const {
    return fixed_ ? by_regressors_[static_cast<std::size_t>(k)] : counted(count, k);
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
