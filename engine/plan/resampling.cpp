#include <algorithm>
#include <cmath>
#include <set>

#include "engine/bootstrap_choice.hpp"
#include "engine/joint/first_stages.hpp"
#include "engine/placebo_terms.hpp"
#include "engine/plan/costs.hpp"
#include "engine/plan/programs.hpp"
#include "engine/plan/stage_cost.hpp"
#include "engine/replicates.hpp"
#include "engine/settings.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/formula.hpp"

namespace greenfront::planning {
namespace {

/// Replicates whose percentiles alone are kept.
constexpr double counted_draws = 17;

/// Coefficients of effects that reach over clusters: each replicate estimates them anew, together.
double effect_columns(const Setting& setting, const RegressionStage& regression, const std::string& cluster) {
    double columns = 0;
    for (const auto& effect : parse_formula(regression.formula, Fault::study).effects) {
        std::string factor;
        for (const auto& part : effect.factors) factor += (factor.empty() ? "" : "^") + part;
        const double levels = count_levels(factor, regression, setting.complete);
        const double crossed =
            factor == cluster ? levels : count_levels(factor + "^" + cluster, regression, setting.complete);
        if (crossed > levels) columns += levels;
    }
    return columns;
}

double weight_seconds(const std::string& weights) {
    if (weights == "rademacher") return 0;
    return weights == "normal" ? cost::normal_drawn : cost::weight_drawn;
}

/// Seconds of a replicate of one term, interval included.
double wild_seconds(const Setting& setting, const BootstrapStage& stage, const RegressionStage& regression,
                    const RegressionShape& shape) {
    const auto clusters = bootstrap_clusters(stage, {}, Fault::study);
    const double G = count_levels(clusters.front(), regression, setting.complete);
    const bool kept = stage.keep == "draws";
    double seconds = G * weight_seconds(stage.weights);
    if (shape.endogenous > 0) {
        seconds += G * (shape.terms + 4) * cost::wre_cluster_term * (kept ? 1 : cost::wre_sketched);
        return seconds;
    }
    // Effects of one level in a cluster's row cost their share of rows, whatever their number.
    const double R = effect_columns(setting, regression, clusters.front());
    double terms = G * (shape.terms + std::min(R, shape.rows / G) + 60) * cost::wild_cluster_term +
                   R * R * cost::wild_effects;
    if (clusters.size() > 1) {
        const double crossed = count_levels(clusters[0] + "^" + clusters[1], regression, setting.complete);
        terms += G * crossed * cost::two_way_level;
    }
    if (stage.unrestricted) terms *= cost::wild_unrestricted;
    return seconds + terms * (kept || stage.unrestricted ? 1 : cost::wild_sketched);
}

StageCost wild_cost(const Setting& setting, const BootstrapStage& stage, const RegressionStage& regression,
                    double B) {
    const RegressionShape shape = shape_of(setting, regression);
    StageCost result;
    const double terms = stage.terms.empty() ? shape.terms : static_cast<double>(stage.terms.size());
    const double setup = 3 * fit_seconds(shape) * (stage.type == "11" ? 1 : 2);
    result.serial = terms * setup;
    result.parallel = terms * B * wild_seconds(setting, stage, regression, shape);
    const double kept = stage.keep == "draws" ? B : counted_draws;
    result.values = (2 * terms + 1) * kept * cost::value + 20 * terms * cost::value;
    result.datasets = stage.keep == "draws" ? 17 : 16;
    result.temporary = stage.keep == "draws" ? 7 * B * cost::value : 0;
    const auto clusters = bootstrap_clusters(stage, {}, Fault::study);
    if (clusters.size() > 1) {
        const double crossed = count_levels(clusters[0] + "^" + clusters[1], regression, setting.complete);
        result.temporary +=
            count_levels(clusters[0], regression, setting.complete) * crossed * cost::two_way_memory;
    }
    return result;
}

}  // namespace

double pairs_seconds(const Setting& setting, const RegressionStage& regression, const std::string& cluster,
                     bool studentised) {
    const RegressionShape shape = shape_of(setting, regression);
    const double R = effect_columns(setting, regression, cluster);
    const double G = count_levels(cluster, regression, setting.complete),
                 touched = std::min(R, shape.rows / G);
    if (touched > cost::most_effects) return fit_seconds(shape);
    double seconds = G * (shape.terms + 2) * (shape.terms + 2 + 2 * touched) * cost::pairs_cluster_term *
                     (studentised ? cost::pairs_studentised : 1);
    if (shape.endogenous > 0) return seconds * cost::pairs_instruments;
    if (!shape.balanced) return G * std::pow(shape.terms + 2 + touched, 2) * cost::pairs_unbalanced;
    if (R > setting.periods) seconds += G * std::pow(shape.terms + 4, 2) * cost::pairs_blocks;
    return seconds + touched * touched * cost::pairs_effects;
}

namespace {

/// joint-cluster: a replicate scores the drawn rows, makes the indices and fits the regression again.
StageCost joint_cost(const Setting& setting, const BootstrapStage& stage, const RegressionStage& regression,
                     double B) {
    const RegressionShape shape = shape_of(setting, regression);
    const auto cluster = bootstrap_clusters(stage, setting.complete.time_column, Fault::study).front();
    const auto first = joint::first_stages(setting.study(), regression, cluster, setting.complete);
    double replicate = fit_seconds(shape);
    for (const auto& name : first.dea)
        replicate += efficiency_work(setting, name, *setting.study().dea.find(name)).main_seconds;
    const auto columns = static_cast<double>(first.column.size());
    replicate += setting.rows * columns * cost::value_prepared;
    StageCost result;
    result.parallel = B * replicate;
    result.values = B * (2 * shape.terms * cost::value + cost::value + 1);
    result.held = result.values;
    result.datasets = 27;
    result.thread_temporary = setting.rows * (4 * columns + 30) * cost::value;
    return result;
}

/// pairs-cluster, moving-block, residual and jackknife: all coefficients at once.
StageCost coefficients_cost(const Setting& setting, const BootstrapStage& stage,
                            const RegressionStage& regression, double B) {
    const RegressionShape shape = shape_of(setting, regression);
    StageCost result;
    result.serial = 2 * fit_seconds(shape);
    const bool kept = stage.keep == "draws", blocks = stage.method == "moving-block";
    if (stage.method == "residual") {
        result.parallel = B * shape.rows * (shape.terms + 4) * cost::residual_row_term;
    } else {
        const auto cluster = bootstrap_clusters(stage, setting.complete.time_column, Fault::study).front();
        const double G = count_levels(cluster, regression, setting.complete);
        const double one =
            pairs_seconds(setting, regression, cluster, !blocks && stage.method != "jackknife");
        // BCa intervals leave out each cluster once.
        result.parallel =
            (B + (stage.method == "pairs-cluster" ? G : 0)) * one * (kept ? 1 : cost::pairs_sketched);
        result.held = G * shape.terms * cost::value;
        // Sums of products of a cluster: effects have as many levels there as it has rows at most.
        const double touched = std::min(effect_columns(setting, regression, cluster), shape.rows / G);
        const double moments = shape.terms + 2 + touched;
        result.serial += shape.rows * touched * touched * cost::moments_effects;
        result.temporary = 2 * G * moments * moments * cost::value;
    }
    const double draws = kept ? B : counted_draws, errors = blocks || stage.method == "jackknife" ? 1 : 2;
    result.values =
        draws * (errors * shape.terms * cost::value + cost::value + 1) + 27 * shape.terms * cost::value;
    result.held += draws * (errors * shape.terms * cost::value + 1);
    result.datasets = 27;
    return result;
}

}  // namespace

StageCost bootstrap_cost(const Setting& setting, const std::string& name, const BootstrapStage& stage) {
    const RegressionStage& regression = *setting.study().regression.find(stage.regression);
    const double B = bootstrap_replicates(stage, regression, setting.complete);
    StageCost result = is_wild(stage)    ? wild_cost(setting, stage, regression, B)
                       : is_joint(stage) ? joint_cost(setting, stage, regression, B)
                                         : coefficients_cost(setting, stage, regression, B);
    result.entry = {"bootstrap." + name, "replicates", static_cast<std::int64_t>(std::min(B, 9e18))};
    result.shrinks = B < cost::least_compressed ? 1 : cost::draws_shrink;
    result.buffers = std::min(2 * cost::chunk, result.values);
    return result;
}

StageCost placebo_cost(const Setting& setting, const std::string& name, const PlaceboStage& stage) {
    const RegressionStage& regression = *setting.study().regression.find(stage.regression);
    const RegressionShape shape = shape_of(setting, regression);
    const auto choice = stages::placebo_choice(stage);
    const double B = placebo_replicates(stage, regression, setting.complete);
    StageCost result;
    result.entry = {"placebo." + name, "replicates", static_cast<std::int64_t>(std::min(B, 9e18))};
    result.serial = 2 * fit_seconds(shape);
    double factor = choice.method == "trajectory" ? 1
                    : shape.balanced              ? cost::placebo_rows_moved
                                                  : cost::placebo_refitted;
    if (shape.endogenous > 0) factor *= cost::placebo_instruments;
    const std::string& unit = setting.complete.unit_column;
    const double columns = effect_columns(setting, regression, unit);
    if (columns > 2 * setting.periods) factor *= cost::placebo_refitted;
    const auto clusters = parse_variance(regression.vcov, Fault::study).clusters;
    result.parallel = choice.method == "in-time" || clusters.size() > 1
                          ? B * fit_seconds(shape)
                          : B * shape.rows * factor * cost::placebo_row;
    const double kept = stage.keep == "draws" ? B : counted_draws;
    result.values = kept * (6 * cost::value + 1);
    result.shrinks = B < cost::least_compressed ? 1 : cost::draws_shrink;
    result.datasets = 7;
    result.temporary = kept * 7 * cost::value + shape.rows * (shape.terms + 4) * cost::value;
    result.buffers = std::min(6 * cost::chunk, result.values);
    return result;
}

}  // namespace greenfront::planning
