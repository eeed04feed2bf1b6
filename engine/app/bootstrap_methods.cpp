#include "engine/app/bootstrap_methods.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/bootstrap_intervals.hpp"

namespace greenfront::app {
namespace {

Json jackknife_term(const std::string& name, double estimate, double clustered,
                    const resample::JackknifeSummary& s) {
    return {{"term", name},
            {"estimate", number(estimate)},
            {"std_error", number(s.std_error)},
            {"std_error_mean", number(s.std_error_mean)},
            {"std_error_analytic", number(clustered)},
            {"bias", number(s.bias)},
            {"estimate_corrected", number(s.corrected)},
            {"statistic", number(s.statistic)},
            {"df", number(s.df)},
            {"p_value", number(s.p_value)},
            {"conf", pair(s.low, s.high)},
            {"most_influential", s.used > 0 ? Json(s.most_influential) : Json(nullptr)},
            {"used", s.used},
            {"infeasible", s.infeasible}};
}

std::vector<std::string> jackknife_header(bool csv, double confidence) {
    if (csv) {
        return {"term",    "estimate", "std_error", "std_error_mean",   "bias", "statistic", "df",
                "p_value", "conf_low", "conf_high", "most_influential", "used", "infeasible"};
    }
    return {"term",
            "estimate",
            "std_error",
            "bias",
            "t",
            "p",
            fmt::format("{:g}% interval", 100 * confidence),
            "",
            "most influential",
            "infeasible"};
}

}  // namespace

BootstrapReport jackknife_report(const BootstrapOptions& options, const resample::ClusterJackknife& jackknife,
                                 double confidence) {
    BootstrapReport result;
    const bool csv = options.format.name == "csv";
    auto& table = result.table;
    table.title = "Jackknife, clusters of " + options.cluster;
    table.header = jackknife_header(csv, confidence);
    Json terms = Json::array(), columns = Json::array();
    std::int64_t infeasible = 0;
    for (const std::size_t at : chosen_terms(options.term, jackknife.term)) {
        const auto j = static_cast<Eigen::Index>(at);
        const auto s = resample::summarise(jackknife, j, options.null, confidence);
        const double estimate = jackknife.estimate(j);
        const auto& name = jackknife.term[at];
        infeasible = std::max(infeasible, s.infeasible);
        terms.push_back(jackknife_term(name, estimate, jackknife.std_error(j), s));
        std::vector<std::string> row{name};
        if (csv) {
            for (const double v : {estimate, s.std_error, s.std_error_mean, s.bias, s.statistic, s.df,
                                   s.p_value, s.low, s.high})
                row.push_back(exact(v));
        } else {
            for (const double v : {estimate, s.std_error, s.bias, s.statistic, s.p_value, s.low, s.high})
                row.push_back(shown(v));
        }
        row.push_back(s.most_influential);
        if (csv) row.push_back(fmt::to_string(s.used));
        row.push_back(fmt::to_string(s.infeasible));
        table.rows.push_back(std::move(row));
        if (options.draws) {
            Json leave_outs = Json::array();
            for (Eigen::Index g = 0; g < jackknife.draw.cols(); ++g)
                leave_outs.push_back(number(jackknife.draw(j, g)));
            columns.push_back({{"term", name}, {"estimate", std::move(leave_outs)}});
        }
    }
    table.notes.push_back(fmt::format("each of {} clusters is left out once; {}", jackknife.cluster.size(),
                                      infeasible == 0
                                          ? "every estimate without one exists"
                                          : fmt::format("up to {} of a term do not exist", infeasible)));
    table.notes.push_back(
        fmt::format("std_error: CV3, centred at the estimate; t against {:g}", options.null));
    auto& json = result.json;
    json["method"] = options.method;
    json["estimator"] = jackknife.estimator;
    json["replicates"] = jackknife.cluster.size();
    json["infeasible"] = infeasible;
    json["enumerated"] = true;
    json["cluster"] = options.cluster;
    json["clusters"] = jackknife.cluster.size();
    json["seed"] = nullptr;
    json["null"] = number(options.null);
    json["terms"] = std::move(terms);
    if (options.draws) {
        json["left_out"] = jackknife.cluster;
        json["draws"] = std::move(columns);
    }
    return result;
}

BootstrapReport residual_report(const BootstrapOptions& options, const resample::PairsDraws& draws,
                                double confidence) {
    auto result = pairs_report(options, draws, confidence);
    result.table.title = "Residual bootstrap";
    result.table.notes = {
        fmt::format("residuals of {} rows drawn with replacement, {} replicates, seed {}; regressors and "
                    "effects stay",
                    draws.clusters, options.replicates, options.seed),
        fmt::format("std_error: spread of the replicates; t and p: statistics for independent errors of one "
                    "variance, against {:g}",
                    options.null)};
    for (const char* key : {"cluster", "clusters"}) result.json.erase(key);
    result.json["rows"] = draws.clusters;
    return result;
}

BootstrapReport moving_block_report(const BootstrapOptions& options, const resample::PairsDraws& draws,
                                    double confidence) {
    auto result = pairs_report(options, draws, confidence);
    result.table.title = "Moving-block bootstrap over " + options.cluster;
    result.table.notes.front() =
        fmt::format("blocks of {} of {} periods, all units together, {} replicates, seed {}", options.block,
                    draws.clusters, options.replicates, options.seed);
    result.table.notes.back() =
        "std_error: spread of the replicates, which are not studentised: no t, p and BCa";
    result.json["block"] = options.block;
    return result;
}

}  // namespace greenfront::app
