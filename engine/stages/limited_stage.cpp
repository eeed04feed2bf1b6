#include "engine/stages/limited_stage.hpp"

#include <fmt/format.h>

#include "engine/columns.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Term;
using limited::Fit;

struct Field {
    const char* name;
    double Term::*member;
    const char* text;
};
constexpr Field fields[] = {{"estimate", &Term::estimate, "coefficient"},
                            {"std_error", &Term::std_error, "standard error"},
                            {"statistic", &Term::statistic, "z statistic"},
                            {"p_value", &Term::p_value, "two-sided p value"},
                            {"conf_low", &Term::conf_low, "confidence interval, low end"},
                            {"conf_high", &Term::conf_high, "confidence interval, high end"}};

void store_terms(ResultGroup& group, const Fit& fit) {
    std::vector<std::string> names;
    for (const Term& term : fit.terms) names.push_back(term.name);
    group.variables.push_back(scale("term", names));
    for (const Field& field : fields) {
        std::vector<double> values;
        for (const Term& term : fit.terms) values.push_back(term.*field.member);
        group.variables.push_back(
            numbers(field.name, {"term"}, {names.size()}, std::move(values), field.text));
    }
}

/// margin_estimate, margin_std_error, ... by (margin_target, margin_term).
void store_margins(ResultGroup& group, const Fit& fit) {
    if (fit.marginal.empty() || fit.marginal.front().terms.empty()) return;
    std::vector<std::string> targets, terms;
    for (const auto& effects : fit.marginal) targets.push_back(effects.target);
    for (const Term& term : fit.marginal.front().terms) terms.push_back(term.name);
    group.variables.push_back(scale("margin_target", targets));
    group.variables.push_back(scale("margin_term", terms));
    for (const Field& field : fields) {
        std::vector<double> values;
        for (const auto& effects : fit.marginal) {
            for (const Term& term : effects.terms) values.push_back(term.*field.member);
        }
        const bool estimate = field.member == &Term::estimate;
        group.variables.push_back(numbers(std::string("margin_") + field.name,
                                          {"margin_target", "margin_term"}, {targets.size(), terms.size()},
                                          std::move(values),
                                          estimate ? "average marginal effect" : field.text));
    }
}

void store_effects(ResultGroup& group, const Fit& fit) {
    std::vector<std::string> names;
    std::vector<std::int64_t> categories, redundant, coefficients, nested;
    for (const auto& effect : fit.effects) {
        names.push_back(effect.name);
        categories.push_back(effect.levels);
        redundant.push_back(effect.levels - effect.dummies);
        coefficients.push_back(effect.dummies);
        nested.push_back(0);
    }
    group.variables.push_back(scale("effect", names));
    group.variables.push_back(
        integers("categories", "effect", std::move(categories), "levels of the effect"));
    group.variables.push_back(
        integers("redundant", "effect", std::move(redundant), "the base level and collinear levels"));
    group.variables.push_back(integers("coefficients", "effect", std::move(coefficients), "dummy variables"));
    group.variables.push_back(
        integers("nested", "effect", std::move(nested), "0: dummies are all estimated"));
}

void store_facts(ResultGroup& group, const RegressionStage& stage, const panel::Design& design,
                 const Fit& fit) {
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
                        {"outcome", design.y_name},
                        {"title", stage.title},
                        {"where", stage.where},
                        {"vcov", fit.vcov},
                        {"estimator", name(fit.model)},
                        {"lower", fit.lower},
                        {"upper", fit.upper},
                        {"n", fit.n},
                        {"n_read", fit.n_read},
                        {"n_complete", fit.n_complete},
                        {"n_at_lower", fit.at_lower},
                        {"n_inside", fit.inside},
                        {"n_at_upper", fit.at_upper},
                        {"singletons", fit.singletons},
                        {"singleton_names", fit.singleton_names},
                        {"cluster_names", cluster_names},
                        {"cluster_counts", cluster_counts},
                        {"omitted", omitted},
                        {"omitted_reasons", reasons},
                        {"df_model", fit.df_model},
                        {"confidence", fit.confidence},
                        {"sigma", fit.sigma.estimate},
                        {"sigma_std_error", fit.sigma.std_error},
                        {"log_likelihood", fit.log_likelihood},
                        {"log_likelihood_null", fit.log_likelihood_null},
                        {"pseudo_r2", fit.pseudo_r2},
                        {"chi2_test", fit.chi2.test},
                        {"chi2", fit.chi2.statistic},
                        {"chi2_df", fit.chi2.df},
                        {"chi2_p_value", fit.chi2.p_value},
                        {"iterations", std::int64_t{fit.iterations}},
                        {"scaled_gradient", fit.scaled_gradient},
                        {"warnings", fit.warnings}};
}

}  // namespace

std::optional<limited::Settings> choose_limited(const RegressionStage& stage, const Formula& formula) {
    const auto settings =
        greenfront::choose_limited({stage.model, stage.vcov, stage.ssc, stage.lower, stage.upper,
                                    stage.keep_singletons, stage.aweights, stage.fweights},
                                   formula, Fault::study);
    if (settings && !stage.tests.empty()) {
        throw Error(
            Fault::study,
            fmt::format("tests are for linear regressions; leave them out with model {}", stage.model));
    }
    return settings;
}

void store_limited(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                   const panel::Design& design, const limited::Settings& settings) {
    const Fit fit = fit_limited(design, workspace.panel(), settings);
    ResultGroup& group = workspace.results.add("regression/" + name);
    store_facts(group, stage, design, fit);
    store_terms(group, fit);
    store_effects(group, fit);
    store_margins(group, fit);
    for (const auto& warning : fit.warnings)
        workspace.progress.warning("regression." + name + ": " + warning);
}

}  // namespace greenfront::stages
