#include <algorithm>

#include "engine/columns.hpp"
#include "engine/placebo_terms.hpp"
#include "engine/stages/percentile_store.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

Attributes attributes(const Workspace& workspace, const PlaceboStage& stage, const PlaceboChoice& choice,
                      const std::string& cluster, const resample::PlaceboDraws& draws) {
    const auto& test = draws.test;
    Attributes list{{"regression", stage.regression},
                    {"treatment", stage.treatment},
                    {"method", choice.method},
                    {"replicates", draws.replicates()},
                    {"infeasible", draws.infeasible()},
                    {"estimate", draws.estimate},
                    {"std_error", draws.std_error},
                    {"statistic", draws.statistic},
                    {"compared", choice.statistic},
                    {"df", draws.df},
                    {"vcov", "cluster:" + cluster},
                    {"units", draws.units},
                    {"items", draws.items},
                    {"cells", draws.cells},
                    {"fixed_items", draws.fixed_items},
                    {"arrangements", draws.arrangements},
                    {"enumerated", std::int64_t{draws.enumerated ? 1 : 0}},
                    {"n_extreme", test.n_extreme},
                    {"n_lower", test.n_lower},
                    {"n_upper", test.n_upper},
                    {"p_value", test.p_value},
                    {"p_share", test.p_share},
                    {"p_share_std_error", test.share_std_error},
                    {"p_share_low", test.share_low},
                    {"p_share_high", test.share_high},
                    {"p_plus_one", test.p_plus_one},
                    {"p_exact", test.p_exact},
                    {"p_equal_tailed", test.p_equal_tailed},
                    {"keep", stage.keep}};
    if (!draws.enumerated && draws.lead.empty())
        list.emplace_back("seed", std::to_string(workspace.study.seed));
    if (draws.running) {
        list.emplace_back("draw_mean", draws.running->moments.mean());
        list.emplace_back("draw_standard_deviation", draws.running->moments.standard_deviation());
    }
    if (!choice.within.empty()) list.emplace_back("within", choice.within);
    if (!choice.compatibility.empty()) list.emplace_back("compat", choice.compatibility);
    if (const auto text = infeasible_text(draws); !text.empty())
        list.emplace_back("infeasible_reasons", text);
    return list;
}

}  // namespace

PlaceboChoice placebo_choice(const PlaceboStage& stage) {
    return resolved({stage.method, stage.within, stage.statistic, stage.compat}, Fault::study);
}

void placebo(Workspace& workspace, const std::string& name, const PlaceboStage& stage, std::uint64_t stream) {
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    const Panel& panel = workspace.panel();
    const PlaceboChoice choice = placebo_choice(stage);
    resample::PlaceboOptions placebo;
    placebo.treatment = stage.treatment;
    placebo.replicates = stage.replicates;
    placebo.enumerate = stage.enumerate;
    placebo.keep = stage.keep == "draws";
    placebo.seed = workspace.study.seed;
    placebo.stream = stream;
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    // A placebo is always studentised with clustered errors, of the unit where the regression has none.
    const auto design = regression.clusters.size() == 1
                            ? regression.design
                            : build_design(regression.formula, panel, regression.keep, {panel.unit_column});
    const auto draws = run_placebo(choice, panel, design, options, placebo);
    workspace.progress.resize(draws.replicates());
    workspace.failed += std::count(draws.status.begin(), draws.status.end(), Status::failed);

    for (const auto& warning : draws.warnings) workspace.progress.warning("placebo." + name + ": " + warning);
    ResultGroup& group = workspace.results.add("placebo/" + name);
    group.attributes = attributes(workspace, stage, choice, design.clusters.front().name, draws);
    if (draws.running) {
        store_percentiles(group, "draw_percentile", {&draws.running->estimate}, {},
                          "percentile of the draws' coefficients", false);
        store_percentiles(group, "draw_statistic_percentile", {&draws.running->statistic}, {},
                          "percentile of the draws' t statistics", false);
        return;
    }
    const auto replicates = static_cast<std::size_t>(draws.draw.size());
    group.variables.push_back(counter("replicate", replicates, 1));
    const auto column = [&](const char* label, const Eigen::VectorXd& values, const char* long_name) {
        group.variables.push_back(numbers(label, {"replicate"}, {replicates}, to_vector(values), long_name));
    };
    column("draw", draws.draw, "coefficient of the draw");
    column("draw_std_error", draws.draw_std_error, "clustered standard error of the draw");
    column("draw_statistic", draws.draw_statistic, "t statistic of the draw");
    column("draw_df", draws.draw_df, "degrees of freedom of the draw's t");
    column("draw_p_value", draws.p_values(), "two-sided p value of the draw");
    if (!draws.lead.empty()) {
        group.variables.push_back(
            integers("lead", "replicate", draws.lead, "periods between the fake and the true adoption"));
    }
    group.variables.push_back(
        statuses("status", {"replicate"}, {replicates}, draws.status, std::vector<char>(replicates, 1)));
}

}  // namespace greenfront::stages
