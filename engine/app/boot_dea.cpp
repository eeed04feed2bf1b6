#include "engine/app/boot_dea.hpp"

#include <fmt/format.h>

#include <limits>

#include "engine/app/efficiency_options.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Column {
    const char* name;
    std::vector<double> dea::BootstrapScores::*values;
};
const Column columns[] = {
    {"theta", &dea::BootstrapScores::score},         {"bias", &dea::BootstrapScores::bias},
    {"corrected", &dea::BootstrapScores::corrected}, {"sd", &dea::BootstrapScores::sd},
    {"q025", &dea::BootstrapScores::q025},           {"q975", &dea::BootstrapScores::q975},
    {"conf_low", &dea::BootstrapScores::low},        {"conf_high", &dea::BootstrapScores::high}};

/// What tells the two smoothed bootstraps apart in print.
struct Words {
    std::string method, title;
    Json settings;  ///< orientation, returns, and what is the method's own
    bool joint = false;
};

Json boot_json(const BootDeaOptions& options, const Words& words, const BootDea& result,
               const UnitTable& units) {
    Json technologies = Json::array();
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& part = result.parts[p];
        Json one{{"time", result.at.time[p] ? Json(*result.at.time[p]) : Json(nullptr)},
                 {"units", part.score.size()},
                 {"bandwidth", number(part.bandwidth)}};
        if (words.joint) one["redrawn"] = part.redrawn;
        one["programs"] = part.counters.programs;
        one["fallbacks"] = part.counters.fallbacks;
        technologies.push_back(std::move(one));
    }
    Json json{{"method", words.method}};
    json.update(words.settings);
    json["replicates"] = options.words.replicates;
    json["seed"] = std::to_string(options.seed);
    json["confidence"] = options.words.confidence;
    json["technologies"] = std::move(technologies);
    json["units"] = units.json();
    return json;
}

io::Table boot_table(const BootDeaOptions& options, const Words& words, const BootDea& result,
                     const UnitTable& units) {
    io::Table table = units.table(options.full());
    table.title =
        fmt::format("{}, {} replicates, seed {}", words.title, options.words.replicates, options.seed);
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& part = result.parts[p];
        std::string note = result.at.time[p] ? fmt::format("Period {}: ", *result.at.time[p]) : "";
        note += fmt::format("{} units, bandwidth {:.6g}", part.score.size(), part.bandwidth);
        if (words.joint) note += fmt::format(", {} rows of pseudo-points drawn again", part.redrawn);
        table.notes.push_back(note + ".");
    }
    table.notes.push_back(fmt::format(
        "Intervals at {:g} %. {}", 100 * options.words.confidence,
        words.joint
            ? "Inefficiency may depend on mix and size; each period's units are a sample of their own."
            : "The bootstrap supposes that inefficiency does not depend on mix, size, unit or "
              "period, and takes each period's units for a sample of their own."));
    return table;
}

template <class Settings>
void run_smoothed(const BootDeaOptions& options, const DeaChoice& choice, const Settings& settings,
                  const Words& words) {
    const BootDeaPanel data(options, choice);
    const BootDea result = bootstrap_scores(data.panel, data.usable, data.choice, settings);
    UnitTable units(data.panel);
    for (const Column& column : columns)
        units.add(column.name, result.at.by_row(result.parts, column.values, nan));
    if (words.joint)
        units.add("beyond", result.at.by_row(result.parts, &dea::BootstrapScores::without, std::int64_t{0}));
    units.set_status(result.at.by_row(result.parts, &dea::BootstrapScores::status, Status::undefined));
    print(options.format, options.json() ? boot_json(options, words, result, units) : Json(),
          options.json() ? std::vector<io::Table>{}
                         : std::vector<io::Table>{boot_table(options, words, result, units)});
    units.report("boot-dea", "no corrected score");
    if (const auto warning = pooled_warning(data.panel, data.choice); !warning.empty())
        fmt::print(stderr, "greenfront: boot-dea: {}\n", warning);
}

void run_homogeneous(const BootDeaOptions& options) {
    const DeaChoice choice = choose_dea(options.analysis, Fault::usage);
    const auto s = homogeneous_settings(options.words, choice, options.seed, Fault::usage);
    run_smoothed(
        options, choice, s,
        {"simar-wilson-1998",
         fmt::format("Smoothed bootstrap of radial efficiency: orientation {}, returns {}, metric {}, "
                     "order {}",
                     name(s.orientation), name(s.returns), name(s.metric), name(s.order)),
         Json{{"orientation", name(s.orientation)},
              {"returns", name(s.returns)},
              {"reference", choice.reference},
              {"metric", name(s.metric)},
              {"order", name(s.order)}},
         false});
}

void run_heterogeneous(const BootDeaOptions& options) {
    const DeaChoice choice = choose_dea(options.analysis, Fault::usage);
    const auto s = heterogeneous_settings(options.words, choice, options.seed, Fault::usage);
    run_smoothed(options, choice, s,
                 {"simar-wilson-2000",
                  fmt::format("Heterogeneous smoothed bootstrap of radial efficiency: orientation {}, "
                              "returns {}, smoothing of {}",
                              name(s.orientation), name(s.returns), name(s.scale)),
                  Json{{"orientation", name(s.orientation)},
                       {"returns", name(s.returns)},
                       {"reference", choice.reference},
                       {"smoothing", name(s.scale)}},
                  true});
}

void execute(BootDeaOptions options) {
    DeaStage& w = options.analysis;
    w.inputs = names(options.inputs, "--inputs");
    w.good = names(options.good, "--good");
    w.bad = list(options.bad, "--bad");
    if (w.reference.empty()) w.reference = options.time.empty() ? "global" : "contemporaneous";
    w.slacks = false;
    w.direction_inputs = word_or_numbers(options.direction_inputs);
    w.direction_good = word_or_numbers(options.direction_good);
    w.direction_bad = word_or_numbers(options.direction_bad);
    w.weights = word_or_numbers(options.weights);
    options.words.bandwidth = word_or_number(options.bandwidth);
    options.words.environment = list(options.environment, "--environment");
    const BootDeaKind kind = boot_dea_kind(options.words, Fault::usage);
    if (w.model == "radial" && w.orientation == "none")
        throw Error(Fault::usage, "--orientation: none is no orientation of a radial score; input or output");
    switch (kind) {
        case BootDeaKind::homogeneous:
            return run_homogeneous(options);
        case BootDeaKind::heterogeneous:
            return run_heterogeneous(options);
        case BootDeaKind::subsample:
            return run_subsample(options);
        case BootDeaKind::returns_test:
            return run_returns_test(options);
        case BootDeaKind::separability_test:
            return run_separability_test(options);
    }
}

void add_method_options(CLI::App& command, BootDeaOptions& o) {
    command.add_option("--method", o.words.method,
                       "homogeneous (default): inefficiency alike for all; heterogeneous: it may depend on "
                       "mix and size; subsample: any model, whole units drawn");
    command.add_option("--test", o.words.test,
                       "returns: test of constant against variable returns to scale; separability: test that "
                       "the environment does not move the frontier");
    command.add_option("--null", o.words.null, "test of returns: crs (default) or nirs");
    command.add_option("--environment", o.environment,
                       "test of separability: continuous columns that may move the frontier");
    command.add_option("--splits", o.words.splits,
                       "test of separability: random divisions of the units (default 20)");
    command.add_option(
        "--bandwidth", o.bandwidth,
        "sj (Sheather-Jones, default), rot (rule of thumb) or a number; heterogeneous, test of "
        "separability: a number in standard deviations");
    command.add_option("--metric", o.words.metric,
                       "homogeneous: where draws, correction and intervals are made: inverse (at least 1, "
                       "default) or theta");
    command.add_option(
        "--order", o.words.order,
        "homogeneous, test of returns: reflect-shrink (default, as in 1998) or shrink-reflect, which "
        "leaves no gap at the frontier");
    command.add_option("--smoothing", o.words.smoothing,
                       "heterogeneous: amounts in levels (default) or logs");
    command.add_option("--kappa", o.words.kappa,
                       "subsample: floor(G^kappa) of G units are drawn (default 0.7)");
    command.add_option("--rate", o.words.rate,
                       "subsample: rate of convergence r of n^-r (default: that of the "
                       "model)");
    command.add_flag("--replacement", o.words.replacement, "subsample: draw with replacement");
    command.add_option("--cluster", o.words.cluster,
                       "subsample: column of what is drawn (default: the unit)");
}

void add_model_options(CLI::App& command, BootDeaOptions& o) {
    command.add_option("--bad", o.bad, "subsample: bad output columns; others with --bads-as-inputs");
    command.add_option("--model", o.analysis.model,
                       "subsample: radial (default), sbm, additive, ddf, nddf or fdh");
    command.add_option(
        "--reference", o.analysis.reference,
        "contemporaneous (default with --time) or global; subsample also sequential, window:H, "
        "trailing:H and biennial");
    command.add_option("--disposability", o.analysis.disposability, "subsample: as in dea");
    command.add_flag("--bads-as-inputs", o.analysis.bads_as_inputs, "bad outputs count as inputs");
    command.add_option("--direction-inputs", o.direction_inputs, "subsample: as in dea");
    command.add_option("--direction-good", o.direction_good, "subsample: as in dea");
    command.add_option("--direction-bad", o.direction_bad, "subsample: as in dea");
    command.add_option("--weights", o.weights, "subsample: as in dea");
}

}  // namespace

BootDeaPanel::BootDeaPanel(const BootDeaOptions& options, DeaChoice analysis) : choice(std::move(analysis)) {
    check_columns(options.unit, options.time, choice.variables);
    panel = io::read_panel(options.panel, options.unit, options.time);
    usable = usable_rows(panel, choice.variables, {});
    set_means(choice, panel, usable);
}

void add_boot_dea(CLI::App& program) {
    auto* command = program.add_subcommand(
        "boot-dea", "bias and intervals of efficiency scores by bootstrap, and a test of returns to scale");
    const auto o = std::make_shared<BootDeaOptions>();
    o->analysis.model = "radial";
    o->analysis.reference.clear();
    command->add_option("PANEL", o->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period; each has its own technology");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--orientation", o->analysis.orientation,
                        "input (default) or output; subsample: as in dea");
    command->add_option("--returns", o->analysis.returns,
                        "returns to scale: crs (default), vrs, nirs or ndrs");
    add_method_options(*command, *o);
    add_model_options(*command, *o);
    command->add_option(
        "--replicates", o->words.replicates,
        "number of replicates (default 2000); test of separability: halvings, all splits together");
    command->add_option("--seed", o->seed, "seed of the random numbers (default 1)")->check(whole_seed());
    command->add_option("--confidence", o->words.confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { o->threads.run([&] { execute(*o); }); });
}

}  // namespace greenfront::app
