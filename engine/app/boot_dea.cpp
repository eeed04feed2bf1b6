#include "engine/boot_dea.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "engine/app/commands.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

struct BootDeaOptions {
    std::string panel, unit, time, inputs, good, orientation = "input", returns = "crs", bandwidth = "sj",
                                                 metric = "inverse";
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    double confidence = 0.95;
    OutputFormat format;
    Threads threads;
};

struct Answer {
    dea::BootstrapSettings settings;
    Panel panel;
    BootDea result;
    std::vector<std::size_t> order;  ///< panel rows in the order of the file
};

struct Column {
    const char* name;
    std::vector<double> dea::BootstrapScores::*values;
};
const Column columns[] = {
    {"theta", &dea::BootstrapScores::score},         {"bias", &dea::BootstrapScores::bias},
    {"corrected", &dea::BootstrapScores::corrected}, {"sd", &dea::BootstrapScores::sd},
    {"q025", &dea::BootstrapScores::q025},           {"q975", &dea::BootstrapScores::q975},
    {"conf_low", &dea::BootstrapScores::low},        {"conf_high", &dea::BootstrapScores::high}};

dea::BootstrapSettings settings_of(const BootDeaOptions& options) {
    dea::BootstrapSettings s;
    s.orientation = parse_orientation(options.orientation, Fault::usage);
    if (s.orientation == dea::Orientation::none)
        throw Error(Fault::usage, "--orientation: none is no orientation of a radial score; input or output");
    s.returns = parse_returns(options.returns, Fault::usage);
    s.metric = choose("--metric", options.metric, {"inverse", "theta"}, Fault::usage) == 0
                   ? dea::Metric::inverse
                   : dea::Metric::theta;
    parse_bandwidth(options.bandwidth, s, Fault::usage);
    if (options.replicates < 2)
        throw Error(Fault::usage, fmt::format("--replicates {}: at least 2 are needed", options.replicates));
    if (!(options.confidence > 0 && options.confidence < 1))
        throw Error(Fault::usage, "--confidence must lie between 0 and 1");
    s.replicates = options.replicates;
    s.seed = options.seed;
    s.confidence = options.confidence;
    return s;
}

double value_of(const Answer& a, std::size_t row, const Column& column) {
    const std::int64_t at = a.result.position[row];
    return at < 0 ? std::numeric_limits<double>::quiet_NaN()
                  : (a.result.parts[a.result.part[row]].*column.values)[static_cast<std::size_t>(at)];
}

Status status_of(const Answer& a, std::size_t row) {
    const std::int64_t at = a.result.position[row];
    return at < 0 ? Status::undefined
                  : a.result.parts[a.result.part[row]].status[static_cast<std::size_t>(at)];
}

const std::string& unit_of(const Answer& a, std::size_t row) {
    return a.panel.unit_name[static_cast<std::size_t>(a.panel.unit[row])];
}

Json time_of(const Answer& a, std::size_t row) {
    return a.panel.has_time() ? Json(a.panel.time_value[static_cast<std::size_t>(a.panel.time[row])])
                              : Json(nullptr);
}

Json boot_json(const Answer& a) {
    const auto& s = a.settings;
    Json technologies = Json::array();
    for (std::size_t p = 0; p < a.result.parts.size(); ++p) {
        const auto& part = a.result.parts[p];
        technologies.push_back({{"time", a.panel.has_time() ? Json(a.result.time[p]) : Json(nullptr)},
                                {"units", part.score.size()},
                                {"bandwidth", number(part.bandwidth)},
                                {"programs", part.counters.programs},
                                {"fallbacks", part.counters.fallbacks}});
    }
    Json units = Json::array();
    for (const std::size_t r : a.order) {
        Json unit{{"unit", unit_of(a, r)}, {"time", time_of(a, r)}};
        for (const Column& column : columns) unit[column.name] = number(value_of(a, r, column));
        unit["status"] = std::string(name(status_of(a, r)));
        units.push_back(std::move(unit));
    }
    return {
        {"method", "simar-wilson-1998"}, {"orientation", name(s.orientation)},
        {"returns", name(s.returns)},    {"metric", s.metric == dea::Metric::inverse ? "inverse" : "theta"},
        {"replicates", s.replicates},    {"seed", std::to_string(s.seed)},
        {"confidence", s.confidence},    {"technologies", std::move(technologies)},
        {"units", std::move(units)}};
}

io::Table boot_table(const Answer& a, bool full) {
    io::Table table;
    table.title = fmt::format(
        "Smoothed bootstrap of radial efficiency: orientation {}, returns {}, metric {}, {} "
        "replicates, seed {}",
        name(a.settings.orientation), name(a.settings.returns),
        a.settings.metric == dea::Metric::inverse ? "inverse" : "theta", a.settings.replicates,
        a.settings.seed);
    table.header = {"unit", "time"};
    for (const Column& column : columns) table.header.emplace_back(column.name);
    table.header.emplace_back("status");
    for (const std::size_t r : a.order) {
        const Json time = time_of(a, r);
        std::vector<std::string> row{unit_of(a, r), time.is_null() ? "" : time.dump()};
        for (const Column& column : columns) {
            const double v = value_of(a, r, column);
            row.push_back(std::isnan(v) ? "" : full ? fmt::format("{}", v) : fmt::format("{:.6f}", v));
        }
        row.emplace_back(name(status_of(a, r)));
        table.rows.push_back(std::move(row));
    }
    for (std::size_t p = 0; p < a.result.parts.size(); ++p)
        table.notes.push_back(
            fmt::format("{}{} units, bandwidth {:.6g}.",
                        a.panel.has_time() ? fmt::format("Period {}: ", a.result.time[p]) : std::string(),
                        a.result.parts[p].score.size(), a.result.parts[p].bandwidth));
    table.notes.push_back(fmt::format(
        "Intervals at {:g} %. The bootstrap supposes that inefficiency does not depend on mix, size, unit or "
        "period, and takes each period's units for a sample of their own.",
        100 * a.settings.confidence));
    return table;
}

void report(const Answer& a) {
    for (const std::size_t r : a.order) {
        const Status status = status_of(a, r);
        if (status == Status::optimal) continue;
        if (status == Status::failed) exit_code() = 3;
        const Json time = time_of(a, r);
        fmt::print(stderr, "greenfront: boot-dea: {}{}{}: {}: no corrected score\n", unit_of(a, r),
                   time.is_null() ? "" : " ", time.is_null() ? "" : time.dump(), name(status));
    }
}

void execute(const BootDeaOptions& options) {
    Answer a;
    a.settings = settings_of(options);
    const DeaVariables variables{
        names(options.inputs, "--inputs"), names(options.good, "--good"), {}, {}, false};
    check_roles(variables, Fault::usage);
    check_columns(options.unit, options.time, variables);
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    const auto usable = usable_rows(a.panel, variables, {});
    const auto limit = options.threads.apply();
    a.result = bootstrap_scores(a.panel, usable, variables, a.settings);
    a.order = file_order(a.panel);
    const bool json = options.format.name == "json";
    print(options.format, json ? boot_json(a) : Json(),
          json ? std::vector<io::Table>{}
               : std::vector<io::Table>{boot_table(a, options.format.name == "csv")});
    report(a);
}

}  // namespace

void add_boot_dea(CLI::App& program) {
    auto* command = program.add_subcommand(
        "boot-dea", "bias and intervals of radial efficiency scores by the smoothed bootstrap");
    const auto o = std::make_shared<BootDeaOptions>();
    command->add_option("PANEL", o->panel, "panel file (CSV)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period; each has its own technology");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--orientation", o->orientation, "input (default) or output");
    command->add_option("--returns", o->returns, "returns to scale: crs (default), vrs, nirs or ndrs");
    command->add_option("--bandwidth", o->bandwidth,
                        "sj (Sheather-Jones, default), rot (rule of thumb) or a number");
    command->add_option(
        "--metric", o->metric,
        "where draws, correction and intervals are made: inverse (at least 1, default) or theta");
    command->add_option("--replicates", o->replicates, "number of replicates (default 2000)");
    command->add_option("--seed", o->seed, "seed of the random numbers (default 1)");
    command->add_option("--confidence", o->confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { execute(*o); });
}

}  // namespace greenfront::app
