#include "engine/app/limited_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/limited_choice.hpp"

namespace greenfront::app {
namespace {

using greenfront::panel::Term;
using limited::Fit;
using limited::Model;

std::string fixed(double value, int digits) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : ".";
}
std::string significant(double value) {
    return std::isfinite(value) ? fmt::format("{:.7g}", value) : ".";
}

Json term_json(const Term& term) {
    return {{"term", term.name},
            {"estimate", number(term.estimate)},
            {"std_error", number(term.std_error)},
            {"statistic", number(term.statistic)},
            {"p_value", number(term.p_value)},
            {"conf_low", number(term.conf_low)},
            {"conf_high", number(term.conf_high)}};
}

std::string title(Model model) {
    switch (model) {
        case Model::truncated:
            return "Truncated regression";
        case Model::tobit:
            return "Tobit regression";
        case Model::fractional_logit:
            return "Fractional logit regression (quasi-likelihood)";
    }
    return {};
}

/// What the three counts stand for.
std::array<std::string, 3> count_names(Model model) {
    switch (model) {
        case Model::truncated:
            return {"left_out_at_lower", "untruncated", "left_out_at_upper"};
        case Model::tobit:
            return {"left_censored", "uncensored", "right_censored"};
        case Model::fractional_logit:
            return {"zeros", "between", "ones"};
    }
    return {};
}

std::string variance_text(const Fit& fit) {
    if (fit.vcov == "iid") return "iid (observed information)";
    if (fit.vcov == "robust") return "robust, N/(N-1)";
    std::string names;
    for (const auto& [name, count] : fit.clusters) names += (names.empty() ? "" : " and ") + name;
    return "clustered by " + names + ", G/(G-1)";
}

using Facts = std::vector<std::pair<std::string, std::string>>;

Facts sample_facts(const Fit& fit) {
    Facts facts{{"Variance", variance_text(fit)}};
    for (const auto& [name, count] : fit.clusters)
        facts.emplace_back("Clusters (" + name + ")", fmt::to_string(count));
    if (std::isfinite(fit.lower)) facts.emplace_back("Lower limit", fmt::format("{:g}", fit.lower));
    if (std::isfinite(fit.upper)) facts.emplace_back("Upper limit", fmt::format("{:g}", fit.upper));
    const auto names = count_names(fit.model);
    const std::int64_t counts[] = {fit.at_lower, fit.inside, fit.at_upper};
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string label = names[i];
        std::replace(label.begin(), label.end(), '_', ' ');
        facts.emplace_back("Rows " + label, fmt::to_string(counts[i]));
    }
    facts.emplace_back("Rows read", fmt::to_string(fit.n_read));
    facts.emplace_back("Complete rows", fmt::to_string(fit.n_complete));
    if (!fit.effects.empty()) facts.emplace_back("Singletons dropped", fmt::to_string(fit.singletons));
    for (const auto& effect : fit.effects)
        facts.emplace_back("Dummies of " + effect.name,
                           fmt::format("{} of {} levels", effect.dummies, effect.levels));
    return facts;
}

Facts likelihood_facts(const Fit& fit) {
    Facts facts{{"Number of obs", fmt::to_string(fit.n)}};
    if (!fit.chi2.test.empty()) {
        facts.emplace_back(fmt::format("{} chi2({})", fit.chi2.test == "lr" ? "LR" : "Wald", fit.chi2.df),
                           fixed(fit.chi2.statistic, 2));
        facts.emplace_back("Prob > chi2", fixed(fit.chi2.p_value, 4));
    }
    facts.emplace_back(fit.model == Model::fractional_logit ? "Log quasi-likelihood" : "Log likelihood",
                       fixed(fit.log_likelihood, 5));
    if (std::isfinite(fit.log_likelihood_null)) {
        facts.emplace_back("of the constant alone", fixed(fit.log_likelihood_null, 5));
        facts.emplace_back("Pseudo R2", fixed(fit.pseudo_r2, 4));
    }
    facts.emplace_back("Newton steps", fmt::to_string(fit.iterations));
    facts.emplace_back("Scaled gradient", fmt::format("{:.1e}", fit.scaled_gradient));
    return facts;
}

io::Table header_table(const Fit& fit) {
    io::Table table;
    table.title = title(fit.model);
    table.left = {true, true, true, false};
    const Facts left = sample_facts(fit), right = likelihood_facts(fit);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        std::vector<std::string> row(4);
        if (i < left.size()) row[0] = left[i].first, row[1] = left[i].second;
        if (i < right.size()) row[2] = right[i].first, row[3] = right[i].second;
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::vector<std::string> term_row(const Term& term) {
    return {term.name,
            significant(term.estimate),
            significant(term.std_error),
            fixed(term.statistic, 2),
            fixed(term.p_value, 3),
            significant(term.conf_low),
            significant(term.conf_high)};
}

std::vector<std::string> header(const std::string& first, const std::string& second, double confidence) {
    return {first,      second, "Std. err.", "z", "P>|z|", fmt::format("[{:g}% conf.", 100 * confidence),
            "interval]"};
}

io::Table term_table(const Fit& fit, const std::string& outcome) {
    io::Table table;
    table.header = header(outcome, "Coefficient", fit.confidence);
    for (const Term& term : fit.terms) {
        if (term.name == "_cons") table.rules.push_back(table.rows.size());
        table.rows.push_back(term_row(term));
    }
    if (std::isfinite(fit.sigma.estimate)) {
        table.rules.push_back(table.rows.size());
        table.rows.push_back(term_row(fit.sigma));
    }
    for (const auto& omitted : fit.omitted)
        table.notes.push_back("omitted: " + omitted.name + ", " + omitted.reason);
    if (fit.singletons > 0) {
        table.notes.push_back(
            fmt::format("dropped {} singleton row{}", fit.singletons, fit.singletons == 1 ? "" : "s"));
    }
    if (!fit.effects.empty())
        table.notes.emplace_back("_cons is the constant of the first level of every effect");
    for (const auto& warning : fit.warnings) table.notes.push_back("note: " + warning);
    return table;
}

io::Table margin_table(const Fit& fit, const limited::MarginalEffects& effects) {
    io::Table table;
    table.title = "Average marginal effects on " + effects.text;
    table.header = header("", "dy/dx", fit.confidence);
    for (const Term& term : effects.terms) table.rows.push_back(term_row(term));
    return table;
}

}  // namespace

Json limited_json(const Fit& fit) {
    Json json;
    json["formula"] = fit.formula;
    json["model"] = name(fit.model);
    json["lower"] = number(fit.lower);
    json["upper"] = number(fit.upper);
    json["n"] = fit.n;
    json["n_read"] = fit.n_read;
    json["n_complete"] = fit.n_complete;
    json["singletons_dropped"] = fit.singletons;
    const auto names = count_names(fit.model);
    json["counts"] = {{names[0], fit.at_lower}, {names[1], fit.inside}, {names[2], fit.at_upper}};
    json["clusters"] = Json::object();
    for (const auto& [name, count] : fit.clusters) json["clusters"][name] = count;
    json["omitted"] = Json::array();
    for (const auto& omitted : fit.omitted)
        json["omitted"].push_back({{"term", omitted.name}, {"reason", omitted.reason}});
    json["vcov"] = fit.vcov;
    json["df_model"] = fit.df_model;
    json["terms"] = Json::array();
    for (const Term& term : fit.terms) json["terms"].push_back(term_json(term));
    json["sigma"] = std::isfinite(fit.sigma.estimate) ? Json{{"estimate", fit.sigma.estimate},
                                                             {"std_error", number(fit.sigma.std_error)},
                                                             {"conf_low", number(fit.sigma.conf_low)},
                                                             {"conf_high", number(fit.sigma.conf_high)}}
                                                      : Json(nullptr);
    json["log_likelihood"] = number(fit.log_likelihood);
    json["log_likelihood_null"] = number(fit.log_likelihood_null);
    json["pseudo_r2"] = number(fit.pseudo_r2);
    json["chi2"] = fit.chi2.test.empty() ? Json(nullptr)
                                         : Json{{"test", fit.chi2.test},
                                                {"statistic", number(fit.chi2.statistic)},
                                                {"df", fit.chi2.df},
                                                {"p_value", number(fit.chi2.p_value)}};
    json["marginal_effects"] = Json::array();
    for (const auto& effects : fit.marginal) {
        Json terms = Json::array();
        for (const Term& term : effects.terms) terms.push_back(term_json(term));
        json["marginal_effects"].push_back(
            {{"target", effects.target}, {"mean", effects.text}, {"terms", terms}});
    }
    json["effects"] = Json::array();
    for (const auto& effect : fit.effects)
        json["effects"].push_back(
            {{"effect", effect.name}, {"levels", effect.levels}, {"dummies", effect.dummies}});
    json["iterations"] = fit.iterations;
    json["scaled_gradient"] = number(fit.scaled_gradient);
    json["warnings"] = fit.warnings;
    return json;
}

std::vector<io::Table> limited_tables(const Fit& fit, const std::string& outcome) {
    std::vector<io::Table> tables{header_table(fit), term_table(fit, outcome)};
    for (const auto& effects : fit.marginal) {
        if (!effects.terms.empty() && effects.target != "latent")
            tables.push_back(margin_table(fit, effects));
    }
    return tables;
}

io::Table limited_csv(const Fit& fit) {
    io::Table table;
    table.header = {"quantity",  "term",    "estimate", "std_error",
                    "statistic", "p_value", "conf_low", "conf_high"};
    const auto cell = [](double value) {
        return std::isfinite(value) ? fmt::format("{}", value) : std::string();
    };
    const auto add = [&](const std::string& quantity, const Term& term) {
        table.rows.push_back({quantity, term.name, cell(term.estimate), cell(term.std_error),
                              cell(term.statistic), cell(term.p_value), cell(term.conf_low),
                              cell(term.conf_high)});
    };
    for (const Term& term : fit.terms) add("coefficient", term);
    if (std::isfinite(fit.sigma.estimate)) add("coefficient", fit.sigma);
    for (const auto& effects : fit.marginal) {
        for (const Term& term : effects.terms) add("marginal_" + effects.target, term);
    }
    return table;
}

}  // namespace greenfront::app
