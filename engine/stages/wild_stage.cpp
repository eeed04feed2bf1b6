#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/bootstrap_choice.hpp"
#include "engine/columns.hpp"
#include "engine/stages/percentile_store.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

using resample::WildDraws;
using resample::WildSummary;

/// The terms of the stage, or all that the regression estimates.
std::vector<std::string> terms_of(const BootstrapStage& stage, const greenfront::panel::Design& design,
                                  const greenfront::panel::Options& options) {
    const auto estimated = resample::wild_terms(design, options);
    for (const auto& term : stage.terms) {
        if (std::find(estimated.begin(), estimated.end(), term) == estimated.end()) {
            throw Error(Fault::study,
                        fmt::format("terms: regression.{} has no coefficient of \"{}\"; it has {}",
                                    stage.regression, term, fmt::join(estimated, ", ")));
        }
    }
    return stage.terms.empty() ? estimated : stage.terms;
}

Eigen::MatrixXd stacked(const std::vector<WildDraws>& tests, Eigen::VectorXd WildDraws::*member) {
    const auto replicates = (tests.front().*member).size();
    Eigen::MatrixXd all(static_cast<Eigen::Index>(tests.size()), replicates);
    for (std::size_t t = 0; t < tests.size(); ++t)
        all.row(static_cast<Eigen::Index>(t)) = (tests[t].*member).transpose();
    return all;
}

void store_tests(ResultGroup& group, const std::vector<WildDraws>& tests) {
    std::vector<std::string> terms;
    std::vector<WildSummary> summaries;
    for (const auto& test : tests) {
        terms.push_back(test.term);
        summaries.push_back(resample::summarise(test));
    }
    const std::size_t n = terms.size();
    group.variables.push_back(scale("term", terms));
    const auto observed = [&](const char* name, double WildDraws::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& test : tests) values.push_back(test.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    const auto column = [&](const char* name, double WildSummary::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    const auto count = [&](const char* name, std::int64_t WildSummary::*member, const char* long_name) {
        std::vector<std::int64_t> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        group.variables.push_back(integers(name, "term", std::move(values), long_name));
    };
    observed("estimate", &WildDraws::estimate, "coefficient");
    observed("std_error", &WildDraws::std_error, "its standard error, as in the replicates");
    observed("statistic", &WildDraws::statistic, "t statistic against the null value");
    observed("t_low", &WildDraws::conf_low, "least null value that is not rejected");
    observed("t_high", &WildDraws::conf_high, "largest null value that is not rejected");
    column("p_value", &WildSummary::p_value, "share of |t*| above |t|");
    column("p_equal_tailed", &WildSummary::p_equal_tailed, "twice the smaller tail");
    column("p_ties", &WildSummary::p_ties, "share of |t*| above or equal to |t|");
    column("p_plus_one", &WildSummary::p_plus_one, "(draws with |t*| at least |t|, + 1) / (used + 1)");
    count("n_greater", &WildSummary::n_greater, "draws with |t*| above |t|");
    count("n_tie", &WildSummary::n_tie, "draws with |t*| equal to |t|");
    count("used", &WildSummary::used, "draws with a statistic");
    count("infeasible", &WildSummary::infeasible, "draws whose variance is not positive");
}

}  // namespace

void wild_bootstrap(Workspace& workspace, const std::string& name, const BootstrapStage& stage,
                    std::uint64_t stream) {
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    resample::WildOptions wild = wild_options(stage, Fault::study);
    wild.seed = workspace.study.seed;
    wild.stream = stream;
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    options.confidence = stage.confidence;
    const auto design = build_design(regression.formula, workspace.panel(), regression.keep,
                                     bootstrap_clusters(stage, {}, Fault::study));
    std::vector<WildDraws> tests;
    for (const auto& term : terms_of(stage, design, options)) {
        wild.term = term;
        tests.push_back(resample::wild_cluster(design, options, wild));
    }
    const std::int64_t replicates = tests.front().replicates();
    workspace.progress.resize(replicates);
    ResultGroup& group = workspace.results.add("bootstrap/" + name);
    group.attributes = {{"regression", stage.regression},
                        {"method", stage.method},
                        {"cluster", stage.cluster},
                        {"boot_cluster", design.clusters.front().name},
                        {"estimator", design.endogenous.cols() > 0 ? "2sls" : "ols"},
                        {"type", stage.type},
                        {"weights", stage.weights},
                        {"null", stage.null},
                        {"null_imposed", std::int64_t{stage.unrestricted ? 0 : 1}},
                        {"enumerated", std::int64_t{tests.front().enumerated ? 1 : 0}},
                        {"clusters", tests.front().clusters},
                        {"replicates", replicates},
                        {"confidence", stage.confidence},
                        {"keep", stage.keep}};
    if (!tests.front().enumerated)
        group.attributes.emplace_back("seed", std::to_string(workspace.study.seed));
    const auto few = few_vectors(stage, tests.front().clusters, design.endogenous.cols() > 0,
                                 stage.confidence, Fault::study);
    if (!few.empty()) {
        workspace.progress.warning("bootstrap." + name + ": " + few);
        group.attributes.emplace_back("warning", few);
    }
    store_tests(group, tests);
    if (!wild.keep) {
        std::vector<const stats::QuantileSketch*> sketches;
        for (const auto& test : tests) sketches.push_back(&test.running->t);
        store_percentiles(group, "draw_statistic_percentile", sketches, {},
                          "percentile of the replicates' t statistics");
        return;
    }
    group.variables.push_back(counter("replicate", static_cast<std::size_t>(replicates), 1));
    group.variables.push_back(matrix("draw_statistic", {"term", "replicate"},
                                     stacked(tests, &WildDraws::draw), "t statistic of the replicate"));
    group.variables.push_back(
        matrix("draw_numerator", {"term", "replicate"}, stacked(tests, &WildDraws::draw_numerator),
               "coefficient of the replicate less its value in the bootstrap's own model"));
}

}  // namespace greenfront::stages
