#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/commands.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/productivity_bootstrap.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

/// The command line; `words` has what a study says in the same words.
struct ProductivityOptions {
    ProductivityStage words;
    std::string panel, unit, time, inputs, good, bad;
    std::string direction_inputs, direction_good, direction_bad, weights;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
};

struct Answer {
    ProductivityChoice choice;
    Panel panel;
    Productivity result;
    std::optional<ProductivityBootstrap> bootstrap;
    std::optional<dea::MalmquistSettings> drawn;  ///< how, if so
    std::vector<std::size_t> order;               ///< pairs in the order of their later rows in the file
};

struct Part {
    const char* name;
    double dea::Change::*value;
};
constexpr Part parts[] = {{"index", &dea::Change::index},
                          {"efficiency_change", &dea::Change::efficiency},
                          {"technical_change", &dea::Change::technical},
                          {"pure_efficiency_change", &dea::Change::pure},
                          {"scale_change", &dea::Change::scale}};

const std::string& unit_of(const Answer& a, const ProductivityPair& pair) {
    return a.panel.unit_name[static_cast<std::size_t>(a.panel.unit[pair.to])];
}
std::int64_t time_of(const Answer& a, std::size_t row) {
    return a.panel.time_value[static_cast<std::size_t>(a.panel.time[row])];
}

Json pair_json(const Answer& a, std::size_t k) {
    const ProductivityPair& pair = a.result.pairs[k];
    const dea::Change& change = a.result.changes[k];
    Json unit{{"unit", unit_of(a, pair)}, {"from", time_of(a, pair.from)}, {"to", time_of(a, pair.to)}};
    for (const Part& part : parts) unit[part.name] = number(change.*part.value);
    if (a.bootstrap) {
        for (std::size_t p = 0; p < std::size(parts); ++p) {
            const dea::MalmquistInterval& interval = a.bootstrap->intervals[k][p];
            unit[std::string(parts[p].name) + "_interval"] = {{"corrected", number(interval.corrected)},
                                                              {"sd", number(interval.sd)},
                                                              {"conf_low", number(interval.low)},
                                                              {"conf_high", number(interval.high)}};
        }
        unit["without"] = a.bootstrap->without[k];
    }
    unit["status"] = std::string(name(change.status));
    return unit;
}

/// Later periods of the pairs, ascending, as positions in Panel::time_value.
std::vector<std::int32_t> later_periods(const Answer& a) {
    std::vector<std::int32_t> periods;
    for (const auto& pair : a.result.pairs) periods.push_back(a.panel.time[pair.to]);
    std::sort(periods.begin(), periods.end());
    periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
    return periods;
}

Json means_json(const Answer& a, std::int32_t period) {
    const ProductivityMeans means = means_of(a.panel, a.choice, a.result, period);
    Json entry{
        {"to", period < 0 ? Json(nullptr) : Json(a.panel.time_value[static_cast<std::size_t>(period)])},
        {"pairs", means.pairs},
        {"with_index", means.with_index}};
    for (const Part& part : parts) entry[part.name] = number(means.mean.*part.value);
    for (std::size_t s = 1; s < means.status.size(); ++s)
        entry[std::string(status_names[s])] = means.status[s];
    return entry;
}

Json bootstrap_json(const Answer& a) {
    Json periods = Json::array();
    for (const BootstrappedPeriods& one : a.bootstrap->periods)
        periods.push_back({{"from", one.from},
                           {"to", one.to},
                           {"units", one.units},
                           {"bandwidth", number(one.bandwidth)},
                           {"programs", one.counters.programs},
                           {"fallbacks", one.counters.fallbacks}});
    return {{"method", "simar-wilson-1999"},
            {"replicates", a.drawn->replicates},
            {"seed", std::to_string(a.drawn->seed)},
            {"confidence", a.drawn->confidence},
            {"periods", std::move(periods)}};
}

Json productivity_json(const Answer& a) {
    const DeaChoice& d = a.choice.dea;
    const auto& v = d.variables;
    Json result{{"measure", name(a.choice.measure)},
                {"frontier", name(a.choice.frontier)},
                {"model", name(d.settings.model)},
                {"orientation", name(d.settings.orientation)},
                {"returns", name(d.settings.returns)},
                {"inputs", v.inputs},
                {"good", v.good},
                {"bad", v.bad},
                {"bads_as_inputs", v.bads_as_inputs}};
    if (!v.bad.empty() && !v.bads_as_inputs) result["disposability"] = name(d.settings.disposability);
    if (a.choice.pure) result["decomposition"] = name(a.choice.decomposition);
    if (d.settings.model == dea::Model::sbm) result["super"] = d.settings.super;
    if (!d.weights.empty()) result["weights"] = d.weights;
    if (!d.item_weights.empty()) result["item_weights"] = d.item_weights;
    if (d.directional()) {
        const char* const keys[] = {"direction_inputs", "direction_good", "direction_bad"};
        for (std::size_t g = 0; g < 3; ++g) result[keys[g]] = d.directions[g].word;
    }
    const auto& work = a.result.counters;
    const auto& worst = a.result.certificate;
    result["work"] = {{"programs", work.programs},
                      {"pivots", work.pivots},
                      {"pricing_passes", work.pricing_passes},
                      {"fallbacks", work.fallbacks}};
    result["certificate"] = {{"min_reduced_cost", worst.min_reduced_cost},
                             {"primal_residual", worst.primal_residual},
                             {"gap", worst.gap}};
    if (a.bootstrap) result["bootstrap"] = bootstrap_json(a);
    result["mean"] = a.choice.comparison == dea::Comparison::ratio ? "geometric" : "arithmetic";
    Json means = Json::array({means_json(a, -1)});
    for (const std::int32_t period : later_periods(a)) means.push_back(means_json(a, period));
    result["means"] = std::move(means);
    Json units = Json::array();
    for (const std::size_t k : a.order) units.push_back(pair_json(a, k));
    result["units"] = std::move(units);
    return result;
}

std::string title(const Answer& a) {
    const DeaChoice& d = a.choice.dea;
    std::string text = fmt::format("Productivity: {}, frontier {}, model {}", name(a.choice.measure),
                                   name(a.choice.frontier), name(d.settings.model));
    if (!d.directional()) text += fmt::format(", orientation {}", name(d.settings.orientation));
    text += fmt::format(", returns {}", name(d.settings.returns));
    if (d.directional() && !d.variables.bad.empty())
        text += fmt::format(", {} disposability", name(d.settings.disposability));
    return text;
}

/// The columns that have a number somewhere in the measure.
std::vector<Part> shown_parts(const Answer& a) {
    return {std::begin(parts), a.choice.pure ? std::end(parts) : std::begin(parts) + 3};
}

io::Table pairs_table(const Answer& a, bool full) {
    const auto text = [&](double value) {
        if (std::isnan(value)) return std::string();
        return full ? fmt::format("{}", value) : fmt::format("{:.6f}", value);
    };
    const std::vector<Part> columns =
        full ? std::vector<Part>(std::begin(parts), std::end(parts)) : shown_parts(a);
    io::Table table;
    table.title = title(a);
    table.header = {"unit", "from", "to"};
    for (const Part& part : columns) {
        table.header.emplace_back(part.name);
        if (!a.bootstrap) continue;
        for (const char* bound : {"_low", "_high"}) table.header.push_back(part.name + std::string(bound));
    }
    table.header.emplace_back("status");
    for (const std::size_t k : a.order) {
        const ProductivityPair& pair = a.result.pairs[k];
        std::vector<std::string> row{unit_of(a, pair), std::to_string(time_of(a, pair.from)),
                                     std::to_string(time_of(a, pair.to))};
        for (std::size_t p = 0; p < columns.size(); ++p) {
            row.push_back(text(a.result.changes[k].*columns[p].value));
            if (!a.bootstrap) continue;
            row.push_back(text(a.bootstrap->intervals[k][p].low));
            row.push_back(text(a.bootstrap->intervals[k][p].high));
        }
        row.emplace_back(name(a.result.changes[k].status));
        table.rows.push_back(std::move(row));
    }
    const auto& c = a.result.certificate;
    const auto& work = a.result.counters;
    table.notes.push_back(fmt::format(
        "{} programs, {} pivots, {} pricing passes, {} programs beyond the first attempt; least reduced cost "
        "{:.1e}, primal residual {:.1e}, gap {:.1e}",
        work.programs, work.pivots, work.pricing_passes, work.fallbacks, c.min_reduced_cost,
        c.primal_residual, c.gap));
    if (a.bootstrap)
        table.notes.push_back(fmt::format(
            "Intervals at {:g} % by the bootstrap of both periods together, {} replicates, seed {}.",
            100 * a.drawn->confidence, a.drawn->replicates, a.drawn->seed));
    return table;
}

io::Table means_table(const Answer& a) {
    io::Table table;
    const bool ratio = a.choice.comparison == dea::Comparison::ratio;
    table.title = ratio ? "Geometric means" : "Arithmetic means";
    table.header = {"to", "pairs", "with index"};
    for (const Part& part : shown_parts(a)) table.header.emplace_back(part.name);
    const auto add = [&](std::int32_t period) {
        const ProductivityMeans means = means_of(a.panel, a.choice, a.result, period);
        std::vector<std::string> row{
            period < 0 ? "all" : std::to_string(a.panel.time_value[static_cast<std::size_t>(period)]),
            std::to_string(means.pairs), std::to_string(means.with_index)};
        for (const Part& part : shown_parts(a)) {
            const double value = means.mean.*part.value;
            row.push_back(std::isnan(value) ? "" : fmt::format("{:.6f}", value));
        }
        table.rows.push_back(std::move(row));
    };
    for (const std::int32_t period : later_periods(a)) add(period);
    table.rules.push_back(table.rows.size());
    add(-1);
    table.notes.emplace_back(
        "Each mean is over the pairs that have the number; pairs without one are not "
        "replaced by anything.");
    return table;
}

void report(const Answer& a) {
    for (std::size_t k = 0; k < a.result.pairs.size(); ++k) {
        if (a.result.changes[k].status != Status::failed) continue;
        exit_code() = 3;
        const ProductivityPair& pair = a.result.pairs[k];
        fmt::print(stderr,
                   "greenfront: productivity: no certified index for {} {} to {}; its data may span too many "
                   "orders of magnitude, or units differ in their last digits only\n",
                   unit_of(a, pair), time_of(a, pair.from), time_of(a, pair.to));
    }
    for (const auto& warning : a.result.warnings)
        fmt::print(stderr, "greenfront: productivity: {}\n", warning);
}

void complete_words(ProductivityOptions& options) {
    ProductivityStage& w = options.words;
    w.inputs = names(options.inputs, "--inputs");
    w.good = names(options.good, "--good");
    w.bad = list(options.bad, "--bad");
    w.direction_inputs = word_or_numbers(options.direction_inputs);
    w.direction_good = word_or_numbers(options.direction_good);
    w.direction_bad = word_or_numbers(options.direction_bad);
    w.weights = word_or_numbers(options.weights);
}

void execute(ProductivityOptions options) {
    complete_words(options);
    Answer a;
    a.choice = choose_productivity(options.words, Fault::usage);
    a.drawn = malmquist_settings(options.words, a.choice, options.seed, Fault::usage);
    check_columns(options.unit, options.time, a.choice.dea.variables);
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    const auto usable = usable_rows(a.panel, a.choice.dea.variables, {});
    set_means(a.choice.dea, a.panel, usable);
    a.result = measure_productivity(a.panel, {}, usable, a.choice);
    if (a.drawn) a.bootstrap = bootstrap_productivity(a.panel, usable, a.choice, a.result.pairs, *a.drawn);
    for (std::size_t k = 0; k < a.result.pairs.size(); ++k) a.order.push_back(k);
    std::sort(a.order.begin(), a.order.end(), [&](std::size_t x, std::size_t y) {
        return a.panel.file_row[a.result.pairs[x].to] < a.panel.file_row[a.result.pairs[y].to];
    });
    const bool json = options.format.name == "json", csv = options.format.name == "csv";
    std::vector<io::Table> tables;
    if (!json) tables.push_back(pairs_table(a, csv));
    if (!json && !csv) tables.push_back(means_table(a));
    print(options.format, json ? productivity_json(a) : Json(), tables);
    report(a);
}

void add_direction_options(CLI::App& command, ProductivityOptions& o) {
    const char* const help = "directional measures: zeros, observed, mean, ones or numbers";
    command.add_option("--direction-inputs", o.direction_inputs, std::string(help) + " (default zeros)");
    command.add_option("--direction-good", o.direction_good, std::string(help) + " (default observed)");
    command.add_option("--direction-bad", o.direction_bad, std::string(help) + " (default observed)");
    command.add_option("--weights", o.weights,
                       "nddf: thirds (default), halves, ones; sbm: items (default), groups; or numbers for "
                       "inputs, good, bad");
}

}  // namespace

void add_productivity(CLI::App& program) {
    auto* command = program.add_subcommand(
        "productivity", "productivity change of the units of a panel from period to period, and its parts");
    const auto o = std::make_shared<ProductivityOptions>();
    command->add_option("PANEL", o->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period")->required();
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--bad", o->bad, "bad output columns");
    command->add_option("--measure", o->words.measure, "malmquist, malmquist-luenberger or luenberger")
        ->required();
    command->add_option("--frontier", o->words.frontier,
                        "global (default), adjacent, sequential or biennial: what both periods are measured "
                        "against");
    command->add_option("--model", o->words.model,
                        "malmquist: radial (default) or sbm; luenberger: nddf (default) or ddf; "
                        "malmquist-luenberger: ddf");
    command->add_option("--orientation", o->words.orientation,
                        "malmquist: output (default) or input; sbm: none (default), input or output");
    command->add_option("--returns", o->words.returns, "returns to scale: crs (default), vrs, nirs or ndrs");
    command->add_option("--disposability", o->words.disposability,
                        "of bad outputs: weak (default of directional measures), strong or weak-naive");
    command->add_option("--decomposition", o->words.decomposition,
                        "malmquist under crs: fgnz (default) or ray-desli");
    command->add_flag("--super", o->words.super, "sbm: efficient rows have their super-efficiency");
    command->add_flag("--bads-as-inputs", o->words.bads_as_inputs, "bad outputs count as inputs");
    add_direction_options(*command, *o);
    command
        ->add_option("--replicates", o->words.replicates,
                     "malmquist with adjacent frontiers: bootstrap intervals from so many replicates")
        ->check(CLI::Range(0, 1000000000));
    command->add_option("--seed", o->seed, "seed of the random numbers (default 1)")->check(whole_seed());
    command->add_option("--confidence", o->words.confidence, "level of the intervals (default 0.95)");
    command->add_option("--bandwidth", o->words.bandwidth,
                        "of the bootstrap, in standard deviations (default: normal reference rule)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { o->threads.run([&] { execute(*o); }); });
}

}  // namespace greenfront::app
