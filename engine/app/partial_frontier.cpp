#include <fmt/format.h>

#include <limits>

#include "engine/app/commands.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/app/unit_table.hpp"
#include "engine/frontier_inference.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct PartialOptions {
    std::string panel, unit, time, inputs, good, bad, model, orientation = "input", reference, cluster;
    bool bads_as_inputs = false;
    std::optional<std::int64_t> m;
    std::optional<double> alpha;
    dea::PartialSettings settings;
    OutputFormat format;
    Threads threads;
};

dea::PartialSettings settings_of(const PartialOptions& o) {
    dea::PartialSettings s = o.settings;
    s.kind = static_cast<dea::Partial>(choose("--model", o.model, {"order-m", "order-alpha"}, Fault::usage));
    s.orientation = parse_orientation(o.orientation, Fault::usage);
    if (s.orientation == dea::Orientation::none)
        throw Error(Fault::usage, "--orientation: none is none of a partial frontier; input or output");
    const bool order_m = s.kind == dea::Partial::order_m;
    if (order_m && o.alpha)
        throw Error(Fault::usage, "--alpha: model order-m has no such option; leave it out");
    if (!order_m && o.m) throw Error(Fault::usage, "--m: model order-alpha has no such option; leave it out");
    s.m = o.m.value_or(s.m);
    s.alpha = o.alpha.value_or(s.alpha);
    if (s.m < 1) throw Error(Fault::usage, fmt::format("--m {}: at least 1 peer is drawn", s.m));
    if (!(s.alpha > 0 && s.alpha <= 1))
        throw Error(Fault::usage, "--alpha must lie above 0 and be at most 1");
    if (s.replicates < 0 || s.replicates == 1)
        throw Error(Fault::usage, "--replicates: 0 for no intervals, or at least 2");
    if (!(s.confidence > 0 && s.confidence < 1))
        throw Error(Fault::usage, "--confidence must lie between 0 and 1");
    return s;
}

/// "city 2005" of the panel row at the quantile.
std::vector<std::string> labels_of(const PartialFrontier& result, const UnitTable& units) {
    std::vector<std::string> labels;
    for (const std::int64_t row : result.row_at)
        labels.push_back(row < 0 ? std::string() : units.name_of(static_cast<std::size_t>(row)));
    return labels;
}

std::string order_text(const dea::PartialSettings& s) {
    return s.kind == dea::Partial::order_m ? fmt::format("order m = {}", s.m)
                                           : fmt::format("order alpha = {:g}", s.alpha);
}

Json partial_json(const PartialOptions& o, const dea::PartialSettings& s, const DeaVariables& v,
                  const UnitTable& units) {
    Json json{{"model", o.model},
              {"orientation", name(s.orientation)},
              {"reference", o.reference},
              {"convention", "farrell"},
              {"inputs", v.inputs},
              {"good", v.good},
              {"bad", v.bad},
              {"bads_as_inputs", v.bads_as_inputs}};
    if (s.kind == dea::Partial::order_m)
        json["m"] = s.m;
    else
        json["alpha"] = s.alpha;
    json["replicates"] = s.replicates;
    if (s.replicates > 0) {
        json["cluster"] = o.cluster.empty() ? o.unit : o.cluster;
        json["seed"] = std::to_string(s.seed);
        json["confidence"] = s.confidence;
    }
    json["units"] = units.json();
    return json;
}

io::Table partial_table(const PartialOptions& o, const dea::PartialSettings& s, const UnitTable& units) {
    io::Table table = units.table(o.format.name == "csv");
    table.title = fmt::format("Partial frontier of {}: orientation {}, reference {} (Farrell)", order_text(s),
                              name(s.orientation), o.reference);
    table.notes.emplace_back(
        s.orientation == dea::Orientation::input
            ? "Peers are the rows that produce as much; a score above 1 is better than the partial frontier."
            : "Peers are the rows that use no more; a score below 1 is better than the partial frontier.");
    if (s.replicates > 0)
        table.notes.push_back(
            fmt::format("Percentile intervals at {:g} %, {} replicates, seed {}; {} drawn with replacement.",
                        100 * s.confidence, s.replicates, s.seed,
                        o.cluster.empty() ? "units" : "values of " + o.cluster));
    return table;
}

void execute(PartialOptions o) {
    const dea::PartialSettings s = settings_of(o);
    if (o.reference.empty()) o.reference = o.time.empty() ? "global" : "contemporaneous";
    const DeaVariables variables{
        names(o.inputs, "--inputs"), names(o.good, "--good"), list(o.bad, "--bad"), {}, o.bads_as_inputs};
    check_roles(variables, Fault::usage);
    check_columns(o.unit, o.time, variables);
    check_reference(o.reference, Fault::usage);
    if (o.bads_as_inputs && variables.bad.empty())
        throw Error(Fault::usage, "--bads-as-inputs: there is no bad output");
    const Panel panel = io::read_panel(o.panel, o.unit, o.time);
    const auto usable = usable_rows(panel, variables, {});
    const PartialFrontier result = partial_frontier(panel, usable, variables, o.reference, o.cluster, s);
    UnitTable units(panel);
    using dea::PartialScores;
    units.add("score", result.at.by_row(result.parts, &PartialScores::score, nan));
    units.add("peers", result.at.by_row(result.parts, &PartialScores::peers, std::int64_t{0}));
    if (s.kind == dea::Partial::order_alpha) units.add("at", labels_of(result, units));
    if (s.replicates > 0) {
        units.add("sd", result.at.by_row(result.parts, &PartialScores::sd, nan));
        units.add("conf_low", result.at.by_row(result.parts, &PartialScores::low, nan));
        units.add("conf_high", result.at.by_row(result.parts, &PartialScores::high, nan));
        units.add("without", result.at.by_row(result.parts, &PartialScores::without, std::int64_t{0}));
    }
    units.set_status(result.at.by_row(result.parts, &PartialScores::status, Status::undefined));
    const bool json = o.format.name == "json";
    print(o.format, json ? partial_json(o, s, variables, units) : Json(),
          json ? std::vector<io::Table>{} : std::vector<io::Table>{partial_table(o, s, units)});
    units.report("partial-frontier", "no score");
}

}  // namespace

void add_partial_frontier(CLI::App& program) {
    auto* command = program.add_subcommand(
        "partial-frontier", "efficiency against a frontier of order m or order alpha, robust to outliers");
    const auto o = std::make_shared<PartialOptions>();
    command->add_option("PANEL", o->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--bad", o->bad, "bad output columns: peers have no more of them");
    command->add_flag("--bads-as-inputs", o->bads_as_inputs, "bad outputs count as inputs");
    command
        ->add_option("--model", o->model,
                     "order-m: the best of m peers, expected; order-alpha: a quantile of the peers")
        ->required();
    command->add_option("--m", o->m, "order-m: how many peers are drawn (default 25)");
    command->add_option("--alpha", o->alpha, "order-alpha: 1 for the best peer (default 0.95)");
    command->add_option("--orientation", o->orientation, "input (default) or output");
    command->add_option("--reference", o->reference,
                        "contemporaneous (default with --time), global (default without), sequential, "
                        "window:H, trailing:H or biennial");
    command
        ->add_option("--replicates", o->settings.replicates,
                     "replicates for intervals (default 0: no intervals)")
        ->check(CLI::Range(0, 1000000000));
    command->add_option("--cluster", o->cluster, "column of what is drawn (default: the unit)");
    command->add_option("--seed", o->settings.seed, "seed of the random numbers (default 1)")
        ->check(whole_seed());
    command->add_option("--confidence", o->settings.confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { o->threads.run([&] { execute(*o); }); });
}

}  // namespace greenfront::app
