#include "io/table_regression_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace greenfront::io {
namespace {

using Row = std::pair<std::string, std::vector<std::string>>;

std::string with_p(double statistic, double p) {
    return std::isnan(statistic) ? "" : fmt::format("{} [{}]", significant(statistic), p_value(p));
}

/// F and the first critical value of a size: that of 10 %.
std::string with_critical(const ResultGroup& group, double f) {
    if (std::isnan(f)) return "";
    const auto critical = numbers_attribute(group, "stock_yogo_size");
    if (critical.empty() || std::isnan(critical.front())) return significant(f);
    return fmt::format("{} {{{:.2f}}}", significant(f), critical.front());
}

std::vector<std::string> tests_of(const ResultGroup& group) {
    return group.find("test") == nullptr ? std::vector<std::string>{} : texts(group, "test");
}

std::string joint_test(const ResultGroup& group, const std::string& terms) {
    const auto tests = tests_of(group);
    const auto place = static_cast<std::size_t>(std::find(tests.begin(), tests.end(), terms) - tests.begin());
    if (place == tests.size()) return "";
    return with_p(numbers(group, "test_f")[place], numbers(group, "test_p")[place]);
}

std::string overidentification(const ResultGroup& group) {
    const std::string cell = with_p(number_attribute(group, "overid"), number_attribute(group, "overid_p"));
    if (cell.empty()) return cell;
    return (text_attribute(group, "overid_test") == "sargan" ? "Sargan " : "Hansen ") + cell;
}

void heading(Table& table, std::vector<std::string> cells) {
    cells.resize(7);
    table.rules.push_back(table.rows.size());
    table.rows.push_back(std::move(cells));
}

void line(Table& table, std::vector<std::string> cells) {
    cells.resize(7);
    table.rows.push_back(std::move(cells));
}

void add_tests(const ResultGroup& group, Table& table) {
    const auto tests = tests_of(group);
    if (tests.empty()) return;
    heading(table, {"Jointly zero", "F", "df 1", "df 2", "p"});
    for (std::size_t t = 0; t < tests.size(); ++t) {
        line(table, {tests[t], significant(numbers(group, "test_f")[t]), count(numbers(group, "test_df1")[t]),
                     count(numbers(group, "test_df2")[t]), p_value(numbers(group, "test_p")[t])});
    }
}

void add_vif(const ResultGroup& group, Table& table) {
    if (group.find("vif") == nullptr) return;
    const auto& vif = numbers(group, "vif");
    const auto& terms = texts(group, "term");
    if (std::count_if(vif.begin(), vif.end(), [](double v) { return !std::isnan(v); }) < 2)
        return;  // nothing to be collinear with
    heading(table, {"Variance inflation", "VIF", "1/VIF"});
    for (std::size_t j = 0; j < terms.size(); ++j)
        if (!std::isnan(vif[j])) line(table, {terms[j], significant(vif[j]), significant(1 / vif[j])});
}

void add_policies(const ResultGroup& group, Table& table) {
    if (group.find("policy") == nullptr) return;
    const auto& policies = texts(group, "policy");
    heading(table, {"Staggered policy", "% negative weights", "their sum"});
    for (std::size_t j = 0; j < policies.size(); ++j) {
        line(table, {policies[j], percent(numbers(group, "policy_negative_share")[j]),
                     significant(numbers(group, "policy_negative_sum")[j])});
    }
}

}  // namespace

std::vector<Row> check_rows(const std::vector<const ResultGroup*>& groups) {
    std::vector<Row> rows;
    const auto add = [&](const std::string& label,
                         const std::function<std::string(const ResultGroup&)>& cell) {
        Row row{label, {}};
        for (const auto* group : groups) row.second.push_back(cell(*group));
        const bool blank =
            std::all_of(row.second.begin(), row.second.end(), [](const std::string& c) { return c.empty(); });
        if (!blank) rows.push_back(std::move(row));
    };
    const auto f_row = [&](const std::string& label, const char* key) {
        add(label, [key](const ResultGroup& g) { return with_critical(g, number_attribute(g, key)); });
    };
    add("Weights", [](const ResultGroup& g) { return text_attribute(g, "weights"); });
    std::vector<std::string> tests;
    for (const auto* group : groups) {
        for (const auto& test : tests_of(*group)) {
            if (std::find(tests.begin(), tests.end(), test) == tests.end()) tests.push_back(test);
        }
    }
    for (const auto& test : tests)
        add("F: " + test + " = 0", [&](const ResultGroup& g) { return joint_test(g, test); });
    add("Underidentification LM", [](const ResultGroup& g) {
        return with_p(number_attribute(g, "kp_rk_lm"), number_attribute(g, "kp_rk_lm_p"));
    });
    f_row("Kleibergen-Paap rk Wald F", "kp_rk_wald_f");
    f_row("Cragg-Donald F", "cragg_donald_f");
    add("Effective F", [](const ResultGroup& g) {
        const double f = number_attribute(g, "effective_f");
        return std::isnan(f) ? "" : significant(f);
    });
    add("Anderson-Rubin F", [](const ResultGroup& g) {
        return with_p(number_attribute(g, "anderson_rubin_f"), number_attribute(g, "anderson_rubin_p"));
    });
    add("Overidentification", overidentification);
    add("Endogeneity", [](const ResultGroup& g) {
        return with_p(number_attribute(g, "endogeneity"), number_attribute(g, "endogeneity_p"));
    });
    return rows;
}

void add_check_blocks(const ResultGroup& group, Table& table) {
    add_tests(group, table);
    add_vif(group, table);
    add_policies(group, table);
    add_instrument_blocks(group, table);
}

}  // namespace greenfront::io
