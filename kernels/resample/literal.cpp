#include "kernels/resample/literal.hpp"

#include <algorithm>
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

bool is_nested(const panel::Factor& effect, const panel::Factor& cluster) {
    std::vector<std::int32_t> owner(static_cast<std::size_t>(effect.levels), -1);
    for (std::size_t i = 0; i < effect.code.size(); ++i) {
        auto& o = owner[static_cast<std::size_t>(effect.code[i])];
        if (o < 0) o = cluster.code[i];
        if (o != cluster.code[i]) return false;
    }
    return true;
}

void mark_copies(panel::Design& design, const std::vector<std::int64_t>& copy,
                 const std::vector<char>& nested) {
    std::int64_t copies = 0;
    for (const auto c : copy) copies = std::max(copies, c + 1);
    design.clusters.front() = compact(design.clusters.front().name, copy, copies);
    for (std::size_t e = 0; e < design.effects.size(); ++e) {
        panel::Factor& factor = design.effects[e].factor;
        const std::int64_t levels = factor.levels;
        std::vector<std::int64_t> key(copy.size());
        for (std::size_t i = 0; i < copy.size(); ++i)
            key[i] = nested[e] != 0 ? copy[i] * levels + factor.code[i] : factor.code[i];
        factor = compact(factor.name, key, nested[e] != 0 ? copies * levels : levels);
    }
}

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
    stacked.clusters.push_back(cluster);
    for (const auto& effect : design.effects) {
        panel::FixedEffect drawn = effect;
        drawn.factor.code.resize(row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            drawn.factor.code[i] = effect.factor.code[static_cast<std::size_t>(row[i])];
        drawn.slope = effect.slope(row, Eigen::all);
        stacked.effects.push_back(std::move(drawn));
    }
    mark_copies(stacked, copy, nested);
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
