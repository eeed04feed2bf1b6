#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/bootstrap_methods.hpp"
#include "engine/app/bootstrap_output.hpp"

namespace greenfront::app {
namespace {

constexpr const char* pairs = "pairs-cluster";
constexpr const char* wild = "wild-cluster";
constexpr const char* jackknife = "jackknife";
constexpr const char* residual = "residual";
constexpr const char* moving_block = "moving-block";
constexpr const char* wre = "wre";

bool is_wild(const BootstrapOptions& options) {
    return options.method == wild || options.method == wre;
}

/// What belongs to the other method is not passed over in silence.
void check(const BootstrapOptions& options, const CLI::App& command) {
    check_method(options, command);
    if (!std::isfinite(options.null)) throw Error(Fault::usage, "--null must be a finite number");
    if (is_wild(options)) return;
    for (const char* flag : {"--unrestricted", "--type", "--weights", "--boot-cluster"}) {
        if (command.count(flag) > 0)
            throw Error(Fault::usage, fmt::format("{} belongs to --method wild-cluster", flag));
    }
    if (options.cluster.find('+') != std::string::npos) {
        throw Error(Fault::usage, fmt::format("--cluster {}: {} takes one cluster variable; an intersection "
                                              "is written a^b",
                                              options.cluster, options.method));
    }
}

BootstrapReport run_pairs(const BootstrapOptions& options, const LoadedRegression& loaded) {
    resample::PairsOptions settings;
    settings.replicates = options.replicates;
    settings.seed = options.seed;
    settings.enumerate = options.enumerate;
    settings.jackknife = true;
    const auto draws = resample::pairs_cluster(loaded.design, loaded.options, settings);
    return pairs_report(options, draws, loaded.options.confidence);
}

/// The variable whose levels are drawn stands first among the clusters.
void put_first(std::vector<greenfront::panel::Factor>& clusters, const std::string& name) {
    const auto at =
        std::find_if(clusters.begin(), clusters.end(), [&](const auto& f) { return f.name == name; });
    if (at == clusters.end()) {
        std::vector<std::string> all;
        for (const auto& factor : clusters) all.push_back(factor.name);
        throw Error(Fault::usage, fmt::format("--boot-cluster {} is none of the cluster variables {}", name,
                                              fmt::join(all, ", ")));
    }
    std::rotate(clusters.begin(), at, at + 1);
}

resample::WildWeights weights_of(const std::string& name) {
    const std::vector<std::string> all{"rademacher", "mammen", "webb", "normal"};
    const auto at = std::find(all.begin(), all.end(), name) - all.begin();
    return static_cast<resample::WildWeights>(at);
}

BootstrapReport run_wild(BootstrapOptions options, LoadedRegression& loaded) {
    if (options.method == wre && loaded.design.endogenous.cols() == 0) {
        throw Error(Fault::usage,
                    "--method wre is for a formula with \"| endogenous ~ instruments\"; without them use "
                    "--method wild-cluster");
    }
    auto& clusters = loaded.design.clusters;
    if (options.boot_cluster.empty()) options.boot_cluster = clusters.front().name;
    put_first(clusters, options.boot_cluster);
    resample::WildOptions settings;
    settings.null = options.null;
    settings.impose_null = !options.unrestricted;
    settings.type = {options.type[0] - '0', options.type[1] - '0'};
    settings.weights = weights_of(options.weights);
    settings.replicates = options.replicates;
    settings.seed = options.seed;
    settings.enumerate = options.enumerate;
    const auto estimated = resample::wild_terms(loaded.design, loaded.options);
    std::vector<resample::WildDraws> terms;
    for (const std::size_t j : chosen_terms(options.term, estimated)) {
        settings.term = estimated[j];
        terms.push_back(resample::wild_cluster(loaded.design, loaded.options, settings));
    }
    return wild_report(options, terms, loaded.design.endogenous.cols() > 0, loaded.options.confidence);
}

BootstrapReport run(const BootstrapOptions& options, LoadedRegression& loaded) {
    if (is_wild(options)) return run_wild(options, loaded);
    if (options.method == residual) return residual_report(options, loaded);
    if (options.method == moving_block) return moving_block_report(options, loaded);
    if (options.method == jackknife) {
        const auto result = resample::jackknife_clusters(loaded.design, loaded.options);
        return jackknife_report(options, result, loaded.options.confidence);
    }
    return run_pairs(options, loaded);
}

void execute(BootstrapOptions options, const CLI::App& command) {
    check(options, command);
    if (options.method == moving_block) options.cluster = options.input.time;
    const auto limit = options.threads.apply();
    const std::string variance = options.method == residual ? "iid" : "cluster:" + options.cluster;
    auto loaded = load_regression(options.input, parse_variance(variance, Fault::usage));
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
        ->check(CLI::IsMember({pairs, wild, wre, jackknife, residual, moving_block}))
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
    command->add_flag("--unrestricted", options->unrestricted,
                      "wild-cluster: do not impose the null on the residuals");
    command
        ->add_option(
            "--type", options->type,
            "wild-cluster: residuals, then variance; 1 as estimated, 3 without the cluster (jackknife)")
        ->check(CLI::IsMember({"11", "13", "31", "33"}))
        ->capture_default_str();
    command->add_option("--weights", options->weights, "wild-cluster: distribution of the weights")
        ->check(CLI::IsMember({"rademacher", "mammen", "webb", "normal"}))
        ->capture_default_str();
    command->add_option("--boot-cluster", options->boot_cluster,
                        "wild-cluster: the one of --cluster that weights are drawn for (the first)");
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options, command] { execute(*options, *command); });
}

}  // namespace greenfront::app
