#include <fmt/format.h>

#include <algorithm>

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

using resample::PairsDraws;
using resample::Summary;

/// The design of a regression with one cluster variable, that of the resampling.
greenfront::panel::Design design_clustered_by(const Workspace& workspace, const RegressionOutcome& regression,
                                              const std::string& cluster) {
    return build_design(regression.formula, workspace.panel(), regression.keep, {cluster});
}

std::int64_t count_failed(const std::vector<Status>& statuses) {
    return std::count(statuses.begin(), statuses.end(), Status::failed);
}

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

void store_summaries(ResultGroup& group, const PairsDraws& draws, double confidence) {
    std::vector<Summary> summaries;
    for (Eigen::Index k = 0; k < draws.estimate.size(); ++k) {
        summaries.push_back(resample::summarise(draws, k, 0.0, confidence));
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

}  // namespace

void bootstrap(Workspace& workspace, const std::string& name, const BootstrapStage& stage,
               std::uint64_t stream) {
    if (stage.method == "wild-cluster") return wild_bootstrap(workspace, name, stage, stream);
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    resample::PairsOptions pairs;
    pairs.replicates = stage.replicates;
    pairs.seed = workspace.study.seed;
    pairs.stream = stream;
    pairs.jackknife = true;
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    options.confidence = stage.confidence;
    const auto design = design_clustered_by(workspace, regression, stage.cluster);
    PairsDraws draws = resample::pairs_cluster(design, options, pairs);
    check_shared(workspace, stage, draws);
    workspace.failed += count_failed(draws.status);

    const auto terms = static_cast<std::size_t>(draws.estimate.size());
    const auto replicates = static_cast<std::size_t>(draws.draw.cols());
    ResultGroup& group = workspace.results.add("bootstrap/" + name);
    group.attributes = {
        {"regression", stage.regression}, {"method", stage.method},
        {"cluster", stage.cluster},       {"draws", stage.draws},
        {"clusters", draws.clusters},     {"replicates", static_cast<std::int64_t>(replicates)},
        {"confidence", stage.confidence}, {"seed", std::to_string(workspace.study.seed)}};
    group.variables.push_back(scale("term", draws.term));
    group.variables.push_back(counter("replicate", replicates, 1));
    group.variables.push_back(
        numbers("estimate", {"term"}, {terms}, to_vector(draws.estimate), "coefficient"));
    group.variables.push_back(
        numbers("std_error", {"term"}, {terms}, to_vector(draws.std_error), "clustered standard error"));
    store_summaries(group, draws, stage.confidence);
    group.variables.push_back(
        matrix("draw", {"term", "replicate"}, draws.draw, "coefficient of the replicate"));
    group.variables.push_back(matrix("draw_std_error", {"term", "replicate"}, draws.draw_std_error,
                                     "clustered standard error of the replicate"));
    group.variables.push_back(
        statuses("status", {"replicate"}, {replicates}, draws.status, std::vector<char>(replicates, 1)));
    workspace.bootstrap.add(name) = std::move(draws);
}

}  // namespace greenfront::stages
