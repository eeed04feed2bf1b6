#include "engine/sweep/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "scenarios/expression.hpp"

namespace greenfront::sweep {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Error(Fault::study, what);
}

/// Replicates of the draws in use, cut to what the sweep asks for.
std::int64_t cut(std::int64_t wanted, std::int64_t available, const std::string& source) {
    if (wanted > available) {
        fail(fmt::format("replicates is {}, but {} has {}; ask for fewer or give it more", wanted, source,
                         available));
    }
    return wanted == 0 ? available : wanted;
}

void add_unique(std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

Model::Model(const Workspace& workspace_, const std::string& own_name, const SweepStage& stage_,
             std::uint64_t stream)
    : workspace(workspace_),
      sweep_name(own_name),
      stage(stage_),
      design(sweep::design(workspace_, stage_, stream)),
      program(workspace_.prepared.completed, workspace_.panel(), design.levers),
      point(program.point()) {
    if (!stage.regression.empty()) make_linear();
    if (!stage.dea.empty())
        frontier.emplace(workspace.panel(), *workspace.dea.find(stage.dea), stage.frontier == "moving");
    const bool drawn = program.uncertain() && stage.parameters == "drawn";
    if (linear && drawn) {
        for (std::int64_t r = 0; r < replicates_; ++r)
            draws.push_back(program.draw(workspace.study.seed, static_cast<std::uint64_t>(r)));
    }
    frontier_replicates_ = stage.frontier_replicates;
    if (frontier_replicates_ > 0 && (!frontier || !drawn)) {
        fail(
            "frontier_replicates draws uncertain parameters of levers in the frontier channel; the sweep has "
            "no "
            "dea stage, no uncertain parameter, or parameters = \"point\"");
    }
    for (auto r = static_cast<std::int64_t>(draws.size()); r < frontier_replicates_; ++r)
        draws.push_back(program.draw(workspace.study.seed, static_cast<std::uint64_t>(r)));
    if (frontier) variables = workspace.dea.find(stage.dea)->variables.all();
    for (const auto& name : stage.outcomes) add_unique(variables, name);
    make_rows();
    make_preparation();
    make_layout();
}

void Model::make_linear() {
    const MediationOutcome* mediation = nullptr;
    std::int64_t available = 0;
    std::string source;
    if (!stage.mediation.empty()) {
        mediation = workspace.mediation.find(stage.mediation);
        available = mediation->full_draws.draw.cols();
        source = "mediation." + stage.mediation;
    } else if (!stage.bootstrap.empty()) {
        available = workspace.bootstrap.find(stage.bootstrap)->draw.cols();
        source = "bootstrap." + stage.bootstrap;
    }
    replicates_ = cut(stage.replicates, available, source.empty() ? "the sweep (no bootstrap)" : source);
    const auto draws_of = [&](const std::string& bootstrap) -> const resample::PairsDraws* {
        if (bootstrap.empty() || replicates_ == 0) return nullptr;
        const auto* found = workspace.bootstrap.find(bootstrap);
        if (found->draw.cols() < replicates_) {
            fail(fmt::format("bootstrap.{} has {} replicates, fewer than the {} of {}", bootstrap,
                             found->draw.cols(), replicates_, source));
        }
        return found;
    };
    std::vector<LinearType> types;
    for (const auto& type : stage.types) {
        types.push_back(
            {type.name, type.where, workspace.regression.find(type.regression), draws_of(type.bootstrap)});
    }
    types.push_back({stage.types.empty() ? "all" : "other", "", workspace.regression.find(stage.regression),
                     mediation != nullptr ? nullptr : draws_of(stage.bootstrap)});
    linear.emplace(workspace.panel(), std::move(types), mediation, replicates_);
}

void Model::make_rows() {
    const Panel& panel = workspace.panel();
    const std::size_t rows = panel.rows();
    use.assign(rows, 1);
    total = {std::vector<std::int32_t>(rows, -1), 1};
    time = {std::vector<std::int32_t>(rows, -1), static_cast<Eigen::Index>(panel.time_value.size())};
    unit = {std::vector<std::int32_t>(rows, -1), static_cast<Eigen::Index>(panel.unit_name.size())};
    group = {std::vector<std::int32_t>(rows, -1), 0};
    std::vector<std::int32_t> code;
    if (!stage.group.empty()) {
        auto factor = make_factor(stage.group, panel);
        code = std::move(factor.code);
        group_name = std::move(factor.level_name);
        group.cells = static_cast<Eigen::Index>(group_name.size());
    }
    for (std::size_t r = 0; r < rows; ++r) {
        const bool late = !panel.has_time() ||
                          panel.time_value[static_cast<std::size_t>(panel.time[r])] >= design.first_period;
        const bool sampled = !linear || linear->sample()[r];
        const bool scored = !frontier || !std::isnan(frontier->score()[r]);
        use[r] = late && sampled && scored;
        if (!use[r]) continue;
        total.cell[r] = 0;
        time.cell[r] = panel.time[r];
        unit.cell[r] = panel.unit[r];
        if (!code.empty()) group.cell[r] = code[r];
    }
    if (rows_averaged() == 0) {
        fail(fmt::format("no row has a baseline outcome from {} on; let the levers start earlier",
                         design.first_period));
    }
}

std::int64_t Model::rows_averaged() const {
    return std::count(use.begin(), use.end(), 1);
}

void Model::make_preparation() {
    const Panel& panel = workspace.panel();
    std::set<std::string> read(variables.begin(), variables.end());
    if (linear) read.insert(linear->columns().begin(), linear->columns().end());
    if (frontier) {
        for (auto& name : frontier->columns()) read.insert(name);
    }
    const std::set<std::string> outcomes = read;
    for (const auto& [name, outcome] : workspace.index) {
        if (outcomes.contains(name)) read.insert(outcome.indicators.begin(), outcome.indicators.end());
    }
    std::vector<std::string> wanted, changed;
    for (const auto& name : read) {
        if (!panel.has(name)) fail(fmt::format("outcomes: there is no column \"{}\"", name));
        wanted.push_back(name);
    }
    const auto& columns = workspace.prepared.completed.columns();
    for (const std::size_t c : program.columns()) changed.push_back(columns[c].name);
    preparation.emplace(workspace.prepared, workspace.study.prepare, changed, wanted);
    std::vector<std::string> moved = preparation->moved();
    for (const auto& [name, outcome] : workspace.index) {
        if (!outcomes.contains(name)) continue;
        const bool moves = std::any_of(
            outcome.indicators.begin(), outcome.indicators.end(),
            [&](const auto& i) { return std::find(moved.begin(), moved.end(), i) != moved.end(); });
        if (!moves) continue;
        const bool again = stage.indices == "re-estimated";
        indices.push_back({name, &outcome, again ? workspace.study.index.find(name) : nullptr});
        moved.push_back(name);
    }
    if (linear) linear->set_moved(moved);
}

std::size_t Model::add(const char* name, const char* long_name, const char* units,
                       std::vector<std::string> dims, std::vector<std::size_t> shape) {
    return layout.add({name, std::move(dims), std::move(shape), long_name, units, false, 0, 1});
}

std::size_t Model::add_count(const char* name, const char* long_name) {
    return layout.add({name, {}, {}, long_name, "1", true, 0, 1});
}

Fields::Effect Model::add_effect(const std::string& name, const std::string& interval, const char* long_name,
                                 std::vector<std::string> dims, std::vector<std::size_t> shape) {
    Fields::Effect effect;
    const auto part = [&](const std::string& label, const std::string& text) {
        return layout.add({label, dims, shape, text, "outcome", false, 0, 1});
    };
    effect.value = part(name, long_name);
    if (replicates_ == 0) return effect;
    effect.low = part(interval + "_low", "percentile interval of the draws, low end");
    effect.high = part(interval + "_high", "percentile interval of the draws, high end");
    return effect;
}

void Model::add_linear_fields() {
    const auto T = static_cast<std::size_t>(time.cells), G = static_cast<std::size_t>(group.cells),
               U = static_cast<std::size_t>(unit.cells);
    fields.total = add_effect("econometric_effect", "econometric",
                              "mean change of the outcome through the coefficients", {}, {});
    if (linear->mediated()) {
        fields.direct = add("econometric_direct", "of it, without the mediator", "outcome");
        fields.mediated = add("econometric_mediated", "of it, through the mediator", "outcome");
    }
    fields.lost =
        add_count("econometric_lost", "averaged rows where a regressor has no value; the effect is missing");
    fields.by_time =
        add_effect("econometric_by_time", "econometric_by_time", "mean change by period", {"time"}, {T});
    if (grouped())
        fields.by_group = add_effect("econometric_by_group", "econometric_by_group", "mean change by group",
                                     {"group"}, {G});
    if (stage.units)
        fields.by_unit =
            add_effect("econometric_by_unit", "econometric_by_unit", "mean change by unit", {"unit"}, {U});
    const std::size_t M = inequality_measures().size();
    fields.inequality = add("econometric_inequality", "inequality of the outcome between units, last period",
                            "1", {"measure"}, {M});
    fields.sigma =
        add("econometric_sigma", "standard deviation of the log outcome by period", "1", {"time"}, {T});
    if (keeps_draws()) {
        fields.draw = add("econometric_draw", "mean change with the replicate's coefficients", "outcome",
                          {"replicate"}, {static_cast<std::size_t>(replicates_)});
    }
}

void Model::add_frontier_fields() {
    const auto T = static_cast<std::size_t>(time.cells), G = static_cast<std::size_t>(group.cells),
               U = static_cast<std::size_t>(unit.cells);
    fields.frontier =
        add("frontier_effect", "mean change of the score against the baseline technology", "score");
    if (frontier_replicates_ > 0) {
        fields.frontier_low =
            add("frontier_low", "percentile interval over uncertain levers, low end", "score");
        fields.frontier_high =
            add("frontier_high", "percentile interval over uncertain levers, high end", "score");
        fields.frontier_draw =
            add("frontier_draw", "mean change with the replicate's lever parameters", "score",
                {"frontier_replicate"}, {static_cast<std::size_t>(frontier_replicates_)});
    }
    if (frontier->moving()) {
        fields.catch_up = add("frontier_catch_up",
                              "of it, change of the score against the technology of its own time", "score");
        fields.shift = add("frontier_shift", "of it, by the move of the technology", "score");
    }
    fields.frontier_by_time =
        add("frontier_by_time", "mean change of the score by period", "score", {"time"}, {T});
    if (grouped())
        fields.frontier_by_group =
            add("frontier_by_group", "mean change of the score by group", "score", {"group"}, {G});
    if (stage.units)
        fields.frontier_by_unit =
            add("frontier_by_unit", "mean change of the score by unit", "score", {"unit"}, {U});
    fields.frontier_inequality =
        add("frontier_inequality", "inequality of the score between units, last period", "1", {"measure"},
            {inequality_measures().size()});
    fields.frontier_sigma =
        add("frontier_sigma", "standard deviation of the log score by period", "1", {"time"}, {T});
    fields.beyond =
        add_count("frontier_beyond", "changed rows beyond the baseline frontier, counted with score 1");
    fields.unscored = add_count("frontier_unscored", "changed rows without a score; the effect is missing");
    fields.failed = add_count("frontier_failed", "programs that no method could certify");
    fields.programs = add_count("frontier_programs", "linear programs solved");
    fields.pivots = add_count("frontier_pivots", "basis changes");
}

void Model::make_layout() {
    const auto T = static_cast<std::size_t>(time.cells), G = static_cast<std::size_t>(group.cells);
    if (linear) add_linear_fields();
    if (frontier) add_frontier_fields();
    if (!variables.empty()) {
        const std::size_t V = variables.size();
        const char* units = "units of the variable";
        fields.variable_change = add("variable_change", "change of the sum", units, {"variable"}, {V});
        fields.variable_relative =
            add("variable_relative", "change relative to the baseline sum", "1", {"variable"}, {V});
        fields.variable_by_time =
            add("variable_by_time", "change of the sum by period", units, {"variable", "time"}, {V, T});
        if (grouped())
            fields.variable_by_group =
                add("variable_by_group", "change of the sum by group", units, {"variable", "group"}, {V, G});
    }
    fields.cost = add("cost", "sum of the levers' costs", "cost unit of the levers");
    if (program.costed() && !draws.empty()) {
        fields.cost_low =
            add("cost_low", "percentile interval over uncertain costs, low end", "cost unit of the levers");
        fields.cost_high =
            add("cost_high", "percentile interval over uncertain costs, high end", "cost unit of the levers");
    }
    fields.rows_changed = add_count("rows_changed", "panel rows that a lever moved");
    fields.clipped = add_count("cells_clipped", "cells cut by the baseline's winsorising bounds");
    fields.refused =
        add_count("refused", "1: a lever cannot act with this intensity, and the scenario has no figures");
}

}  // namespace greenfront::sweep
