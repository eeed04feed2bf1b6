#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "kernels/resample/resample.hpp"

namespace greenfront::app {
namespace {

struct PlaceboCommand {
    RegressionInput input;
    std::string treatment, method = "trajectory", vcov;
    bool enumerate = false, draws = false;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
};

/// Columns that one term of a formula reads.
std::vector<std::string> columns_of(const std::string& term, const Panel& panel) {
    Formula alone;
    alone.text = term;
    alone.y.text = term;
    return columns_read(alone, panel);
}

/// Only the treatment's own column is permuted, so nothing else may be made from it.
void check_terms(const Formula& formula, const std::string& treatment, const Panel& panel) {
    const auto own = columns_of(treatment, panel);
    const auto shares = [&](const std::vector<std::string>& columns) {
        return std::any_of(columns.begin(), columns.end(), [&](const std::string& name) {
            return std::find(own.begin(), own.end(), name) != own.end();
        });
    };
    std::vector<std::string> terms{formula.y.text};
    for (const auto& x : formula.x) {
        if (x.text != treatment) terms.push_back(x.text);
    }
    for (const auto& effect : formula.effects)
        terms.insert(terms.end(), effect.slopes.begin(), effect.slopes.end());
    for (const auto& term : terms) {
        if (shares(columns_of(term, panel))) {
            throw Error(Fault::usage,
                        fmt::format("\"{}\" is made from the same column as the treatment \"{}\", which "
                                    "alone would be permuted; leave it out or test another treatment",
                                    term, treatment));
        }
    }
}

struct Roles {
    greenfront::panel::Factor unit, time;
};

Roles roles(const Panel& panel, const greenfront::panel::Design& design) {
    Roles result;
    result.unit.name = panel.unit_column;
    result.unit.levels = static_cast<std::int32_t>(panel.unit_name.size());
    result.unit.level_name = panel.unit_name;
    result.time.name = panel.time_column;
    result.time.levels = static_cast<std::int32_t>(panel.time_value.size());
    for (const auto value : panel.time_value) result.time.level_name.push_back(fmt::to_string(value));
    for (const auto row : design.row) {
        result.unit.code.push_back(panel.unit[static_cast<std::size_t>(row)]);
        result.time.code.push_back(panel.time[static_cast<std::size_t>(row)]);
    }
    return result;
}

Json draw_list(const resample::PlaceboDraws& draws) {
    Json list = Json::array();
    for (Eigen::Index r = 0; r < draws.draw.size(); ++r) {
        list.push_back({{"estimate", number(draws.draw(r))},
                        {"std_error", number(draws.draw_std_error(r))},
                        {"statistic", number(draws.draw_statistic(r))},
                        {"p_value", number(draws.draw_p_value(r))}});
    }
    return list;
}

Json json_of(const PlaceboCommand& options, const std::string& vcov, const resample::PlaceboDraws& draws,
             std::int64_t infeasible) {
    Json json;
    json["method"] = options.method;
    json["treatment"] = options.treatment;
    json["replicates"] = draws.draw.size();
    json["infeasible"] = infeasible;
    json["enumerated"] = options.enumerate;
    json["vcov"] = vcov;
    json["seed"] = options.enumerate ? Json(nullptr) : Json(options.seed);
    json["estimate"] = number(draws.estimate);
    json["std_error"] = number(draws.std_error);
    json["statistic"] = number(draws.statistic);
    json["df_residual"] = number(draws.df);
    json["p_value"] = number(draws.p_value);
    json["p_share"] = number(draws.p_share);
    json["n_extreme"] = draws.n_extreme;
    json["units"] = draws.units;
    json["units_fixed"] = draws.fixed_units;
    if (options.draws) json["draws"] = draw_list(draws);
    return json;
}

io::Table table_of(const PlaceboCommand& options, const std::string& vcov,
                   const resample::PlaceboDraws& draws, std::int64_t infeasible) {
    const bool csv = options.format.name == "csv";
    const auto cell = [csv](double v) {
        if (!std::isfinite(v)) return std::string(csv ? "" : ".");
        return csv ? fmt::format("{}", v) : fmt::format("{:.6g}", v);
    };
    io::Table table;
    table.title = "Placebo test: trajectories of " + options.treatment + " permuted over units";
    table.header = {"treatment", "estimate", "std_error", "statistic",
                    "p_value",   "p_share",  "n_extreme", "replicates"};
    table.rows.push_back({options.treatment, cell(draws.estimate), cell(draws.std_error),
                          cell(draws.statistic), cell(draws.p_value), cell(draws.p_share),
                          fmt::to_string(draws.n_extreme), fmt::to_string(draws.draw.size())});
    table.notes.push_back(
        options.enumerate
            ? fmt::format("all {} permutations, the observed one among them", draws.draw.size())
            : fmt::format("{} random permutations, seed {}; p_value = (n_extreme + 1) / (draws + 1)",
                          draws.draw.size(), options.seed));
    table.notes.push_back(fmt::format("variance: {}{}; {} units in {} sets of periods", vcov,
                                      options.vcov.empty() ? " (the default of placebo)" : "", draws.units,
                                      draws.groups));
    if (infeasible > 0)
        table.notes.push_back(fmt::format("{} draws do not identify the treatment", infeasible));
    return table;
}

void execute(const PlaceboCommand& options) {
    if (options.method != "trajectory") {
        throw Error(Fault::usage,
                    fmt::format("--method {}: only trajectory is built so far", options.method));
    }
    // A trajectory is one draw of its unit, so the unit is the cluster unless the user says otherwise.
    const std::string vcov = options.vcov.empty() ? "cluster:" + options.input.unit : options.vcov;
    const auto limit = options.threads.apply();
    const auto variance = parse_variance(vcov, Fault::usage);
    if (!variance.resampled()) {
        throw Error(Fault::usage,
                    fmt::format("--vcov {}: a placebo test knows iid, robust and cluster:NAME", vcov));
    }
    const auto loaded = load_regression(options.input, variance);
    check_terms(loaded.formula, options.treatment, loaded.panel);
    const auto [unit, time] = roles(loaded.panel, loaded.design);
    resample::PlaceboOptions placebo;
    placebo.treatment = options.treatment;
    placebo.replicates = options.replicates;
    placebo.seed = options.seed;
    placebo.enumerate = options.enumerate;
    const auto draws = resample::placebo_trajectory(loaded.design, loaded.options, unit, time, placebo);
    for (const auto& warning : draws.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    std::int64_t infeasible = 0;
    for (Eigen::Index r = 0; r < draws.draw_statistic.size(); ++r)
        infeasible += std::isnan(draws.draw_statistic(r)) ? 1 : 0;
    print(options.format, json_of(options, vcov, draws, infeasible),
          {table_of(options, vcov, draws, infeasible)});
}

}  // namespace

void add_placebo(CLI::App& program) {
    auto* command = program.add_subcommand("placebo", "placebo test by permuting a treatment over units");
    const auto options = std::make_shared<PlaceboCommand>();
    options->input.add_to(*command);
    command->get_option("--unit")->required();
    command->get_option("--time")->required();
    command->add_option("--treatment", options->treatment, "term of the formula that is permuted")
        ->required();
    command->add_option("--method", options->method, "what is permuted: trajectory")->capture_default_str();
    command->add_option("--vcov", options->vcov,
                        "variance of the t statistics: iid, robust, cluster:NAME (default: cluster:UNIT)");
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app
