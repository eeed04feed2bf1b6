#include "kernels/dea/two_stage.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "engine/app/commands.hpp"
#include "engine/app/efficiency_options.hpp"
#include "engine/reference_sets.hpp"
#include "engine/settings.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

struct TwoStageOptions {
    std::string panel, unit, time, inputs, good, environment, orientation = "input", returns = "crs";
    dea::TwoStageSettings settings;
    OutputFormat format;
    Threads threads;
};

struct Answer {
    dea::TwoStageSettings settings;
    Panel panel;
    dea::TwoStage result;
    std::vector<std::int64_t> position;  ///< of each panel row in the result; -1: not used
    std::vector<std::size_t> order;      ///< panel rows in the order of the file
};

dea::TwoStageSettings settings_of(const TwoStageOptions& options) {
    dea::TwoStageSettings s = options.settings;
    s.orientation = parse_orientation(options.orientation, Fault::usage);
    if (s.orientation == dea::Orientation::none)
        throw Error(Fault::usage, "--orientation: none is no orientation of a radial score; input or output");
    s.returns = parse_returns(options.returns, Fault::usage);
    if (s.algorithm != 1 && s.algorithm != 2)
        throw Error(Fault::usage, fmt::format("--algorithm {}: there is 1 and 2", s.algorithm));
    if (s.replicates < 2 || s.replicates_bias < 2)
        throw Error(Fault::usage, "--replicates and --replicates-bias: at least 2 are needed");
    if (!(s.confidence > 0 && s.confidence < 1))
        throw Error(Fault::usage, "--confidence must lie between 0 and 1");
    return s;
}

/// Rows with a value in every variable and every environmental variable, by technology.
dea::TwoStageData data_of(const Panel& panel, const DeaVariables& variables,
                          const std::vector<std::string>& environment, std::vector<std::int64_t>& position) {
    auto usable = usable_rows(panel, variables, {});
    for (const auto& name : environment) {
        const auto& column = panel.number(name);
        for (std::size_t r = 0; r < panel.rows(); ++r) usable[r] = usable[r] && !std::isnan(column[r]);
    }
    dea::TwoStageData data;
    data.names = environment;
    std::vector<std::size_t> rows;
    position.assign(panel.rows(), -1);
    for (const auto& group : reference_groups(panel, usable, "contemporaneous", Fault::usage)) {
        data.technologies.push_back(quantities(panel, variables, group.evaluated_rows));
        for (const std::size_t r : group.evaluated_rows) {
            position[r] = static_cast<std::int64_t>(rows.size());
            rows.push_back(r);
        }
    }
    if (rows.empty())
        throw Error(Fault::data, fmt::format("{}: no row has a value in all variables", panel.source));
    data.Z.resize(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(environment.size()));
    for (std::size_t j = 0; j < environment.size(); ++j) {
        const auto& column = panel.number(environment[j]);
        for (std::size_t i = 0; i < rows.size(); ++i)
            data.Z(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = column[rows[i]];
    }
    return data;
}

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

void execute(const TwoStageOptions& options) {
    Answer a;
    a.settings = settings_of(options);
    const DeaVariables variables{
        names(options.inputs, "--inputs"), names(options.good, "--good"), {}, {}, false};
    const auto environment = names(options.environment, "--environment");
    check_roles(variables, Fault::usage);
    check_columns(options.unit, options.time, variables);
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    const dea::TwoStageData data = data_of(a.panel, variables, environment, a.position);
    const auto limit = options.threads.apply();
    a.result = dea::two_stage(data, a.settings);
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
    command->add_option("PANEL", o->panel, "panel file (CSV or Stata)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period; each has its own technology");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--environment", o->environment, "columns that explain efficiency")->required();
    command
        ->add_option("--algorithm", o->settings.algorithm,
                     "1: the scores as they are; 2: corrected for their bias first")
        ->required();
    command->add_option("--orientation", o->orientation, "input (default) or output");
    command->add_option("--returns", o->returns, "returns to scale: crs (default), vrs, nirs or ndrs");
    command->add_option("--replicates-bias", o->settings.replicates_bias,
                        "algorithm 2: replicates for the bias (default 100)");
    command->add_option("--replicates", o->settings.replicates,
                        "replicates for the intervals (default 2000)");
    command->add_option("--seed", o->settings.seed, "seed of the random numbers (default 1)");
    command->add_option("--confidence", o->settings.confidence, "level of the intervals (default 0.95)");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { execute(*o); });
}

}  // namespace greenfront::app
