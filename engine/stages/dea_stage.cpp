#include "engine/dea_warnings.hpp"
#include "engine/efficiency.hpp"
#include "engine/stages/dea_results.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

/// The programs of another returns to scale as an analysis of its own, /dea/NAME/crs and so on, so that its
/// scores have their proofs in the file, too.
void store_programs(Workspace& workspace, const std::string& name, const Panel& panel, const Panel* other,
                    const DeaStage& stage, DeaChoice choice, greenfront::dea::Returns returns,
                    const RowScores& scores) {
    DeaStage words = stage;
    words.scale_efficiency = words.slacks = false;
    choice.groups.clear();
    choice.scale_efficiency = choice.settings.slacks = false;
    choice.settings.returns = returns;
    Efficiency result;
    result.scores = scores;
    result.expanded.assign(panel.rows(), 0);
    const auto& usable = workspace.dea.find(name)->usable;
    store_dea(workspace.results.add("dea/" + name + "/" + greenfront::name(returns)), panel, other, words,
              choice, usable, result);
}

}  // namespace

void dea(Workspace& workspace, const std::string& name, const DeaStage& stage) {
    Panel& panel = workspace.prepared.panel;
    DeaChoice choice = choose_dea(stage, Fault::study);
    DeaOutcome& outcome = workspace.dea.add(name);
    const auto selected = select(stage.where, panel, Fault::study);
    outcome.usable = usable_rows(panel, choice.variables, selected);
    set_means(choice, panel, outcome.usable);
    outcome.variables = choice.variables;
    outcome.settings = choice.settings;
    const Panel* other = workspace.references.find(name);
    outcome.groups = groups_of(choice, panel, outcome.usable, other, Fault::study);
    const Efficiency result = analyse(panel, other == nullptr ? panel : *other, choice, outcome.groups);
    outcome.score = result.scores.score;
    outcome.status = result.scores.status;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        workspace.failed += outcome.usable[r] && outcome.status[r] == Status::failed;
    workspace.keep(result.scores.failures, {.stage = "dea." + name});
    const auto warnings = warnings_of(panel, choice, selected, outcome.usable, outcome.groups, result);
    for (const auto& warning : warnings) workspace.progress.warning("dea." + name + ": " + warning);
    ResultGroup& group = workspace.results.add("dea/" + name);
    store_dea(group, panel, other, stage, choice, outcome.usable, result);
    group.attributes.emplace_back("warnings", warnings);
    outcome.column = outcome.score;
    (void)winsorize_column(group, panel, stage.winsorize, outcome.column);
    for (const auto& [returns, scores] : result.scale.programs)
        store_programs(workspace, name, panel, other, stage, choice, returns, scores);
    panel.set_number(name, outcome.column, "1");
}

}  // namespace greenfront::stages
