#include "kernels/resample/literal.hpp"

#include <limits>

#include "kernels/error.hpp"

namespace greenfront::resample {
namespace {

/// Codes 0..levels-1 in order of the keys; the keys of absent levels vanish.
panel::Factor compact(const std::string& name, const std::vector<std::int64_t>& key, std::int64_t keys) {
    std::vector<std::int32_t> code(static_cast<std::size_t>(keys), -1);
    for (const auto k : key) code[static_cast<std::size_t>(k)] = 0;
    panel::Factor factor;
    factor.name = name;
    for (auto& c : code) {
        if (c == 0) c = factor.levels++;
    }
    factor.code.reserve(key.size());
    for (const auto k : key) factor.code.push_back(code[static_cast<std::size_t>(k)]);
    return factor;
}

}  // namespace

panel::Design stack(const panel::Design& design, const std::vector<std::int32_t>& count,
                    const std::vector<char>& nested) {
    std::vector<std::vector<std::int64_t>> rows(count.size());
    const auto& cluster = design.clusters.front();
    for (std::size_t i = 0; i < cluster.code.size(); ++i) {
        rows[static_cast<std::size_t>(cluster.code[i])].push_back(static_cast<std::int64_t>(i));
    }
    std::vector<std::int64_t> row, copy;
    std::int64_t copies = 0;
    for (std::size_t c = 0; c < count.size(); ++c) {
        for (std::int32_t t = 0; t < count[c]; ++t, ++copies) {
            row.insert(row.end(), rows[c].begin(), rows[c].end());
            copy.insert(copy.end(), rows[c].size(), copies);
        }
    }
    panel::Design stacked;
    stacked.formula = design.formula;
    stacked.y_name = design.y_name;
    stacked.x_name = design.x_name;
    stacked.constant = design.constant;
    stacked.y = design.y(row);
    stacked.X = design.X(row, Eigen::all);
    if (design.endogenous.cols() > 0) {
        stacked.endogenous_name = design.endogenous_name;
        stacked.instrument_name = design.instrument_name;
        stacked.endogenous = design.endogenous(row, Eigen::all);
        stacked.instruments = design.instruments(row, Eigen::all);
    }
    stacked.row = row;
    stacked.n_read = static_cast<std::int64_t>(row.size());
    stacked.clusters.push_back(compact(cluster.name, copy, copies));
    for (std::size_t e = 0; e < design.effects.size(); ++e) {
        const auto& effect = design.effects[e];
        const std::int64_t levels = effect.factor.levels;
        std::vector<std::int64_t> key(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::int64_t level = effect.factor.code[static_cast<std::size_t>(row[i])];
            key[i] = nested[e] != 0 ? copy[i] * levels + level : level;
        }
        panel::FixedEffect fresh;
        fresh.factor = compact(effect.factor.name, key, nested[e] != 0 ? copies * levels : levels);
        fresh.intercept = effect.intercept;
        fresh.slope_name = effect.slope_name;
        fresh.slope = effect.slope(row, Eigen::all);
        stacked.effects.push_back(std::move(fresh));
    }
    return stacked;
}

bool estimate(const panel::Design& stacked, const panel::Options& options, Eigen::VectorXd& beta,
              Eigen::VectorXd& std_error) {
    auto name = stacked.x_name;
    name.insert(name.end(), stacked.endogenous_name.begin(), stacked.endogenous_name.end());
    const auto k = static_cast<Eigen::Index>(name.size());
    beta.setConstant(k, std::numeric_limits<double>::quiet_NaN());
    std_error = beta;
    panel::Fit fit;
    try {
        fit = panel::fit(stacked, options);
    } catch (const Error& error) {
        // These rows alone carry no estimate (constant outcome, no degrees of freedom, one cluster left).
        // An impossible request would have stopped the full sample.
        if (error.fault() != Fault::data) throw;
        return false;
    }
    Eigen::Index j = 0;  // terms are a subsequence of the names
    for (const auto& term : fit.terms) {
        if (term.name == "_cons") continue;
        while (j < k && name[static_cast<std::size_t>(j)] != term.name) ++j;
        if (j == k) break;
        beta(j) = term.estimate;
        std_error(j) = term.std_error;
        ++j;
    }
    return true;
}

}  // namespace greenfront::resample
