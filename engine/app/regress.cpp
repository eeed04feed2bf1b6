#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/limited_io.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/limited_choice.hpp"

namespace greenfront::app {
namespace {

struct RegressOptions {
    RegressionInput input;
    std::string vcov = "iid", model = "ols", estimator;
    std::optional<double> lower, upper;
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

void execute(const RegressOptions& options) {
    const VarianceChoice variance = parse_variance(options.vcov, Fault::usage);
    const auto settings = choose_limited({options.model, options.vcov, options.input.ssc, options.lower,
                                          options.upper, options.input.keep_singletons},
                                         parse_formula(options.input.formula, Fault::usage), Fault::usage);
    const auto limit = options.threads.apply();
    LoadedRegression loaded = load_regression(options.input, variance);
    if (settings) {
        if (!options.estimator.empty())
            throw Error(Fault::usage, fmt::format("--estimator {}: model {} has no instruments; leave it out",
                                                  options.estimator, options.model));
        return print_limited(options, loaded, *settings);
    }
    loaded.options.estimator =
        parse_estimator(options.estimator, !loaded.formula.endogenous.empty(), Fault::usage);
    const auto fit = greenfront::panel::fit(loaded.design, loaded.options);
    for (const auto& warning : fit.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    const auto tables = options.format.name == "csv"
                            ? std::vector<io::Table>{regression_csv(fit)}
                            : regression_tables(fit, loaded.design.y_name, loaded.options.confidence);
    print(options.format, regression_json(fit), tables);
}

}  // namespace

void add_regress(CLI::App& program) {
    auto* command =
        program.add_subcommand("regress", "fixed-effects regression, or a regression for a limited outcome");
    const auto options = std::make_shared<RegressOptions>();
    options->input.add_to(*command);
    command->add_option("--vcov", options->vcov, "variance: iid, robust, cluster:NAME or cluster:NAME1+NAME2")
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
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app
