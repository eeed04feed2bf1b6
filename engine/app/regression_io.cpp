#include "engine/app/regression_io.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/app/regression_text.hpp"
#include "io/csv.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::app {
namespace {

using greenfront::panel::Fit;
using greenfront::panel::Term;

/// Facts in two columns: what was fitted on the left, how well on the right (reghdfe's order).
io::Table header_table(const Fit& fit) {
    io::Table table;
    std::size_t effects = 0;
    for (const auto& effect : fit.absorbed) effects += effect.name == "_cons" ? 0U : 1U;
    const std::string method = fit.estimator == "2sls"   ? "Two-stage least squares"
                               : fit.estimator == "liml" ? "Limited-information maximum likelihood"
                               : fit.estimator == "gmm"  ? "Two-step efficient GMM"
                                                         : "Linear regression";
    table.title = effects == 0 ? method
                               : fmt::format("{}, absorbing {} set{} of fixed effects", method, effects,
                                             effects == 1 ? "" : "s");
    std::vector<std::pair<std::string, std::string>> left{{"Variance", variance_text(fit)},
                                                          {"Small sample", fit.ssc},
                                                          {"Factor", significant(fit.small_sample_factor)}};
    for (const auto& [name, count] : fit.clusters)
        left.emplace_back("Clusters (" + name + ")", fmt::to_string(count));
    if (!fit.weights.empty()) left.emplace_back("Weights", fit.weights);
    left.emplace_back("Rows read", fmt::to_string(fit.n_read));
    left.emplace_back("Complete rows", fmt::to_string(fit.n_complete));
    left.emplace_back("Singletons dropped", fmt::to_string(fit.singletons));
    const std::vector<std::pair<std::string, std::string>> right{
        {"Number of obs", fmt::to_string(fit.n)},
        {fmt::format("F({}, {})", fit.df_model, significant(fit.df_residual)),
         fit.f_statistic < 1e7 ? fixed(fit.f_statistic, 2) : significant(fit.f_statistic)},
        {"Prob > F", fixed(fit.f_p_value, 4)},
        {"R-squared", fixed(fit.r2, 4)},
        {"Adj R-squared", fixed(fit.adj_r2, 4)},
        {"Within R-sq.", fixed(fit.within_r2, 4)},
        {"Root MSE", fit.rmse >= 0.1 ? fixed(fit.rmse, 4) : significant(fit.rmse)}};
    table.left = {true, true, true, false};
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        std::vector<std::string> row(4);
        if (i < left.size()) row[0] = left[i].first, row[1] = left[i].second;
        if (i < right.size()) row[2] = right[i].first, row[3] = right[i].second;
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace

io::Table term_table(const Fit& fit, const std::string& outcome, double confidence) {
    io::Table table;
    table.header = {outcome,    "Coefficient", "Std. err.",
                    "t",        "P>|t|",       fmt::format("[{:g}% conf.", 100 * confidence),
                    "interval]"};
    for (const Term& term : fit.terms) {
        if (term.name == "_cons") table.rules.push_back(table.rows.size());
        table.rows.push_back({term.name, significant(term.estimate), significant(term.std_error),
                              fixed(term.statistic, 2), fixed(term.p_value, 3), significant(term.conf_low),
                              significant(term.conf_high)});
    }
    for (const auto& omitted : fit.omitted)
        table.notes.push_back("omitted: " + omitted.name + ", " + omitted.reason);
    constexpr std::size_t most = 10;
    if (fit.singletons > 0) {
        std::string names;
        for (std::size_t i = 0; i < fit.singleton_names.size() && i < most; ++i) {
            names += (i > 0 ? ", " : "") + fit.singleton_names[i];
        }
        if (fit.singleton_names.size() > most)
            names += fmt::format(" and {} more", fit.singleton_names.size() - most);
        table.notes.push_back(fmt::format("dropped {} singleton row{}: {}", fit.singletons,
                                          fit.singletons == 1 ? "" : "s", names));
    }
    for (const auto& warning : fit.warnings) table.notes.push_back("note: " + warning);
    return table;
}

namespace {

io::Table dof_table(const Fit& fit) {
    io::Table table;
    table.title = "Absorbed degrees of freedom";
    table.header = {"Absorbed FE", "Categories", "- Redundant", "= Num. Coefs", ""};
    bool nested = false, bound = false;
    std::size_t intercepts = 0;
    for (const auto& effect : fit.absorbed) {
        const bool slope = effect.name.ends_with("]");
        if (!slope && !effect.nested) ++intercepts;
        const bool may_be_higher = !slope && !effect.nested && intercepts > 2;
        table.rows.push_back({effect.name, fmt::to_string(effect.categories),
                              fmt::to_string(effect.redundant), fmt::to_string(effect.coefficients),
                              effect.nested   ? "*"
                              : may_be_higher ? "?"
                                              : ""});
        nested = nested || effect.nested;
        bound = bound || may_be_higher;
    }
    if (nested) table.notes.push_back("* nested in a cluster variable: redundant for the degrees of freedom");
    if (bound) table.notes.push_back("? the number of redundant coefficients may be higher");
    table.notes.push_back(
        fmt::format("absorbed {} (rule {}), nested {}, k {}, t and F with {} degrees of freedom",
                    fit.df_absorbed, fit.ssc, fit.df_nested, fit.df_model, significant(fit.df_residual)));
    return table;
}

}  // namespace

void RegressionInput::add_to(CLI::App& command) {
    command.add_option("PANEL", panel, "panel file (CSV, Stata, or a result file)")->required();
    command.add_option("FORMULA", formula, "y ~ x1 + x2 | fe1 + fe2^fe3 | endogenous ~ instruments")
        ->required();
    command.add_option("--unit", unit, "column that names the unit (needed for lags and differences)");
    command.add_option("--time", time, "column of the period, an integer");
    command.add_option("--where", where,
                       "rows to use, for example 'year >= 2012 and province is not \"P07\"'");
    command.add_option(
        "--ssc", ssc,
        "degrees of freedom: reghdfe (default of OLS), ivreghdfe (default with instruments), fixest or "
        "exact-rank");
    command.add_flag("--keep-singletons", keep_singletons,
                     "keep rows that are alone in a level of a fixed effect");
}

LoadedRegression load_regression(const RegressionInput& input, const VarianceChoice& variance) {
    if (input.unit.empty() != input.time.empty()) {
        throw Error(Fault::usage, "--unit and --time describe the panel together: give both or neither");
    }
    if (variance.needs_periods() && input.time.empty()) {
        throw Error(Fault::usage, "--vcov dk and nw need --unit and --time: they compare periods");
    }
    Formula formula = parse_formula(input.formula, Fault::usage);
    const DesignColumns columns = design_columns(variance, input.aweights, input.fweights, Fault::usage);
    greenfront::panel::Options options;
    variance.set(options);
    options.small_sample = parse_small_sample(input.ssc, Fault::usage);
    options.keep_singletons = input.keep_singletons;
    Panel panel = io::read_panel(input.panel, input.unit, input.time);
    const std::vector<char> keep = select(input.where, panel, Fault::usage);
    auto design = build_full_design(formula, panel, keep, columns);
    return {std::move(panel), std::move(formula), std::move(design), options};
}

void require_regressor(const greenfront::panel::Design& design, const std::string& name,
                       const std::string& what, Fault fault) {
    std::vector<std::string> known = design.x_name;
    known.insert(known.end(), design.endogenous_name.begin(), design.endogenous_name.end());
    // The constant is a regressor that the formula does not name.
    if (name == "_cons" || std::find(known.begin(), known.end(), name) != known.end()) return;
    throw Error(fault, fmt::format("{}: {} is no regressor of this model{}; it has {}", what, name,
                                   did_you_mean(name, known), fmt::join(known, ", ")));
}

Json regression_json(const Fit& fit) {
    Json json;
    json["formula"] = fit.formula;
    json["n"] = fit.n;
    json["n_read"] = fit.n_read;
    json["n_complete"] = fit.n_complete;
    json["singletons_dropped"] = fit.singletons;
    json["singleton_names"] = fit.singleton_names;
    json["clusters"] = Json::object();
    for (const auto& [name, count] : fit.clusters) json["clusters"][name] = count;
    json["omitted"] = Json::array();
    for (const auto& omitted : fit.omitted) {
        json["omitted"].push_back({{"term", omitted.name}, {"reason", omitted.reason}});
    }
    json["vcov"] = fit.vcov;
    json["ssc"] = fit.ssc;
    json["estimator"] = fit.estimator;
    json["df_model"] = fit.df_model;
    json["df_residual"] = number(fit.df_residual);
    json["df_absorbed"] = fit.df_absorbed;
    json["df_nested"] = fit.df_nested;
    json["small_sample_factor"] = number(fit.small_sample_factor);
    json["variance_repaired"] = fit.variance_repaired;
    json["terms"] = Json::array();
    for (const Term& term : fit.terms) {
        json["terms"].push_back({{"term", term.name},
                                 {"estimate", number(term.estimate)},
                                 {"std_error", number(term.std_error)},
                                 {"statistic", number(term.statistic)},
                                 {"p_value", number(term.p_value)},
                                 {"conf_low", number(term.conf_low)},
                                 {"conf_high", number(term.conf_high)}});
    }
    json["r2"] = number(fit.r2);
    json["adj_r2"] = number(fit.adj_r2);
    json["within_r2"] = number(fit.within_r2);
    json["within_adj_r2"] = number(fit.within_adj_r2);
    json["rmse"] = number(fit.rmse);
    json["rss"] = number(fit.rss);
    json["tss"] = number(fit.tss);
    json["tss_within"] = number(fit.tss_within);
    json["f_statistic"] = number(fit.f_statistic);
    json["f_p_value"] = number(fit.f_p_value);
    json["absorbed"] = Json::array();
    for (const auto& effect : fit.absorbed) {
        json["absorbed"].push_back({{"effect", effect.name},
                                    {"categories", effect.categories},
                                    {"redundant", effect.redundant},
                                    {"coefficients", effect.coefficients},
                                    {"nested", effect.nested}});
    }
    json["iv"] = fit.iv ? iv_json(*fit.iv) : Json(nullptr);
    add_checks(fit, json);
    json["warnings"] = fit.warnings;
    return json;
}

std::vector<io::Table> regression_tables(const Fit& fit, const std::string& outcome, double confidence) {
    std::vector<io::Table> tables{header_table(fit), term_table(fit, outcome, confidence)};
    if (!fit.absorbed.empty()) tables.push_back(dof_table(fit));
    if (fit.iv) tables.push_back(iv_table(fit, confidence));
    return tables;
}

io::Table regression_csv(const Fit& fit) {
    io::Table table;
    table.header = {"term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"};
    const auto cell = [](double value) {
        return std::isfinite(value) ? fmt::format("{}", value) : std::string();
    };
    for (const Term& term : fit.terms) {
        table.rows.push_back({term.name, cell(term.estimate), cell(term.std_error), cell(term.statistic),
                              cell(term.p_value), cell(term.conf_low), cell(term.conf_high)});
    }
    return table;
}

CLI::Validator whole_seed() {
    // CLI11 would read -1 as 2^64 - 1, and stop at that for all that is larger.
    const auto complaint = [](const std::string& text) -> std::string {
        std::uint64_t seed = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, seed);
        if (error == std::errc() && stop == end) return {};
        return fmt::format("{} is no seed: a whole number from 0 to 18446744073709551615", text);
    };
    return CLI::Validator(complaint, "UINT");
}

void add_resampling(CLI::App& command, std::int64_t& replicates, std::uint64_t& seed, bool& enumerate,
                    bool& draws) {
    command.add_flag("--enumerate", enumerate,
                     "all resamples or permutations; needs neither replicates nor seed");
    command.add_option("--replicates", replicates, "number of resamples or permutations")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{1'000'000'000}))
        ->capture_default_str();
    command.add_option("--seed", seed, "seed of the random numbers")
        ->check(whole_seed())
        ->capture_default_str();
    command.add_flag("--draws", draws, "with --format json: also every replicate");
}

void warn_unused(const CLI::App& command, bool enumerate, bool draws, const std::string& format) {
    const auto warn = [](const char* text) { fmt::print(stderr, "greenfront: warning: {}\n", text); };
    if (enumerate && command.count("--replicates") > 0)
        warn("--replicates is not used: --enumerate takes all there are");
    if (enumerate && command.count("--seed") > 0)
        warn("--seed is not used: --enumerate draws nothing at random");
    if (draws && format != "json")
        warn("--draws is not used: only --format json has room for every replicate");
}

void add_keep(CLI::App& command, std::string& keep) {
    command
        .add_option("--keep", keep,
                    "draws, or quantiles: count the replicates and forget them, in the same memory for any "
                    "number; p stays exact, quantiles are within 2^-12")
        ->check(one_of({"draws", "quantiles"}))
        ->capture_default_str();
}

}  // namespace greenfront::app
