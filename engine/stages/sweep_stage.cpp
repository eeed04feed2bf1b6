#include <fmt/format.h>

#include "engine/stages/stages.hpp"
#include "engine/stages/sweep_store.hpp"
#include "engine/sweep/records.hpp"

namespace greenfront::stages {
namespace {

/// What scenarios lose, for the log: the first lines, then a count.
class Losses {
  public:
    Losses(Progress& progress, const std::string& sweep) : progress_(progress), sweep_(sweep) {}

    void say(const std::string& scenario, const std::string& what) {
        if (++lines_ <= most_lines)
            progress_.warning(fmt::format("sweep.{}: {}: {}", sweep_, scenario, what));
    }
    void look(const sweep::Model& model, const std::string& scenario, std::span<const double> row) {
        const auto rows = [&](std::size_t field, const char* channel, const char* reason) {
            const double lost = row[model.layout.fields()[field].offset];
            if (lost > 0)
                say(scenario,
                    fmt::format("{} rows {}, so the scenario has no {} effect", lost, reason, channel));
        };
        if (model.linear) rows(model.fields.lost, "econometric", "have a regressor without a value");
        if (!model.frontier) return;
        rows(model.fields.unscored, "frontier",
             "have no score (a negative or missing quantity, or no optimum)");
        if (model.frontier_replicates() == 0) return;
        const auto& field = model.layout.fields()[model.fields.frontier_draw];
        const auto draws = row.subspan(field.offset, field.width);
        const auto lost = std::count_if(draws.begin(), draws.end(), [](double x) { return std::isnan(x); });
        if (lost > 0)
            say(scenario,
                fmt::format("{} of {} replicates have no frontier effect; its interval is of the others",
                            lost, draws.size()));
    }
    void end() const {
        if (lines_ > most_lines)
            progress_.warning(fmt::format("sweep.{}: ... and {} more such lines about scenarios", sweep_,
                                          lines_ - most_lines));
    }

  private:
    static constexpr std::int64_t most_lines = 20;
    Progress& progress_;
    const std::string& sweep_;
    std::int64_t lines_ = 0;
};

/// What a reader of the tables may not expect.
void note_limits(Workspace& workspace, const sweep::Model& model, const std::string& name) {
    const Panel& panel = workspace.panel();
    const std::int64_t last = panel.time_value.empty() ? 0 : panel.time_value.back();
    for (std::size_t l = 0; l < model.design.levers.size(); ++l) {
        const Path& path = model.design.levers[l].path;
        if (path.shape == "step" || path.start + path.length <= last) continue;
        workspace.progress.note(
            fmt::format("sweep.{}: lever {} is at full strength in {} only, after the panel's "
                        "last period {}",
                        name, model.design.lever_name[l], path.start + path.length, last));
    }
    if (!model.grouped()) return;
    std::int64_t without = 0;
    for (std::size_t r = 0; r < model.use.size(); ++r) without += model.use[r] && model.group.cell[r] < 0;
    if (without == 0) return;
    workspace.progress.warning(
        fmt::format("sweep.{}: {} averaged rows have no value of {}; they are in no group, "
                    "and inequality has no parts between and within groups",
                    name, without, model.stage.group));
}

}  // namespace

void sweep(Workspace& workspace, const std::string& name, const SweepStage& stage, std::uint64_t stream,
           Checkpoint& checkpoint) {
    const sweep::Model model(workspace, name, stage, stream);
    if (model.program.uncertain() && model.draws.empty() && stage.parameters == "drawn") {
        workspace.progress.note(
            fmt::format("sweep.{}: levers have uncertain parameters, but the sweep has no bootstrap; point "
                        "values are used",
                        name));
    }
    note_limits(workspace, model, name);
    const auto number = static_cast<std::int64_t>(stream);
    auto left = static_cast<std::int64_t>(sweep::own_scenarios(model.design.scenarios(), checkpoint, number));
    Losses losses(workspace.progress, name);
    const auto records =
        sweep::evaluate_all(model, checkpoint, number, [&](const sweep::CommittedScenario& committed) {
            const auto& [s, row, problem, loaded] = committed;
            const std::string& scenario = model.design.scenario[s];
            if (!problem.empty()) losses.say(scenario, problem);
            losses.look(model, scenario, row);
            if (model.frontier) {
                workspace.failed +=
                    static_cast<std::int64_t>(row[model.layout.fields()[model.fields.failed].offset]);
                workspace.progress.failures(workspace.failed);
            }
            // What was there already is no work of this process: it would make its pace look better.
            if (loaded)
                workspace.progress.resize(--left);
            else
                workspace.progress.advance(1);
        });
    losses.end();
    if (!checkpoint.shard()) store_sweep(workspace, name, model, records);
}

}  // namespace greenfront::stages
