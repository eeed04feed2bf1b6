#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/app/regression_io.hpp"
#include "engine/app/regression_text.hpp"

namespace greenfront::app {

std::string fixed(double value, int digits) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : ".";
}
std::string significant(double value) {
    return std::isfinite(value) ? fmt::format("{:.7g}", value) : ".";
}

namespace {

using greenfront::panel::Fit;
using greenfront::panel::Interval;
using greenfront::panel::WeakInstruments;

Json chi_squared_json(const greenfront::panel::ChiSquared& test) {
    return {{"statistic", number(test.statistic)}, {"df", test.df}, {"p_value", number(test.p_value)}};
}

Json strength_json(const greenfront::panel::EffectiveF& effective) {
    if (effective.critical.empty()) return nullptr;
    Json json{{"f", number(effective.f)}, {"critical", Json::object()}, {"df", Json::object()}};
    const char* biases[] = {"5%", "10%", "20%", "30%"};
    for (std::size_t i = 0; i < effective.critical.size(); ++i) {
        json["critical"][biases[i]] = number(effective.critical[i]);
        json["df"][biases[i]] = number(effective.df[i]);
    }
    return json;
}

}  // namespace

Json iv_json(const WeakInstruments& iv) {
    Json json;
    json["kp_rk_lm"] = chi_squared_json(iv.lm);
    json["kp_rk_wald_f"] = number(iv.kp_wald_f);
    json["cragg_donald_f"] = number(iv.cragg_donald_f);
    json["stock_yogo"] = Json::object();
    const char* sizes[] = {"10%", "15%", "20%", "25%"};
    for (std::size_t i = 0; i < iv.stock_yogo_size.size(); ++i)
        json["stock_yogo"][sizes[i]] = iv.stock_yogo_size[i];
    json["stock_yogo_bias"] = Json::object();
    const char* biases[] = {"5%", "10%", "20%", "30%"};
    for (std::size_t i = 0; i < iv.stock_yogo_bias.size(); ++i)
        json["stock_yogo_bias"][biases[i]] = iv.stock_yogo_bias[i];
    if (iv.overid_test.empty()) {
        json["overid"] = nullptr;
    } else {
        json["overid"] = {{"test", iv.overid_test}};
        json["overid"].update(chi_squared_json(iv.overid));
    }
    json["first_stage"] = Json::array();
    for (const auto& stage : iv.first_stage) {
        json["first_stage"].push_back({{"endogenous", stage.endogenous},
                                       {"f", number(stage.f)},
                                       {"df1", stage.df1},
                                       {"df2", stage.df2},
                                       {"p_value", number(stage.p_value)},
                                       {"partial_r2", number(stage.partial_r2)},
                                       {"sanderson_windmeijer_f", number(stage.sanderson_windmeijer_f)},
                                       {"sanderson_windmeijer_df1", stage.sanderson_windmeijer_df1},
                                       {"sanderson_windmeijer_p", number(stage.sanderson_windmeijer_p)}});
    }
    const auto& ar = iv.anderson_rubin;
    json["anderson_rubin"] = {{"f", number(ar.f)},
                              {"df1", ar.df1},
                              {"df2", ar.df2},
                              {"p_value", number(ar.p_value)},
                              {"chi2", chi_squared_json(ar.chi_squared)},
                              {"conf_set", nullptr}};
    if (ar.confidence) {
        Json set = Json::array();
        for (const Interval& part : *ar.confidence) set.push_back({number(part.low), number(part.high)});
        json["anderson_rubin"]["conf_set"] = set;
    }
    json["effective_f"] = strength_json(iv.effective);
    json["stock_wright_s"] = chi_squared_json(iv.stock_wright);
    json["endogeneity"] = chi_squared_json(iv.endogeneity);
    json["liml_k"] = number(iv.liml_k);
    json["liml_overid"] =
        std::isfinite(iv.liml_overid.statistic) ? chi_squared_json(iv.liml_overid) : Json(nullptr);
    return json;
}

namespace {

std::string interval_text(const std::vector<Interval>& set) {
    if (set.empty()) return "empty";
    std::string text;
    for (const Interval& part : set) {
        text += fmt::format("{}[{}, {}]", text.empty() ? "" : " and ",
                            std::isinf(part.low) ? "-inf" : significant(part.low),
                            std::isinf(part.high) ? "inf" : significant(part.high));
    }
    return text;
}

void add_strength(const WeakInstruments& iv, io::Table& table) {
    const auto& effective = iv.effective;
    if (effective.critical.empty()) return;
    table.rows.push_back({"Effective F (Montiel Olea-Pflueger)", fixed(effective.f, 3), "", ""});
    const char* biases[] = {"5", "10", "20", "30"};
    for (std::size_t i = 0; i < effective.critical.size(); ++i) {
        table.rows.push_back({fmt::format("Critical value, 2SLS bias {}%", biases[i]),
                              fixed(effective.critical[i], 2), fixed(effective.df[i], 2), ""});
    }
}

/// Which variables had which part, as ivreg2 lists them.
void add_lists(const Fit& fit, io::Table& table) {
    std::vector<std::string> instrumented, included, partialled;
    for (const auto& stage : fit.iv->first_stage) instrumented.push_back(stage.endogenous);
    for (const auto& term : fit.terms) {
        const bool endogenous =
            std::find(instrumented.begin(), instrumented.end(), term.name) != instrumented.end();
        if (!endogenous && term.name != "_cons") included.push_back(term.name);
    }
    for (const auto& effect : fit.absorbed) partialled.push_back(effect.name);
    const auto list = [&](const char* part, const std::vector<std::string>& names) {
        if (!names.empty()) table.notes.push_back(fmt::format("{}: {}", part, fmt::join(names, ", ")));
    };
    list("instrumented", instrumented);
    list("included instruments", included);
    list("excluded instruments", fit.iv->instrument_names);
    list("partialled out", partialled);
}

void add_test(const std::string& label, const greenfront::panel::ChiSquared& test, io::Table& table) {
    table.rows.push_back({label, fixed(test.statistic, 3), fmt::to_string(test.df), fixed(test.p_value, 4)});
}

}  // namespace

io::Table iv_table(const Fit& fit, double confidence) {
    const WeakInstruments& iv = *fit.iv;
    const bool iid = fit.vcov == "iid";
    io::Table table;
    table.title = "Instruments";
    table.header = {"Test", "Statistic", "df", "p"};
    table.rows.push_back({fmt::format("Underidentification ({} LM)",
                                      iid ? "Anderson canonical correlation" : "Kleibergen-Paap rk"),
                          fixed(iv.lm.statistic, 3), fmt::to_string(iv.lm.df), fixed(iv.lm.p_value, 4)});
    table.rows.push_back({"Weak identification (Cragg-Donald Wald F)", fixed(iv.cragg_donald_f, 3), "", ""});
    if (!iid)
        table.rows.push_back(
            {"Weak identification (Kleibergen-Paap rk Wald F)", fixed(iv.kp_wald_f, 3), "", ""});
    if (iv.stock_yogo_size.empty()) {
        table.rows.push_back({"Stock-Yogo critical values", "not tabulated", "", ""});
    }
    const char* sizes[] = {"10", "15", "20", "25"};
    for (std::size_t i = 0; i < iv.stock_yogo_size.size(); ++i) {
        table.rows.push_back(
            {fmt::format("Stock-Yogo {}% maximal {} size", sizes[i], fit.estimator == "liml" ? "LIML" : "IV"),
             fixed(iv.stock_yogo_size[i], 2), "", ""});
    }
    const char* biases[] = {"5", "10", "20", "30"};
    for (std::size_t i = 0; i < iv.stock_yogo_bias.size(); ++i) {
        table.rows.push_back({fmt::format("Stock-Yogo {}% maximal relative bias", biases[i]),
                              fixed(iv.stock_yogo_bias[i], 2), "", ""});
    }
    if (iv.overid_test.empty()) {
        table.rows.push_back({"Overidentification", "exactly identified", "", ""});
    } else {
        table.rows.push_back({iv.overid_test == "sargan" ? "Sargan" : "Hansen J",
                              fixed(iv.overid.statistic, 3), fmt::to_string(iv.overid.df),
                              fixed(iv.overid.p_value, 4)});
    }
    add_strength(iv, table);
    for (const auto& stage : iv.first_stage) {
        table.rows.push_back({"First-stage F of " + stage.endogenous, fixed(stage.f, 3),
                              fmt::format("{:g}, {:g}", stage.df1, stage.df2), fixed(stage.p_value, 4)});
        table.rows.push_back(
            {"Partial R-squared of " + stage.endogenous, fixed(stage.partial_r2, 4), "", ""});
        if (std::isfinite(stage.sanderson_windmeijer_f)) {
            table.rows.push_back({"Sanderson-Windmeijer F of " + stage.endogenous,
                                  fixed(stage.sanderson_windmeijer_f, 3),
                                  fmt::format("{:g}, {:g}", stage.sanderson_windmeijer_df1, stage.df2),
                                  fixed(stage.sanderson_windmeijer_p, 4)});
        }
    }
    const auto& ar = iv.anderson_rubin;
    table.rows.push_back({"Anderson-Rubin F (coefficients are zero)", fixed(ar.f, 3),
                          fmt::format("{:g}, {:g}", ar.df1, ar.df2), fixed(ar.p_value, 4)});
    add_test("Anderson-Rubin chi-squared", ar.chi_squared, table);
    if (ar.confidence) {
        table.rows.push_back({fmt::format("Anderson-Rubin {:g}% confidence set", 100 * confidence),
                              interval_text(*ar.confidence), "", ""});
    }
    add_test("Stock-Wright LM S (coefficients are zero)", iv.stock_wright, table);
    add_test(fmt::format("Endogeneity (difference of two {} statistics)", iid ? "Sargan" : "Hansen"),
             iv.endogeneity, table);
    if (std::isfinite(iv.liml_k))
        table.rows.push_back({"k of LIML", fmt::format("{:.8g}", iv.liml_k), "", ""});
    if (std::isfinite(iv.liml_overid.statistic))
        add_test("Anderson-Rubin LR, N log k", iv.liml_overid, table);
    add_lists(fit, table);
    if (!iid) {
        table.notes.push_back(
            "Stock and Yogo's values are for the Cragg-Donald F with iid errors; comparing the "
            "Kleibergen-Paap F with them is customary, not proved");
    }
    return table;
}

Json iv_equations_json(const greenfront::panel::IvEquations& equations) {
    const auto one = [](const greenfront::panel::IvEquation& equation) {
        if (equation.refused.empty()) return regression_json(equation.fit);
        return Json{{"outcome", equation.outcome}, {"refused", equation.refused}};
    };
    Json json{{"first_stage_regressions", Json::array()}, {"reduced_form", one(equations.reduced_form)}};
    for (const auto& equation : equations.first_stage)
        json["first_stage_regressions"].push_back(one(equation));
    return json;
}

std::vector<io::Table> iv_equation_tables(const greenfront::panel::IvEquations& equations,
                                          double confidence) {
    std::vector<io::Table> tables;
    const auto one = [&](const greenfront::panel::IvEquation& equation, const char* kind) {
        io::Table table = term_table(equation.fit, equation.outcome, confidence);
        table.title = fmt::format("{} of {}", kind, equation.outcome);
        if (!equation.refused.empty()) table.notes.push_back("not available: " + equation.refused);
        for (const auto& test : equation.fit.tests) {
            table.notes.push_back(fmt::format("instruments jointly zero: F({:g}, {}) = {}, p = {}", test.df1,
                                              significant(test.df2), significant(test.f),
                                              fixed(test.p_value, 4)));
        }
        tables.push_back(std::move(table));
    };
    for (const auto& equation : equations.first_stage) one(equation, "First stage");
    one(equations.reduced_form, "Reduced form");
    return tables;
}

}  // namespace greenfront::app
