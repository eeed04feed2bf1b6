#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/table_regression_checks.hpp"

namespace greenfront::io {
namespace {

constexpr std::size_t width = 7;  ///< columns of the table of one regression

void line(Table& table, std::vector<std::string> cells) {
    cells.resize(width);
    table.rows.push_back(std::move(cells));
}

std::string pair_of(double df1, double df2) {
    return std::isnan(df2) ? count(df1) : fmt::format("{}, {}", count(df1), count(df2));
}

/// NAME, NAME_df, NAME_p.
void add_test(const ResultGroup& group, const std::string& label, const std::string& name, Table& table) {
    const double statistic = number_attribute(group, name);
    if (std::isnan(statistic)) return;
    line(table, {label, significant(statistic), count(number_attribute(group, name + "_df")),
                 p_value(number_attribute(group, name + "_p"))});
}

/// "16.38, 8.96, 6.66, 5.53 for 10, 15, 20, 25 % maximal size".
void add_stock_yogo(const ResultGroup& group, const char* name, const char* levels, const std::string& what,
                    Table& table) {
    std::vector<std::string> words;
    for (const double value : numbers_attribute(group, name))
        if (!std::isnan(value)) words.push_back(fmt::format("{:.2f}", value));
    if (words.empty()) return;
    table.notes.push_back(fmt::format("Stock and Yogo's critical values, {} {}: {} (for iid errors).", levels,
                                      what, fmt::join(words, ", ")));
}

void add_first_stages(const ResultGroup& group, Table& table) {
    const auto names = list_attribute(group, "first_stage_of");
    const auto list = [&](const char* name) {
        auto values = numbers_attribute(group, name);
        values.resize(names.size(), NAN);
        return values;
    };
    const auto f = list("first_stage_f"), df1 = list("first_stage_df1"), df2 = list("first_stage_df2"),
               p = list("first_stage_p"), r2 = list("first_stage_partial_r2"),
               sw = list("sanderson_windmeijer_f"), sw_df = list("sanderson_windmeijer_df1"),
               sw_p = list("sanderson_windmeijer_p");
    for (std::size_t j = 0; j < names.size(); ++j) {
        line(table, {"First-stage F: " + names[j], significant(f[j]), pair_of(df1[j], df2[j]), p_value(p[j]),
                     "partial R2 " + significant(r2[j])});
        if (std::isnan(sw[j])) continue;
        line(table, {"Sanderson-Windmeijer F: " + names[j], significant(sw[j]), pair_of(sw_df[j], df2[j]),
                     p_value(sw_p[j])});
    }
}

std::string set_text(const std::vector<double>& low, const std::vector<double>& high) {
    if (low.empty()) return "empty";
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < std::min(low.size(), high.size()); ++i)
        pieces.push_back(fmt::format("[{}, {}]", significant(low[i]), significant(high[i])));
    return fmt::format("{}", fmt::join(pieces, " and "));
}

void add_anderson_rubin(const ResultGroup& group, Table& table) {
    const auto figure = [&](const char* key) { return number_attribute(group, key); };
    line(table, {"Anderson-Rubin F", significant(figure("anderson_rubin_f")),
                 pair_of(figure("anderson_rubin_df1"), figure("anderson_rubin_df2")),
                 p_value(figure("anderson_rubin_p"))});
    if (group.attribute("anderson_rubin_low") == nullptr) return;
    table.notes.push_back(fmt::format("Anderson-Rubin {:g} % confidence set: {}.", 100 * figure("confidence"),
                                      set_text(numbers_attribute(group, "anderson_rubin_low"),
                                               numbers_attribute(group, "anderson_rubin_high"))));
}

void add_effective_f(const ResultGroup& group, Table& table) {
    const double f = number_attribute(group, "effective_f");
    if (std::isnan(f)) return;
    line(table, {"Effective F", significant(f)});
    std::vector<std::string> words;
    for (const double value : numbers_attribute(group, "effective_f_critical"))
        words.push_back(fmt::format("{:.2f}", value));
    table.notes.push_back(
        fmt::format("Critical values of the effective F, 5, 10, 20, 30 % worst-case bias (5 % level): {}.",
                    fmt::join(words, ", ")));
}

}  // namespace

void add_instrument_blocks(const ResultGroup& group, Table& table) {
    if (group.attribute("kp_rk_lm") == nullptr) return;
    const bool iid = text_attribute(group, "vcov") == "iid";
    const bool liml = text_attribute(group, "estimator") == "liml";
    table.rules.push_back(table.rows.size());
    line(table, {"Instruments", "statistic", "df", "p"});
    add_test(group, iid ? "Anderson LM" : "Kleibergen-Paap rk LM", "kp_rk_lm", table);
    if (!iid)
        line(table, {"Kleibergen-Paap rk Wald F", significant(number_attribute(group, "kp_rk_wald_f"))});
    line(table, {"Cragg-Donald F", significant(number_attribute(group, "cragg_donald_f"))});
    add_effective_f(group, table);
    add_first_stages(group, table);
    add_test(group, text_attribute(group, "overid_test") == "sargan" ? "Sargan" : "Hansen J", "overid",
             table);
    add_test(group, "Anderson-Rubin LR, N log k", "liml_overid", table);
    add_test(group, "Endogeneity", "endogeneity", table);
    add_anderson_rubin(group, table);
    add_test(group, "Anderson-Rubin chi-squared", "anderson_rubin_chi2", table);
    add_test(group, "Stock-Wright S", "stock_wright_s", table);
    table.notes.push_back(fmt::format(
        "Estimator {}{}; endogenous: {}; excluded instruments: {}{}.", text_attribute(group, "estimator"),
        liml ? fmt::format(", k = {:.8g}", number_attribute(group, "liml_k")) : "",
        fmt::join(list_attribute(group, "endogenous"), ", "),
        fmt::join(list_attribute(group, "instruments"), ", "),
        text_attribute(group, "overid_test").empty() ? " (exactly identified)" : ""));
    add_stock_yogo(group, "stock_yogo_size", "10, 15, 20, 25 %",
                   liml ? "maximal LIML size" : "maximal IV size", table);
    add_stock_yogo(group, "stock_yogo_bias", "5, 10, 20, 30 %", "maximal relative bias", table);
}

}  // namespace greenfront::io
