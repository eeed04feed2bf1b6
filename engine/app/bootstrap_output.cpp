#include "engine/app/bootstrap_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/app/bootstrap_intervals.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::app {
namespace {

Json column(const Eigen::MatrixXd& values, Eigen::Index row) {
    Json list = Json::array();
    for (Eigen::Index b = 0; b < values.cols(); ++b) list.push_back(number(values(row, b)));
    return list;
}

Json list(const Eigen::VectorXd& values) {
    Json result = Json::array();
    for (const double v : values) result.push_back(number(v));
    return result;
}

constexpr const char* sketch_note =
    "replicates were counted and not kept: ends of percentile intervals are within 2^-12 of their distance "
    "from the estimate; p and std_error are exact";

/// A number in a table: all digits in CSV, nothing where there is none.
std::string cell(bool csv, double value) {
    return csv ? exact(value) : shown(value);
}

}  // namespace

BootstrapStage BootstrapOptions::stage() const {
    BootstrapStage words;
    words.method = method;
    words.cluster = cluster;
    words.boot_cluster = boot_cluster;
    words.type = type;
    words.weights = weights;
    words.null = null;
    words.unrestricted = unrestricted;
    words.enumerate = enumerate;
    words.block = block;
    words.replicates = replicates;
    words.keep = keep;
    return words;
}

std::vector<std::size_t> chosen_terms(const std::string& list, const std::vector<std::string>& estimated) {
    std::vector<std::size_t> chosen;
    if (list.empty()) {
        for (std::size_t j = 0; j < estimated.size(); ++j) chosen.push_back(j);
        return chosen;
    }
    const auto find = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find(estimated.begin(), estimated.end(), name) -
                                        estimated.begin());
    };
    // A term may hold commas itself, as l(x,1) does: the whole text is tried first.
    if (const std::size_t whole = find(list); whole < estimated.size()) return {whole};
    for (const auto& name : names(list, "--term")) {
        const std::size_t at = find(name);
        if (at == estimated.size()) {
            throw Error(Fault::usage,
                        fmt::format("--term \"{}\" has no coefficient here{}; the estimated terms are: {}",
                                    name, did_you_mean(name, estimated), fmt::join(estimated, ", ")));
        }
        chosen.push_back(at);
    }
    return chosen;
}

BootstrapReport pairs_report(const BootstrapOptions& options, const resample::PairsDraws& draws,
                             double confidence) {
    const auto chosen = chosen_terms(options.term, draws.term);
    const auto replicates = draws.replicates();
    BootstrapReport result;
    Json terms = Json::array(), columns = Json::array();
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
        const auto others = interval_headers();
        table.header.insert(table.header.end(), others.begin(), others.end());
    }
    std::vector<IntervalRow> intervals;
    for (const std::size_t at : chosen) {
        const auto j = static_cast<Eigen::Index>(at);
        const auto s = resample::summarise(draws, j, options.null, confidence);
        const auto& name = draws.term[at];
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
        add_intervals(terms.back(), s.more);
        intervals.push_back({name, s.more});
        std::vector<std::string> row{name};
        for (const double v : {draws.estimate(j), s.std_error, s.percentile_low, s.percentile_high, s.t_low,
                               s.t_high, s.p_value, s.p_equal_tailed}) {
            row.push_back(cell(csv, v));
        }
        if (csv) {
            row.push_back(fmt::to_string(s.n_greater));
            row.push_back(fmt::to_string(s.n_tie));
        }
        row.push_back(fmt::to_string(s.infeasible));
        if (csv) {
            const auto others = interval_cells(s.more);
            row.insert(row.end(), others.begin(), others.end());
        }
        table.rows.push_back(std::move(row));
        if (options.draws) {
            columns.push_back({{"term", name},
                               {"estimate", column(draws.draw, j)},
                               {"std_error", column(draws.draw_std_error, j)}});
        }
    }
    // One term: its own count. Several: replicates that leave any of the model's terms without an estimate.
    const std::int64_t infeasible =
        chosen.size() == 1 ? terms[0]["infeasible"].get<std::int64_t>() : draws.incomplete;
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
    if (options.keep != "draws") table.notes.emplace_back(sketch_note);
    if (!csv) result.more.push_back(interval_table(intervals, confidence, options.method == "pairs-cluster"));
    result.json["method"] = options.method;
    result.json["estimator"] = draws.estimator;
    result.json["replicates"] = replicates;
    result.json["infeasible"] = infeasible;
    result.json["enumerated"] = options.enumerate;
    result.json["cluster"] = options.cluster;
    result.json["clusters"] = draws.clusters;
    result.json["seed"] = options.enumerate ? Json(nullptr) : Json(options.seed);
    result.json["null"] = number(options.null);
    result.json["keep"] = options.keep;
    result.json["terms"] = std::move(terms);
    if (options.draws) result.json["draws"] = std::move(columns);
    return result;
}

namespace {

/// What the weights and residuals are, in words.
std::string wild_note(const BootstrapOptions& options, const resample::WildDraws& draws, bool instruments) {
    const std::string which = options.type == "11"   ? "residuals and variance as estimated"
                              : options.type == "31" ? "residuals of the regression without the cluster"
                              : options.type == "13" ? "jackknife variance"
                                                     : "residuals and variance without the cluster";
    return fmt::format(
        "{}type {} ({}), null {}, {}",
        instruments ? "wild restricted efficient bootstrap of 2SLS, the first stage made anew with the same "
                      "weights, "
                    : "",
        options.type, which, options.unrestricted ? "not imposed" : "imposed",
        draws.enumerated
            ? fmt::format("all {} vectors of signs of {} clusters", draws.replicates(), draws.clusters)
            : fmt::format("{} weights of {} clusters, {} replicates, seed {}", options.weights,
                          draws.clusters, draws.replicates(), options.seed));
}

Json wild_term(const resample::WildDraws& draws, const resample::WildSummary& s) {
    return {{"term", draws.term},
            {"estimate", number(draws.estimate)},
            {"std_error", number(draws.std_error)},
            {"statistic", number(draws.statistic)},
            {"small_sample_factor", number(draws.small_sample_factor)},
            {"conf_percentile", {nullptr, nullptr}},
            {"conf_t", {number(draws.conf_low), number(draws.conf_high)}},
            {"p_value", number(s.p_value)},
            {"p_equal_tailed", number(s.p_equal_tailed)},
            {"p_ties", number(s.p_ties)},
            {"p_plus_one", number(s.p_plus_one)},
            {"n_greater", s.n_greater},
            {"n_tie", s.n_tie},
            {"upper", {{"n_greater", s.upper_greater}, {"n_tie", s.upper_tie}}},
            {"lower", {{"n_less", s.lower_less}, {"n_tie", s.upper_tie}}},
            {"infeasible", s.infeasible}};
}

}  // namespace

BootstrapReport wild_report(const BootstrapOptions& options, const std::vector<resample::WildDraws>& terms,
                            bool instruments, double confidence) {
    BootstrapReport result;
    const bool csv = options.format.name == "csv";
    auto& table = result.table;
    table.title = fmt::format("Wild bootstrap, clusters of {}", options.cluster);
    const auto percent = fmt::format("{:g}%", 100 * confidence);
    table.header = {"term", "estimate",       "std_error", "t",      percent + " interval", "",
                    "p",    "p_equal_tailed", "n_tie",     "p_ties", "infeasible"};
    if (csv) {
        table.header = {"term",      "estimate", "std_error",      "statistic",  "conf_low",
                        "conf_high", "p_value",  "p_equal_tailed", "p_plus_one", "n_greater",
                        "n_tie",     "p_ties",   "infeasible"};
    }
    Json list_of_terms = Json::array(), list_of_draws = Json::array();
    std::int64_t infeasible = 0;
    for (const auto& draws : terms) {
        const auto s = resample::summarise(draws);
        infeasible = std::max(infeasible, s.infeasible);
        list_of_terms.push_back(wild_term(draws, s));
        const bool outside = draws.null < draws.conf_low || draws.null > draws.conf_high;
        if (outside && s.p_value > 1 - confidence) {
            table.notes.push_back(fmt::format(
                "{}: {:g} is not rejected although it lies outside the interval: the values that are not "
                "rejected form no interval, and the one given is the part around the estimate",
                draws.term, draws.null));
            fmt::print(stderr, "greenfront: warning: {}\n", table.notes.back());
        }
        std::vector<std::string> row{draws.term};
        for (const double v : {draws.estimate, draws.std_error, draws.statistic, draws.conf_low,
                               draws.conf_high, s.p_value, s.p_equal_tailed})
            row.push_back(cell(csv, v));
        if (csv) {
            row.push_back(cell(csv, s.p_plus_one));
            row.push_back(fmt::to_string(s.n_greater));
        }
        row.push_back(fmt::to_string(s.n_tie));
        row.push_back(cell(csv, s.p_ties));
        row.push_back(fmt::to_string(s.infeasible));
        table.rows.push_back(std::move(row));
        if (options.draws) {
            list_of_draws.push_back({{"term", draws.term},
                                     {"statistic", list(draws.draw)},
                                     {"numerator", list(draws.draw_numerator)}});
        }
    }
    const auto& first = terms.front();
    table.notes.push_back(wild_note(options, first, instruments));
    table.notes.push_back(
        fmt::format("std_error: the analytic one; p: replicates with |t*| above |t|, t against {:g}, p_ties: "
                    "above or equal; "
                    "the interval holds the values around the estimate that are not rejected",
                    options.null));
    const auto few = few_vectors(options.stage(), first.clusters, instruments, confidence, Fault::usage);
    if (!few.empty()) {
        table.notes.push_back(few);
        fmt::print(stderr, "greenfront: warning: {}\n", few);
    }
    if (options.keep != "draws" && options.unrestricted) table.notes.emplace_back(sketch_note);
    auto& json = result.json;
    json["method"] = options.method;
    json["type"] = options.type;
    json["weights"] = options.weights;
    json["estimator"] = instruments ? "2sls" : "ols";
    json["null_imposed"] = !options.unrestricted;
    json["replicates"] = first.replicates();
    json["infeasible"] = infeasible;
    json["enumerated"] = first.enumerated;
    json["cluster"] = options.cluster;
    json["boot_cluster"] = options.boot_cluster;
    json["clusters"] = first.clusters;
    json["seed"] = first.enumerated ? Json(nullptr) : Json(options.seed);
    json["null"] = number(options.null);
    json["keep"] = options.keep;
    json["terms"] = std::move(list_of_terms);
    json["warnings"] = few.empty() ? Json::array() : Json::array({few});
    if (options.draws) json["draws"] = std::move(list_of_draws);
    return result;
}

}  // namespace greenfront::app
