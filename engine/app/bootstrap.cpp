#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/bootstrap_methods.hpp"
#include "engine/app/bootstrap_output.hpp"

namespace greenfront::app {
namespace {

/// Keys of a study that were given as options.
std::vector<std::string> given(const CLI::App& command) {
    std::vector<std::string> keys;
    for (const char* key : {"cluster", "block", "type", "weights", "unrestricted", "boot_cluster",
                            "enumerate", "replicates", "keep"}) {
        if (command.count(option_name(key, Fault::usage)) > 0) keys.emplace_back(key);
    }
    return keys;
}

void check(const BootstrapOptions& options, const CLI::App& command) {
    const BootstrapStage stage = options.stage();
    check_bootstrap(stage, given(command), Fault::usage);
    warn_unused(command, options.enumerate, options.draws, options.format.name);
    if (stage.method == "moving-block" && options.input.time.empty())
        throw Error(Fault::usage, "--method moving-block draws periods; name their column: --time COL");
    if (stage.method == "jackknife" && command.count("--seed") > 0)
        throw Error(Fault::usage, "the jackknife draws nothing at random; leave --seed out");
    if (!(options.confidence > 0 && options.confidence < 1))
        throw Error(Fault::usage, "--confidence lies between 0 and 1, e.g. 0.95");
    if (options.draws && stage.keep != "draws")
        throw Error(Fault::usage,
                    "--draws prints every replicate and --keep quantiles keeps none; leave one of them out");
}

BootstrapReport run_wild(BootstrapOptions options, const LoadedRegression& loaded) {
    if (options.method == "wre" && loaded.design.endogenous.cols() == 0) {
        throw Error(Fault::usage,
                    "--method wre is for a formula with \"| endogenous ~ instruments\"; without them use "
                    "--method wild-cluster");
    }
    options.boot_cluster = loaded.design.clusters.front().name;
    resample::WildOptions settings = wild_options(options.stage(), Fault::usage);
    settings.seed = options.seed;
    const auto estimated = resample::wild_terms(loaded.design, loaded.options);
    std::vector<resample::WildDraws> terms;
    for (const std::size_t j : chosen_terms(options.term, estimated)) {
        settings.term = estimated[j];
        terms.push_back(resample::wild_cluster(loaded.design, loaded.options, settings));
    }
    return wild_report(options, terms, loaded.design.endogenous.cols() > 0, loaded.options.confidence);
}

BootstrapReport run(const BootstrapOptions& options, const LoadedRegression& loaded) {
    const BootstrapStage stage = options.stage();
    if (is_wild(stage)) return run_wild(options, loaded);
    const double confidence = loaded.options.confidence;
    if (options.method == "jackknife")
        return jackknife_report(options, resample::jackknife_clusters(loaded.design, loaded.options),
                                confidence);
    resample::PairsOptions settings = pairs_options(stage);
    settings.seed = options.seed;
    const auto draws = coefficient_draws(stage, loaded.design, loaded.options, settings);
    if (options.method == "residual") return residual_report(options, draws, confidence);
    if (options.method == "moving-block") return moving_block_report(options, draws, confidence);
    return pairs_report(options, draws, confidence);
}

void execute(BootstrapOptions options, const CLI::App& command) {
    check(options, command);
    const auto clusters = bootstrap_clusters(options.stage(), options.input.time, Fault::usage);
    if (options.method == "moving-block") options.cluster = options.input.time;
    const std::string variance =
        clusters.empty() ? "iid" : fmt::format("cluster:{}", fmt::join(clusters, "+"));
    auto loaded = load_regression(options.input, parse_variance(variance, Fault::usage));
    loaded.options.confidence = options.confidence;
    const auto report = run(options, loaded);
    std::vector<io::Table> tables{report.table};
    tables.insert(tables.end(), report.more.begin(), report.more.end());
    print(options.format, report.json, tables);
}

}  // namespace

void add_bootstrap(CLI::App& program) {
    auto* command = program.add_subcommand("bootstrap", "bootstrap of a regression by clusters");
    const auto options = std::make_shared<BootstrapOptions>();
    options->input.add_to(*command);
    command
        ->add_option("--method", options->method,
                     "pairs-cluster (draws clusters), wild-cluster (signs; with instruments the wild "
                     "restricted efficient bootstrap, which wre names too), jackknife (leaves out one "
                     "cluster at a time), residual (draws residuals of rows), moving-block (draws blocks of "
                     "periods)")
        ->check(one_of({"pairs-cluster", "wild-cluster", "wre", "jackknife", "residual", "moving-block"}))
        ->capture_default_str();
    command->add_option(
        "--cluster", options->cluster,
        "variable whose levels are drawn or left out; there is no default. wild-cluster: also "
        "ID+ID2 for a two-way variance");
    command->add_option("--block", options->block, "moving-block: periods in a block")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
    command->add_option("--term", options->term, "test these terms only, a,b,c");
    command->add_option("--null", options->null, "value that the coefficients are tested against")
        ->capture_default_str();
    command->add_option("--confidence", options->confidence, "confidence level of the intervals")
        ->capture_default_str();
    command->add_flag("--unrestricted", options->unrestricted,
                      "wild-cluster: do not impose the null on the residuals");
    command
        ->add_option(
            "--type", options->type,
            "wild-cluster: residuals, then variance; 1 as estimated, 3 without the cluster (jackknife)")
        ->check(one_of({"11", "13", "31", "33"}))
        ->capture_default_str();
    command->add_option("--weights", options->weights, "wild-cluster: distribution of the weights")
        ->check(one_of({"rademacher", "mammen", "webb", "normal"}))
        ->capture_default_str();
    command->add_option("--boot-cluster", options->boot_cluster,
                        "wild-cluster: the one of --cluster that weights are drawn for (the first)");
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    add_keep(*command, options->keep);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options, command] { options->threads.run([&] { execute(*options, *command); }); });
}

}  // namespace greenfront::app
