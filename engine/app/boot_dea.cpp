#include "engine/app/boot_dea.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "engine/app/efficiency_options.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

/// In the order of the enumeration.
const std::vector<std::string> orders{"reflect-shrink", "shrink-reflect"};
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

dea::BootstrapSettings homogeneous(const BootDeaOptions& options) {
    refuse_options(options, {"orientation", "returns", "bandwidth", "metric", "order"},
                   "--method homogeneous");
    dea::BootstrapSettings s;
    s.orientation = options.radial_orientation();
    s.returns = options.radial_returns();
    const std::string metric = options.metric.empty() ? "inverse" : options.metric;
    s.metric = choose("--metric", metric, {"inverse", "theta"}, Fault::usage) == 0 ? dea::Metric::inverse
                                                                                   : dea::Metric::theta;
    s.order = options.smoothing_order();
    parse_bandwidth(options.bandwidth.empty() ? "sj" : options.bandwidth, s.rule, s.bandwidth, Fault::usage);
    s.replicates = options.replicates;
    s.seed = options.seed;
    s.confidence = options.confidence;
    return s;
}

dea::HeterogeneousSettings heterogeneous(const BootDeaOptions& options) {
    refuse_options(options, {"orientation", "returns", "bandwidth", "smoothing"}, "--method heterogeneous");
    dea::HeterogeneousSettings s;
    s.orientation = options.radial_orientation();
    s.returns = options.radial_returns();
    const std::string scale = options.smoothing.empty() ? "levels" : options.smoothing;
    s.scale = static_cast<dea::JointScale>(choose("--smoothing", scale, {"levels", "logs"}, Fault::usage));
    if (!options.bandwidth.empty()) {
        dea::Bandwidth rule{};
        parse_bandwidth(options.bandwidth, rule, s.bandwidth, Fault::usage);
        if (rule != dea::Bandwidth::given)
            throw Error(Fault::usage,
                        fmt::format("--bandwidth {}: a joint density has the normal reference rule (leave "
                                    "the option out) or a number",
                                    options.bandwidth));
    }
    s.replicates = options.replicates;
    s.seed = options.seed;
    s.confidence = options.confidence;
    return s;
}

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
    json["replicates"] = options.replicates;
    json["seed"] = std::to_string(options.seed);
    json["confidence"] = options.confidence;
    json["technologies"] = std::move(technologies);
    json["units"] = units.json();
    return json;
}

io::Table boot_table(const BootDeaOptions& options, const Words& words, const BootDea& result,
                     const UnitTable& units) {
    io::Table table = units.table(options.full());
    table.title = fmt::format("{}, {} replicates, seed {}", words.title, options.replicates, options.seed);
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& part = result.parts[p];
        std::string note = result.at.time[p] ? fmt::format("Period {}: ", *result.at.time[p]) : "";
        note += fmt::format("{} units, bandwidth {:.6g}", part.score.size(), part.bandwidth);
        if (words.joint) note += fmt::format(", {} rows of pseudo-points drawn again", part.redrawn);
        table.notes.push_back(note + ".");
    }
    table.notes.push_back(fmt::format(
        "Intervals at {:g} %. {}", 100 * options.confidence,
        words.joint
            ? "Inefficiency may depend on mix and size; each period's units are a sample of their own."
            : "The bootstrap supposes that inefficiency does not depend on mix, size, unit or "
              "period, and takes each period's units for a sample of their own."));
    return table;
}

template <class Settings>
void run_smoothed(const BootDeaOptions& options, const Settings& settings, const Words& words) {
    const DeaVariables variables{
        names(options.inputs, "--inputs"), names(options.good, "--good"), {}, {}, false};
    const BootDeaPanel data(options, variables);
    const auto limit = options.threads.apply();
    const BootDea result = bootstrap_scores(data.panel, data.usable, variables, settings);
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
}

void run_homogeneous(const BootDeaOptions& options) {
    const auto s = homogeneous(options);
    const std::string metric = s.metric == dea::Metric::inverse ? "inverse" : "theta";
    run_smoothed(
        options, s,
        {"simar-wilson-1998",
         fmt::format("Smoothed bootstrap of radial efficiency: orientation {}, returns {}, metric {}, "
                     "order {}",
                     name(s.orientation), name(s.returns), metric, order_name(s.order)),
         Json{{"orientation", name(s.orientation)},
              {"returns", name(s.returns)},
              {"metric", metric},
              {"order", order_name(s.order)}},
         false});
}

void run_heterogeneous(const BootDeaOptions& options) {
    const auto s = heterogeneous(options);
    const std::string scale = s.scale == dea::JointScale::levels ? "levels" : "logs";
    run_smoothed(
        options, s,
        {"simar-wilson-2000",
         fmt::format("Heterogeneous smoothed bootstrap of radial efficiency: orientation {}, returns {}, "
                     "smoothing of {}",
                     name(s.orientation), name(s.returns), scale),
         Json{{"orientation", name(s.orientation)}, {"returns", name(s.returns)}, {"smoothing", scale}},
         true});
}

void execute(const BootDeaOptions& options) {
    if (options.replicates < 2)
        throw Error(Fault::usage, fmt::format("--replicates {}: at least 2 are needed", options.replicates));
    if (!(options.confidence > 0 && options.confidence < 1))
        throw Error(Fault::usage, "--confidence must lie between 0 and 1");
    if (!options.test.empty()) {
        (void)choose("--test", options.test, {"returns"}, Fault::usage);
        return run_returns_test(options);
    }
    switch (choose("--method", options.method, {"homogeneous", "heterogeneous", "subsample"}, Fault::usage)) {
        case 0:
            return run_homogeneous(options);
        case 1:
            return run_heterogeneous(options);
        default:
            return run_subsample(options);
    }
}

void add_method_options(CLI::App& command, BootDeaOptions& o) {
    command.add_option("--method", o.method,
                       "homogeneous (default): inefficiency alike for all; heterogeneous: it may depend on "
                       "mix and size; subsample: any model, whole units drawn");
    command.add_option("--test", o.test, "returns: test of constant against variable returns to scale");
    command.add_option("--null", o.null, "test: crs (default) or nirs");
    command.add_option("--bandwidth", o.bandwidth,
                       "sj (Sheather-Jones, default), rot (rule of thumb) or a number; heterogeneous: a "
                       "number in standard deviations");
    command.add_option("--metric", o.metric,
                       "homogeneous: where draws, correction and intervals are made: inverse (at least 1, "
                       "default) or theta");
    command.add_option("--order", o.order,
                       "homogeneous, test: reflect-shrink (default, as in 1998) or shrink-reflect, which "
                       "leaves no gap at the frontier");
    command.add_option("--smoothing", o.smoothing, "heterogeneous: amounts in levels (default) or logs");
    command.add_option("--kappa", o.kappa, "subsample: floor(G^kappa) of G units are drawn (default 0.7)");
    command.add_option("--rate", o.rate,
                       "subsample: rate of convergence r of n^-r (default: that of the "
                       "model)");
    command.add_flag("--replacement", o.replacement, "subsample: draw with replacement");
    command.add_option("--cluster", o.cluster, "subsample: column of what is drawn (default: the unit)");
}

void add_model_options(CLI::App& command, BootDeaOptions& o) {
    command.add_option("--bad", o.bad, "subsample: bad output columns");
    command.add_option("--model", o.model, "subsample: radial (default), sbm, additive, ddf, nddf or fdh");
    command.add_option("--reference", o.reference,
                       "subsample: contemporaneous (default with --time), global, sequential, window:H, "
                       "trailing:H or biennial");
    command.add_option("--disposability", o.disposability, "subsample: as in dea");
    command.add_flag("--bads-as-inputs", o.bads_as_inputs, "subsample: bad outputs count as inputs");
    command.add_option("--direction-inputs", o.direction_inputs, "subsample: as in dea");
    command.add_option("--direction-good", o.direction_good, "subsample: as in dea");
    command.add_option("--direction-bad", o.direction_bad, "subsample: as in dea");
    command.add_option("--weights", o.weights, "subsample: as in dea");
}

}  // namespace

dea::Orientation BootDeaOptions::radial_orientation() const {
    const auto parsed = parse_orientation(orientation.empty() ? "input" : orientation, Fault::usage);
    if (parsed == dea::Orientation::none)
        throw Error(Fault::usage, "--orientation: none is no orientation of a radial score; input or output");
    return parsed;
}

std::string order_name(dea::SmoothingOrder order) {
    return orders[static_cast<std::size_t>(order)];
}

dea::SmoothingOrder BootDeaOptions::smoothing_order() const {
    return static_cast<dea::SmoothingOrder>(
        choose("--order", order.empty() ? orders.front() : order, orders, Fault::usage));
}

dea::Returns BootDeaOptions::radial_returns() const {
    return parse_returns(returns.empty() ? "crs" : returns, Fault::usage);
}

void refuse_options(const BootDeaOptions& o, const std::vector<std::string>& known,
                    const std::string& method) {
    const std::pair<const char*, bool> given[] = {{"orientation", !o.orientation.empty()},
                                                  {"returns", !o.returns.empty()},
                                                  {"bandwidth", !o.bandwidth.empty()},
                                                  {"metric", !o.metric.empty()},
                                                  {"order", !o.order.empty()},
                                                  {"smoothing", !o.smoothing.empty()},
                                                  {"null", !o.null.empty()},
                                                  {"kappa", o.kappa.has_value()},
                                                  {"rate", o.rate.has_value()},
                                                  {"replacement", o.replacement},
                                                  {"cluster", !o.cluster.empty()},
                                                  {"bad", !o.bad.empty()},
                                                  {"model", !o.model.empty()},
                                                  {"reference", !o.reference.empty()},
                                                  {"disposability", !o.disposability.empty()},
                                                  {"bads-as-inputs", o.bads_as_inputs},
                                                  {"direction-inputs", !o.direction_inputs.empty()},
                                                  {"direction-good", !o.direction_good.empty()},
                                                  {"direction-bad", !o.direction_bad.empty()},
                                                  {"weights", !o.weights.empty()}};
    for (const auto& [option, is_given] : given) {
        if (is_given && std::find(known.begin(), known.end(), option) == known.end())
            throw Error(Fault::usage,
                        fmt::format("--{}: {} has no such option; leave it out", option, method));
    }
}

BootDeaPanel::BootDeaPanel(const BootDeaOptions& options, const DeaVariables& variables) {
    check_roles(variables, Fault::usage);
    check_columns(options.unit, options.time, variables);
    panel = io::read_panel(options.panel, options.unit, options.time);
    usable = usable_rows(panel, variables, {});
}

void add_boot_dea(CLI::App& program) {
    auto* command = program.add_subcommand(
        "boot-dea", "bias and intervals of efficiency scores by bootstrap, and a test of returns to scale");
    const auto o = std::make_shared<BootDeaOptions>();
    command->add_option("PANEL", o->panel, "panel file (CSV or Stata)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period; each has its own technology");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--orientation", o->orientation, "input (default) or output; subsample: as in dea");
    command->add_option("--returns", o->returns, "returns to scale: crs (default), vrs, nirs or ndrs");
    add_method_options(*command, *o);
    add_model_options(*command, *o);
    command->add_option("--replicates", o->replicates, "number of replicates (default 2000)");
    command->add_option("--seed", o->seed, "seed of the random numbers (default 1)");
    command->add_option("--confidence", o->confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { execute(*o); });
}

}  // namespace greenfront::app
