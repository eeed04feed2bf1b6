#include "engine/efficiency.hpp"
#include "engine/stages/dea_results.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {

void dea(Workspace& workspace, const std::string& name, const DeaStage& stage) {
    Panel& panel = workspace.prepared.panel;
    DeaChoice choice = choose_dea(stage, Fault::study);
    DeaOutcome& outcome = workspace.dea.add(name);
    outcome.usable = usable_rows(panel, choice.variables, select(stage.where, panel, Fault::study));
    set_means(choice, panel, outcome.usable);
    outcome.variables = choice.variables;
    outcome.settings = choice.settings;
    outcome.groups = reference_groups(panel, outcome.usable, choice.reference, Fault::study);
    if (choice.settings.super) leave_out(outcome.groups, panel, panel, choice.leave_unit);
    const Efficiency result = analyse(panel, panel, choice, outcome.groups);
    outcome.score = result.scores.score;
    outcome.status = result.scores.status;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        workspace.failed += outcome.usable[r] && outcome.status[r] == Status::failed;
    for (const auto& warning : result.warnings) workspace.progress.warning("dea." + name + ": " + warning);
    store_dea(workspace.results.add("dea/" + name), panel, stage, choice, outcome.usable, result);
    panel.set_number(name, outcome.score, "1");
}

}  // namespace greenfront::stages
