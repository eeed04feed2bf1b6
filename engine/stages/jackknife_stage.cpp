#include <cmath>

#include "engine/bootstrap_choice.hpp"
#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/resample/leave_out.hpp"

namespace greenfront::stages {
namespace {

using resample::ClusterJackknife;
using resample::JackknifeSummary;

void store_summaries(ResultGroup& group, const ClusterJackknife& jackknife, const BootstrapStage& stage) {
    std::vector<JackknifeSummary> summaries;
    for (Eigen::Index k = 0; k < jackknife.estimate.size(); ++k)
        summaries.push_back(resample::summarise(jackknife, k, stage.null, stage.confidence));
    const std::size_t n = summaries.size();
    const auto column = [&](const char* name, double JackknifeSummary::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    const auto count = [&](const char* name, std::int64_t JackknifeSummary::*member, const char* long_name) {
        std::vector<std::int64_t> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(integers(name, "term", std::move(values), long_name));
    };
    column("jackknife_std_error", &JackknifeSummary::std_error, "CV3, centred at the estimate");
    column("jackknife_std_error_mean", &JackknifeSummary::std_error_mean, "CV3, centred at the mean");
    column("bias", &JackknifeSummary::bias, "jackknife estimate of the bias");
    column("estimate_corrected", &JackknifeSummary::corrected, "coefficient less the bias");
    column("statistic", &JackknifeSummary::statistic, "t statistic against the null value, CV3");
    column("df", &JackknifeSummary::df, "its degrees of freedom");
    column("p_value", &JackknifeSummary::p_value, "its two-sided p value");
    column("conf_low", &JackknifeSummary::low, "confidence interval, low end");
    column("conf_high", &JackknifeSummary::high, "confidence interval, high end");
    count("used", &JackknifeSummary::used, "leave-outs that identify the term");
    count("infeasible", &JackknifeSummary::infeasible, "leave-outs that do not");
    Variable influential;
    influential.name = "most_influential";
    influential.dims = {"term"};
    influential.shape = {n};
    std::vector<std::string> names;
    for (const auto& s : summaries) names.push_back(s.most_influential);
    influential.values = std::move(names);
    influential.attributes = {
        {"long_name", std::string("cluster without which the estimate moves most; empty without any")}};
    group.variables.push_back(std::move(influential));
}

}  // namespace

void jackknife(Workspace& workspace, const std::string& name, const BootstrapStage& stage) {
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    options.confidence = stage.confidence;
    const auto design = build_design(regression.formula, workspace.panel(), regression.keep,
                                     bootstrap_clusters(stage, {}, Fault::study));
    const ClusterJackknife result = resample::jackknife_clusters(design, options);
    workspace.progress.resize(static_cast<std::int64_t>(result.cluster.size()));
    const auto terms = static_cast<std::size_t>(result.estimate.size());
    ResultGroup& group = workspace.results.add("bootstrap/" + name);
    group.attributes = {{"regression", stage.regression},
                        {"method", stage.method},
                        {"estimator", result.estimator},
                        {"cluster", stage.cluster},
                        {"clusters", static_cast<std::int64_t>(result.cluster.size())},
                        {"null", stage.null},
                        {"confidence", stage.confidence}};
    group.variables.push_back(scale("term", result.term));
    group.variables.push_back(scale("left_out", result.cluster));
    group.variables.push_back(
        numbers("estimate", {"term"}, {terms}, to_vector(result.estimate), "coefficient"));
    group.variables.push_back(
        numbers("std_error", {"term"}, {terms}, to_vector(result.std_error), "clustered standard error"));
    store_summaries(group, result, stage);
    group.variables.push_back(
        matrix("draw", {"term", "left_out"}, result.draw, "coefficient without the cluster"));
}

}  // namespace greenfront::stages
