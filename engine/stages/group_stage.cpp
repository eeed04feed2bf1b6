#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/columns.hpp"
#include "engine/group_rows.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/group_difference.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using greenfront::panel::Design;
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

namespace {

/// A stream for each regression whose groups are permuted, in the order of the study.
std::uint64_t permutation_stream(const Study& study, const std::string& name) {
    std::uint64_t before = 0;
    for (const auto& [other, stage] : study.regression) {
        if (other == name) break;
        if (!stage.group.empty() && stage.difference == "permutation") ++before;
    }
    return before;
}

/// The cities (or firms) whose labels change.
Factor permuted_units(const Panel& panel, const Design& design) {
    Factor unit{panel.unit_column, {}, static_cast<std::int32_t>(panel.unit_name.size()), panel.unit_name};
    for (const auto row : design.row) unit.code.push_back(panel.unit[static_cast<std::size_t>(row)]);
    return unit;
}

struct Permuted {
    std::vector<resample::GroupDraws> term;
    GroupComparison comparison;  ///< p values are those of the permutation
};

bool estimates(const greenfront::panel::Fit& fit, const std::string& term) {
    return std::any_of(fit.terms.begin(), fit.terms.end(), [&](const auto& t) { return t.name == term; });
}

/// The figures of a term that one of the groups omits: none.
resample::GroupDraws without_estimate(const resample::GroupDraws& like, const std::string& term) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    resample::GroupDraws none = like;
    none.term = term;
    none.difference = nan;
    for (auto& one : none.group) one.estimate = one.std_error = nan;
    none.draw.setConstant(nan);
    return none;
}

TermDifference term_difference(const resample::GroupDraws& draws, double confidence) {
    TermDifference result;
    result.term = draws.term;
    for (const auto& one : draws.group) {
        result.estimate.push_back(one.estimate);
        result.std_error.push_back(one.std_error);
    }
    result.difference = draws.difference;
    result.difference_se = result.statistic = result.df1 = result.df2 =
        std::numeric_limits<double>::quiet_NaN();
    result.p_value = resample::summarise(draws, confidence).p_value;
    return result;
}

/// Every term by the same assignments; one that a group omits has no p.
Permuted permute(const Workspace& workspace, const std::string& name, const RegressionStage& stage,
                 const Design& design, const Factor& groups, const greenfront::panel::Options& options) {
    Permuted result;
    auto& comparison = result.comparison;
    for (std::size_t g = 0; g < static_cast<std::size_t>(groups.levels); ++g) {
        comparison.group.push_back(groups.level_name[g]);
        comparison.fit.push_back(
            greenfront::panel::fit(greenfront::panel::take_rows(design, rows_of(groups, g)), options));
    }
    resample::GroupOptions choice;
    choice.replicates = stage.replicates;
    choice.enumerate = stage.enumerate;
    choice.seed = workspace.study.seed;
    choice.stream = permutation_stream(workspace.study, name);
    const Factor unit = permuted_units(workspace.panel(), design);
    std::vector<resample::GroupDraws> found;
    for (const auto& term : design.x_name) {
        const bool everywhere = std::all_of(comparison.fit.begin(), comparison.fit.end(),
                                            [&](const auto& fit) { return estimates(fit, term); });
        // With no term that both groups estimate, or not two groups, the first one says what is wrong.
        if (!everywhere && !(found.empty() && term == design.x_name.back())) continue;
        choice.term = term;
        found.push_back(resample::group_permutation(design, options, unit, groups, choice));
    }
    for (const auto& term : design.x_name) {
        const auto at =
            std::find_if(found.begin(), found.end(), [&](const auto& d) { return d.term == term; });
        result.term.push_back(at != found.end() ? *at : without_estimate(found.front(), term));
        comparison.terms.push_back(term_difference(result.term.back(), options.confidence));
    }
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    comparison.joint.statistic = comparison.joint.df1 = comparison.joint.df2 = comparison.joint.p_value = nan;
    return result;
}

void store_permutation(ResultGroup& out, const std::vector<resample::GroupDraws>& terms, double confidence,
                       const Study& study, const std::string& unit) {
    std::vector<resample::GroupSummary> summaries;
    for (const auto& draws : terms) summaries.push_back(resample::summarise(draws, confidence));
    using resample::GroupSummary;
    const auto column = [&](const char* label, double GroupSummary::*member, const char* long_name) {
        std::vector<double> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        out.variables.push_back(numbers(label, {"term"}, {terms.size()}, std::move(values), long_name));
    };
    const auto count = [&](const char* label, std::int64_t GroupSummary::*member, const char* long_name) {
        std::vector<std::int64_t> values;
        for (const auto& s : summaries) values.push_back(s.*member);
        out.variables.push_back(integers(label, "term", std::move(values), long_name));
    };
    column("p_one_sided", &GroupSummary::p_bdiff, "as bdiff reports it; the side is chosen after looking");
    column("p_share", &GroupSummary::p_share, "share of |d*| at or above |d|");
    column("p_share_low", &GroupSummary::share_low, "its Clopper-Pearson interval, low end");
    column("p_share_high", &GroupSummary::share_high, "its Clopper-Pearson interval, high end");
    count("n_greater", &GroupSummary::n_greater, "assignments with |d*| above |d|");
    count("n_tie", &GroupSummary::n_tie, "assignments with |d*| equal to |d|");
    count("used", &GroupSummary::used, "assignments with a difference");
    count("infeasible", &GroupSummary::infeasible, "assignments that leave a group without the coefficient");
    const auto replicates = static_cast<std::size_t>(terms.front().draw.size());
    Eigen::MatrixXd draws(static_cast<Eigen::Index>(terms.size()), terms.front().draw.size());
    for (std::size_t k = 0; k < terms.size(); ++k)
        draws.row(static_cast<Eigen::Index>(k)) = terms[k].draw.transpose();
    out.variables.push_back(counter("replicate", replicates, 1));
    out.variables.push_back(matrix("draw", {"term", "replicate"}, draws, "difference of the assignment"));
    std::vector<std::int64_t> units;
    for (const auto& group : terms.front().group) units.push_back(group.units);
    out.variables.push_back(integers("units", "group", units, "units of the group"));
    out.attributes.emplace_back("permuted", unit);
    out.attributes.emplace_back("replicates", static_cast<std::int64_t>(replicates));
    out.attributes.emplace_back("enumerated", std::int64_t{terms.front().enumerated ? 1 : 0});
    if (!terms.front().enumerated) out.attributes.emplace_back("seed", std::to_string(study.seed));
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
    const bool permuted = stage.difference == "permutation";
    Permuted permutation;
    if (permuted) permutation = permute(workspace, name, stage, whole.design, groups, whole.options);
    const GroupComparison comparison =
        permuted ? permutation.comparison
                 : compare_groups(whole.design, groups,
                                  stage.difference == "suest" ? GroupTest::suest : GroupTest::interaction,
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
    if (permuted)
        store_permutation(differences, permutation.term, whole.options.confidence, workspace.study,
                          panel.unit_column);
}

}  // namespace greenfront::stages
