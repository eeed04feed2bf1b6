#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/columns.hpp"
#include "engine/frontier_choice.hpp"
#include "engine/frontier_inference.hpp"
#include "engine/settings.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

namespace kernel = greenfront::dea;
using Term = kernel::TwoStageTerm;

void store_terms(ResultGroup& group, const kernel::TwoStage& result) {
    const std::size_t k = result.terms.size();
    std::vector<std::string> names;
    for (const Term& term : result.terms) names.push_back(term.name);
    group.variables.push_back(scale("term", std::move(names)));
    const auto add = [&](const char* name, double Term::*figure, const char* long_name) {
        std::vector<double> values;
        for (const Term& term : result.terms) values.push_back(term.*figure);
        group.variables.push_back(numbers(name, {"term"}, {k}, std::move(values), long_name));
    };
    add("estimate", &Term::estimate, "coefficient");
    add("std_error", &Term::std_error, "standard deviation of the replicates");
    add("conf_low", &Term::low, "lower end of the percentile interval");
    add("conf_high", &Term::high, "upper end of the percentile interval");
    add("basic_low", &Term::basic_low, "lower end of the basic interval");
    add("basic_high", &Term::basic_high, "upper end of the basic interval");
    group.variables.push_back(counter("replicate", static_cast<std::size_t>(result.draw.cols()), 1));
    group.variables.push_back(
        matrix("draw", {"term", "replicate"}, result.draw, "coefficient in each replicate"));
}

void store_units(Workspace& workspace, ResultGroup& group, const TwoStageScores& scores) {
    const Panel& panel = workspace.panel();
    const kernel::TwoStage& result = scores.result;
    const auto add = [&](const char* name, const std::vector<double>& values, const char* long_name) {
        std::vector<double> rows(panel.rows(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            if (scores.position[r] >= 0) rows[r] = values[static_cast<std::size_t>(scores.position[r])];
        }
        group.variables.push_back(by_unit_time(name, panel, rows, long_name));
    };
    add("delta", result.delta, "inefficiency, 1 on the frontier");
    if (group.attribute("replicates_bias") != nullptr)
        add("corrected", result.corrected, "inefficiency corrected for its bias");
    std::vector<std::int8_t> grid(panel.unit_name.size() * panel.time_value.size(), -1);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (scores.position[r] < 0) continue;
        const Status status = result.status[static_cast<std::size_t>(scores.position[r])];
        grid[static_cast<std::size_t>(panel.unit[r]) * panel.time_value.size() +
             static_cast<std::size_t>(panel.time[r])] = static_cast<std::int8_t>(status);
        workspace.failed += status == Status::failed;
    }
    group.variables.push_back(categories(
        "status", {"unit", "time"}, {panel.unit_name.size(), panel.time_value.size()}, std::move(grid),
        {status_names.begin(), status_names.end()}, "how the score and its replicates ended"));
}

std::vector<std::string> warnings_of(const Panel& panel, const TwoStageScores& scores) {
    std::vector<std::string> warnings;
    if (const auto left_out = std::count(scores.position.begin(), scores.position.end(), -1); left_out > 0)
        warnings.push_back(fmt::format(
            "{} rows are not selected or have no value in some column; they span no frontier, either",
            left_out));
    const auto& status = scores.result.status;
    if (const auto none =
            std::count_if(status.begin(), status.end(), [](Status s) { return s != Status::optimal; });
        none > 0)
        warnings.push_back(fmt::format("{} rows without a score are not in the regression", none));
    if (panel.time_value.size() > 1)
        warnings.emplace_back(
            "rows of one unit in several periods count as independent; the intervals are too narrow where "
            "they are not");
    return warnings;
}

}  // namespace

void two_stage(Workspace& workspace, const std::string& name, const TwoStageStage& stage) {
    const Panel& panel = workspace.panel();
    const DeaChoice choice = choose_dea(*workspace.study.dea.find(stage.dea), Fault::study);
    const auto s = two_stage_settings(stage, choice, workspace.study.seed, Fault::study);
    const TwoStageScores scores =
        two_stage_scores(panel, workspace.dea.find(stage.dea)->usable, choice, stage.environment, s);
    const kernel::TwoStage& result = scores.result;
    ResultGroup& group = workspace.results.add("two_stage/" + name);
    group.attributes = {{"dea", stage.dea},
                        {"environment", stage.environment},
                        {"algorithm", std::int64_t{s.algorithm}},
                        {"orientation", greenfront::name(s.orientation)},
                        {"returns", greenfront::name(s.returns)},
                        {"reference", choice.reference},
                        {"replicates", s.replicates},
                        {"infeasible", result.without},
                        {"confidence", s.confidence},
                        {"seed", std::to_string(s.seed)},
                        {"n", result.used},
                        {"efficient_left_out", result.at_one},
                        {"programs", result.counters.programs}};
    if (s.algorithm == 2) group.attributes.emplace_back("replicates_bias", s.replicates_bias);
    store_terms(group, result);
    store_units(workspace, group, scores);
    const auto warnings = warnings_of(panel, scores);
    for (const auto& warning : warnings) workspace.progress.warning("two_stage." + name + ": " + warning);
    group.attributes.emplace_back("warnings", warnings);
}

}  // namespace greenfront::stages
