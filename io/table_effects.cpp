#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

std::string bracketed(double value) {
    return fmt::format("({})", significant(value));
}

/// Empty where there is no number.
std::string blank(double value, bool in_brackets = false) {
    return std::isnan(value) ? "" : in_brackets ? bracketed(value) : significant(value);
}

/// Of an F; of a chi-squared, whose second is infinite.
std::string degrees(double df1, double df2) {
    return std::isinf(df2) ? fmt::format("chi2({:g})", df1) : fmt::format("F({:g}, {:g})", df1, df2);
}

/// Estimate, standard error, z or t, p; the normal distribution where there are no degrees of freedom.
struct PathRow {
    double estimate, std_error, statistic, p;
};
std::vector<std::string> cells(const std::string& stage, const std::string& path, const PathRow& row,
                               const Style& style) {
    return {stage,
            path,
            starred(row.estimate, row.p, style),
            bracketed(row.std_error),
            significant(row.statistic),
            p_value(row.p)};
}

void add_paths(const ResultGroup& group, const Style& style, Table& table) {
    const std::string x = text_attribute(group, "treatment"), m = text_attribute(group, "mediator");
    const std::string paths[] = {x + " to " + m + " (a)", m + " to outcome (b)", x + ", total (c)",
                                 x + ", direct (c')"};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto of_path = [&](const char* name) { return numbers(group, name)[i]; };
        table.rows.push_back(cells(
            i == 0 ? last_name(group) : "", paths[i],
            {of_path("estimate"), of_path("std_error"), of_path("path_statistic"), of_path("path_p_value")},
            style));
    }
}

void add_indirect(const ResultGroup& group, const Style& style, Table& table) {
    const double indirect = number_attribute(group, "indirect");
    const auto& tests = texts(group, "test");
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const auto of_test = [&](const char* name) { return numbers(group, name)[i]; };
        table.rows.push_back(cells(
            "", "indirect (a b), " + tests[i],
            {indirect, of_test("indirect_std_error"), of_test("statistic"), of_test("p_value")}, style));
    }
    if (group.attribute("percentile_low") == nullptr) return;
    table.rows.push_back(
        {"",
         fmt::format("indirect, bootstrap over {}, {:g} % interval",
                     text_attribute(group, "bootstrap_cluster"), 100 * number_attribute(group, "confidence")),
         fmt::format("[{}, {}]", significant(number_attribute(group, "percentile_low")),
                     significant(number_attribute(group, "percentile_high"))),
         bracketed(number_attribute(group, "bootstrap_std_error")), "", ""});
}

}  // namespace

namespace {

std::string difference_test(const ResultGroup& group) {
    const std::string test = text_attribute(group, "test"), vcov = text_attribute(group, "vcov");
    if (test == "suest") return "chi-squared of stacked scores (suest), variance " + vcov;
    if (test != "permutation") return "F of the regression with everything interacted, variance " + vcov;
    const std::string which =
        number_attribute(group, "enumerated") > 0
            ? fmt::format("all {} assignments", count(number_attribute(group, "replicates")))
            : fmt::format("{} random assignments, seed {}", count(number_attribute(group, "replicates")),
                          text_attribute(group, "seed"));
    return fmt::format("Fisher permutation over {}, {}; p is two-sided", text_attribute(group, "permuted"),
                       which);
}

}  // namespace

Table difference_table(const Results& results, const std::string& name) {
    Table table;
    table.title = "Differences between groups";
    table.header = {"Regression", "Term",   "Group",     "Estimate", "Std. error",
                    "Difference", "(s.e.)", "Statistic", "df",       "p"};
    table.left = {true, true, true};
    bool several = false;  // three groups or more
    for (const auto* group : chosen_groups(results, "difference", name)) {
        table.rules.push_back(table.rows.size());
        const auto& terms = texts(*group, "term");
        const auto labels_of = labels(results, *group, "group");
        const auto& estimate = numbers(*group, "estimate");
        const auto& error = numbers(*group, "std_error");
        const bool permuted = text_attribute(*group, "test") == "permutation";
        for (std::size_t t = 0; t < terms.size(); ++t) {
            const auto of_term = [&](const char* dataset) { return numbers(*group, dataset)[t]; };
            for (std::size_t g = 0; g < labels_of.size(); ++g) {
                const std::size_t i = t * labels_of.size() + g;
                std::vector<std::string> row{g + t == 0 ? last_name(*group) : "", g == 0 ? terms[t] : "",
                                             labels_of[g], significant(estimate[i]), bracketed(error[i])};
                if (g == 0) {
                    row.insert(row.end(),
                               {blank(of_term("difference")), blank(of_term("difference_std_error"), true),
                                permuted ? "" : significant(of_term("statistic")),
                                permuted ? "" : degrees(of_term("df1"), of_term("df2")),
                                p_value(of_term("p_value"))});
                } else {
                    row.resize(table.header.size());
                }
                table.rows.push_back(std::move(row));
            }
        }
        several = several || labels_of.size() > 2;
        if (!permuted)
            table.rows.push_back(
                {"", "all together", "", "", "", "", "",
                 significant(number_attribute(*group, "joint_statistic")),
                 degrees(number_attribute(*group, "joint_df1"), number_attribute(*group, "joint_df2")),
                 p_value(number_attribute(*group, "joint_p"))});
        table.notes.push_back(fmt::format("{}: groups of {} ({}); {}.", last_name(*group),
                                          text_attribute(*group, "column"), text_attribute(*group, "split"),
                                          difference_test(*group)));
        if (const double without = number_attribute(*group, "rows_without_group"); without > 0) {
            table.notes.push_back(fmt::format("{}: {} rows without a value of {} are in no group.",
                                              last_name(*group), count(without),
                                              text_attribute(*group, "column")));
        }
    }
    table.notes.emplace_back(several
                                 ? "The difference is that of the first less the second of two groups; the "
                                   "statistic tests that the coefficients of all groups are equal."
                                 : "The difference is that of the first less the second group.");
    return table;
}

std::size_t leave_out_mediations(Results& results) {
    const auto is_equation = [&](const ResultGroup& group) {
        constexpr std::string_view front = "regression/";
        const auto dot = group.path.rfind('.');
        if (!group.path.starts_with(front) || dot == std::string::npos) return false;
        const std::string part = group.path.substr(dot + 1);
        return (part == "mediator" || part == "total" || part == "direct") &&
               results.find("mediation/" + group.path.substr(front.size(), dot - front.size())) != nullptr;
    };
    std::vector<std::string> equations;
    for (const auto& group : results.groups) {
        if (is_equation(group)) equations.push_back(group.path);
    }
    return std::erase_if(results.groups, [&](const ResultGroup& group) {
        return std::find(equations.begin(), equations.end(), group.path) != equations.end();
    });
}

Table mediation_table(const Results& results, const std::string& name, const Style& style) {
    Table table;
    table.title = "Mediation";
    table.header = {"Analysis", "Path", "Estimate", "Std. error", "t, z", "p"};
    table.left = {true, true};
    for (const auto* group : chosen_groups(results, "mediation", name)) {
        table.rules.push_back(table.rows.size());
        add_paths(*group, style, table);
        add_indirect(*group, style, table);
        const std::string note = text_attribute(*group, "share_note");
        table.rows.push_back({"", "share of the total effect (a b / c)",
                              note.empty() ? percent(number_attribute(*group, "share")) + " %" : ".", "", "",
                              ""});
        table.notes.push_back(fmt::format("{}: {} rows, variance {}.", last_name(*group),
                                          count(number_attribute(*group, "n")),
                                          text_attribute(*group, "vcov")));
        if (!note.empty()) table.notes.push_back(fmt::format("{}: no share, {}.", last_name(*group), note));
    }
    Style marks = style;
    marks.below = Style::Below::std_error;
    table.notes.push_back(note_of(marks));
    table.notes.emplace_back(
        "c = c' + a b. Paths have t statistics, the indirect effect z. The regression to report is that of "
        "the "
        "mediator on the treatment; the rest rests on the mediator being as good as random given the "
        "regressors.");
    return table;
}

}  // namespace greenfront::io
