#include <fmt/format.h>

#include <numeric>

#include "engine/app/commands.hpp"
#include "engine/app/dea_output.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/efficiency.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

/// The command line; `words` has what a study says in the same words.
struct DeaOptions {
    DeaStage words;
    std::string panel, unit, time, inputs, good, bad, prices_inputs, prices_good, slacks, reference_panel;
    std::string direction_inputs, direction_good, direction_bad, weights;
    bool peers = false, prices = false, targets = false;
    OutputFormat format;
    InstructionSet isa;
    Threads threads;
};

void complete_words(DeaOptions& options) {
    DeaStage& w = options.words;
    w.inputs = names(options.inputs, "--inputs");
    w.good = names(options.good, "--good");
    w.bad = list(options.bad, "--bad");
    w.prices_inputs = list(options.prices_inputs, "--prices-inputs");
    w.prices_good = list(options.prices_good, "--prices-good");
    w.direction_inputs = word_or_numbers(options.direction_inputs);
    w.direction_good = word_or_numbers(options.direction_good);
    w.direction_bad = word_or_numbers(options.direction_bad);
    w.weights = word_or_numbers(options.weights);
    w.slacks = !options.slacks.empty() || options.targets;
    w.slack_weights = options.slacks;
    w.reference_panel = options.reference_panel;
    if (w.reference.empty()) w.reference = options.time.empty() ? "global" : "contemporaneous";
}

void score(const DeaOptions& options, DeaAnswer& a) {
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    a.usable = usable_rows(a.panel, a.choice.variables, {});
    set_means(a.choice, a.panel, a.usable);
    a.has_other = !options.reference_panel.empty();
    if (a.has_other) a.other = io::read_panel(options.reference_panel, options.unit, options.time);
    a.groups = groups_of(a.choice, a.panel, a.usable, a.has_other ? &a.other : nullptr, Fault::usage);
    a.result = analyse(a.panel, a.reference(), a.choice, a.groups);
}

void execute(DeaOptions options) {
    options.isa.apply();
    complete_words(options);
    DeaAnswer a;
    a.choice = choose_dea(options.words, Fault::usage);
    check_columns(options.unit, options.time, a.choice.variables);
    if (options.prices && a.choice.settings.model == dea::Model::fdh)
        throw Error(Fault::usage, "--prices: model fdh is not convex and has no multipliers; leave it out");
    a.parts = {!options.slacks.empty(), options.peers, options.prices, options.targets};
    score(options, a);
    const auto& scores = a.result.scores;
    if (options.targets) a.target = targets(a.panel, a.reference(), a.choice, a.result);
    if (options.prices) a.shadow = shadow_prices(a.choice.variables, scores);
    a.order = file_order(a.panel);
    a.first_peer.assign(a.panel.rows() + 1, 0);
    for (const PeerEntry& peer : scores.peers) ++a.first_peer[peer.row + 1];
    std::partial_sum(a.first_peer.begin(), a.first_peer.end(), a.first_peer.begin());
    const bool json = options.format.name == "json";
    print(
        options.format, json ? dea_json(a) : Json(),
        json ? std::vector<io::Table>{} : std::vector<io::Table>{dea_table(a, options.format.name == "csv")});
    dea_report(a);
}

void add_model_options(CLI::App& command, DeaOptions& o) {
    command.add_option("--model", o.words.model, "radial, sbm, additive, ddf, nddf, fdh, cost or revenue")
        ->required();
    command.add_option("--orientation", o.words.orientation,
                       "input, output or none (default none; radial and fdh: input)");
    command.add_option("--returns", o.words.returns,
                       "returns to scale: crs (default; fdh: vrs), vrs, nirs or ndrs");
    command.add_option("--disposability", o.words.disposability,
                       "of bad outputs: strong; ddf and nddf also weak (their default), weak-naive");
    command.add_option(
        "--reference", o.words.reference,
        "contemporaneous (default with --time), global (default without), sequential, window:H, "
        "trailing:H or biennial");
    command.add_option("--reference-panel", o.reference_panel,
                       "another file whose rows are the reference sets; same columns");
    command.add_option(
        "--groups", o.words.groups,
        "column: also the score among the rows of the same group, and the technology gap ratio");
    command.add_flag("--super", o.words.super, "score each row against the others (radial, sbm, ddf, nddf)");
    command.add_option("--super-bads", o.words.super_bads,
                       "super sbm: expansions of bads in the denominator (default) or numerator");
    command.add_option("--super-leave", o.words.super_leave,
                       "super: leave out the row (default) or the whole unit");
    command.add_flag("--combine", o.words.combine,
                     "super sbm: the plain score where it is below 1, the super score elsewhere");
    command.add_flag("--bads-as-inputs", o.words.bads_as_inputs, "bad outputs count as inputs");
    command.add_flag("--scale-efficiency", o.words.scale_efficiency,
                     "radial, sbm: also crs over vrs efficiency and the direction of returns");
    command.add_option(
        "--digits", o.words.digits,
        "16, 34 or 100 (default): most digits of the arithmetic; a program that needs more to be "
        "certified is failed");
    command.add_option("--zeros", o.words.zeros, "drop: sbm leaves the term of a zero good output out");
}

void add_direction_options(CLI::App& command, DeaOptions& o) {
    const char* const help = "ddf, nddf: zeros, observed, mean, ones or numbers";
    command.add_option("--direction-inputs", o.direction_inputs, std::string(help) + " (default zeros)");
    command.add_option("--direction-good", o.direction_good, std::string(help) + " (default observed)");
    command.add_option("--direction-bad", o.direction_bad, std::string(help) + " (default observed)");
    command.add_option(
        "--weights", o.weights,
        "nddf: thirds (default), halves, ones; additive: ones (default), mip, ram, bam, normalized; "
        "sbm: items (default), groups; or numbers for inputs, good, bad");
}

}  // namespace

void add_dea(CLI::App& program) {
    auto* command = program.add_subcommand("dea", "efficiency scores of the rows of a panel");
    const auto o = std::make_shared<DeaOptions>();
    o->words.reference.clear();
    command->add_option("PANEL", o->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--bad", o->bad, "bad output columns");
    command->add_option("--prices-inputs", o->prices_inputs, "cost: columns of the inputs' prices");
    command->add_option("--prices-good", o->prices_good, "revenue: columns of the good outputs' prices");
    add_model_options(*command, *o);
    add_direction_options(*command, *o);
    command->add_option("--slacks", o->slacks,
                        "print slacks; radial and ddf: stage two weighted by mean or raw");
    command->add_flag("--peers", o->peers, "print peers and their intensities");
    command->add_flag("--prices", o->prices, "print the multipliers (shadow prices) of the variables");
    command->add_flag("--targets", o->targets, "print the projection on the frontier");
    o->format.add_to(*command);
    o->isa.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { o->threads.run([&] { execute(*o); }); });
}

}  // namespace greenfront::app
