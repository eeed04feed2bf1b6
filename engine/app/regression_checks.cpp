#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "engine/app/regression_io.hpp"
#include "engine/app/regression_text.hpp"
#include "kernels/panel/dependence.hpp"

namespace greenfront::app {
namespace {

using greenfront::panel::Fit;

io::Table test_table(const Fit& fit) {
    io::Table table;
    table.title = "Joint tests that coefficients are zero";
    table.header = {"Terms", "F", "df", "p"};
    for (const auto& test : fit.tests) {
        table.rows.push_back({fmt::format("{}", fmt::join(test.terms, ", ")), fixed(test.f, 4),
                              fmt::format("{:g}, {:.7g}", test.df1, test.df2), fixed(test.p_value, 4)});
    }
    return table;
}

io::Table vif_table(const Fit& fit) {
    io::Table table;
    table.title = "Variance inflation";
    table.header = {"Term", "VIF", "1/VIF"};
    for (std::size_t j = 0; j < fit.vif.size(); ++j)
        table.rows.push_back({fit.terms[j].name, fixed(fit.vif[j], 2), fixed(1 / fit.vif[j], 6)});
    table.notes.push_back("on the regressors after the fixed effects");
    return table;
}

io::Table policy_table(const Fit& fit) {
    io::Table table;
    table.title = "Weights of 0/1 regressors that change at different times";
    table.header = {"Policy", "Treated cells", "Negative", "Share", "Sum of negative"};
    for (const auto& policy : fit.policy) {
        table.rows.push_back(
            {policy.term, fmt::to_string(policy.treated), fmt::to_string(policy.negative),
             fixed(100 * static_cast<double>(policy.negative) / static_cast<double>(policy.treated), 2) +
                 " %",
             fixed(policy.negative_sum, 4)});
    }
    table.notes.push_back(
        "the coefficient is the sum of the cells' effects times these weights, which sum to one "
        "(de Chaisemartin and D'Haultfoeuille 2020)");
    return table;
}

}  // namespace

std::string variance_text(const Fit& fit) {
    std::string names;
    for (const auto& [name, count] : fit.clusters) names += (names.empty() ? "" : " and ") + name;
    if (fit.vcov == "iid") return "iid (homoskedastic)";
    if (fit.vcov == "robust") return "robust to heteroskedasticity (HC1)";
    if (fit.vcov == "hc2") return "robust, leverage-adjusted (HC2)";
    if (fit.vcov == "hc3") return "robust, leverage-adjusted (HC3)";
    if (fit.vcov.starts_with("jackknife:"))
        return fmt::format("cluster jackknife by {} (CV3), centred at the estimate", names);
    if (fit.vcov.starts_with("dk:"))
        return fmt::format("Driscoll-Kraay, Bartlett, {} lags, {} periods", fit.lags, fit.periods);
    if (fit.vcov.starts_with("nw:"))
        return fmt::format("Newey-West within units, Bartlett, {} lags", fit.lags);
    if (fit.vcov.starts_with("conley:")) {
        return fmt::format("Conley, uniform within {:g} km (great circle, Earth {:g} km), {} pairs",
                           fit.radius_km, greenfront::panel::earth_radius_km, fit.neighbours);
    }
    return "clustered by " + names;
}

void add_checks(const Fit& fit, Json& json) {
    json["weights"] = fit.weights.empty() ? Json(nullptr) : Json(fit.weights);
    if (fit.periods > 0) {
        json["lags"] = fit.lags;
        json["periods"] = fit.periods;
    }
    if (fit.vcov.starts_with("conley:")) {
        json["radius_km"] = fit.radius_km;
        json["neighbours"] = fit.neighbours;
    }
    if (fit.vcov.starts_with("jackknife:")) json["singular_leave_outs"] = fit.singular_leave_outs;
    json["vif"] = Json::object();
    for (std::size_t j = 0; j < fit.vif.size(); ++j) json["vif"][fit.terms[j].name] = number(fit.vif[j]);
    json["tests"] = Json::array();
    for (const auto& test : fit.tests) {
        json["tests"].push_back({{"terms", test.terms},
                                 {"f", number(test.f)},
                                 {"df1", test.df1},
                                 {"df2", number(test.df2)},
                                 {"p_value", number(test.p_value)}});
    }
    json["policy_weights"] = Json::array();
    for (const auto& policy : fit.policy) {
        json["policy_weights"].push_back(
            {{"term", policy.term},
             {"treated", policy.treated},
             {"negative", policy.negative},
             {"share_negative", static_cast<double>(policy.negative) / static_cast<double>(policy.treated)},
             {"sum_negative", number(policy.negative_sum)}});
    }
}

void add_checks(const Fit& fit, bool vif, std::vector<io::Table>& tables) {
    if (!fit.tests.empty()) tables.push_back(test_table(fit));
    if (vif && !fit.vif.empty()) tables.push_back(vif_table(fit));
    if (!fit.policy.empty()) tables.push_back(policy_table(fit));
}

}  // namespace greenfront::app
