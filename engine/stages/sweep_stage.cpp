#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/columns.hpp"
#include "engine/index_columns.hpp"
#include "engine/stages/stages.hpp"
#include "engine/stages/sweep_channels.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::stages {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct ScenarioResult {
    MeanChange econometric, frontier;
    Eigen::VectorXd draw;
    std::vector<double> variable_change, variable_relative;
    double cost = nan;
    std::int64_t rows_changed = 0, clipped = 0, beyond = 0, unscored = 0, failed = 0, lost = 0;
};

/// What all scenarios of a sweep share.
struct Sweep {
    const SweepStage& stage;
    SweepDesign design;
    DeaVariables variables;
    const DeaOutcome* dea = nullptr;
    const RegressionOutcome* regression = nullptr;
    const resample::PairsDraws* draws = nullptr;
    AveragedRows rows;
    bool costed = false;
};

std::vector<char> differing_rows(const Panel& a, const Panel& b) {
    std::vector<char> differs(a.rows(), 0);
    for (const Column& column : a.columns()) {
        if (column.text) continue;
        const auto& other = b.number(column.name);
        for (std::size_t r = 0; r < a.rows(); ++r) {
            const bool same =
                column.number[r] == other[r] || (std::isnan(column.number[r]) && std::isnan(other[r]));
            if (!same) differs[r] = 1;
        }
    }
    return differs;
}

/// The scenario's panel: levers on the completed panel, later preparation with the baseline's bounds,
/// indices with the baseline's normalisation, weights and winsorising bounds, scores as in the baseline.
Panel scenario_panel(const Workspace& workspace, const Panel& changed, std::int64_t& clipped) {
    Panel panel = prepare_scenario(changed, workspace.study.prepare, workspace.prepared.bounds, clipped);
    for (const auto& [name, outcome] : workspace.dea) panel.set_number(name, outcome.column);
    for (const auto& [name, outcome] : workspace.index) {
        auto column = index_column(panel, outcome.indicators, outcome.fit);
        if (outcome.bounds) clipped += clip(column, *outcome.bounds);
        panel.set_number(name, std::move(column));
    }
    return panel;
}

void sum_variables(const Panel& changed, const Panel& baseline, const Sweep& sweep, ScenarioResult& result) {
    for (const auto& name : sweep.variables.all()) {
        const auto& before = baseline.number(name);
        const auto& after = changed.number(name);
        double sum = 0, change = 0;
        for (std::size_t r = 0; r < baseline.rows(); ++r) {
            if (!sweep.rows.use[r] || std::isnan(before[r]) || std::isnan(after[r])) continue;
            sum += before[r];
            change += after[r] - before[r];
        }
        result.variable_change.push_back(change);
        result.variable_relative.push_back(sum != 0 ? change / sum : nan);
    }
}

/// Scenarios are compared over the same rows; one that loses some has no mean.
void blank(MeanChange& mean) {
    mean.total = nan;
    std::fill(mean.by_time.begin(), mean.by_time.end(), nan);
    std::fill(mean.by_group.begin(), mean.by_group.end(), nan);
}

/// Rows that a scenario loses, for the log.
void warn(Workspace& workspace, const std::string& sweep, const std::string& scenario,
          const ScenarioResult& result) {
    const auto say = [&](std::int64_t rows, const char* channel, const char* reason) {
        if (rows == 0) return;
        workspace.progress.warning(fmt::format("sweep.{}: {}: {} rows {}, so the scenario has no {} effect",
                                               sweep, scenario, rows, reason, channel));
    };
    say(result.lost, "econometric", "have a regressor without a value");
    say(result.unscored, "frontier", "have no score (a negative or missing quantity, or no optimum)");
}

ScenarioResult evaluate(const Workspace& workspace, const Sweep& sweep, const ScenarioPoint& point) {
    auto levers = sweep.design.levers;
    for (std::size_t l = 0; l < levers.size(); ++l) levers[l].intensity = point.intensity[l];
    ScenarioResult result;
    double cost = 0;
    const Panel& baseline = workspace.panel();
    const Panel changed = apply_levers(workspace.prepared.completed, baseline, levers, &cost);
    if (sweep.costed) result.cost = cost;
    const auto differs = differing_rows(workspace.prepared.completed, changed);
    result.rows_changed = std::count(differs.begin(), differs.end(), 1);
    const Panel panel = scenario_panel(workspace, changed, result.clipped);
    if (sweep.regression != nullptr) {
        const auto outcome = EconometricChannel(*sweep.regression, sweep.draws).evaluate(panel, sweep.rows);
        result.econometric = mean_change(baseline, sweep.rows, outcome.change);
        result.draw = outcome.draw;
        result.lost = outcome.lost;
        if (result.lost > 0) blank(result.econometric);
    }
    if (sweep.dea != nullptr) {
        const auto outcome = frontier_channel(panel, baseline, sweep.variables, *sweep.dea);
        result.frontier = mean_change(baseline, sweep.rows, outcome.change);
        result.beyond = outcome.beyond;
        result.unscored = outcome.unscored;
        result.failed = outcome.failed;
        if (result.unscored > 0) blank(result.frontier);
        sum_variables(panel, baseline, sweep, result);
    }
    return result;
}

AveragedRows averaged_rows(const Workspace& workspace, const Sweep& sweep) {
    const Panel& panel = workspace.panel();
    AveragedRows rows;
    rows.use.assign(panel.rows(), 1);
    rows.group.assign(panel.rows(), -1);
    if (sweep.regression != nullptr)
        rows.use = EconometricChannel(*sweep.regression, nullptr).sample(panel.rows());
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const bool late =
            panel.time_value[static_cast<std::size_t>(panel.time[r])] >= sweep.design.first_period;
        const bool scored = sweep.dea == nullptr || !std::isnan(sweep.dea->score[r]);
        rows.use[r] = rows.use[r] && late && scored;
    }
    if (!sweep.stage.group.empty()) {
        const auto factor = make_factor(sweep.stage.group, panel);
        rows.group = factor.code;
        rows.group_name = factor.level_name;
    }
    return rows;
}

/// Share of replicates in which each scenario has the largest effect; ties share. Replicates where any
/// scenario has no value are left out.
std::vector<double> probability_best(const std::vector<ScenarioResult>& results) {
    std::vector<double> share(results.size(), nan);
    const Eigen::Index replicates = results.empty() ? 0 : results.front().draw.size();
    if (replicates == 0) return share;
    std::vector<double> wins(results.size(), 0);
    std::int64_t used = 0;
    for (Eigen::Index b = 0; b < replicates; ++b) {
        double best = -std::numeric_limits<double>::infinity();
        bool complete = true;
        for (const auto& result : results) {
            complete = complete && !std::isnan(result.draw[b]);
            best = std::max(best, result.draw[b]);
        }
        if (!complete) continue;
        ++used;
        const auto wins_here = [&](const ScenarioResult& result) { return result.draw[b] == best; };
        const auto ties = std::count_if(results.begin(), results.end(), wins_here);
        for (std::size_t s = 0; s < results.size(); ++s) {
            if (wins_here(results[s])) wins[s] += 1.0 / static_cast<double>(ties);
        }
    }
    for (std::size_t s = 0; s < results.size() && used > 0; ++s)
        share[s] = wins[s] / static_cast<double>(used);
    return share;
}

/// 1 for the largest effect; equal effects share the smaller rank; scenarios without an effect come last.
std::vector<std::int64_t> ranks(const std::vector<double>& effect) {
    std::vector<std::int64_t> rank(effect.size());
    for (std::size_t s = 0; s < effect.size(); ++s) {
        const auto ahead = std::count_if(effect.begin(), effect.end(), [&](double other) {
            return other > effect[s] || (std::isnan(effect[s]) && !std::isnan(other));
        });
        rank[s] = 1 + ahead;
    }
    return rank;
}

class Store {
  public:
    Store(ResultGroup& group, const std::vector<ScenarioResult>& results)
        : group_(group), results_(results) {}

    template <class Get>
    void numbers(const char* name, Get get, const char* long_name, const char* units = "1") {
        std::vector<double> values;
        for (const auto& result : results_) values.push_back(get(result));
        group_.variables.push_back(
            greenfront::numbers(name, {"scenario"}, {results_.size()}, std::move(values), long_name, units));
    }
    template <class Get>
    void counts(const char* name, Get get, const char* long_name) {
        std::vector<std::int64_t> values;
        for (const auto& result : results_) values.push_back(get(result));
        group_.variables.push_back(integers(name, "scenario", std::move(values), long_name));
    }
    template <class Get>
    void rows(const char* name, const char* dim, Get get, const char* long_name) {
        std::vector<double> values;
        std::size_t width = 0;
        for (const auto& result : results_) {
            const std::vector<double>& row = get(result);
            width = row.size();
            values.insert(values.end(), row.begin(), row.end());
        }
        group_.variables.push_back(greenfront::numbers(name, {"scenario", dim}, {results_.size(), width},
                                                       std::move(values), long_name));
    }

  private:
    ResultGroup& group_;
    const std::vector<ScenarioResult>& results_;
};

void store_draws(ResultGroup& group, Store& store, const std::vector<ScenarioResult>& results,
                 double confidence) {
    const auto replicates = static_cast<std::size_t>(results.front().draw.size());
    if (replicates == 0) return;
    const auto quantile = [&](const ScenarioResult& result, double p) {
        std::vector<double> values;
        for (const double x : result.draw) {
            if (!std::isnan(x)) values.push_back(x);
        }
        return stats::percentile_stata(std::move(values), p);
    };
    const double tail = 50 * (1 - confidence);
    store.numbers(
        "econometric_low", [&](const auto& r) { return quantile(r, tail); },
        "percentile interval of the draws, low end");
    store.numbers(
        "econometric_high", [&](const auto& r) { return quantile(r, 100 - tail); },
        "percentile interval of the draws, high end");
    group.variables.push_back(counter("replicate", replicates, 1));
    Eigen::MatrixXd draws(static_cast<Eigen::Index>(results.size()), static_cast<Eigen::Index>(replicates));
    for (std::size_t s = 0; s < results.size(); ++s)
        draws.row(static_cast<Eigen::Index>(s)) = results[s].draw.transpose();
    group.variables.push_back(matrix("econometric_draw", {"scenario", "replicate"}, draws,
                                     "mean change with the replicate's coefficients"));
    const auto best = probability_best(results);
    group.variables.push_back(numbers("probability_best", {"scenario"}, {best.size()}, best,
                                      "share of replicates in which the scenario has the largest effect"));
}

void store_scales(ResultGroup& group, const Sweep& sweep) {
    std::vector<std::string> scenarios, levers;
    std::vector<double> intensity;
    for (const auto& lever : sweep.design.levers) levers.push_back(lever.lever.name);
    for (const auto& point : sweep.design.scenarios) {
        scenarios.push_back(point.name);
        intensity.insert(intensity.end(), point.intensity.begin(), point.intensity.end());
    }
    group.variables.push_back(scale("scenario", scenarios));
    group.variables.push_back(scale("lever", levers));
    group.variables.push_back(numbers("intensity", {"scenario", "lever"}, {scenarios.size(), levers.size()},
                                      std::move(intensity), "intensity", "unit of the lever"));
    if (!sweep.rows.group_name.empty()) group.variables.push_back(scale("group", sweep.rows.group_name));
}

/// "retrofit: Energy retrofit; intensity in % of energy; cost in million yuan"
std::string described(const Lever& lever) {
    std::string text = lever.name;
    if (!lever.title.empty()) text += ": " + lever.title;
    if (!lever.intensity_unit.empty()) text += "; intensity in " + lever.intensity_unit;
    if (lever.costed())
        text += "; cost in " + (lever.cost_unit.empty() ? "units not named" : lever.cost_unit);
    return text;
}

void store(Workspace& workspace, const std::string& name, const Sweep& sweep,
           const std::vector<ScenarioResult>& results) {
    ResultGroup& group = workspace.results.add("sweep/" + name);
    store_scales(group, sweep);
    Store put(group, results);
    const bool grouped = !sweep.rows.group_name.empty();
    if (sweep.regression != nullptr) {
        put.numbers(
            "econometric_effect", [](const auto& r) { return r.econometric.total; },
            "mean change of the outcome through the coefficients", "outcome");
        put.counts(
            "econometric_lost", [](const auto& r) { return r.lost; },
            "averaged rows where a regressor has no value; the effect is missing");
        put.rows(
            "econometric_by_time", "time", [](const auto& r) -> const auto& { return r.econometric.by_time; },
            "the same by period");
        if (grouped)
            put.rows(
                "econometric_by_group", "group",
                [](const auto& r) -> const auto& { return r.econometric.by_group; }, "the same by group");
        const auto* stage = workspace.study.bootstrap.find(sweep.stage.bootstrap);
        if (stage != nullptr) store_draws(group, put, results, stage->confidence);
    }
    if (sweep.dea != nullptr) {
        group.variables.push_back(scale("variable", sweep.variables.all()));
        put.numbers(
            "frontier_effect", [](const auto& r) { return r.frontier.total; },
            "mean change of the score against the baseline technology", "score");
        put.rows(
            "frontier_by_time", "time", [](const auto& r) -> const auto& { return r.frontier.by_time; },
            "the same by period");
        if (grouped)
            put.rows(
                "frontier_by_group", "group",
                [](const auto& r) -> const auto& { return r.frontier.by_group; }, "the same by group");
        put.counts(
            "frontier_beyond", [](const auto& r) { return r.beyond; },
            "changed rows beyond the baseline frontier, counted with score 1");
        put.counts(
            "frontier_unscored", [](const auto& r) { return r.unscored; },
            "changed rows without a score; the effect is missing");
        put.rows(
            "variable_change", "variable", [](const auto& r) -> const auto& { return r.variable_change; },
            "change of the sum, units of the variable");
        put.rows(
            "variable_relative", "variable", [](const auto& r) -> const auto& { return r.variable_relative; },
            "change relative to the baseline sum");
    }
    std::vector<double> effect;
    for (const auto& r : results)
        effect.push_back(sweep.regression != nullptr ? r.econometric.total : r.frontier.total);
    group.variables.push_back(integers("rank", "scenario", ranks(effect), "1 is the largest effect"));
    put.numbers(
        "cost", [](const auto& r) { return r.cost; }, "sum of the levers' costs", "cost unit of the levers");
    put.counts(
        "rows_changed", [](const auto& r) { return r.rows_changed; }, "panel rows that a lever moved");
    put.counts(
        "cells_clipped", [](const auto& r) { return r.clipped; },
        "cells cut by the baseline's winsorising bounds");

    std::vector<std::string> assumptions{
        "Projections from estimated associations, not causal effects: they hold if the coefficients do when "
        "the levers move the regressors.",
        "Indices keep the baseline's normalisation and weights; scores are against the baseline technology.",
        "Lever parameters are the study's or the catalogue's assumptions; intervals cover the sampling of "
        "coefficients only."};
    std::vector<std::string> lever_names;
    for (const auto& lever : sweep.design.levers) lever_names.push_back(described(lever.lever));
    group.attributes = {
        {"dea", sweep.stage.dea},
        {"regression", sweep.stage.regression},
        {"bootstrap", sweep.stage.bootstrap},
        {"design", sweep.stage.design},
        {"outcome", sweep.regression != nullptr ? sweep.regression->design.y_name : sweep.stage.dea},
        {"group", sweep.stage.group},
        {"levers", lever_names},
        {"first_period", sweep.design.first_period},
        {"rows_averaged",
         static_cast<std::int64_t>(std::count(sweep.rows.use.begin(), sweep.rows.use.end(), 1))},
        {"assumptions", assumptions}};
}

}  // namespace

void sweep(Workspace& workspace, const std::string& name, const SweepStage& stage) {
    Sweep sweep{stage, sweep_design(workspace, stage), {}, nullptr, nullptr, nullptr, {}, false};
    if (!stage.dea.empty()) {
        sweep.dea = workspace.dea.find(stage.dea);
        sweep.variables = sweep.dea->variables;
    }
    if (!stage.regression.empty()) sweep.regression = workspace.regression.find(stage.regression);
    if (!stage.bootstrap.empty()) sweep.draws = workspace.bootstrap.find(stage.bootstrap);
    for (const auto& lever : sweep.design.levers)
        sweep.costed = sweep.costed || lever.lever.costed();
    sweep.rows = averaged_rows(workspace, sweep);
    if (std::count(sweep.rows.use.begin(), sweep.rows.use.end(), 1) == 0) {
        throw Error(Fault::study,
                    fmt::format("no row has a baseline outcome from {} on; let the levers start earlier",
                                sweep.design.first_period));
    }
    std::vector<ScenarioResult> results;
    for (const auto& point : sweep.design.scenarios) {
        results.push_back(evaluate(workspace, sweep, point));
        workspace.failed += results.back().failed;
        warn(workspace, name, point.name, results.back());
        workspace.progress.advance(1);
    }
    store(workspace, name, sweep, results);
}

}  // namespace greenfront::stages
