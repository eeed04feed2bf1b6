#include <cmath>

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/mediation.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Design;
using greenfront::panel::Fit;
using greenfront::panel::Mediation;

/// Total equation and mediator on the rows where both are complete.
struct Equations {
    Design total;
    Eigen::VectorXd mediator;
};
Equations build(const Workspace& workspace, const RegressionOutcome& regression, const std::string& mediator,
                const DesignColumns& columns) {
    Formula formula = regression.formula;
    formula.x.push_back({mediator});
    Equations e{build_full_design(formula, workspace.panel(), regression.keep, columns), {}};
    const Eigen::Index last = e.total.X.cols() - 1;
    e.mediator = e.total.X.col(last);
    e.total.X.conservativeResize(Eigen::NoChange, last);
    e.total.x_name.pop_back();
    return e;
}

Eigen::Index place(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
}

/// a* b* of resamples of whole clusters: the two equations see the same draws.
void bootstrap_indirect(const Workspace& workspace, const RegressionOutcome& regression,
                        const MediationStage& stage, std::uint64_t stream, ResultGroup& group,
                        MediationOutcome& outcome) {
    DesignColumns columns;
    columns.clusters = {stage.cluster};
    const Equations e = build(workspace, regression, stage.mediator, columns);
    resample::PairsOptions pairs;
    pairs.replicates = stage.replicates;
    pairs.seed = workspace.study.seed;
    pairs.stream = stream;
    pairs.studentise = false;
    pairs.jackknife = true;
    auto options = regression.options;
    options.variance = greenfront::panel::Variance::cluster;
    auto first = resample::pairs_cluster(of_mediator(e.total, stage.mediator, e.mediator), options, pairs);
    auto full = resample::pairs_cluster(with_mediator(e.total, stage.mediator, e.mediator), options, pairs);
    const Eigen::Index a = place(first.term, stage.treatment), b = place(full.term, stage.mediator),
                       direct = place(full.term, stage.treatment);
    const Eigen::VectorXd indirect = first.draw.row(a).cwiseProduct(full.draw.row(b)).transpose();
    std::vector<double> used, leave_out;
    for (const double value : indirect)
        if (!std::isnan(value)) used.push_back(value);
    for (Eigen::Index g = 0; g < first.jackknife.cols(); ++g) {
        const double value = first.jackknife(a, g) * full.jackknife(b, g);
        if (!std::isnan(value)) leave_out.push_back(value);
    }
    const auto more =
        resample::intervals(used, first.estimate(a) * full.estimate(b), leave_out, stage.confidence);
    const double tail = 50 * (1 - stage.confidence);
    group.attributes.insert(group.attributes.end(),
                            {{"bootstrap_cluster", stage.cluster},
                             {"bootstrap_clusters", full.clusters},
                             {"replicates", stage.replicates},
                             {"infeasible", stage.replicates - static_cast<std::int64_t>(used.size())},
                             {"confidence", stage.confidence},
                             {"bootstrap_std_error", more.std_error},
                             {"percentile_low", stats::percentile_stata(used, tail)},
                             {"percentile_high", stats::percentile_stata(used, 100 - tail)},
                             {"bc_low", more.bc_low},
                             {"bc_high", more.bc_high},
                             {"bca_low", more.bca_low},
                             {"bca_high", more.bca_high}});
    const auto replicates = static_cast<std::size_t>(indirect.size());
    group.variables.push_back(counter("replicate", replicates, 1));
    group.variables.push_back(numbers("draw", {"replicate"}, {replicates}, to_vector(indirect),
                                      "indirect effect of the replicate"));
    group.variables.push_back(numbers("draw_direct", {"replicate"}, {replicates},
                                      to_vector(full.draw.row(direct).transpose()),
                                      "direct effect of the replicate"));
    outcome.first_draws = std::move(first);
    outcome.full_draws = std::move(full);
}

void store(ResultGroup& group, const MediationStage& stage, const Mediation& m) {
    group.attributes = {
        {"regression", stage.regression},   {"treatment", stage.treatment}, {"mediator", stage.mediator},
        {"formula", m.total.formula},       {"vcov", m.total.vcov},         {"n", m.total.n},
        {"singletons", m.total.singletons}, {"indirect", m.indirect},       {"share", m.share},
        {"share_note", m.share_note}};
    group.variables.push_back(scale("path", std::vector<std::string>{"a", "b", "total", "direct"}));
    group.variables.push_back(
        numbers("estimate", {"path"}, {4}, {m.a, m.b, m.c, m.direct},
                "treatment to mediator, mediator to outcome, total and direct effect of the treatment"));
    group.variables.push_back(
        numbers("std_error", {"path"}, {4}, {m.a_se, m.b_se, m.c_se, m.direct_se}, "standard error"));
    std::vector<double> statistic, p_value;
    const std::pair<const Fit*, const std::string*> paths[] = {{&m.first, &stage.treatment},
                                                               {&m.full, &stage.mediator},
                                                               {&m.total, &stage.treatment},
                                                               {&m.full, &stage.treatment}};
    for (const auto& [fit, name] : paths) {
        const auto term = std::find_if(fit->terms.begin(), fit->terms.end(),
                                       [&](const auto& candidate) { return candidate.name == *name; });
        statistic.push_back(term->statistic);
        p_value.push_back(term->p_value);
    }
    group.variables.push_back(
        numbers("path_statistic", {"path"}, {4}, std::move(statistic), "t statistic of the path"));
    group.variables.push_back(
        numbers("path_p_value", {"path"}, {4}, std::move(p_value), "two-sided p value of the path"));
    group.variables.push_back(scale("test", std::vector<std::string>{"sobel", "aroian", "goodman"}));
    const auto column = [&](const char* name, double greenfront::panel::IndirectTest::*member,
                            const char* text) {
        group.variables.push_back(
            numbers(name, {"test"}, {3}, {m.sobel.*member, m.aroian.*member, m.goodman.*member}, text));
    };
    using greenfront::panel::IndirectTest;
    column("indirect_std_error", &IndirectTest::std_error, "standard error of the indirect effect");
    column("statistic", &IndirectTest::statistic, "z statistic of the indirect effect");
    column("p_value", &IndirectTest::p_value, "two-sided p value of the indirect effect");
}

}  // namespace

void mediation(Workspace& workspace, const std::string& name, const MediationStage& stage,
               std::uint64_t stream) {
    const RegressionOutcome& regression = *workspace.regression.find(stage.regression);
    const RegressionStage& settings = *workspace.study.regression.find(stage.regression);
    const Equations e = build(workspace, regression, stage.mediator, regression_columns(settings));
    const Mediation m = mediate(e.total, stage.treatment, stage.mediator, e.mediator, regression.options);
    // The three equations stand beside each other with the other regressions, x to m first.
    const auto column = [&](const char* suffix, const Fit& fit, Design design, const std::string& title) {
        RegressionOutcome outcome = regression;
        outcome.design = std::move(design);
        outcome.fit = fit;
        RegressionStage equation = settings;
        equation.title = title;
        store_regression(workspace, name + "." + suffix, equation, outcome);
    };
    column("mediator", m.first, of_mediator(e.total, stage.mediator, e.mediator),
           stage.treatment + " to " + stage.mediator);
    column("total", m.total, e.total, "total effect");
    column("direct", m.full, with_mediator(e.total, stage.mediator, e.mediator), "with " + stage.mediator);
    ResultGroup& group = workspace.results.add("mediation/" + name);
    store(group, stage, m);
    MediationOutcome& outcome = workspace.mediation.add(name);
    outcome = {stage.treatment, stage.mediator, e.total, m.first, m.full, {}, {}};
    if (!stage.cluster.empty()) bootstrap_indirect(workspace, regression, stage, stream, group, outcome);
}

}  // namespace greenfront::stages
