#include <fmt/format.h>

#include <limits>

#include "engine/columns.hpp"
#include "engine/dea_warnings.hpp"
#include "engine/frontier_choice.hpp"
#include "engine/frontier_inference.hpp"
#include "engine/settings.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

namespace kernel = greenfront::dea;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Rows = std::vector<double>;

/// The analysis that a stage refers to, as its own stage has it.
struct Analysis {
    const DeaStage& words;
    DeaChoice choice;
    const std::vector<char>& usable;
    std::vector<std::string> warnings;
    Analysis(const Workspace& workspace, const std::string& name)
        : words(*workspace.study.dea.find(name)),
          choice(choose_dea(words, Fault::study)),
          usable(workspace.dea.find(name)->usable) {
        const Panel& panel = workspace.panel();
        set_means(choice, panel, usable);
        warn_of_missing_values(panel, choice, select(words.where, panel, Fault::study), usable, warnings);
    }
};

Attributes attributes_of(const Workspace& workspace, const std::string& method, const BootDeaStage& stage,
                         const Analysis& a) {
    const auto& s = a.choice.settings;
    return {{"dea", stage.dea},
            {"method", method},
            {"model", greenfront::name(s.model)},
            {"orientation", greenfront::name(s.orientation)},
            {"returns", greenfront::name(s.returns)},
            {"reference", a.choice.reference},
            {"inputs", a.words.inputs},
            {"good", a.words.good},
            {"bad", a.words.bad},
            {"replicates", stage.replicates},
            {"confidence", stage.confidence},
            {"seed", std::to_string(workspace.study.seed)}};
}

/// The scale `technology`: its period, or "all".
void store_technologies(ResultGroup& group, const std::vector<std::optional<std::int64_t>>& times) {
    std::vector<std::string> labels;
    for (const auto& time : times) labels.push_back(time ? std::to_string(*time) : "all");
    group.variables.push_back(scale("technology", std::move(labels)));
}

template <class Part>
void store_counts(ResultGroup& group, const std::vector<Part>& parts, const char* name,
                  std::int64_t (*count)(const Part&), const char* long_name) {
    std::vector<std::int64_t> values;
    for (const Part& part : parts) values.push_back(count(part));
    group.variables.push_back(integers(name, "technology", std::move(values), long_name));
}

template <class Part>
void store_figures(ResultGroup& group, const std::vector<Part>& parts, const char* name, double Part::*figure,
                   const char* long_name) {
    Rows values;
    for (const Part& part : parts) values.push_back(part.*figure);
    group.variables.push_back(numbers(name, {"technology"}, {parts.size()}, std::move(values), long_name));
}

template <class Part>
void store_work(ResultGroup& group, const std::vector<Part>& parts) {
    store_counts<Part>(
        group, parts, "programs", [](const Part& p) { return p.counters.programs; }, "linear programs");
    store_counts<Part>(
        group, parts, "fallbacks", [](const Part& p) { return p.counters.fallbacks; },
        "programs beyond the first attempt");
}

/// A column of the parts by unit and time.
template <class Part>
struct Field {
    const char* name;
    std::vector<double> Part::*values;
    const char* long_name;
};

/// How many replicates did not reach the row.
template <class Part>
Rows beyond_of(const Placement& at, const std::vector<Part>& parts, std::vector<std::int64_t> Part::*counts) {
    Rows rows(at.part.size(), nan);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (at.position[r] < 0) continue;
        const auto& of_part = parts[at.part[r]].*counts;
        rows[r] = static_cast<double>(of_part[static_cast<std::size_t>(at.position[r])]);
    }
    return rows;
}

/// How each score ended; rows that the analysis does not use have -1.
template <class Part>
void store_status(Workspace& workspace, ResultGroup& group, const Placement& at,
                  const std::vector<Part>& parts) {
    const Panel& panel = workspace.panel();
    const auto statuses = at.by_row(parts, &Part::status, Status::undefined);
    std::vector<std::int8_t> grid(panel.unit_name.size() * panel.time_value.size(), -1);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (at.position[r] < 0) continue;
        grid[static_cast<std::size_t>(panel.unit[r]) * panel.time_value.size() +
             static_cast<std::size_t>(panel.time[r])] = static_cast<std::int8_t>(statuses[r]);
        workspace.failed += statuses[r] == Status::failed;
    }
    group.variables.push_back(categories(
        "status", {"unit", "time"}, {panel.unit_name.size(), panel.time_value.size()}, std::move(grid),
        {status_names.begin(), status_names.end()}, "how the score and its replicates ended"));
}

void warn(Workspace& workspace, const std::string& name, ResultGroup& group,
          const std::vector<std::string>& warnings) {
    for (const auto& warning : warnings) workspace.progress.warning("boot_dea." + name + ": " + warning);
    group.attributes.emplace_back("warnings", warnings);
}

/// All that both kinds of bootstrap leave: what is stored of the scores, and the column for later stages.
template <class Part>
void store_scores(Workspace& workspace, const std::string& name, const BootDeaStage& stage,
                  ResultGroup& group, const Placement& at, const std::vector<Part>& parts,
                  const std::vector<Field<Part>>& fields, std::vector<std::int64_t> Part::*beyond) {
    Panel& panel = workspace.prepared.panel;
    for (const auto& field : fields)
        group.variables.push_back(
            by_unit_time(field.name, panel, at.by_row(parts, field.values, nan), field.long_name));
    group.variables.push_back(by_unit_time("beyond", panel, beyond_of(at, parts, beyond),
                                           "replicates whose technology cannot reach the row"));
    store_status(workspace, group, at, parts);
    store_technologies(group, at.time);
    group.attributes.emplace_back("column", std::string("corrected"));
    Rows column = at.by_row(parts, &Part::corrected, nan);
    winsorize_column(group, panel, stage.winsorize, column, "corrected");
    panel.set_number(name, column, "1");
}

using Scores = kernel::BootstrapScores;
const std::vector<Field<Scores>> smoothed_fields{
    {"score", &Scores::score, "efficiency"},
    {"corrected", &Scores::corrected, "efficiency corrected for its bias"},
    {"bias", &Scores::bias, "score less corrected score"},
    {"sd", &Scores::sd, "standard deviation of the replicates"},
    {"q025", &Scores::q025, "2.5 % quantile of the replicates"},
    {"q975", &Scores::q975, "97.5 % quantile of the replicates"},
    {"conf_low", &Scores::low, "lower end of the interval"},
    {"conf_high", &Scores::high, "upper end of the interval"}};

template <class Settings>
void smoothed(Workspace& workspace, const std::string& name, const BootDeaStage& stage, const Analysis& a,
              const Settings& settings, const std::string& method, const Attributes& more) {
    const BootDea result = bootstrap_scores(workspace.panel(), a.usable, a.choice, settings);
    ResultGroup& group = workspace.results.add("boot_dea/" + name);
    group.attributes = attributes_of(workspace, method, stage, a);
    group.attributes.insert(group.attributes.end(), more.begin(), more.end());
    store_scores(workspace, name, stage, group, result.at, result.parts, smoothed_fields, &Scores::without);
    store_counts<Scores>(
        group, result.parts, "units",
        [](const Scores& p) { return static_cast<std::int64_t>(p.score.size()); },
        "rows that span the technology");
    store_figures(group, result.parts, "bandwidth", &Scores::bandwidth, "bandwidth");
    store_counts<Scores>(
        group, result.parts, "redrawn", [](const Scores& p) { return p.redrawn; }, "rows drawn again");
    store_work(group, result.parts);
    auto warnings = a.warnings;
    if (auto pooled = pooled_warning(workspace.panel(), a.choice); !pooled.empty())
        warnings.push_back(std::move(pooled));
    warn(workspace, name, group, warnings);
}

using Subsample = kernel::Subsample;
const std::vector<Field<Subsample>> subsampled_fields{
    {"score", &Subsample::score, "efficiency"},
    {"corrected", &Subsample::corrected, "efficiency corrected for its bias"},
    {"bias", &Subsample::bias, "score less corrected score"},
    {"sd", &Subsample::sd, "standard deviation of the replicates, rescaled"},
    {"conf_low", &Subsample::low, "lower end of the interval"},
    {"conf_high", &Subsample::high, "upper end of the interval"}};

void subsampled(Workspace& workspace, const std::string& name, const BootDeaStage& stage, const Analysis& a) {
    const Panel& panel = workspace.panel();
    const auto s = subsample_settings(stage, a.choice, workspace.study.seed, Fault::study);
    const SubsampledScores result = subsample_scores(panel, a.usable, a.choice, stage.cluster, s);
    ResultGroup& group = workspace.results.add("boot_dea/" + name);
    group.attributes = attributes_of(workspace, "subsample", stage, a);
    group.attributes.insert(group.attributes.end(),
                            {{"cluster", stage.cluster.empty() ? panel.unit_column : stage.cluster},
                             {"kappa", s.kappa},
                             {"rate", s.rate},
                             {"rate_proven", std::int64_t{proven(stage, a.choice) ? 1 : 0}},
                             {"replacement", std::int64_t{s.replacement ? 1 : 0}}});
    store_scores(workspace, name, stage, group, result.at, result.parts, subsampled_fields,
                 &Subsample::beyond);
    store_counts<Subsample>(
        group, result.parts, "clusters", [](const Subsample& p) { return p.clusters; },
        "clusters that span the technology");
    store_counts<Subsample>(
        group, result.parts, "drawn", [](const Subsample& p) { return p.drawn; }, "clusters in a replicate");
    store_work(group, result.parts);
    warn(workspace, name, group, a.warnings);
}

using Test = kernel::ReturnsTest;
struct Figure {
    const char* name;
    double Test::*figure;
    const char* long_name;
};
const Figure test_figures[] = {
    {"statistic", &Test::statistic, "sum of efficiencies under H0 over that under variable returns"},
    {"p_value", &Test::p_value, "share of replicates at most as large, H0"},
    {"critical_10", &Test::critical_10, "10 % quantile of the replicates"},
    {"critical_05", &Test::critical_05, "5 % quantile of the replicates"},
    {"critical_01", &Test::critical_01, "1 % quantile of the replicates"},
    {"mean_null", &Test::mean_null, "mean efficiency under H0"},
    {"mean_vrs", &Test::mean_vrs, "mean efficiency under variable returns"},
    {"bandwidth", &Test::bandwidth, "bandwidth"}};

void tested(Workspace& workspace, const std::string& name, const BootDeaStage& stage, const Analysis& a) {
    const auto s = returns_test_settings(stage, a.choice, workspace.study.seed, Fault::study);
    const ReturnsTests result = test_returns(workspace.panel(), a.usable, a.choice, s);
    ResultGroup& group = workspace.results.add("returns_test/" + name);
    group.attributes = {{"dea", stage.dea},
                        {"method", std::string("simar-wilson-2002")},
                        {"null", greenfront::name(s.null)},
                        {"alternative", std::string("vrs")},
                        {"orientation", greenfront::name(s.orientation)},
                        {"reference", a.choice.reference},
                        {"order", greenfront::name(s.order)},
                        {"inputs", a.words.inputs},
                        {"good", a.words.good},
                        {"bad", a.words.bad},
                        {"replicates", s.replicates},
                        {"seed", std::to_string(s.seed)}};
    store_technologies(group, result.time);
    store_counts<Test>(
        group, result.parts, "units", [](const Test& p) { return p.units; }, "rows with both scores");
    for (const auto& [key, figure, long_name] : test_figures)
        store_figures(group, result.parts, key, figure, long_name);
    store_counts<Test>(
        group, result.parts, "n_at_most", [](const Test& p) { return p.at_most; },
        "replicates at most as large as the statistic");
    store_counts<Test>(
        group, result.parts, "without", [](const Test& p) { return p.without; },
        "replicates without a statistic");
    store_work(group, result.parts);
    auto warnings = a.warnings;
    if (auto pooled = pooled_warning(workspace.panel(), a.choice); !pooled.empty())
        warnings.push_back(std::move(pooled));
    warn(workspace, name, group, warnings);
}

using Separability = kernel::Separability;
struct SeparabilityFigure {
    const char* name;
    double Separability::*figure;
    const char* long_name;
};
const SeparabilityFigure separability_figures[] = {
    {"statistic", &Separability::statistic, "difference of means over its standard error"},
    {"p_value", &Separability::p_value, "of no difference; of several splits twice the median"},
    {"mean", &Separability::mean, "mean score against all rows, corrected for its bias"},
    {"mean_local", &Separability::mean_local, "mean score against rows of like environment, corrected"},
    {"bias", &Separability::bias, "bias of the mean score"},
    {"bias_local", &Separability::bias_local, "bias of the mean score against rows of like environment"},
    {"bandwidth", &Separability::bandwidth, "half a window, in standard deviations"},
    {"window", &Separability::window, "rows in a window, on average"}};

/// What each split says, by technology.
void store_splits(ResultGroup& group, const SeparabilityTests& result, const char* name,
                  std::vector<double> Separability::*figures, const char* long_name) {
    Rows values;
    for (const auto& part : result.parts)
        values.insert(values.end(), (part.*figures).begin(), (part.*figures).end());
    const std::size_t n = result.parts.size(), splits = values.size() / n;
    group.variables.push_back(
        numbers(name, {"technology", "split"}, {n, splits}, std::move(values), long_name));
}

void separated(Workspace& workspace, const std::string& name, const BootDeaStage& stage, const Analysis& a) {
    const auto s = separability_settings(stage, a.choice, workspace.study.seed, Fault::study);
    const auto result = test_separability(workspace.panel(), a.usable, a.choice, stage.environment, s);
    ResultGroup& group = workspace.results.add("separability_test/" + name);
    group.attributes = {{"dea", stage.dea},
                        {"method", std::string("daraio-simar-wilson-2018")},
                        {"environment", stage.environment},
                        {"model", greenfront::name(s.programs.model)},
                        {"orientation", greenfront::name(s.programs.orientation)},
                        {"returns", greenfront::name(s.programs.returns)},
                        {"reference", a.choice.reference},
                        {"inputs", a.words.inputs},
                        {"good", a.words.good},
                        {"bad", a.words.bad},
                        {"splits", s.splits},
                        {"halvings", s.halvings},
                        {"replicates", stage.replicates},
                        {"seed", std::to_string(s.seed)}};
    store_technologies(group, result.time);
    for (const auto& [key, figure, long_name] : separability_figures)
        store_figures(group, result.parts, key, figure, long_name);
    using P = const Separability&;
    store_counts<Separability>(
        group, result.parts, "units", [](P p) { return p.units; }, "rows");
    store_counts<Separability>(
        group, result.parts, "counted", [](P p) { return p.counted; }, "rows in the mean score");
    store_counts<Separability>(
        group, result.parts, "counted_local", [](P p) { return p.counted_local; },
        "rows in the mean score against rows of like environment");
    store_work(group, result.parts);
    group.variables.push_back(counter("split", static_cast<std::size_t>(s.splits), 1));
    store_splits(group, result, "split_statistic", &Separability::split_statistic, "statistic of the split");
    store_splits(group, result, "split_p_value", &Separability::split_p_value, "p value of the split");
    auto warnings = a.warnings;
    if (auto doubt = correction_warning(result, a.choice); !doubt.empty())
        warnings.push_back(std::move(doubt));
    if (auto pooled = pooled_warning(workspace.panel(), a.choice); !pooled.empty())
        warnings.push_back(std::move(pooled));
    warn(workspace, name, group, warnings);
}

}  // namespace

void boot_dea(Workspace& workspace, const std::string& name, const BootDeaStage& stage) {
    const Analysis a(workspace, stage.dea);
    const std::uint64_t seed = workspace.study.seed;
    switch (boot_dea_kind(stage, Fault::study)) {
        case BootDeaKind::homogeneous: {
            const auto s = homogeneous_settings(stage, a.choice, seed, Fault::study);
            return smoothed(workspace, name, stage, a, s, "simar-wilson-1998",
                            {{"metric", greenfront::name(s.metric)}, {"order", greenfront::name(s.order)}});
        }
        case BootDeaKind::heterogeneous: {
            const auto s = heterogeneous_settings(stage, a.choice, seed, Fault::study);
            return smoothed(workspace, name, stage, a, s, "simar-wilson-2000",
                            {{"smoothing", greenfront::name(s.scale)}});
        }
        case BootDeaKind::subsample:
            return subsampled(workspace, name, stage, a);
        case BootDeaKind::returns_test:
            return tested(workspace, name, stage, a);
        case BootDeaKind::separability_test:
            return separated(workspace, name, stage, a);
    }
}

}  // namespace greenfront::stages
