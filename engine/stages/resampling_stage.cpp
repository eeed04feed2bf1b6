#include <fmt/format.h>

#include <algorithm>

#include "engine/bootstrap_choice.hpp"
#include "engine/columns.hpp"
#include "engine/joint/joint_bootstrap.hpp"
#include "engine/stages/percentile_store.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

using resample::PairsDraws;
using resample::Summary;

/// Draws are paired only where both estimations number the same clusters alike.
void check_shared(const Workspace& workspace, const BootstrapStage& stage, const PairsDraws& draws) {
    if (stage.draws.empty()) return;
    const PairsDraws& other = *workspace.bootstrap.find(stage.draws);
    if (draws.clusters == other.clusters && draws.level == other.level) return;
    throw Error(
        Fault::data,
        fmt::format("the clusters of {} are not those of bootstrap.{} ({} and {}, after missing values "
                    "and singletons are dropped), so that draws cannot be shared; leave out draws = "
                    "\"{}\" or estimate both regressions on the same clusters",
                    stage.cluster, stage.draws, draws.clusters, other.clusters, stage.draws));
}

void store_summaries(ResultGroup& group, const PairsDraws& draws, const BootstrapStage& stage) {
    std::vector<Summary> summaries;
    for (Eigen::Index k = 0; k < draws.estimate.size(); ++k) {
        summaries.push_back(resample::summarise(draws, k, stage.null, stage.confidence));
    }
    const std::size_t n = summaries.size();
    const auto column = [&](const char* name, double Summary::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    const auto count = [&](const char* name, std::int64_t Summary::*member, const char* long_name) {
        std::vector<std::int64_t> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(integers(name, "term", std::move(values), long_name));
    };
    column("bootstrap_std_error", &Summary::std_error, "standard deviation of the draws");
    const auto more = [&](const char* name, double resample::Intervals::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& s : summaries) values.push_back(s.more.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    using resample::Intervals;
    more("bias", &Intervals::bias, "mean of the draws less the estimate");
    more("normal_low", &Intervals::normal_low, "normal interval, low end");
    more("normal_high", &Intervals::normal_high, "normal interval, high end");
    more("bc_low", &Intervals::bc_low, "bias-corrected interval, low end");
    more("bc_high", &Intervals::bc_high, "bias-corrected interval, high end");
    more("bca_low", &Intervals::bca_low, "BCa interval, low end");
    more("bca_high", &Intervals::bca_high, "BCa interval, high end");
    more("z0", &Intervals::z0, "bias correction of the BCa interval");
    more("acceleration", &Intervals::acceleration, "acceleration of the BCa interval, from the leave-outs");
    column("percentile_low", &Summary::percentile_low, "percentile interval, low end");
    column("percentile_high", &Summary::percentile_high, "percentile interval, high end");
    column("t_low", &Summary::t_low, "percentile-t interval, low end");
    column("t_high", &Summary::t_high, "percentile-t interval, high end");
    column("p_value", &Summary::p_value, "share of |t*| above |t|, t* centred at the estimate");
    column("p_equal_tailed", &Summary::p_equal_tailed, "twice the smaller tail");
    count("n_greater", &Summary::n_greater, "draws with |t*| above |t|");
    count("n_tie", &Summary::n_tie, "draws with |t*| equal to |t|");
    count("used", &Summary::used, "draws with a value");
    count("infeasible", &Summary::infeasible, "draws that do not identify the term");
}

Attributes attributes(const BootstrapStage& stage, const PairsDraws& draws, std::uint64_t seed) {
    Attributes list{{"regression", stage.regression},
                    {"method", stage.method},
                    {"estimator", draws.estimator},
                    {stage.method == "residual" ? "rows" : "clusters", draws.clusters},
                    {"null", stage.null},
                    {"enumerated", std::int64_t{stage.enumerate ? 1 : 0}},
                    {"replicates", draws.replicates()},
                    {"confidence", stage.confidence},
                    {"keep", stage.keep}};
    if (!stage.enumerate) list.emplace_back("seed", std::to_string(seed));
    if (stage.method != "residual") list.emplace_back("cluster", stage.cluster);
    if (stage.method == "pairs-cluster" || is_joint(stage)) list.emplace_back("draws", stage.draws);
    if (stage.method == "moving-block") list.emplace_back("block", stage.block);
    return list;
}

void store_draws(ResultGroup& group, const PairsDraws& draws) {
    const auto replicates = static_cast<std::size_t>(draws.replicates());
    group.variables.push_back(counter("replicate", replicates, 1));
    group.variables.push_back(
        matrix("draw", {"term", "replicate"}, draws.draw, "coefficient of the replicate"));
    if (draws.draw_std_error.size() > 0)
        group.variables.push_back(matrix("draw_std_error", {"term", "replicate"}, draws.draw_std_error,
                                         "standard error of the replicate"));
    group.variables.push_back(
        statuses("status", {"replicate"}, {replicates}, draws.status, std::vector<char>(replicates, 1)));
}

void store_sketches(ResultGroup& group, const PairsDraws& draws) {
    std::vector<const stats::QuantileSketch*> change, t;
    for (const auto& running : draws.running) {
        change.push_back(&running.change);
        if (running.t.count() > 0) t.push_back(&running.t);
    }
    store_percentiles(group, "draw_percentile", change, to_vector(draws.estimate),
                      "percentile of the replicates");
    if (t.size() == change.size())
        store_percentiles(group, "draw_statistic_percentile", t, {},
                          "percentile of the replicates' t statistics, centred at the estimate");
}

/// Replicates with the stages behind the regression, and what is to be told of those.
PairsDraws joint(Workspace& workspace, const std::string& name, const BootstrapStage& stage,
                 const resample::PairsOptions& pairs, Attributes& more) {
    const greenfront::joint::Chain chain(workspace, stage.regression, stage.cluster);
    auto result = greenfront::joint::joint_bootstrap(
        chain, pairs, [&](std::int64_t replicates) { workspace.progress.advance(replicates); });
    for (const auto& problem : result.problems)
        workspace.progress.warning(
            fmt::format("bootstrap.{}: a resample has no estimate: {}", name, problem));
    workspace.keep(std::move(result.failures), {.stage = "bootstrap." + name});
    more = {{"first_stage_dea", chain.stages().dea},
            {"first_stage_index", chain.stages().index},
            {"programs", result.programs},
            {"problems", result.problems}};
    return std::move(result.draws);
}

}  // namespace

void bootstrap(Workspace& workspace, const std::string& name, const BootstrapStage& given,
               std::uint64_t stream) {
    if (is_wild(given)) return wild_bootstrap(workspace, name, given, stream);
    if (given.method == "jackknife") return jackknife(workspace, name, given);
    BootstrapStage stage = given;
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    const auto clusters = bootstrap_clusters(stage, workspace.panel().time_column, Fault::study);
    if (!clusters.empty()) stage.cluster = clusters.front();
    resample::PairsOptions pairs = pairs_options(stage);
    pairs.seed = workspace.study.seed;
    pairs.stream = stream;
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    options.confidence = stage.confidence;
    Attributes more;
    PairsDraws draws;
    if (is_joint(stage)) {
        draws = joint(workspace, name, stage, pairs, more);
    } else {
        const auto design = build_design(regression.formula, workspace.panel(), regression.keep, clusters);
        draws = coefficient_draws(stage, design, options, pairs);
    }
    check_shared(workspace, stage, draws);
    workspace.progress.resize(draws.replicates());
    workspace.failed += std::count(draws.status.begin(), draws.status.end(), Status::failed);

    const auto terms = static_cast<std::size_t>(draws.estimate.size());
    ResultGroup& group = workspace.results.add("bootstrap/" + name);
    group.attributes = attributes(stage, draws, workspace.study.seed);
    group.attributes.insert(group.attributes.end(), more.begin(), more.end());
    group.variables.push_back(scale("term", draws.term));
    group.variables.push_back(
        numbers("estimate", {"term"}, {terms}, to_vector(draws.estimate), "coefficient"));
    group.variables.push_back(
        numbers("std_error", {"term"}, {terms}, to_vector(draws.std_error), "analytic standard error"));
    store_summaries(group, draws, stage);
    pairs.keep ? store_draws(group, draws) : store_sketches(group, draws);
    workspace.bootstrap.add(name) = std::move(draws);
}

}  // namespace greenfront::stages
