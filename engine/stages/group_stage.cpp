#include <fmt/format.h>

#include <algorithm>

#include "engine/columns.hpp"
#include "engine/group_rows.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Factor;
using greenfront::panel::GroupComparison;
using greenfront::panel::GroupTest;

std::vector<std::int64_t> rows_of(const Factor& groups, std::size_t group) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < groups.code.size(); ++i)
        if (groups.code[i] == static_cast<std::int32_t>(group)) rows.push_back(static_cast<std::int64_t>(i));
    return rows;
}

using greenfront::panel::TermDifference;

void store_differences(ResultGroup& out, const RegressionStage& stage, const GroupComparison& comparison) {
    std::vector<std::string> names;
    const std::size_t terms = comparison.terms.size(), groups = comparison.group.size();
    for (const auto& term : comparison.terms) names.push_back(term.term);
    out.attributes = {{"formula", stage.formula},
                      {"column", stage.group},
                      {"split", stage.split},
                      {"test", stage.difference},
                      {"vcov", stage.vcov},
                      {"joint_statistic", comparison.joint.statistic},
                      {"joint_df1", comparison.joint.df1},
                      {"joint_df2", comparison.joint.df2},
                      {"joint_p", comparison.joint.p_value}};
    out.variables.push_back(scale("term", names));
    out.variables.push_back(scale("group", comparison.group));
    const auto column = [&](const char* name, double TermDifference::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& term : comparison.terms) values.push_back(term.*member);
        out.variables.push_back(numbers(name, {"term"}, {terms}, std::move(values), long_name));
    };
    const auto table = [&](const char* name, std::vector<double> TermDifference::*member,
                           const char* long_name) {
        std::vector<double> values;
        for (const auto& term : comparison.terms)
            values.insert(values.end(), (term.*member).begin(), (term.*member).end());
        out.variables.push_back(
            numbers(name, {"term", "group"}, {terms, groups}, std::move(values), long_name));
    };
    table("estimate", &TermDifference::estimate, "coefficient");
    table("std_error", &TermDifference::std_error, "standard error");
    column("difference", &TermDifference::difference, "first less second group");
    column("difference_std_error", &TermDifference::difference_se, "its standard error");
    column("statistic", &TermDifference::statistic, "F (interaction) or chi-squared (suest)");
    column("df1", &TermDifference::df1, "restrictions");
    column("df2", &TermDifference::df2, "denominator degrees of freedom; infinite for chi-squared");
    column("p_value", &TermDifference::p_value, "p value of equal coefficients");
}

}  // namespace

std::string path_part(std::string label) {
    std::replace(label.begin(), label.end(), '/', '_');
    return label.empty() ? "_" : label;
}

void check_groups(const RegressionStage& stage, const Panel& panel) {
    if (stage.split == "category") {
        (void)group_levels(stage.group, panel, Fault::study);
    } else {
        (void)group_values(stage.group, panel, Fault::study);
    }
}

void regression_groups(Workspace& workspace, const std::string& name, const RegressionStage& stage) {
    const Panel& panel = workspace.panel();
    RegressionOutcome whole;
    whole.formula = parse_formula(stage.formula, Fault::study);
    const DesignColumns columns = regression_columns(stage);
    whole.clusters = columns.clusters;
    whole.options = regression_options(stage);
    whole.keep = select(stage.where, panel, Fault::study);
    const Factor by_row = groups_of_rows(panel, whole.keep, {stage.group, stage.split}, Fault::study);
    if (whole.keep.empty()) whole.keep.assign(panel.rows(), 1);
    std::int64_t without = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (by_row.code[r] >= 0) continue;
        without += whole.keep[r] != 0 ? 1 : 0;
        whole.keep[r] = 0;
    }
    if (without > 0) {
        workspace.progress.warning(fmt::format(
            "regression.{}: rows in no group, for want of a value of {}: {}", name, stage.group, without));
    }
    whole.design = build_full_design(whole.formula, panel, whole.keep, columns);
    Factor groups{by_row.name, {}, by_row.levels, by_row.level_name};
    for (const auto row : whole.design.row) groups.code.push_back(by_row.code[static_cast<std::size_t>(row)]);
    const GroupComparison comparison = compare_groups(
        whole.design, groups, stage.difference == "suest" ? GroupTest::suest : GroupTest::interaction,
        whole.options);

    // The row of differences below the columns is that of the regressor of interest: the first endogenous one
    // (they follow the exogenous ones), or the first of all.
    const bool instrumented = !whole.design.endogenous_name.empty();
    const TermDifference& main = comparison.terms[instrumented ? whole.design.x_name.size() : 0];
    for (std::size_t g = 0; g < comparison.group.size(); ++g) {
        RegressionOutcome outcome = whole;
        outcome.design = greenfront::panel::take_rows(whole.design, rows_of(groups, g));
        outcome.fit = comparison.fit[g];
        RegressionStage column = stage;
        column.title = (stage.title.empty() ? name : stage.title) + ": " + comparison.group[g];
        store_regression(workspace, name + "." + path_part(comparison.group[g]), column, outcome,
                         {{"group", comparison.group[g]},
                          {"difference_term", main.term},
                          {"difference_test", stage.difference},
                          {"difference_p", main.p_value}});
    }
    ResultGroup& differences = workspace.results.add("difference/" + name);
    store_differences(differences, stage, comparison);
    differences.attributes.emplace_back("rows_without_group", without);
}

}  // namespace greenfront::stages
