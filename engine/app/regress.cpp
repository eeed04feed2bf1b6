#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/limited_io.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/app/regression_text.hpp"
#include "engine/limited_choice.hpp"

namespace greenfront::app {
namespace {

struct RegressOptions {
    RegressionInput input;
    std::string vcov = "iid", model = "ols", estimator;
    std::optional<double> lower, upper;
    std::vector<std::string> tests;
    bool vif = false, first = false;
    OutputFormat format;
    Threads threads;
};

void print_limited(const RegressOptions& options, const LoadedRegression& loaded,
                   const limited::Settings& settings) {
    const auto fit = fit_limited(loaded.design, loaded.panel, settings);
    for (const auto& warning : fit.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    const auto tables = options.format.name == "csv" ? std::vector<io::Table>{limited_csv(fit)}
                                                     : limited_tables(fit, loaded.design.y_name);
    print(options.format, limited_json(fit), tables);
}

/// What belongs to linear models only, and has no other place that refuses it.
void refuse_linear_options(const RegressOptions& options) {
    const char* name = !options.estimator.empty() ? "--estimator"
                       : !options.tests.empty()   ? "--test"
                       : options.vif              ? "--vif"
                       : options.first            ? "--first"
                                                  : nullptr;
    if (name == nullptr) return;
    throw Error(Fault::usage,
                fmt::format("{} is for linear regressions; leave it out with model {}", name, options.model));
}

void execute(const RegressOptions& options) {
    const VarianceChoice variance = parse_variance(options.vcov, Fault::usage);
    const auto settings =
        choose_limited({options.model, options.vcov, options.input.ssc, options.lower, options.upper,
                        options.input.keep_singletons, options.input.aweights, options.input.fweights},
                       parse_formula(options.input.formula, Fault::usage), Fault::usage);
    if (settings) refuse_linear_options(options);
    LoadedRegression loaded = load_regression(options.input, variance);
    if (settings) return print_limited(options, loaded, *settings);
    if (options.vif && !loaded.formula.endogenous.empty())
        throw Error(Fault::usage, "--vif is for regressions without instruments; leave it out");
    if (options.first && loaded.formula.endogenous.empty())
        throw Error(Fault::usage, "--first is for regressions with instruments; leave it out");
    if (options.first && options.format.name == "csv")
        throw Error(Fault::usage, "--first prints several tables: use it with --format table or json");
    loaded.options.estimator =
        parse_estimator(options.estimator, !loaded.formula.endogenous.empty(), Fault::usage);
    for (const auto& test : options.tests) {
        loaded.options.tests.push_back(parse_test(test, Fault::usage));
        for (const auto& term : loaded.options.tests.back())
            require_regressor(loaded.design, term, "test", Fault::data);
    }
    const auto fit = greenfront::panel::fit(loaded.design, loaded.options);
    for (const auto& warning : fit.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    auto tables = options.format.name == "csv"
                      ? std::vector<io::Table>{regression_csv(fit)}
                      : regression_tables(fit, loaded.design.y_name, loaded.options.confidence);
    if (options.format.name != "csv") add_checks(fit, options.vif, tables);
    Json json = regression_json(fit);
    if (options.first) {
        const auto equations = greenfront::panel::iv_equations(loaded.design, loaded.options, fit);
        json.update(iv_equations_json(equations));
        const auto more = iv_equation_tables(equations, loaded.options.confidence);
        if (options.format.name != "csv") tables.insert(tables.begin(), more.begin(), more.end());
    }
    print(options.format, json, tables);
}

}  // namespace

void add_regress(CLI::App& program) {
    auto* command =
        program.add_subcommand("regress", "fixed-effects regression, or a regression for a limited outcome");
    const auto options = std::make_shared<RegressOptions>();
    options->input.add_to(*command);
    command
        ->add_option(
            "--vcov", options->vcov,
            "variance: iid, robust (hc1), hc2, hc3, cluster:NAME or cluster:NAME1+NAME2, jackknife:NAME, "
            "dk:LAGS, nw:LAGS, conley:LATITUDE,LONGITUDE,KM")
        ->capture_default_str();
    command
        ->add_option(
            "--model", options->model,
            "ols; or, for efficiency scores, truncated, tobit or fractional-logit (fixed effects then "
            "become dummy variables)")
        ->capture_default_str();
    command->add_option("--lower", options->lower, "truncated, tobit: lower limit of the outcome");
    command->add_option("--upper", options->upper, "truncated, tobit: upper limit of the outcome");
    command->add_option("--estimator", options->estimator,
                        "with instruments: 2sls (default), liml or gmm (two-step efficient)");
    command->add_option("--aweights", options->input.aweights, "column of analytic weights");
    command->add_option("--fweights", options->input.fweights, "column of frequency weights, whole numbers");
    command->add_option("--test", options->tests, "joint test that terms are all zero: x1,x2 (repeatable)")
        ->allow_extra_args(false);
    command->add_flag("--vif", options->vif, "print variance inflation factors");
    command->add_flag("--first", options->first,
                      "with instruments: also print the first stages and the reduced form");
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { options->threads.run([&] { execute(*options); }); });
}

}  // namespace greenfront::app
