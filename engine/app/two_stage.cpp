#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "engine/app/commands.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/frontier_choice.hpp"
#include "engine/frontier_inference.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

struct TwoStageOptions {
    std::string panel, unit, time, inputs, good, environment;
    DeaStage analysis;
    TwoStageStage words;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
};

struct Answer {
    std::string reference;
    dea::TwoStageSettings settings;
    Panel panel;
    dea::TwoStage result;
    std::vector<std::int64_t> position;  ///< of each panel row in the result; -1: not used
    std::vector<std::size_t> order;      ///< panel rows in the order of the file
};

const std::string& unit_of(const Answer& a, std::size_t row) {
    return a.panel.unit_name[static_cast<std::size_t>(a.panel.unit[row])];
}

Json time_of(const Answer& a, std::size_t row) {
    return a.panel.has_time() ? Json(a.panel.time_value[static_cast<std::size_t>(a.panel.time[row])])
                              : Json(nullptr);
}

Json unit_json(const Answer& a, std::size_t r) {
    const std::int64_t at = a.position[r];
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double delta = at < 0 ? nan : a.result.delta[static_cast<std::size_t>(at)];
    const double corrected = at < 0 ? nan : a.result.corrected[static_cast<std::size_t>(at)];
    const Status status = at < 0 ? Status::undefined : a.result.status[static_cast<std::size_t>(at)];
    return {{"unit", unit_of(a, r)},
            {"time", time_of(a, r)},
            {"delta", number(delta)},
            {"corrected", number(corrected)},
            {"status", std::string(name(status))}};
}

Json two_stage_json(const Answer& a) {
    Json terms = Json::array(), units = Json::array();
    for (const auto& term : a.result.terms)
        terms.push_back({{"term", term.name},
                         {"estimate", number(term.estimate)},
                         {"std_error", number(term.std_error)},
                         {"conf_low", number(term.low)},
                         {"conf_high", number(term.high)},
                         {"basic_low", number(term.basic_low)},
                         {"basic_high", number(term.basic_high)}});
    for (const std::size_t r : a.order) units.push_back(unit_json(a, r));
    const auto& s = a.settings;
    return {{"algorithm", s.algorithm},
            {"orientation", name(s.orientation)},
            {"returns", name(s.returns)},
            {"reference", a.reference},
            {"replicates_bias", s.algorithm == 2 ? Json(s.replicates_bias) : Json(nullptr)},
            {"replicates", s.replicates},
            {"infeasible", a.result.without},
            {"seed", std::to_string(s.seed)},
            {"confidence", s.confidence},
            {"n", a.result.used},
            {"efficient_left_out", a.result.at_one},
            {"programs", a.result.counters.programs},
            {"terms", std::move(terms)},
            {"units", std::move(units)}};
}

io::Table terms_table(const Answer& a, bool full) {
    const auto text = [&](double v) {
        return std::isnan(v) ? std::string() : full ? fmt::format("{}", v) : fmt::format("{:.6g}", v);
    };
    const auto& s = a.settings;
    io::Table table;
    table.title = fmt::format("Two-stage analysis, algorithm {}: delta >= 1, orientation {}, returns {}",
                              s.algorithm, name(s.orientation), name(s.returns));
    table.header = {"term", "estimate", "std_error", "conf_low", "conf_high", "basic_low", "basic_high"};
    for (const auto& term : a.result.terms)
        table.rows.push_back({term.name, text(term.estimate), text(term.std_error), text(term.low),
                              text(term.high), text(term.basic_low), text(term.basic_high)});
    table.notes.push_back(fmt::format(
        "{} units{}; {} replicates{}, {} of them without a maximum; {:g} % percentile and basic intervals. A "
        "positive coefficient means less efficient. Supposed: the environment does not move the frontier "
        "(separability), units are independent.",
        a.result.used,
        a.result.at_one > 0 ? fmt::format(" ({} efficient ones left out)", a.result.at_one) : std::string(),
        s.replicates,
        s.algorithm == 2 ? fmt::format(" after {} for the bias", s.replicates_bias) : std::string(),
        a.result.without, 100 * s.confidence));
    return table;
}

io::Table units_table(const Answer& a) {
    io::Table table;
    table.title = "Corrected scores";
    table.header = {"unit", "time", "delta", "corrected", "status"};
    for (const std::size_t r : a.order) {
        const Json unit = unit_json(a, r);
        const auto cell = [&](const char* key) {
            return unit[key].is_null() ? std::string() : fmt::format("{:.6f}", unit[key].get<double>());
        };
        table.rows.push_back({unit_of(a, r), unit["time"].is_null() ? "" : unit["time"].dump(), cell("delta"),
                              cell("corrected"), unit["status"].get<std::string>()});
    }
    return table;
}

void report(const Answer& a) {
    std::size_t left_out = 0;
    for (const std::size_t r : a.order) {
        if (a.position[r] < 0) {
            ++left_out;
            continue;
        }
        const Status status = a.result.status[static_cast<std::size_t>(a.position[r])];
        if (status == Status::optimal) continue;
        if (status == Status::failed) exit_code() = 3;
        fmt::print(stderr, "greenfront: two-stage: {}: {}: not in the regression\n", unit_of(a, r),
                   name(status));
    }
    if (left_out > 0)
        fmt::print(stderr, "greenfront: two-stage: {} rows without a value in every column are left out\n",
                   left_out);
    if (a.panel.has_time() && a.panel.time_value.size() > 1)
        fmt::print(stderr,
                   "greenfront: two-stage: rows of one unit in several periods count as independent; the "
                   "intervals are too narrow where they are not\n");
}

void execute(TwoStageOptions options) {
    DeaStage& w = options.analysis;
    w.inputs = names(options.inputs, "--inputs");
    w.good = names(options.good, "--good");
    if (w.reference.empty()) w.reference = options.time.empty() ? "global" : "contemporaneous";
    options.words.environment = names(options.environment, "--environment");
    if (w.orientation == "none")
        throw Error(Fault::usage, "--orientation: none is no orientation of a radial score; input or output");
    const DeaChoice choice = choose_dea(w, Fault::usage);
    Answer a;
    a.reference = choice.reference;
    a.settings = two_stage_settings(options.words, choice, options.seed, Fault::usage);
    check_columns(options.unit, options.time, choice.variables);
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    auto scores = two_stage_scores(a.panel, usable_rows(a.panel, choice.variables, {}), choice,
                                   options.words.environment, a.settings);
    a.result = std::move(scores.result);
    a.position = std::move(scores.position);
    a.order = file_order(a.panel);
    const bool json = options.format.name == "json", csv = options.format.name == "csv";
    std::vector<io::Table> tables;
    if (!json) tables.push_back(terms_table(a, csv));
    if (!json && !csv && a.settings.algorithm == 2) tables.push_back(units_table(a));
    print(options.format, json ? two_stage_json(a) : Json(), tables);
    report(a);
}

}  // namespace

void add_two_stage(CLI::App& program) {
    auto* command = program.add_subcommand(
        "two-stage", "efficiency explained by environmental variables, with a bootstrap of both stages");
    const auto o = std::make_shared<TwoStageOptions>();
    o->analysis.model = "radial";
    o->analysis.slacks = false;
    o->analysis.reference.clear();
    command->add_option("PANEL", o->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period; each has its own technology");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--environment", o->environment, "columns that explain efficiency")->required();
    command
        ->add_option("--algorithm", o->words.algorithm,
                     "1: the scores as they are; 2: corrected for their bias first")
        ->required();
    command->add_option("--orientation", o->analysis.orientation, "input (default) or output");
    command->add_option("--returns", o->analysis.returns,
                        "returns to scale: crs (default), vrs, nirs or ndrs");
    command->add_option("--reference", o->analysis.reference,
                        "contemporaneous (default with --time) or global: one technology of all rows");
    command->add_option("--replicates-bias", o->words.replicates_bias,
                        "algorithm 2: replicates for the bias (default 100)");
    command->add_option("--replicates", o->words.replicates, "replicates for the intervals (default 2000)");
    command->add_option("--seed", o->seed, "seed of the random numbers (default 1)")->check(whole_seed());
    command->add_option("--confidence", o->words.confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { o->threads.run([&] { execute(*o); }); });
}

}  // namespace greenfront::app
