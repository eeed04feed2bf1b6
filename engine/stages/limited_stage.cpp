#include "engine/stages/limited_stage.hpp"

#include <fmt/format.h>

#include "engine/columns.hpp"
#include "engine/stages/regression_store.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Term;
using limited::Fit;

/// margin_estimate, margin_std_error, ... by (margin_target, margin_term).
void store_margins(ResultGroup& group, const Fit& fit) {
    if (fit.marginal.empty() || fit.marginal.front().terms.empty()) return;
    std::vector<std::string> targets, names;
    std::vector<Term> terms;
    for (const auto& effects : fit.marginal) {
        targets.push_back(effects.target);
        terms.insert(terms.end(), effects.terms.begin(), effects.terms.end());
    }
    for (const Term& term : fit.marginal.front().terms) names.push_back(term.name);
    group.variables.push_back(scale("margin_target", targets));
    group.variables.push_back(scale("margin_term", names));
    store_estimates(group, terms, "margin_", {"margin_target", "margin_term"}, {targets.size(), names.size()},
                    "average marginal effect", "z statistic");
}

/// Dummies are all estimated, so no effect is nested; the base level and collinear levels are redundant.
std::vector<panel::AbsorbedEffect> dummy_effects(const Fit& fit) {
    std::vector<panel::AbsorbedEffect> effects;
    for (const auto& effect : fit.effects)
        effects.push_back(
            {effect.name, effect.levels, effect.levels - effect.dummies, effect.dummies, false});
    return effects;
}

void store_facts(ResultGroup& group, const RegressionStage& stage, const panel::Design& design,
                 const Fit& fit) {
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
    store_lists(group, fit.clusters, fit.omitted);
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
    store_terms(group, fit.terms, "z statistic");
    store_effects(group, dummy_effects(fit));
    store_margins(group, fit);
    for (const auto& warning : fit.warnings)
        workspace.progress.warning("regression." + name + ": " + warning);
}

}  // namespace greenfront::stages
