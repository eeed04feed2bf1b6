#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/productivity.hpp"
#include "engine/replicates.hpp"
#include "engine/runner.hpp"
#include "engine/sweep/design.hpp"

namespace greenfront {
namespace {

// Rough costs on one core of the machine in docs/performance.md, in seconds; a prediction, not a promise.
constexpr double second_per_program = 10e-6;
constexpr double second_per_replicate = 15e-6;
constexpr double second_per_row_prepared = 3e-6;
constexpr double second_per_row_regression = 4e-6;
constexpr double second_per_row_scenario = 0.4e-6;   // levers, preparation, indices, effects
constexpr double second_per_program_moved = 1.2e-6;  // against a technology that is known
constexpr double counted_draws = 17;                 // percentiles of replicates that are not kept
constexpr double bytes = 8, megabyte = 1e6;

/// Scenarios, the programs of the frontier channel, and a panel for each replicate of uncertain levers.
template <class Add>
void add_sweep(const Workspace& workspace, const std::string& name, const SweepStage& stage, const Add& add) {
    const Study& study = workspace.study;
    const Panel& panel = workspace.panel();
    auto design = sweep::design(workspace, stage, 0);
    for (auto& applied : design.levers)
        applied.where.clear();  // may read columns that only the run will make
    const auto rows = static_cast<double>(panel.rows()), scenarios = static_cast<double>(design.scenarios());
    const auto periods = static_cast<double>(panel.time_value.size()),
               units = static_cast<double>(panel.unit_name.size());
    double available = 0;
    if (const auto* bootstrap = study.bootstrap.find(stage.bootstrap))
        available = static_cast<double>(bootstrap->replicates);
    if (const auto* mediation = study.mediation.find(stage.mediation);
        mediation && !mediation->cluster.empty())
        available = static_cast<double>(mediation->replicates);
    const double replicates = stage.replicates > 0 ? static_cast<double>(stage.replicates) : available;
    const bool drawn = stage.parameters == "drawn" &&
                       LeverProgram(workspace.prepared.completed, panel, design.levers).uncertain();
    const double panels = drawn && replicates > 0 ? replicates + 1 : 1;
    const double frontiers = stage.dea.empty() ? 0 : 1 + static_cast<double>(stage.frontier_replicates);
    const double seconds = rows * (panels * second_per_row_scenario + frontiers * second_per_program_moved);
    double values = 20 + 6 * periods + static_cast<double>(design.levers.size());
    if (!stage.dea.empty()) {
        const auto& dea = *study.dea.find(stage.dea);
        values += (2 + periods) * static_cast<double>(dea.inputs.size() + dea.good.size() + dea.bad.size() +
                                                      stage.outcomes.size());
    }
    if (stage.units) values += 4 * units;
    if (stage.keep == "draws") values += replicates;
    add("sweep." + name, "scenarios", scenarios, scenarios * seconds, scenarios * values);
}

/// Of the complete rows; a column that an earlier stage will make is complete, `where` keeps all.
double productivity_programs(const Panel& panel, const ProductivityStage& stage) {
    const ProductivityChoice choice = choose_productivity(stage, Fault::study);
    std::vector<char> usable(panel.rows(), 1);
    for (const auto& name : choice.dea.variables.columns()) {
        if (!panel.has(name)) continue;
        const auto& column = panel.number(name);
        for (std::size_t r = 0; r < panel.rows(); ++r) usable[r] = usable[r] && !std::isnan(column[r]);
    }
    return static_cast<double>(count_programs(panel, {}, usable, choice));
}

/// The panel with the columns that stages will make; their values are not known yet.
Panel with_placeholders(const Study& study, Panel panel) {
    const std::vector<double> unknown(panel.rows(), std::numeric_limits<double>::quiet_NaN());
    for (const auto& [name, stage] : study.dea) panel.set_number(name, unknown);
    for (const auto& [name, stage] : study.index) panel.set_number(name, unknown);
    return panel;
}

}  // namespace

Plan plan(const Workspace& workspace) {
    const Study& study = workspace.study;
    const Panel& panel = workspace.panel();
    const auto rows = static_cast<double>(panel.rows());
    Plan result;
    const auto add = [&](const std::string& stage, const char* work, double units, double seconds,
                         double values) {
        result.entries.push_back({stage, work, static_cast<std::int64_t>(std::min(units, 9e18)), seconds,
                                  values * bytes / megabyte});
        result.seconds += seconds;
        result.megabytes += result.entries.back().megabytes;
    };
    add("panel", "rows", rows, rows * second_per_row_prepared,
        rows * static_cast<double>(panel.columns().size()));
    const auto variables = [](const DeaStage& stage) {
        return static_cast<double>(stage.inputs.size() + stage.good.size() + stage.bad.size());
    };
    for (const auto& [name, stage] : study.dea) {
        const double columns = 26 + variables(stage) * (stage.slacks ? 3 : 2);  // 20 of them for peers
        const double programs = rows * ((stage.scale_efficiency ? 3 : 1) + (stage.groups.empty() ? 0 : 1));
        add("dea." + name, "linear programs", programs, programs * second_per_program, rows * columns);
    }
    for (const auto& [name, stage] : study.productivity) {
        const double programs = productivity_programs(panel, stage);
        add("productivity." + name, "linear programs", programs, programs * second_per_program, rows * 12);
    }
    for (const auto& [name, stage] : study.index) add("index." + name, "rows", rows, rows * 1e-7, rows);
    const auto terms = [&](const std::string& regression) {
        const auto* stage = study.regression.find(regression);
        return stage == nullptr ? 1.0
                                : static_cast<double>(parse_formula(stage->formula, Fault::study).x.size());
    };
    for (const auto& [name, stage] : study.regression)
        add("regression." + name, "regressions", 1, rows * second_per_row_regression, 50);
    for (const auto& [name, stage] : study.mediation) {
        const double b = stage.cluster.empty() ? 0 : static_cast<double>(stage.replicates);
        add("mediation." + name, "regressions", 3,
            3 * rows * second_per_row_regression + 2 * b * second_per_replicate, 150 + 2 * b);
    }
    const Panel complete = with_placeholders(study, panel);
    for (const auto& [name, stage] : study.bootstrap) {
        const double b = bootstrap_replicates(stage, *study.regression.find(stage.regression), complete);
        const double kept = stage.keep == "draws" ? b : counted_draws;
        add("bootstrap." + name, "replicates", b, b * second_per_replicate,
            2 * kept * terms(stage.regression));
    }
    for (const auto& [name, stage] : study.placebo) {
        const double b = placebo_replicates(stage, *study.regression.find(stage.regression), complete);
        add("placebo." + name, "replicates", b, b * second_per_replicate,
            4 * (stage.keep == "draws" ? b : counted_draws));
    }
    for (const auto& [name, stage] : study.sweep) add_sweep(workspace, name, stage, add);
    // The results stand in memory until they are written; the panel is held about four times.
    result.memory_megabytes =
        20 + result.megabytes + 4 * rows * static_cast<double>(panel.columns().size()) * bytes / megabyte;
    // Shards share out blocks of sweeps; everything else is done by each of them.
    std::int64_t blocks = 0;
    for (const auto& sweep : sweep_blocks(workspace)) blocks += sweep.blocks;
    result.suggested_shards =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(std::min(result.seconds / 3600, 1e6))),
                                 1, std::max<std::int64_t>(1, blocks));
    return result;
}

}  // namespace greenfront
