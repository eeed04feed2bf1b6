#include "engine/stages/regression_store.hpp"

#include "engine/columns.hpp"

namespace greenfront::stages {

using panel::AbsorbedEffect;
using panel::Term;

void store_estimates(ResultGroup& group, const std::vector<Term>& terms, const std::string& prefix,
                     const std::vector<std::string>& dims, const std::vector<std::size_t>& shape,
                     const std::string& estimate, const std::string& statistic) {
    const auto column = [&](const char* name, double Term::*member, const std::string& text) {
        std::vector<double> values;
        for (const Term& term : terms) values.push_back(term.*member);
        group.variables.push_back(numbers(prefix + name, dims, shape, std::move(values), text));
    };
    column("estimate", &Term::estimate, estimate);
    column("std_error", &Term::std_error, "standard error");
    column("statistic", &Term::statistic, statistic);
    column("p_value", &Term::p_value, "two-sided p value");
    column("conf_low", &Term::conf_low, "confidence interval, low end");
    column("conf_high", &Term::conf_high, "confidence interval, high end");
}

void store_terms(ResultGroup& group, const std::vector<Term>& terms, const std::string& statistic) {
    std::vector<std::string> names;
    for (const Term& term : terms) names.push_back(term.name);
    group.variables.push_back(scale("term", names));
    store_estimates(group, terms, "", {"term"}, {names.size()}, "coefficient", statistic);
}

void store_effects(ResultGroup& group, const std::vector<AbsorbedEffect>& effects) {
    std::vector<std::string> names;
    for (const AbsorbedEffect& effect : effects) names.push_back(effect.name);
    group.variables.push_back(scale("effect", names));
    const auto column = [&](const char* name, auto member, const char* text) {
        std::vector<std::int64_t> values;
        for (const AbsorbedEffect& effect : effects) values.push_back(effect.*member);
        group.variables.push_back(integers(name, "effect", std::move(values), text));
    };
    column("categories", &AbsorbedEffect::categories, "levels of the effect");
    column("redundant", &AbsorbedEffect::redundant, "levels without a coefficient of their own");
    column("coefficients", &AbsorbedEffect::coefficients, "levels less redundant ones");
    column("nested", &AbsorbedEffect::nested, "1: nested in a cluster variable");
}

void store_lists(ResultGroup& group, const std::vector<std::pair<std::string, std::int64_t>>& clusters,
                 const std::vector<panel::Omitted>& omitted) {
    std::vector<std::string> cluster_names, omitted_names, reasons;
    std::vector<std::int64_t> cluster_counts;
    for (const auto& [name, count] : clusters) {
        cluster_names.push_back(name);
        cluster_counts.push_back(count);
    }
    for (const auto& [name, reason] : omitted) {
        omitted_names.push_back(name);
        reasons.push_back(reason);
    }
    group.attributes.insert(group.attributes.end(), {{"cluster_names", cluster_names},
                                                     {"cluster_counts", cluster_counts},
                                                     {"omitted", omitted_names},
                                                     {"omitted_reasons", reasons}});
}

}  // namespace greenfront::stages
