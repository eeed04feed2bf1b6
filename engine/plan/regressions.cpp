#include <algorithm>
#include <cmath>

#include "engine/plan/costs.hpp"
#include "engine/plan/stage_cost.hpp"
#include "engine/replicates.hpp"
#include "engine/settings.hpp"
#include "scenarios/formula.hpp"

namespace greenfront::planning {
namespace {

/// Datasets and numbers of one fitted regression in the file.
constexpr double fit_datasets = 12, fit_values = 60;

/// What the workspace keeps of a regression: the design's columns, codes of effects and clusters, row
/// numbers.
double design_bytes(const RegressionShape& shape) {
    return shape.rows * ((shape.terms + 2) * cost::value + (shape.effects + 1) * 4 + 2);
}

/// More of a vcov than clustered or robust errors take.
double variance_seconds(const Setting& setting, const RegressionStage& stage, const RegressionShape& shape) {
    const VarianceChoice choice = parse_variance(stage.vcov, Fault::study);
    if (choice.kind == panel::Variance::jackknife && !choice.clusters.empty()) {
        const double clusters = count_levels(choice.clusters.front(), stage, setting.complete);
        return clusters * shape.rows * (shape.terms + 1) * cost::jackknife_row;
    }
    if (!choice.latitude.empty()) {
        const double period = shape.rows / std::max(1.0, setting.periods);
        return shape.rows * period * cost::neighbour;
    }
    return choice.clusters.size() > 1 ? (cost::two_way - 1) * fit_seconds(shape) : 0;
}

/// A draw of labels, for each regressor anew.
double permutation_seconds(const Setting& setting, const RegressionStage& stage,
                           const RegressionShape& shape) {
    if (stage.group.empty() || stage.difference != "permutation") return 0;
    return static_cast<double>(stage.replicates) * shape.terms * (4e-6 + setting.units * cost::permuted_unit);
}

/// Complete rows of the selection, as far as their columns are known: those that stages make are complete.
void count_rows(const Setting& setting, const RegressionStage& stage, const Formula& formula,
                RegressionShape& shape) {
    const Panel& panel = setting.workspace.panel();
    const auto rows = regression_rows(stage, setting.complete);
    std::vector<char> complete(setting.complete.rows(), 1);
    for (const auto& name : columns_read(formula, setting.complete)) {
        if (!panel.has(name) || panel.column(name).text) continue;
        const auto& column = panel.number(name);
        for (const auto r : rows)
            if (std::isnan(column[static_cast<std::size_t>(r)])) complete[static_cast<std::size_t>(r)] = 0;
    }
    for (const auto r : rows) shape.rows += complete[static_cast<std::size_t>(r)];
    // A selection by columns that are not known yet is no balanced one.
    const bool chosen = stage.where.empty() || rows.size() < setting.complete.rows();
    const double units = count_levels(setting.complete.unit_column, stage, setting.complete);
    const double periods =
        setting.complete.has_time() ? count_levels(setting.complete.time_column, stage, setting.complete) : 1;
    shape.balanced = chosen && shape.rows == units * periods;
}

}  // namespace

RegressionShape shape_of(const Setting& setting, const RegressionStage& stage) {
    const Formula formula = parse_formula(stage.formula, Fault::study);
    RegressionShape shape;
    count_rows(setting, stage, formula, shape);
    shape.endogenous = static_cast<double>(formula.endogenous.size());
    shape.terms = static_cast<double>(formula.x.size() + formula.instruments.size()) + shape.endogenous;
    for (const auto& effect : formula.effects)
        shape.effects += static_cast<double>(effect.slopes.size()) + (effect.intercept ? 1 : 0);
    shape.limited = stage.model != "ols";
    return shape;
}

double fit_seconds(const RegressionShape& shape) {
    double factor = 1;
    if (shape.endogenous > 0) factor *= cost::instrumented;
    if (shape.effects > 2) factor *= cost::iterative_effects;
    if (shape.limited) factor *= cost::limited;
    return cost::regression + factor * shape.rows * (shape.terms + 2) * cost::row_regressor;
}

StageCost regression_cost(const Setting& setting, const std::string& name, const RegressionStage& stage) {
    const RegressionShape shape = shape_of(setting, stage);
    StageCost result;
    result.entry = {"regression." + name, "regressions", 1};
    const bool grouped = !stage.group.empty();
    const double fits = (grouped ? 3 : 1) + (shape.endogenous > 0 ? 2 : 0);
    result.serial = fit_seconds(shape) * (grouped ? cost::grouped : 1);
    result.parallel = variance_seconds(setting, stage, shape) + permutation_seconds(setting, stage, shape);
    result.values = fits * fit_values * cost::value;
    result.datasets = fits * fit_datasets + (grouped ? 14 : 0) + (shape.endogenous > 0 ? 6 : 0);
    if (grouped && stage.difference == "permutation") {
        const double draws = static_cast<double>(stage.replicates) * (shape.terms + 1);
        result.values += draws * cost::value;
        result.shrinks = cost::draws_shrink;
    }
    result.held = design_bytes(shape);
    result.temporary = (grouped ? 5 : 2) * design_bytes(shape);
    return result;
}

StageCost mediation_cost(const Setting& setting, const std::string& name, const MediationStage& stage) {
    const RegressionStage& regression = *setting.study().regression.find(stage.regression);
    RegressionShape shape = shape_of(setting, regression);
    StageCost result;
    result.entry = {"mediation." + name, "regressions", 3};
    result.serial = 3 * fit_seconds(shape);
    result.values = 3 * fit_values * cost::value;
    result.datasets = 3 * fit_datasets + 10;
    ++shape.terms;  // the mediator
    result.held = design_bytes(shape);
    result.temporary = 4 * design_bytes(shape);
    if (stage.cluster.empty()) return result;
    const auto B = static_cast<double>(stage.replicates);
    const double G = count_levels(stage.cluster, regression, setting.complete);
    // Each cluster is left out once, for the bias-corrected interval.
    result.parallel = 2 * (B + G) * pairs_seconds(setting, regression, stage.cluster, false);
    result.values += 3 * B * cost::value;
    result.shrinks = cost::draws_shrink;
    result.held += 2 * (B + G) * shape.terms * cost::value;
    return result;
}

}  // namespace greenfront::planning
