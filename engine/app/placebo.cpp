#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/placebo_terms.hpp"

namespace greenfront::app {
namespace {

struct PlaceboCommand {
    RegressionInput input;
    PlaceboChoice choice;
    std::string treatment, vcov;
    bool enumerate = false, draws = false;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    std::string keep = "draws";
    OutputFormat format;
    Threads threads;
};

Json draw_list(const resample::PlaceboDraws& draws) {
    Json list = Json::array();
    const Eigen::VectorXd p = draws.p_values();
    for (Eigen::Index r = 0; r < draws.draw.size(); ++r) {
        Json draw{{"estimate", number(draws.draw(r))},
                  {"std_error", number(draws.draw_std_error(r))},
                  {"statistic", number(draws.draw_statistic(r))},
                  {"df", number(draws.draw_df(r))},
                  {"p_value", number(p(r))}};
        if (!draws.lead.empty()) draw["lead"] = draws.lead[static_cast<std::size_t>(r)];
        list.push_back(std::move(draw));
    }
    return list;
}

Json reasons(const resample::PlaceboDraws& draws) {
    Json json = Json::object();
    for (std::size_t kind = 1; kind < resample::infeasible_names.size(); ++kind) {
        const auto times = draws.left_out.count[kind];
        if (times > 0) json[std::string(resample::infeasible_names[kind])] = times;
    }
    return json;
}

void add_test(const resample::PermutationTest& test, Json& json) {
    json["p_value"] = number(test.p_value);
    json["p_share"] = number(test.p_share);
    json["n_extreme"] = test.n_extreme;
    json["n_lower"] = test.n_lower;
    json["n_upper"] = test.n_upper;
    json["p_share_std_error"] = number(test.share_std_error);
    json["p_share_conf"] = {number(test.share_low), number(test.share_high)};
    json["p_plus_one"] = number(test.p_plus_one);
    json["p_exact"] = number(test.p_exact);
    json["p_lower"] = number(test.p_lower);
    json["p_upper"] = number(test.p_upper);
    json["p_equal_tailed"] = number(test.p_equal_tailed);
}

Json json_of(const PlaceboCommand& options, const PlaceboChoice& choice, const std::string& vcov,
             const resample::PlaceboDraws& draws) {
    const auto text = [](const std::string& word) { return word.empty() ? Json(nullptr) : Json(word); };
    const bool random = !draws.enumerated && draws.lead.empty();
    Json json;
    json["method"] = choice.method;
    json["within"] = text(choice.within);
    json["treatment"] = options.treatment;
    json["replicates"] = draws.replicates();
    json["infeasible"] = draws.infeasible();
    json["infeasible_reasons"] = reasons(draws);
    json["enumerated"] = draws.enumerated;
    json["compat"] = text(choice.compatibility);
    json["vcov"] = vcov;
    json["seed"] = random ? Json(options.seed) : Json(nullptr);
    json["estimate"] = number(draws.estimate);
    json["std_error"] = number(draws.std_error);
    json["statistic"] = number(draws.statistic);
    json["df_residual"] = number(draws.df);
    json["compared"] = choice.statistic;
    json["keep"] = options.keep;
    add_test(draws.test, json);
    json["permutations"] = number(draws.arrangements);
    json["units"] = draws.units;
    json["items"] = draws.items;
    json["cells"] = draws.cells;
    json["items_fixed"] = draws.fixed_items;
    if (choice.method == "trajectory") json["units_fixed"] = draws.fixed_items;
    if (options.draws) json["draws"] = draw_list(draws);
    return json;
}

std::string title(const PlaceboChoice& choice, const std::string& treatment) {
    const std::string within = choice.within.empty() ? "" : " within " + choice.within;
    if (choice.method == "trajectory")
        return "trajectories of " + treatment + " permuted over units" + within;
    if (choice.method == "within-time") return treatment + " permuted in each period" + within;
    if (choice.method == "within-unit") return treatment + " permuted in each unit" + within;
    if (choice.method == "cell") return treatment + " permuted over rows" + within;
    return "fake adoptions of " + treatment + " before the true ones";
}

std::string source_of_draws(const PlaceboCommand& options, const PlaceboChoice& choice,
                            const resample::PlaceboDraws& draws) {
    if (!draws.lead.empty()) {
        return fmt::format("{} fake adoptions, 1 to {} periods early, on the {} rows before adoption",
                           draws.replicates(), draws.replicates(), draws.items);
    }
    if (draws.enumerated)
        return fmt::format("all {} different permutations, the observed one among them", draws.replicates());
    const bool stata = !choice.compatibility.empty();
    return fmt::format(
        "{} random permutations, seed {}; p_value = {}", draws.replicates(), options.seed,
        stata ? "n_extreme / draws, as Stata's " + choice.compatibility : "(n_extreme + 1) / (draws + 1)");
}

io::Table table_of(const PlaceboCommand& options, const PlaceboChoice& choice, const std::string& vcov,
                   const resample::PlaceboDraws& draws) {
    const bool csv = options.format.name == "csv";
    const auto cell = [csv](double v) {
        if (!std::isfinite(v)) return std::string(csv ? "" : ".");
        return csv ? fmt::format("{}", v) : fmt::format("{:.6g}", v);
    };
    const auto& test = draws.test;
    io::Table table;
    table.title = "Placebo test: " + title(choice, options.treatment);
    table.header = {"treatment", "estimate", "std_error", "statistic",
                    "p_value",   "p_share",  "n_extreme", "replicates"};
    table.rows.push_back({options.treatment, cell(draws.estimate), cell(draws.std_error),
                          cell(draws.statistic), cell(test.p_value), cell(test.p_share),
                          fmt::to_string(test.n_extreme), fmt::to_string(draws.replicates())});
    table.notes.push_back(source_of_draws(options, choice, draws));
    const std::string compared = choice.statistic == "t" ? "t statistics" : "coefficients";
    if (!draws.lead.empty()) {
        table.notes.push_back(
            compared + " compared; the leads are no draws, so p counts them without an error of simulation");
    } else if (draws.enumerated) {
        table.notes.push_back(
            fmt::format("{} compared; equal-tailed {}", compared, cell(test.p_equal_tailed)));
    } else {
        table.notes.push_back(
            fmt::format("{} compared; p_share has standard error {} and 95 % interval [{}, {}]", compared,
                        cell(test.share_std_error), cell(test.share_low), cell(test.share_high)));
        table.notes.push_back(
            fmt::format("p_exact {} with {} different permutations; equal-tailed {}", cell(test.p_exact),
                        std::isfinite(draws.arrangements) ? fmt::format("{:.6g}", draws.arrangements)
                                                          : std::string("more than 1e308"),
                        cell(test.p_equal_tailed)));
    }
    if (draws.fixed_items > 0) {
        table.notes.push_back(
            fmt::format("{} of {} {} have nothing to change places with and keep their own treatment",
                        draws.fixed_items, draws.items, choice.method == "trajectory" ? "units" : "rows"));
    }
    if (const auto text = off_centre(draws); !text.empty()) table.notes.push_back(text);
    table.notes.push_back(fmt::format("variance: {}{}; {} units", vcov,
                                      options.vcov.empty() ? " (the default of placebo)" : "", draws.units));
    if (const auto text = infeasible_text(draws); !text.empty())
        table.notes.push_back("draws left out, " + text);
    return table;
}

void execute(const PlaceboCommand& options, const CLI::App& command) {
    warn_unused(command, options.enumerate, options.draws, options.format.name);
    const PlaceboChoice choice = resolved(options.choice, Fault::usage);
    if (options.draws && options.keep != "draws")
        throw Error(Fault::usage,
                    "--draws prints every draw and --keep quantiles keeps none; leave one of them out");
    // A trajectory is one draw of its unit, so the unit is the cluster unless the user says otherwise.
    const std::string vcov = options.vcov.empty() ? "cluster:" + options.input.unit : options.vcov;
    const auto variance = parse_variance(vcov, Fault::usage);
    if (!variance.resampled()) {
        throw Error(Fault::usage,
                    fmt::format("--vcov {}: a placebo test knows iid, robust and cluster:NAME", vcov));
    }
    const auto loaded = load_regression(options.input, variance);
    if (loaded.formula.endogenous.empty()) require_regressor(loaded.design, options.treatment, "--treatment");
    check_placebo_terms(loaded.formula, options.treatment, loaded.panel, {}, Fault::usage);
    resample::PlaceboOptions placebo;
    placebo.treatment = options.treatment;
    placebo.replicates = options.replicates;
    placebo.seed = options.seed;
    placebo.enumerate = options.enumerate;
    placebo.keep = options.keep == "draws";
    const auto draws = run_placebo(choice, loaded.panel, loaded.design, loaded.options, placebo);
    for (const auto& warning : draws.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    if (!draws.lead.empty() && command.count("--replicates") > 0)
        fmt::print(stderr, "greenfront: warning: --replicates: in-time has one draw a lead, {} in all\n",
                   draws.replicates());
    print(options.format, json_of(options, choice, vcov, draws), {table_of(options, choice, vcov, draws)});
}

}  // namespace

void add_placebo(CLI::App& program) {
    auto* command = program.add_subcommand("placebo", "placebo test by permuting a treatment");
    const auto options = std::make_shared<PlaceboCommand>();
    options->input.add_to(*command);
    command->get_option("--unit")->required();
    command->get_option("--time")->required();
    command->add_option("--treatment", options->treatment, "term of the formula that is permuted")
        ->required();
    command->add_option(
        "--method", options->choice.method,
        "trajectory (default): whole paths change units; within-time: rows of a period; "
        "within-unit: rows of a unit; cell: all rows; in-time: fake adoptions on earlier rows");
    command->add_option("--within", options->choice.within,
                        "column, or a^b: nothing leaves its group (say, its province)");
    command->add_option("--statistic", options->choice.statistic,
                        "what is compared: t (default) or coefficient");
    command->add_option("--compat", options->choice.compatibility,
                        "permute or ritest: p value, ties and defaults (cell, coefficient) of the Stata "
                        "command of this name");
    command->add_option("--vcov", options->vcov,
                        "variance of the t statistics: iid, robust, cluster:NAME (default: cluster:UNIT)");
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    add_keep(*command, options->keep);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options, command] { options->threads.run([&] { execute(*options, *command); }); });
}

}  // namespace greenfront::app
