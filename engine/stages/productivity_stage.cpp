#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/columns.hpp"
#include "engine/productivity_bootstrap.hpp"
#include "engine/settings.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"
#include "kernels/dea/gather.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using Row = std::vector<double>;

void store_settings(ResultGroup& group, const ProductivityStage& stage, const ProductivityChoice& choice) {
    const DeaChoice& d = choice.dea;
    const auto& s = d.settings;
    group.attributes = {
        {"measure", greenfront::name(choice.measure)},
        {"frontier", greenfront::name(choice.frontier)},
        {"model", greenfront::name(s.model)},
        {"orientation", greenfront::name(s.orientation)},
        {"returns", greenfront::name(s.returns)},
        {"disposability", greenfront::name(s.disposability)},
        {"decomposition", choice.pure ? greenfront::name(choice.decomposition) : std::string()},
        {"comparison",
         std::string(choice.comparison == greenfront::dea::Comparison::ratio ? "ratio" : "difference")},
        {"where", stage.where},
        {"inputs", stage.inputs},
        {"good", stage.good},
        {"bad", stage.bad},
        {"bads_as_inputs", std::int64_t{d.variables.bads_as_inputs ? 1 : 0}},
        {"super", std::int64_t{s.super ? 1 : 0}},
        {"column", stage.column}};
    if (!d.weights.empty()) group.attributes.emplace_back("weights", d.weights);
    if (!d.item_weights.empty()) group.attributes.emplace_back("item_weights", d.item_weights);
    if (!d.directional()) return;
    const char* const keys[] = {"direction_inputs", "direction_good", "direction_bad"};
    for (std::size_t g = 0; g < 3; ++g) {
        const auto& [word, direction] = d.directions[g];
        group.attributes.emplace_back(keys[g], word);
        if (direction.given.size() > 0)
            group.attributes.emplace_back(std::string(keys[g]) + "_values", to_vector(direction.given));
    }
}

void store_work(ResultGroup& group, const ProductivityChoice& choice, const Panel& panel,
                const Productivity& result) {
    const auto all = means_of(panel, choice, result, -1);
    const auto& c = result.counters;
    group.attributes.insert(group.attributes.end(),
                            {{"pairs", all.pairs},
                             {"pairs_with_index", all.with_index},
                             {"programs", c.programs},
                             {"pivots", c.pivots},
                             {"pricing_passes", c.pricing_passes},
                             {"fallbacks", c.fallbacks},
                             {"zero_terms", c.zero_terms},
                             {"min_reduced_cost", result.certificate.min_reduced_cost},
                             {"primal_residual", result.certificate.primal_residual},
                             {"gap", result.certificate.gap},
                             {"warnings", result.warnings}});
}

using Change = greenfront::dea::Change;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A value of each pair, by its number, at its later row.
template <class Value>
Row of_pairs(const Panel& panel, const Productivity& result, const Value& value) {
    Row rows(panel.rows(), nan);
    for (std::size_t k = 0; k < result.pairs.size(); ++k) rows[result.pairs[k].to] = value(k);
    return rows;
}

Row at_later_rows(const Panel& panel, const Productivity& result, double (*value)(const Change&)) {
    return of_pairs(panel, result, [&](std::size_t k) { return value(result.changes[k]); });
}

struct Part {
    const char* name;
    const char* long_name;
    double (*value)(const Change&);
};
const Part parts[] = {
    {"index", "productivity change since the period before", [](const Change& c) { return c.index; }},
    {"efficiency_change", "change of efficiency in the period's own technology",
     [](const Change& c) { return c.efficiency; }},
    {"technical_change", "shift of the technology", [](const Change& c) { return c.technical; }},
    {"pure_efficiency_change", "efficiency change under variable returns",
     [](const Change& c) { return c.pure; }},
    {"scale_change", "change of scale", [](const Change& c) { return c.scale; }},
};

void store_changes(ResultGroup& group, const Panel& panel, const ProductivityChoice& choice,
                   const Productivity& result) {
    for (const Part& part : parts) {
        if (!choice.pure && &part - parts > 2) continue;
        group.variables.push_back(
            by_unit_time(part.name, panel, at_later_rows(panel, result, part.value), part.long_name));
    }
    group.variables.push_back(
        by_unit_time("cumulative", panel, result.cumulative, "index since the unit's first period"));
    std::vector<std::int8_t> grid(panel.unit_name.size() * panel.time_value.size(), -1);
    for (std::size_t k = 0; k < result.pairs.size(); ++k) {
        const std::size_t r = result.pairs[k].to;
        grid[static_cast<std::size_t>(panel.unit[r]) * panel.time_value.size() +
             static_cast<std::size_t>(panel.time[r])] = static_cast<std::int8_t>(result.changes[k].status);
    }
    group.variables.push_back(categories(
        "status", {"unit", "time"}, {panel.unit_name.size(), panel.time_value.size()}, std::move(grid),
        {status_names.begin(), status_names.end()}, "how the index of the pair ended"));
}

void store_scores(ResultGroup& group, const Panel& panel, const ProductivityChoice& choice,
                  const ProductivityScores& scores, const std::string& suffix, const char* returns) {
    const auto add = [&](const char* name, const Row& values, const char* what) {
        group.variables.push_back(
            by_unit_time(name + suffix, panel, values, std::string("score against ") + what + returns));
    };
    add("score_own", scores.own, "the technology of the row's period");
    if (!suffix.empty() && choice.decomposition == greenfront::dea::Decomposition::fgnz) return;
    if (choice.frontier == Frontier::global) return add("score_global", scores.pool_from, "all periods");
    const bool two = choice.frontier == Frontier::biennial;
    add("score_next", two ? scores.pool_from : scores.later,
        two ? "the row's and the next period together" : "the technology of the next period");
    add("score_before", two ? scores.pool_to : scores.earlier,
        two ? "the row's and the earlier period together" : "the technology of the earlier period");
}

/// Means by later period, the first place for all pairs.
void store_means(ResultGroup& group, const Panel& panel, const ProductivityChoice& choice,
                 const Productivity& result) {
    const std::size_t periods = panel.time_value.size();
    std::vector<ProductivityMeans> means;
    for (std::size_t t = 0; t < periods; ++t)
        means.push_back(means_of(panel, choice, result, static_cast<std::int32_t>(t)));
    const ProductivityMeans all = means_of(panel, choice, result, -1);
    for (const Part& part : parts) {
        if (!choice.pure && &part - parts > 2) continue;
        Row values;
        for (const auto& m : means) values.push_back(part.value(m.mean));
        group.variables.push_back(numbers(std::string("mean_") + part.name, {"time"}, {periods},
                                          std::move(values),
                                          std::string("mean over pairs, ") + part.long_name));
        group.attributes.emplace_back(std::string("mean_") + part.name, part.value(all.mean));
    }
    std::vector<std::int64_t> pairs, with_index;
    for (const auto& m : means) {
        pairs.push_back(m.pairs);
        with_index.push_back(m.with_index);
    }
    group.variables.push_back(
        integers("mean_pairs", "time", std::move(pairs), "pairs that end in the period"));
    group.variables.push_back(
        integers("mean_with_index", "time", std::move(with_index), "those of them with an index"));
}

struct IntervalField {
    const char* suffix;
    const char* long_name;
    double greenfront::dea::MalmquistInterval::*value;
};
const IntervalField interval_fields[] = {
    {"corrected", "corrected for its bias", &greenfront::dea::MalmquistInterval::corrected},
    {"sd", "standard deviation of the replicates", &greenfront::dea::MalmquistInterval::sd},
    {"conf_low", "lower end of the interval", &greenfront::dea::MalmquistInterval::low},
    {"conf_high", "upper end of the interval", &greenfront::dea::MalmquistInterval::high}};

/// What each pair of periods has, at the later one.
void store_periods(ResultGroup& group, const Panel& panel, const ProductivityBootstrap& drawn) {
    Row bandwidth(panel.time_value.size(), nan);
    std::vector<std::int64_t> units(bandwidth.size(), 0);
    greenfront::dea::Counters work;
    for (const BootstrappedPeriods& one : drawn.periods) {
        const auto at = static_cast<std::size_t>(
            std::find(panel.time_value.begin(), panel.time_value.end(), one.to) - panel.time_value.begin());
        bandwidth[at] = one.bandwidth;
        units[at] = one.units;
        add(work, one.counters);
    }
    group.variables.push_back(numbers("bandwidth", {"time"}, {bandwidth.size()}, bandwidth,
                                      "bandwidth of the bootstrap, in standard deviations"));
    group.variables.push_back(integers("bootstrap_units", "time", std::move(units), "units drawn together"));
    group.attributes.insert(group.attributes.end(), {{"bootstrap_programs", work.programs},
                                                     {"bootstrap_pivots", work.pivots},
                                                     {"bootstrap_fallbacks", work.fallbacks}});
}

void store_bootstrap(ResultGroup& group, const Panel& panel, const ProductivityChoice& choice,
                     const Productivity& result, const ProductivityBootstrap& drawn,
                     const greenfront::dea::MalmquistSettings& settings) {
    for (std::size_t p = 0; p < std::size(parts); ++p) {
        if (!choice.pure && p > 2) continue;
        for (const IntervalField& field : interval_fields)
            group.variables.push_back(by_unit_time(
                fmt::format("{}_{}", parts[p].name, field.suffix), panel,
                of_pairs(panel, result, [&](std::size_t k) { return drawn.intervals[k][p].*field.value; }),
                fmt::format("{}, {}", parts[p].long_name, field.long_name)));
    }
    group.variables.push_back(by_unit_time(
        "without", panel,
        of_pairs(panel, result, [&](std::size_t k) { return static_cast<double>(drawn.without[k]); }),
        "replicates without an index"));
    store_periods(group, panel, drawn);
    group.attributes.insert(group.attributes.end(), {{"bootstrap", std::string("simar-wilson-1999")},
                                                     {"replicates", settings.replicates},
                                                     {"confidence", settings.confidence},
                                                     {"seed", std::to_string(settings.seed)}});
}

Row column_of(const ProductivityStage& stage, const Panel& panel, const Productivity& result) {
    if (stage.column == "cumulative") return result.cumulative;
    for (const Part& part : parts) {
        if (stage.column == part.name) return at_later_rows(panel, result, part.value);
    }
    throw Error(Fault::study, "column: \"" + stage.column + "\" is not known");
}

}  // namespace

void productivity(Workspace& workspace, const std::string& name, const ProductivityStage& stage) {
    Panel& panel = workspace.prepared.panel;
    ProductivityChoice choice = choose_productivity(stage, Fault::study);
    const auto selected = select(stage.where, panel, Fault::study);
    const auto usable = usable_rows(panel, choice.dea.variables, selected);
    set_means(choice.dea, panel, usable);
    const auto drawn = malmquist_settings(stage, choice, workspace.study.seed, Fault::study);
    const Productivity result = measure_productivity(panel, selected, usable, choice);
    for (const Change& change : result.changes) workspace.failed += change.status == Status::failed;
    for (const auto& warning : result.warnings)
        workspace.progress.warning(fmt::format("productivity.{}: {}", name, warning));
    ResultGroup& group = workspace.results.add("productivity/" + name);
    store_settings(group, stage, choice);
    store_changes(group, panel, choice, result);
    store_scores(group, panel, choice, result.scores, "", "");
    if (choice.pure)
        store_scores(group, panel, choice, result.scores_vrs, "_vrs", ", variable returns to scale");
    store_means(group, panel, choice, result);
    store_work(group, choice, panel, result);
    if (drawn) {
        const auto intervals = bootstrap_productivity(panel, usable, choice, result.pairs, *drawn);
        store_bootstrap(group, panel, choice, result, intervals, *drawn);
    }
    Row column = column_of(stage, panel, result);
    winsorize_column(group, panel, stage.winsorize, column, stage.column);
    panel.set_number(name, column, "1");
}

}  // namespace greenfront::stages
