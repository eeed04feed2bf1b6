#include <algorithm>
#include <cmath>

#include "engine/plan/costs.hpp"
#include "engine/plan/programs.hpp"
#include "engine/sweep/design.hpp"
#include "engine/sweep/records.hpp"
#include "scenarios/scenario_preparation.hpp"

namespace greenfront::planning {
namespace {

/// Scenarios whose panels are made, to count the rows that levers move.
constexpr std::size_t pilot_scenarios = 8;
/// Scenarios up to which every pair is compared (engine/stages/sweep_store.cpp).
constexpr double most_paired = 64;

/// What a sweep asks for, in numbers.
struct SweepSize {
    double scenarios = 0, levers = 0, dimensions = 0, replicates = 0, frontier_replicates = 0;
    double periods = 0, units = 0, groups = 0, variables = 0;
    bool linear = false, mediated = false, frontier = false, moving = false, keeps = false, costed = false;
    double moved = 0;         ///< columns that levers change
    double elasticities = 0;  ///< operations of that kind that act in a scenario, mean
    double types = 0;         ///< with coefficients of their own
    bool drawn = false;       ///< every replicate has its own panel

    [[nodiscard]] double cells() const { return 1 + periods + groups + units; }
    [[nodiscard]] double panels() const {
        return 1 + (drawn ? std::max(replicates, frontier_replicates) : 0);
    }
};

/// Numbers of a scenario in the layout of engine/sweep/model.cpp, field by field.
double layout_width(const SweepSize& s) {
    constexpr double measures = 5;
    const double interval = s.replicates > 0 ? 3 : 1;
    double width = 0;
    if (s.linear) {
        width += s.cells() * interval + (s.mediated ? 2 : 0) + 1 + measures + s.periods;
        if (s.keeps) width += s.replicates;
    }
    if (s.frontier) {
        width += s.cells() + measures + s.periods + 5 + (s.moving ? 2 : 0);
        if (s.frontier_replicates > 0) width += 2 + s.frontier_replicates;
    }
    width += s.variables * (2 + s.periods + s.groups);
    return width + 1 + (s.costed && s.panels() > 1 ? 2 : 0) + 3;
}

double replicates_of(const Setting& setting, const SweepStage& stage) {
    if (stage.regression.empty()) return 0;
    double available = 0;
    if (const auto* bootstrap = setting.study().bootstrap.find(stage.bootstrap))
        available = static_cast<double>(bootstrap->replicates);
    if (const auto* mediation = setting.study().mediation.find(stage.mediation);
        mediation != nullptr && !mediation->cluster.empty())
        available = static_cast<double>(mediation->replicates);
    return stage.replicates > 0 ? static_cast<double>(stage.replicates) : available;
}

double elasticities_of(const sweep::Design& design) {
    double operations = 0;
    for (std::size_t l = 0; l < design.levers.size(); ++l) {
        const auto& all = design.levers[l].lever.operations;
        const auto powers = std::count_if(all.begin(), all.end(),
                                          [](const Operation& one) { return one.type == "elasticity"; });
        const auto column = design.intensity.col(static_cast<Eigen::Index>(l));
        operations += static_cast<double>(powers) * static_cast<double>((column.array() != 0).count());
    }
    return operations / static_cast<double>(std::max<std::size_t>(1, design.scenarios()));
}

SweepSize size_of(const Setting& setting, const SweepStage& stage, const sweep::Design& design,
                  const LeverProgram& program) {
    SweepSize s;
    s.scenarios = static_cast<double>(design.scenarios());
    s.levers = static_cast<double>(design.levers.size());
    s.dimensions = static_cast<double>(design.dimension.size());
    s.moved = static_cast<double>(program.columns().size());
    s.elasticities = elasticities_of(design);
    s.types = static_cast<double>(stage.types.size());
    s.linear = !stage.regression.empty();
    s.mediated = !stage.mediation.empty();
    s.frontier = !stage.dea.empty();
    s.moving = stage.frontier == "moving";
    s.replicates = replicates_of(setting, stage);
    s.frontier_replicates = static_cast<double>(stage.frontier_replicates);
    s.keeps = stage.keep == "draws" && s.replicates > 0;
    s.costed = program.costed();
    s.drawn = program.uncertain() && stage.parameters == "drawn";
    s.periods = setting.periods;
    s.units = stage.units ? setting.units : 0;
    if (!stage.group.empty())
        s.groups = static_cast<double>(make_factor(stage.group, setting.complete).level_name.size());
    std::vector<std::string> variables = stage.outcomes;
    if (s.frontier) {
        const DeaVariables& dea = choose_dea(*setting.study().dea.find(stage.dea), Fault::study).variables;
        const auto all = dea.all();
        variables.insert(variables.end(), all.begin(), all.end());
    }
    std::sort(variables.begin(), variables.end());
    variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
    s.variables = static_cast<double>(variables.size());
    return s;
}

/// Rows of the dea stage that a scenario moves: mean over a few scenarios of the design. A lever that cannot
/// act moves none.
double rows_moved(const Setting& setting, const sweep::Design& design, const LeverProgram& program,
                  const std::vector<std::string>& columns, const std::vector<char>& usable) {
    const Workspace& workspace = setting.workspace;
    std::vector<std::string> changed, wanted;
    for (const std::size_t c : program.columns())
        changed.push_back(workspace.prepared.completed.columns()[c].name);
    for (const auto& name : columns) {
        if (workspace.panel().has(name)) wanted.push_back(name);
    }
    const ScenarioPreparation preparation(workspace.prepared, workspace.study.prepare, changed, wanted);
    Panel panel = preparation.start();
    LeverProgram::Outcome outcome;
    const std::size_t n = design.scenarios(), few = std::min(n, pilot_scenarios);
    double moved = 0;
    for (std::size_t i = 0; i < few; ++i) {
        try {
            program.apply(design.intensities(i * n / few), program.point(), outcome);
        } catch (const Error& error) {
            if (error.fault() != Fault::study) throw;
            continue;  // the run reports it and goes on
        }
        for (std::size_t c = 0; c < changed.size(); ++c) panel.set_number(changed[c], outcome.value[c]);
        preparation.run(panel);
        std::vector<char> differs(panel.rows(), 0);
        for (const auto& name : wanted) {
            const auto &before = workspace.panel().number(name), &after = panel.number(name);
            for (std::size_t r = 0; r < differs.size(); ++r)
                differs[r] = static_cast<char>(differs[r] | (usable[r] && before[r] != after[r]));
        }
        moved += static_cast<double>(std::count(differs.begin(), differs.end(), 1));
    }
    return moved / static_cast<double>(few);
}

/// Seconds of the frontier channel of one scenario, and its programs.
struct FrontierCost {
    double seconds = 0, programs = 0;
};
FrontierCost frontier_cost(const Setting& setting, const SweepStage& stage, const SweepSize& size,
                           const sweep::Design& design, const LeverProgram& program) {
    const DeaStage& words = *setting.study().dea.find(stage.dea);
    const DeaChoice choice = choose_dea(words, Fault::study);
    const EfficiencyWork work = efficiency_work(setting, stage.dea, words);
    const double moved = rows_moved(setting, design, program, choice.variables.columns(), work.usable);
    auto settings = choice.settings;
    settings.slacks = false;
    const auto V = static_cast<double>(choice.variables.all().size());
    const double groups = std::max(1.0, work.frame > 0 ? work.reference_links / work.scored : 1.0);
    const double reference = work.reference_links / groups;
    const double one = cost::program_moved * program_seconds(settings, V, reference, work.frame);
    const double times = 1 + size.frontier_replicates;
    FrontierCost result;
    result.seconds = times * moved * one;
    result.programs = times * moved;
    if (settings.model == dea::Model::fdh) result.programs = 0;
    if (size.moving) {
        result.seconds += times * work.main_seconds;
        result.programs += times * work.scored;
    }
    return result;
}

/// A scenario's work without its programs.
double scenario_seconds(const Setting& setting, const SweepSize& s) {
    using namespace cost;
    const double panel =
        setting.rows * (s.moved * row_moved + s.elasticities * row_elasticity + s.types * row_type);
    double seconds = s.panels() * panel + setting.rows * row_summary;
    if (s.replicates > 0) seconds += s.cells() * s.replicates * cell_draw;
    return seconds;
}

/// Working memory of a thread: its panel, the columns that levers move, effects by row, means by cell.
double thread_bytes(const Setting& setting, const SweepSize& s) {
    const double rows = setting.rows * (setting.columns + s.levers + 20) * cost::value;
    const double draws = 2 * s.cells() * s.replicates * cost::value;
    return rows + draws + (s.frontier ? setting.rows * 4 * s.variables * cost::value : 0);
}

double text_bytes(const sweep::Design& design) {
    double characters = 0;
    for (const auto& name : design.scenario) characters += static_cast<double>(name.size());
    return characters + static_cast<double>(design.scenario.size()) * cost::text;
}

}  // namespace

StageCost sweep_cost(const Setting& setting, const std::string& name, const SweepStage& stage) {
    auto design = sweep::design(setting.workspace, stage, 0);
    for (auto& applied : design.levers)
        applied.where.clear();  // may read columns that only the run will make
    const LeverProgram program(setting.workspace.prepared.completed, setting.workspace.panel(),
                               design.levers);
    const SweepSize s = size_of(setting, stage, design, program);
    const FrontierCost frontier =
        s.frontier ? frontier_cost(setting, stage, s, design, program) : FrontierCost{};
    const double width = layout_width(s), S = s.scenarios;
    StageCost result;
    result.entry = {"sweep." + name, "scenarios", static_cast<std::int64_t>(S)};
    result.entry.blocks = static_cast<std::int64_t>(std::ceil(S / static_cast<double>(sweep::block_size)));
    result.entry.numbers_a_scenario = static_cast<std::int64_t>(width);
    result.entry.programs_a_scenario = std::llround(frontier.programs);
    result.parallel = S * (frontier.seconds + scenario_seconds(setting, s));
    result.values = S * (width + s.levers + s.dimensions + 6) * cost::value + text_bytes(design);
    if (S <= most_paired && s.replicates > 0) result.values += 5 * S * S * cost::value;
    result.shrinks = cost::sweeps_shrink;
    result.datasets = 53;
    if (S <= most_paired) result.serial = S * S * s.replicates * cost::pair_draw;
    // Rows of all scenarios stand beside the results that are made of them.
    result.temporary = S * width * cost::value + setting.rows * (setting.columns + 30) * cost::value +
                       s.panels() * s.levers * 4 * cost::value;
    result.thread_temporary = thread_bytes(setting, s);
    result.buffers = std::min(30 * cost::chunk, S * width * cost::value);
    const double a_scenario = width + (s.keeps ? 0 : s.replicates) + 1;
    result.part_bytes = S * a_scenario * cost::value + static_cast<double>(result.entry.blocks) * 110;
    return result;
}

}  // namespace greenfront::planning
