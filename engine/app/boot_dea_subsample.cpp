// `greenfront boot-dea --method subsample`.
#include <fmt/format.h>

#include <limits>

#include "engine/app/boot_dea.hpp"
#include "engine/settings.hpp"

namespace greenfront::app {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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
            {"cluster", a.options.words.cluster.empty() ? a.options.unit : a.options.words.cluster},
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
    const std::string& model = options.analysis.model;
    if (model == "cost" || model == "revenue")  // before its prices are missed
        throw Error(
            Fault::usage,
            fmt::format("--model {}: subsampling is for radial, sbm, additive, ddf, nddf and fdh", model));
    const DeaChoice words = choose_dea(options.analysis, Fault::usage);
    (void)subsample_settings(options.words, words, options.seed, Fault::usage);
    const BootDeaPanel data(options, words);
    const DeaChoice& choice = data.choice;
    const auto settings = subsample_settings(options.words, choice, options.seed, Fault::usage);
    const SubsampledScores result =
        subsample_scores(data.panel, data.usable, choice, options.words.cluster, settings);
    UnitTable units(data.panel);
    using dea::Subsample;
    const std::pair<const char*, std::vector<double> Subsample::*> columns[] = {
        {"score", &Subsample::score}, {"bias", &Subsample::bias},    {"corrected", &Subsample::corrected},
        {"sd", &Subsample::sd},       {"conf_low", &Subsample::low}, {"conf_high", &Subsample::high}};
    for (const auto& [name, values] : columns) units.add(name, result.at.by_row(result.parts, values, nan));
    units.add("beyond", result.at.by_row(result.parts, &Subsample::beyond, std::int64_t{0}));
    units.set_status(result.at.by_row(result.parts, &Subsample::status, Status::undefined));
    const Answer a{options, choice, settings, proven(options.words, choice)};
    print(options.format, options.json() ? subsample_json(a, result, units) : Json(),
          options.json() ? std::vector<io::Table>{}
                         : std::vector<io::Table>{subsample_table(a, result, units)});
    units.report("boot-dea", "no interval");
}

}  // namespace greenfront::app
