#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "kernels/resample/resample.hpp"

namespace greenfront::app {
namespace {

struct BootstrapOptions {
    RegressionInput input;
    std::string method = "pairs-cluster", cluster, term;
    double null = 0;
    bool enumerate = false, draws = false;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
};

std::string shown(double value) {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : ".";
}

/// Positions of the terms to print.
std::vector<Eigen::Index> chosen_terms(const std::string& list, const resample::PairsDraws& draws) {
    std::vector<Eigen::Index> chosen;
    if (list.empty()) {
        for (std::size_t j = 0; j < draws.term.size(); ++j) chosen.push_back(static_cast<Eigen::Index>(j));
        return chosen;
    }
    const auto find = [&](const std::string& name) {
        return std::find(draws.term.begin(), draws.term.end(), name) - draws.term.begin();
    };
    // A term may hold commas itself, as l(x,1) does: the whole text is tried first.
    const auto whole = find(list);
    if (whole < static_cast<std::ptrdiff_t>(draws.term.size())) return {whole};
    for (const auto& name : names(list, "--term")) {
        const auto at = find(name);
        if (at == static_cast<std::ptrdiff_t>(draws.term.size())) {
            throw Error(Fault::usage,
                        fmt::format("--term \"{}\" has no coefficient here; the estimated terms are: {}",
                                    name, fmt::join(draws.term, ", ")));
        }
        chosen.push_back(at);
    }
    return chosen;
}

Json column(const Eigen::MatrixXd& values, Eigen::Index row) {
    Json list = Json::array();
    for (Eigen::Index b = 0; b < values.cols(); ++b) list.push_back(number(values(row, b)));
    return list;
}

struct Report {
    Json json;
    io::Table table;
};

Report report(const BootstrapOptions& options, const resample::PairsDraws& draws, double confidence) {
    const auto chosen = chosen_terms(options.term, draws);
    const auto replicates = draws.draw.cols();
    Report result;
    Json terms = Json::array(), columns = Json::array();
    std::int64_t without_statistic = 0;
    for (const auto status : draws.status) without_statistic += status == Status::optimal ? 0 : 1;
    auto& table = result.table;
    const auto percent = fmt::format("{:g}%", 100 * confidence);
    table.title = "Pairs bootstrap, clusters of " + options.cluster;
    table.header = {"term",         "estimate", "std_error", percent + " percentile", "",
                    percent + " t", "",         "p",         "p_equal_tailed",        "infeasible"};
    const bool csv = options.format.name == "csv";
    if (csv) {
        table.header = {
            "term",       "estimate",    "std_error", "conf_percentile_low", "conf_percentile_high",
            "conf_t_low", "conf_t_high", "p_value",   "p_equal_tailed",      "n_greater",
            "n_tie",      "infeasible"};
    }
    for (const auto j : chosen) {
        const auto s = resample::summarise(draws, j, options.null, confidence);
        const auto& name = draws.term[static_cast<std::size_t>(j)];
        terms.push_back({{"term", name},
                         {"estimate", number(draws.estimate(j))},
                         {"std_error", number(s.std_error)},
                         {"std_error_analytic", number(draws.std_error(j))},
                         {"statistic", number((draws.estimate(j) - options.null) / draws.std_error(j))},
                         {"conf_percentile", {number(s.percentile_low), number(s.percentile_high)}},
                         {"conf_t", {number(s.t_low), number(s.t_high)}},
                         {"p_value", number(s.p_value)},
                         {"p_equal_tailed", number(s.p_equal_tailed)},
                         {"n_greater", s.n_greater},
                         {"n_tie", s.n_tie},
                         {"infeasible", s.infeasible}});
        const auto cell = [csv](double v) {
            return csv ? (std::isfinite(v) ? fmt::format("{}", v) : "") : shown(v);
        };
        std::vector<std::string> row{name};
        for (const double v : {draws.estimate(j), s.std_error, s.percentile_low, s.percentile_high, s.t_low,
                               s.t_high, s.p_value, s.p_equal_tailed}) {
            row.push_back(cell(v));
        }
        if (csv) {
            row.push_back(fmt::to_string(s.n_greater));
            row.push_back(fmt::to_string(s.n_tie));
        }
        row.push_back(fmt::to_string(s.infeasible));
        table.rows.push_back(std::move(row));
        if (options.draws) {
            columns.push_back({{"term", name},
                               {"estimate", column(draws.draw, j)},
                               {"std_error", column(draws.draw_std_error, j)}});
        }
    }
    // One term: its own count. Several: replicates that leave any of the model's terms without an estimate.
    const std::int64_t infeasible =
        chosen.size() == 1 ? terms[0]["infeasible"].get<std::int64_t>() : without_statistic;
    table.notes.push_back(
        fmt::format("{} of {} clusters drawn with replacement, {}; {}", draws.clusters, draws.clusters,
                    options.enumerate ? fmt::format("all {} ordered resamples", replicates)
                                      : fmt::format("{} replicates, seed {}", replicates, options.seed),
                    infeasible == 0 ? "every one has an estimate"
                                    : fmt::format("{} without an estimate of some term", infeasible)));
    table.notes.push_back(
        fmt::format("std_error: spread of the replicates; t and p: clustered statistics of the "
                    "replicates against {:g}",
                    options.null));
    result.json["method"] = options.method;
    result.json["replicates"] = replicates;
    result.json["infeasible"] = infeasible;
    result.json["enumerated"] = options.enumerate;
    result.json["cluster"] = options.cluster;
    result.json["clusters"] = draws.clusters;
    result.json["seed"] = options.enumerate ? Json(nullptr) : Json(options.seed);
    result.json["null"] = number(options.null);
    result.json["terms"] = std::move(terms);
    if (options.draws) result.json["draws"] = std::move(columns);
    return result;
}

void execute(const BootstrapOptions& options) {
    if (options.method != "pairs-cluster") {
        throw Error(Fault::usage,
                    fmt::format("--method {}: only pairs-cluster is built so far", options.method));
    }
    if (options.cluster.find('+') != std::string::npos) {
        throw Error(Fault::usage,
                    fmt::format("--cluster {}: pairs-cluster draws one cluster variable; an intersection "
                                "is written a^b",
                                options.cluster));
    }
    if (!std::isfinite(options.null)) throw Error(Fault::usage, "--null must be a finite number");
    const auto limit = options.threads.apply();
    const auto loaded =
        load_regression(options.input, parse_variance("cluster:" + options.cluster, Fault::usage));
    resample::PairsOptions pairs;
    pairs.replicates = options.replicates;
    pairs.seed = options.seed;
    pairs.enumerate = options.enumerate;
    const auto draws = resample::pairs_cluster(loaded.design, loaded.options, pairs);
    const auto result = report(options, draws, loaded.options.confidence);
    print(options.format, result.json, {result.table});
}

}  // namespace

void add_bootstrap(CLI::App& program) {
    auto* command = program.add_subcommand("bootstrap", "bootstrap of a regression by clusters");
    const auto options = std::make_shared<BootstrapOptions>();
    options->input.add_to(*command);
    command->add_option("--method", options->method, "resampling method: pairs-cluster")
        ->capture_default_str();
    command->add_option("--cluster", options->cluster, "variable whose levels are drawn; there is no default")
        ->required();
    command->add_option("--term", options->term, "print these terms only, a,b,c");
    command->add_option("--null", options->null, "value that the coefficients are tested against")
        ->capture_default_str();
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app
