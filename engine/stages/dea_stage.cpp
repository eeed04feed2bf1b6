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
    const Panel* other = workspace.references.find(name);
    outcome.groups = groups_of(choice, panel, outcome.usable, other, Fault::study);
    const Efficiency result = analyse(panel, other == nullptr ? panel : *other, choice, outcome.groups);
    outcome.score = result.scores.score;
    outcome.status = result.scores.status;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        workspace.failed += outcome.usable[r] && outcome.status[r] == Status::failed;
    for (const auto& warning : result.warnings) workspace.progress.warning("dea." + name + ": " + warning);
    store_dea(workspace.results.add("dea/" + name), panel, other, stage, choice, outcome.usable, result);
    panel.set_number(name, outcome.score, "1");
}

}  // namespace greenfront::stages
