#include <fmt/format.h>

#include <fmt/ranges.h>
#include <limits>

#include <cmath>

#include "engine/columns.hpp"
#include "engine/stages/limited_stage.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/iv.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Fit;
using greenfront::panel::Term;

void store_terms(ResultGroup& group, const Fit& fit) {
    std::vector<std::string> names;
    for (const Term& term : fit.terms) names.push_back(term.name);
    const std::size_t n = names.size();
    group.variables.push_back(scale("term", names));
    const auto column = [&](const char* name, double Term::*member, const char* long_name) {
        std::vector<double> values;
        for (const Term& term : fit.terms) values.push_back(term.*member);
        group.variables.push_back(numbers(name, {"term"}, {n}, std::move(values), long_name));
    };
    column("estimate", &Term::estimate, "coefficient");
    column("std_error", &Term::std_error, "standard error");
    column("statistic", &Term::statistic, "t statistic");
    column("p_value", &Term::p_value, "two-sided p value");
    column("conf_low", &Term::conf_low, "confidence interval, low end");
    column("conf_high", &Term::conf_high, "confidence interval, high end");
}

void store_effects(ResultGroup& group, const Fit& fit) {
    std::vector<std::string> names;
    std::vector<std::int64_t> categories, redundant, coefficients, nested;
    for (const auto& effect : fit.absorbed) {
        names.push_back(effect.name);
        categories.push_back(effect.categories);
        redundant.push_back(effect.redundant);
        coefficients.push_back(effect.coefficients);
        nested.push_back(effect.nested ? 1 : 0);
    }
    group.variables.push_back(scale("effect", names));
    group.variables.push_back(
        integers("categories", "effect", std::move(categories), "levels of the effect"));
    group.variables.push_back(integers("redundant", "effect", std::move(redundant), "redundant levels"));
    group.variables.push_back(
        integers("coefficients", "effect", std::move(coefficients), "levels less redundant ones"));
    group.variables.push_back(
        integers("nested", "effect", std::move(nested), "1: nested in a cluster variable"));
}

void store_facts(ResultGroup& group, const RegressionStage& stage, const RegressionOutcome& outcome) {
    const Fit& fit = outcome.fit;
    std::vector<std::string> cluster_names, omitted, reasons;
    std::vector<std::int64_t> cluster_counts;
    for (const auto& [name, count] : fit.clusters) {
        cluster_names.push_back(name);
        cluster_counts.push_back(count);
    }
    for (const auto& [name, reason] : fit.omitted) {
        omitted.push_back(name);
        reasons.push_back(reason);
    }
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
                        {"cluster_names", cluster_names},
                        {"cluster_counts", cluster_counts},
                        {"omitted", omitted},
                        {"omitted_reasons", reasons},
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

/// Diagnostics of a regression with instruments, as docs/formats/results.md names them.
void store_instruments(ResultGroup& group, const greenfront::panel::Design& design,
                       const greenfront::panel::WeakInstruments& iv) {
    const bool exact = iv.overid_test.empty();  // exactly identified: nothing to test
    const double none = std::numeric_limits<double>::quiet_NaN();
    group.attributes.insert(group.attributes.end(), {{"endogenous", design.endogenous_name},
                                                     {"instruments", iv.instrument_names},
                                                     {"kp_rk_lm", iv.lm.statistic},
                                                     {"kp_rk_lm_df", iv.lm.df},
                                                     {"kp_rk_lm_p", iv.lm.p_value},
                                                     {"kp_rk_wald_f", iv.kp_wald_f},
                                                     {"cragg_donald_f", iv.cragg_donald_f},
                                                     {"stock_yogo_size", iv.stock_yogo_size},
                                                     {"overid_test", iv.overid_test},
                                                     {"overid", exact ? none : iv.overid.statistic},
                                                     {"overid_df", iv.overid.df},
                                                     {"overid_p", exact ? none : iv.overid.p_value},
                                                     {"anderson_rubin_f", iv.anderson_rubin.f},
                                                     {"anderson_rubin_p", iv.anderson_rubin.p_value},
                                                     {"stock_wright_s", iv.stock_wright.statistic},
                                                     {"stock_wright_p", iv.stock_wright.p_value},
                                                     {"endogeneity", iv.endogeneity.statistic},
                                                     {"endogeneity_df", iv.endogeneity.df},
                                                     {"endogeneity_p", iv.endogeneity.p_value},
                                                     {"effective_f", iv.effective.f},
                                                     {"effective_f_critical", iv.effective.critical},
                                                     {"liml_k", iv.liml_k}});
    if (iv.anderson_rubin.confidence) {
        std::vector<double> low, high;
        for (const auto& part : *iv.anderson_rubin.confidence) {
            low.push_back(part.low);
            high.push_back(part.high);
        }
        group.attributes.insert(group.attributes.end(),
                                {{"anderson_rubin_low", low}, {"anderson_rubin_high", high}});
    }
    std::vector<double> first_stage;
    for (const auto& stage : iv.first_stage) first_stage.push_back(stage.f);
    group.attributes.emplace_back("first_stage_f", first_stage);
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

void store_regression(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                      const RegressionOutcome& outcome) {
    if (workspace.results.find("regression/" + name) != nullptr) {
        throw Error(
            Fault::study,
            fmt::format("regression/{} would be stored twice: labels of a group that differ in / and _ "
                        "only, or a mediation with the name of a regression with groups; rename one",
                        name));
    }
    ResultGroup& group = workspace.results.add("regression/" + name);
    store_facts(group, stage, outcome);
    if (outcome.fit.iv != nullptr) store_instruments(group, outcome.design, *outcome.fit.iv);
    store_terms(group, outcome.fit);
    store_checks(group, outcome.fit);
    store_effects(group, outcome.fit);
    for (const auto& warning : outcome.fit.warnings)
        workspace.progress.warning("regression." + name + ": " + warning);
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
