// `greenfront boot-dea --method subsample`.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "engine/app/boot_dea.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/settings.hpp"

namespace greenfront::app {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

DeaStage words_of(const BootDeaOptions& options) {
    DeaStage w;
    w.inputs = names(options.inputs, "--inputs");
    w.good = names(options.good, "--good");
    w.bad = list(options.bad, "--bad");
    w.model = options.model.empty() ? "radial" : options.model;
    if (w.model == "cost" || w.model == "revenue")
        throw Error(
            Fault::usage,
            fmt::format("--model {}: subsampling is for radial, sbm, additive, ddf, nddf and fdh", w.model));
    w.orientation = options.orientation;
    w.returns = options.returns;
    w.disposability = options.disposability;
    w.reference = !options.reference.empty() ? options.reference
                  : options.time.empty()     ? "global"
                                             : "contemporaneous";
    w.slacks = false;
    w.bads_as_inputs = options.bads_as_inputs;
    w.direction_inputs = word_or_numbers(options.direction_inputs);
    w.direction_good = word_or_numbers(options.direction_good);
    w.direction_bad = word_or_numbers(options.direction_bad);
    w.weights = word_or_numbers(options.weights);
    return w;
}

dea::SubsampleSettings settings_of(const BootDeaOptions& options, const DeaChoice& choice) {
    dea::SubsampleSettings s;
    s.programs = choice.settings;
    s.kappa = options.kappa.value_or(s.kappa);
    if (!(s.kappa > 0 && s.kappa <= 1))
        throw Error(Fault::usage, "--kappa must lie above 0 and be at most 1");
    const auto variables = static_cast<std::int64_t>(choice.variables.all().size());
    s.rate =
        options.rate.value_or(dea::known_rate(choice.settings.model, choice.settings.returns, variables));
    if (!(s.rate > 0 && std::isfinite(s.rate))) throw Error(Fault::usage, "--rate must be positive");
    s.replacement = options.replacement;
    s.replicates = options.replicates;
    s.seed = options.seed;
    s.confidence = options.confidence;
    return s;
}

struct Answer {
    const BootDeaOptions& options;
    DeaChoice choice;
    dea::SubsampleSettings settings;
    bool proven = false;  ///< the rate and a limit distribution with it
};

Json subsample_json(const Answer& a, const SubsampledScores& result, const UnitTable& units) {
    Json technologies = Json::array();
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& part = result.parts[p];
        technologies.push_back({{"time", result.at.time[p] ? Json(*result.at.time[p]) : Json(nullptr)},
                                {"clusters", part.clusters},
                                {"drawn", part.drawn},
                                {"programs", part.counters.programs},
                                {"fallbacks", part.counters.fallbacks}});
    }
    const auto& s = a.settings;
    return {{"method", "subsample"},
            {"model", name(a.choice.settings.model)},
            {"orientation", name(a.choice.settings.orientation)},
            {"returns", name(a.choice.settings.returns)},
            {"reference", a.choice.reference},
            {"cluster", a.options.cluster.empty() ? a.options.unit : a.options.cluster},
            {"kappa", s.kappa},
            {"rate", s.rate},
            {"rate_proven", a.proven},
            {"replacement", s.replacement},
            {"replicates", s.replicates},
            {"seed", std::to_string(s.seed)},
            {"confidence", s.confidence},
            {"technologies", std::move(technologies)},
            {"units", units.json()}};
}

io::Table subsample_table(const Answer& a, const SubsampledScores& result, const UnitTable& units) {
    const auto& s = a.settings;
    io::Table table = units.table(a.options.full());
    table.title = fmt::format(
        "Subsampling of efficiency: model {}, orientation {}, returns {}, reference {}, kappa {:g}, rate "
        "n^-{:.6g}, {} replicates, seed {}",
        name(a.choice.settings.model), name(a.choice.settings.orientation), name(a.choice.settings.returns),
        a.choice.reference, s.kappa, s.rate, s.replicates, s.seed);
    for (std::size_t p = 0; p < result.parts.size(); ++p)
        table.notes.push_back(
            fmt::format("{}{} of {} drawn in a replicate.",
                        result.at.time[p] ? fmt::format("Period {}: ", *result.at.time[p]) : std::string(),
                        result.parts[p].drawn, result.parts[p].clusters));
    table.notes.push_back(fmt::format(
        "Intervals at {:g} %. {}", 100 * s.confidence,
        a.proven ? "The rate is proven for this model when units are independent."
                 : "No limit distribution is proven for this model and rate; the intervals are a guide."));
    return table;
}

}  // namespace

void run_subsample(const BootDeaOptions& options) {
    refuse_options(
        options,
        {"orientation", "returns", "kappa", "rate", "replacement", "cluster", "bad", "model", "reference",
         "disposability", "bads-as-inputs", "direction-inputs", "direction-good", "direction-bad", "weights"},
        "--method subsample");
    DeaChoice choice = choose_dea(words_of(options), Fault::usage);
    const BootDeaPanel data(options, choice.variables);
    set_means(choice, data.panel, data.usable);
    const dea::SubsampleSettings settings = settings_of(options, choice);
    const bool proven = !options.rate && dea::rate_is_proven(choice.settings.model, choice.settings.returns);
    const auto limit = options.threads.apply();
    const SubsampledScores result =
        subsample_scores(data.panel, data.usable, choice, options.cluster, settings);
    UnitTable units(data.panel);
    using dea::Subsample;
    const std::pair<const char*, std::vector<double> Subsample::*> columns[] = {
        {"score", &Subsample::score}, {"bias", &Subsample::bias},    {"corrected", &Subsample::corrected},
        {"sd", &Subsample::sd},       {"conf_low", &Subsample::low}, {"conf_high", &Subsample::high}};
    for (const auto& [name, values] : columns) units.add(name, result.at.by_row(result.parts, values, nan));
    units.add("beyond", result.at.by_row(result.parts, &Subsample::beyond, std::int64_t{0}));
    units.set_status(result.at.by_row(result.parts, &Subsample::status, Status::undefined));
    const Answer a{options, choice, settings, proven};
    print(options.format, options.json() ? subsample_json(a, result, units) : Json(),
          options.json() ? std::vector<io::Table>{}
                         : std::vector<io::Table>{subsample_table(a, result, units)});
    units.report("boot-dea", "no interval");
}

}  // namespace greenfront::app
