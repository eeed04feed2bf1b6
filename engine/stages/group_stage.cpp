#include <algorithm>
#include <map>

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Factor;
using greenfront::panel::GroupComparison;
using greenfront::panel::GroupTest;

/// Groups of the panel rows that `keep` selects, codes without gaps; -1 where the column has no value.
/// Medians and terciles are those of the selected rows.
Factor groups_of_rows(const Panel& panel, const std::vector<char>& keep, const RegressionStage& stage) {
    std::vector<std::int64_t> rows;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        if (keep.empty() || keep[r]) rows.push_back(static_cast<std::int64_t>(r));
    Factor all;
    if (stage.split == "category") {
        all = make_factor(stage.group, panel);
        // A level that `where` leaves out is no group.
        std::vector<std::int64_t> known;
        for (const auto r : rows)
            if (all.code[static_cast<std::size_t>(r)] >= 0) known.push_back(r);
        const Factor present = greenfront::panel::take_rows(all, known);
        Factor result{all.name, std::vector<std::int32_t>(panel.rows(), -1), present.levels, {}};
        for (std::int32_t level = 0; level < present.levels; ++level) result.level_name.emplace_back();
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto r = static_cast<std::size_t>(known[i]);
            result.code[r] = present.code[i];
            if (!all.level_name.empty())
                result.level_name[static_cast<std::size_t>(present.code[i])] =
                    all.level_name[static_cast<std::size_t>(all.code[r])];
        }
        return result;
    }
    const auto& values = panel.number(stage.group);
    Eigen::VectorXd selected(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        selected[static_cast<Eigen::Index>(i)] = values[static_cast<std::size_t>(rows[i])];
    const Factor split = greenfront::panel::split(
        stage.group, selected,
        stage.split == "median" ? greenfront::panel::Split::median : greenfront::panel::Split::tercile);
    Factor result{split.name, std::vector<std::int32_t>(panel.rows(), -1), split.levels, split.level_name};
    for (std::size_t i = 0; i < rows.size(); ++i)
        result.code[static_cast<std::size_t>(rows[i])] = split.code[i];
    return result;
}

/// A label as part of a path: "/" would open another group.
std::string path_part(std::string label) {
    std::replace(label.begin(), label.end(), '/', '_');
    return label.empty() ? "_" : label;
}

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
    using greenfront::panel::TermDifference;
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

void regression_groups(Workspace& workspace, const std::string& name, const RegressionStage& stage) {
    const Panel& panel = workspace.panel();
    RegressionOutcome whole;
    whole.formula = parse_formula(stage.formula, Fault::study);
    const DesignColumns columns = regression_columns(stage);
    whole.clusters = columns.clusters;
    whole.options = regression_options(stage);
    whole.keep = select(stage.where, panel, Fault::study);
    const Factor by_row = groups_of_rows(panel, whole.keep, stage);
    if (whole.keep.empty()) whole.keep.assign(panel.rows(), 1);
    for (std::size_t r = 0; r < panel.rows(); ++r)
        if (by_row.code[r] < 0) whole.keep[r] = 0;
    whole.design = build_full_design(whole.formula, panel, whole.keep, columns);
    Factor groups{by_row.name, {}, by_row.levels, by_row.level_name};
    for (const auto row : whole.design.row) groups.code.push_back(by_row.code[static_cast<std::size_t>(row)]);
    const GroupComparison comparison = compare_groups(
        whole.design, groups, stage.difference == "suest" ? GroupTest::suest : GroupTest::interaction,
        whole.options);

    for (std::size_t g = 0; g < comparison.group.size(); ++g) {
        RegressionOutcome outcome = whole;
        outcome.fit = comparison.fit[g];
        RegressionStage column = stage;
        column.title = (stage.title.empty() ? stage.group : stage.title) + ": " + comparison.group[g];
        const std::string place = name + "." + path_part(comparison.group[g]);
        store_regression(workspace, place, column, outcome);
        auto& attributes = workspace.results.groups.back().attributes;
        attributes.emplace_back("group", comparison.group[g]);
        attributes.emplace_back("difference_term", comparison.terms.front().term);
        attributes.emplace_back("difference_test", stage.difference);
        attributes.emplace_back("difference_p", comparison.terms.front().p_value);
    }
    store_differences(workspace.results.add("difference/" + name), stage, comparison);
}

}  // namespace greenfront::stages
