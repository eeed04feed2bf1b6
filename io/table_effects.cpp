#include <fmt/format.h>

#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

std::string with_stars(double estimate, double p) {
    return fmt::format("{}{:<3}", significant(estimate), stars(p));
}

std::string bracketed(double value) {
    return fmt::format("({})", significant(value));
}

}  // namespace

Table difference_table(const Results& results) {
    Table table;
    table.title = "Differences between groups";
    table.header = {"Regression", "Term",      "Group", "Estimate", "Std. error",
                    "Difference", "Statistic", "df",    "p"};
    table.left = {true, true, true};
    for (const auto* group : require_groups(results, "difference")) {
        table.rules.push_back(table.rows.size());
        const auto& terms = texts(*group, "term");
        const auto labels_of = labels(results, *group, "group");
        const auto& estimate = numbers(*group, "estimate");
        const auto& error = numbers(*group, "std_error");
        for (std::size_t t = 0; t < terms.size(); ++t) {
            const auto of_term = [&](const char* name) { return numbers(*group, name)[t]; };
            for (std::size_t g = 0; g < labels_of.size(); ++g) {
                const std::size_t i = t * labels_of.size() + g;
                std::vector<std::string> row{g + t == 0 ? last_name(*group) : "", g == 0 ? terms[t] : "",
                                             labels_of[g], significant(estimate[i]), bracketed(error[i])};
                if (g == 0) {
                    row.insert(row.end(),
                               {significant(of_term("difference")), significant(of_term("statistic")),
                                fmt::format("{:g}, {:g}", of_term("df1"), of_term("df2")),
                                p_value(of_term("p_value"))});
                } else {
                    row.resize(table.header.size());
                }
                table.rows.push_back(std::move(row));
            }
        }
        table.rows.push_back({"", "all together", "", "", "", "",
                              significant(number_attribute(*group, "joint_statistic")),
                              fmt::format("{:g}, {:g}", number_attribute(*group, "joint_df1"),
                                          number_attribute(*group, "joint_df2")),
                              p_value(number_attribute(*group, "joint_p"))});
        table.notes.push_back(fmt::format("{}: groups of {} ({}); {}, variance {}.", last_name(*group),
                                          text_attribute(*group, "column"), text_attribute(*group, "split"),
                                          text_attribute(*group, "test") == "suest"
                                              ? "chi-squared of stacked scores (suest)"
                                              : "F of the regression with everything interacted",
                                          text_attribute(*group, "vcov")));
    }
    table.notes.emplace_back("The difference is that of the first less the second group.");
    return table;
}

Table mediation_table(const Results& results) {
    Table table;
    table.title = "Mediation";
    table.header = {"Analysis", "Path", "Estimate", "Std. error", "z", "p"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "mediation")) {
        table.rules.push_back(table.rows.size());
        const std::string x = text_attribute(*group, "treatment"), m = text_attribute(*group, "mediator");
        const std::string paths[] = {x + " to " + m + " (a)", m + " to outcome (b)", x + ", total (c)",
                                     x + ", direct (c')"};
        for (std::size_t i = 0; i < 4; ++i) {
            table.rows.push_back({i == 0 ? last_name(*group) : "", paths[i],
                                  significant(numbers(*group, "estimate")[i]),
                                  bracketed(numbers(*group, "std_error")[i]), "", ""});
        }
        const double indirect = number_attribute(*group, "indirect");
        const auto& tests = texts(*group, "test");
        for (std::size_t i = 0; i < tests.size(); ++i) {
            const double p = numbers(*group, "p_value")[i];
            table.rows.push_back({"", "indirect (a b), " + tests[i], with_stars(indirect, p),
                                  bracketed(numbers(*group, "indirect_std_error")[i]),
                                  significant(numbers(*group, "statistic")[i]), p_value(p)});
        }
        if (group->attribute("percentile_low") != nullptr) {
            table.rows.push_back(
                {"",
                 fmt::format("indirect, bootstrap over {}, {:g} % interval",
                             text_attribute(*group, "bootstrap_cluster"),
                             100 * number_attribute(*group, "confidence")),
                 fmt::format("[{}, {}]", significant(number_attribute(*group, "percentile_low")),
                             significant(number_attribute(*group, "percentile_high"))),
                 bracketed(number_attribute(*group, "bootstrap_std_error")), "", ""});
        }
        const std::string note = text_attribute(*group, "share_note");
        table.rows.push_back({"", "share of the total effect (a b / c)",
                              note.empty() ? percent(number_attribute(*group, "share")) + " %" : ".", "", "",
                              ""});
        if (!note.empty()) table.notes.push_back(fmt::format("{}: no share, {}.", last_name(*group), note));
    }
    table.notes.emplace_back(
        "c = c' + a b. The regression to report is that of the mediator on the treatment; the "
        "rest rests on the mediator being as good as random given the regressors.");
    return table;
}

}  // namespace greenfront::io
