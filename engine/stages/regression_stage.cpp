#include <fmt/format.h>

#include <fmt/ranges.h>

#include <cmath>

#include "engine/columns.hpp"
#include "engine/stages/limited_stage.hpp"
#include "engine/stages/regression_store.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/iv_equations.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Fit;
using greenfront::panel::Term;

void store_facts(ResultGroup& group, const RegressionStage& stage, const RegressionOutcome& outcome) {
    const Fit& fit = outcome.fit;
    group.attributes = {{"formula", fit.formula},
                        {"outcome", outcome.design.y_name},
                        {"title", stage.title},
                        {"where", stage.where},
                        {"vcov", fit.vcov},
                        {"ssc", fit.ssc},
                        {"estimator", fit.estimator},
                        {"n", fit.n},
                        {"n_read", fit.n_read},
                        {"n_complete", fit.n_complete},
                        {"singletons", fit.singletons},
                        {"singleton_names", fit.singleton_names},
                        {"df_model", fit.df_model},
                        {"df_absorbed", fit.df_absorbed},
                        {"df_nested", fit.df_nested},
                        {"df_residual", fit.df_residual},
                        {"small_sample_factor", fit.small_sample_factor},
                        {"variance_repaired", std::int64_t{fit.variance_repaired}},
                        {"confidence", outcome.options.confidence},
                        {"r2", fit.r2},
                        {"adj_r2", fit.adj_r2},
                        {"within_r2", fit.within_r2},
                        {"within_adj_r2", fit.within_adj_r2},
                        {"rmse", fit.rmse},
                        {"f_statistic", fit.f_statistic},
                        {"f_p_value", fit.f_p_value},
                        {"rss", fit.rss},
                        {"tss", fit.tss},
                        {"tss_within", fit.tss_within},
                        {"warnings", fit.warnings}};
    store_lists(group, fit.clusters, fit.omitted);
}

/// Joint tests, variance inflation, weights of staggered policies; what single variances report.
void store_checks(ResultGroup& group, const Fit& fit) {
    group.attributes.insert(group.attributes.end(), {{"weights", fit.weights},
                                                     {"lags", fit.lags},
                                                     {"periods", fit.periods},
                                                     {"radius_km", fit.radius_km},
                                                     {"neighbours", fit.neighbours},
                                                     {"singular_leave_outs", fit.singular_leave_outs}});
    const auto column = [&](const char* name, const char* dim, std::vector<double> values, const char* text) {
        const std::size_t n = values.size();
        group.variables.push_back(numbers(name, {dim}, {n}, std::move(values), text));
    };
    if (!fit.vif.empty()) {
        std::vector<double> vif = fit.vif;
        vif.resize(fit.terms.size(), std::nan(""));
        column("vif", "term", std::move(vif), "variance inflation on the partialled regressors");
    }
    const auto each = [](const auto& list, auto value) {
        std::vector<double> values;
        for (const auto& item : list) values.push_back(value(item));
        return values;
    };
    using greenfront::panel::JointTest;
    if (!fit.tests.empty()) {
        std::vector<std::string> terms;
        for (const auto& test : fit.tests) terms.push_back(fmt::format("{}", fmt::join(test.terms, ",")));
        group.variables.push_back(scale("test", terms));
        const auto of_test = [&](const char* name, double JointTest::*member, const char* text) {
            column(name, "test", each(fit.tests, [&](const JointTest& t) { return t.*member; }), text);
        };
        of_test("test_f", &JointTest::f, "Wald F that the coefficients are all zero");
        of_test("test_df1", &JointTest::df1, "restrictions");
        of_test("test_df2", &JointTest::df2, "denominator degrees of freedom");
        of_test("test_p", &JointTest::p_value, "p value");
    }
    using greenfront::panel::PolicyWeights;
    if (!fit.policy.empty()) {
        std::vector<std::string> terms;
        for (const auto& policy : fit.policy) terms.push_back(policy.term);
        group.variables.push_back(scale("policy", terms));
        const auto share = [](const PolicyWeights& p) {
            return static_cast<double>(p.negative) / static_cast<double>(p.treated);
        };
        column("policy_negative_share", "policy", each(fit.policy, share),
               "share of the cells with the policy whose weight is negative");
        column("policy_negative_sum", "policy",
               each(fit.policy, [](const PolicyWeights& p) { return p.negative_sum; }),
               "sum of the negative weights; all weights sum to one");
    }
}

}  // namespace

greenfront::panel::Options regression_options(const RegressionStage& stage) {
    greenfront::panel::Options options;
    parse_variance(stage.vcov, Fault::study).set(options);
    for (const auto& test : stage.tests) options.tests.push_back(parse_test(test, Fault::study));
    options.small_sample = parse_small_sample(stage.ssc, Fault::study);
    options.keep_singletons = stage.keep_singletons;
    options.estimator = parse_estimator(
        stage.estimator, !parse_formula(stage.formula, Fault::study).endogenous.empty(), Fault::study);
    return options;
}

DesignColumns regression_columns(const RegressionStage& stage) {
    return design_columns(parse_variance(stage.vcov, Fault::study), stage.aweights, stage.fweights,
                          Fault::study);
}

namespace {

/// A group of the results for one fitted regression; `path` must be new.
ResultGroup& store_fit(Workspace& workspace, const std::string& path, const RegressionStage& stage,
                       const RegressionOutcome& outcome) {
    if (workspace.results.find(path) != nullptr) {
        throw Error(Fault::study,
                    fmt::format("{} would be stored twice: labels of a group that differ in / and _ only, or "
                                "a mediation with the name of a regression with groups; rename one",
                                path));
    }
    ResultGroup& group = workspace.results.add(path);
    store_facts(group, stage, outcome);
    if (outcome.fit.iv != nullptr) store_instruments(group, outcome.design, *outcome.fit.iv);
    store_terms(group, outcome.fit.terms, "t statistic");
    store_checks(group, outcome.fit);
    store_effects(group, outcome.fit.absorbed);
    return group;
}

/// /first_stage/NAME.ENDOGENOUS and /first_stage/NAME.reduced_form.
void store_equations(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                     const RegressionOutcome& outcome) {
    const auto equations = greenfront::panel::iv_equations(outcome.design, outcome.options, outcome.fit);
    const auto one = [&](const greenfront::panel::IvEquation& equation, const std::string& suffix,
                         const std::string& title) {
        if (!equation.refused.empty()) {
            workspace.progress.warning(fmt::format("regression.{}: no {} of {}: {}", name, title,
                                                   equation.outcome, equation.refused));
            return;
        }
        RegressionOutcome made = outcome;
        made.design.y_name = equation.outcome;
        made.fit = equation.fit;
        RegressionStage column = stage;
        column.title = fmt::format("{}: {}", stage.title.empty() ? name : stage.title, title);
        store_fit(workspace, "first_stage/" + name + "." + path_part(suffix), column, made);
    };
    for (const auto& equation : equations.first_stage) one(equation, equation.outcome, "first stage");
    one(equations.reduced_form, "reduced_form", "reduced form");
}

}  // namespace

void store_regression(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                      const RegressionOutcome& outcome, const Attributes& more) {
    ResultGroup& group = store_fit(workspace, "regression/" + name, stage, outcome);
    group.attributes.insert(group.attributes.end(), more.begin(), more.end());
    for (const auto& warning : outcome.fit.warnings)
        workspace.progress.warning("regression." + name + ": " + warning);
    if (outcome.fit.iv != nullptr) store_equations(workspace, name, stage, outcome);
}

void regression(Workspace& workspace, const std::string& name, const RegressionStage& stage) {
    if (!stage.group.empty()) return regression_groups(workspace, name, stage);
    RegressionOutcome& outcome = workspace.regression.add(name);
    outcome.formula = parse_formula(stage.formula, Fault::study);
    const DesignColumns columns = regression_columns(stage);
    outcome.clusters = columns.clusters;
    outcome.options = regression_options(stage);
    outcome.keep = select(stage.where, workspace.panel(), Fault::study);
    outcome.design = build_full_design(outcome.formula, workspace.panel(), outcome.keep, columns);
    if (const auto settings = choose_limited(stage, outcome.formula)) {
        store_limited(workspace, name, stage, outcome.design, *settings);
        return;
    }
    outcome.fit = greenfront::panel::fit(outcome.design, outcome.options);
    store_regression(workspace, name, stage, outcome);
}

}  // namespace greenfront::stages
