#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"

namespace greenfront::app {
namespace {

struct RegressOptions {
    RegressionInput input;
    std::string vcov = "iid";
    OutputFormat format;
    Threads threads;
};

void execute(const RegressOptions& options) {
    const VarianceChoice variance = parse_variance(options.vcov, Fault::usage);
    const auto limit = options.threads.apply();
    const LoadedRegression loaded = load_regression(options.input, variance);
    const auto fit = greenfront::panel::fit(loaded.design, loaded.options);
    for (const auto& warning : fit.warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    const auto tables = options.format.name == "csv"
                            ? std::vector<io::Table>{regression_csv(fit)}
                            : regression_tables(fit, loaded.design.y_name, loaded.options.confidence);
    print(options.format, regression_json(fit), tables);
}

}  // namespace

void add_regress(CLI::App& program) {
    auto* command = program.add_subcommand("regress", "fixed-effects regression");
    const auto options = std::make_shared<RegressOptions>();
    options->input.add_to(*command);
    command->add_option("--vcov", options->vcov, "variance: iid, robust, cluster:NAME or cluster:NAME1+NAME2")
        ->capture_default_str();
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app
