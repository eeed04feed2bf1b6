#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "kernels/status.hpp"

namespace greenfront::io {
namespace {

/// Six decimals, as the one-shot prints them: corrections are small.
std::string score(double value) {
    return std::isnan(value) ? "." : fmt::format("{:.6f}", value);
}

std::string status_name(std::int64_t status) {
    if (status < 0) return "";
    if (static_cast<std::size_t>(status) >= status_names.size())
        throw Error(Fault::data,
                    fmt::format("results: the status {} is unknown; the file is damaged", status));
    return std::string(status_names[static_cast<std::size_t>(status)]);
}

void append_warnings(const ResultGroup& group, Table& table) {
    for (const auto& warning : list_attribute(group, "warnings"))
        table.notes.push_back(fmt::format("{}: {}.", last_name(group), warning));
}

/// "subsample of dea.eff: model sbm, orientation none, ..."
std::string heading(const ResultGroup& group) {
    std::string text = fmt::format("{} of dea.{}: model {}, orientation {}, returns {}, reference {}",
                                   text_attribute(group, "method"), text_attribute(group, "dea"),
                                   text_attribute(group, "model"), text_attribute(group, "orientation"),
                                   text_attribute(group, "returns"), text_attribute(group, "reference"));
    for (const char* key : {"metric", "order", "smoothing", "cluster"}) {
        if (const std::string value = text_attribute(group, key); !value.empty())
            text += fmt::format(", {} {}", key, value);
    }
    if (group.attribute("kappa") != nullptr)
        text += fmt::format(", kappa {:g}, rate n^-{:.6g}{}", number_attribute(group, "kappa"),
                            number_attribute(group, "rate"),
                            number_attribute(group, "rate_proven") > 0 ? "" : " (not proven)");
    return fmt::format("{}; {} replicates, seed {}, intervals at {:g} %", text,
                       count(number_attribute(group, "replicates")), text_attribute(group, "seed"),
                       100 * number_attribute(group, "confidence"));
}

const char* const measures[] = {"score", "corrected", "bias", "sd", "conf_low", "conf_high"};

/// Means of the rows of one period, or of all, that have all of the numbers.
struct Summary {
    std::vector<double> of[std::size(measures)];
    std::int64_t scored = 0;
    void add(const ResultGroup& group, std::size_t i) {
        const double own = numbers(group, "score")[i];
        if (std::isnan(own)) return;
        ++scored;
        for (const char* name : measures) {
            if (std::isnan(numbers(group, name)[i])) return;
        }
        for (std::size_t k = 0; k < std::size(measures); ++k) of[k].push_back(numbers(group, measures[k])[i]);
    }
    [[nodiscard]] std::vector<std::string> row(const std::string& stage, const std::string& period) const {
        std::vector<std::string> cells{stage, period, fmt::format("{}", scored),
                                       fmt::format("{}", of[0].size())};
        for (const auto& values : of) cells.push_back(score(moments(values).mean));
        return cells;
    }
};

}  // namespace

Table boot_dea_table(const Results& results) {
    Table table;
    table.title = "Bias and intervals of efficiency scores, means over rows";
    table.header = {"Stage", "Period", "Scores", "With all", "Score",    "Corrected",
                    "Bias",  "SD",     "Low",    "High",     "Bandwidth"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "boot_dea")) {
        table.rules.push_back(table.rows.size());
        const std::string stage = last_name(*group);
        const auto technologies = labels(results, *group, "technology");
        const auto periods = labels(results, *group, "time");
        Summary all;
        std::vector<Summary> by_period(periods.size());
        for (std::size_t i = 0; i < numbers(*group, "score").size(); ++i) {
            all.add(*group, i);
            by_period[i % periods.size()].add(*group, i);
        }
        const auto bandwidth = [&](std::size_t p) {
            return group->find("bandwidth") == nullptr ? "" : significant(numbers(*group, "bandwidth")[p]);
        };
        const bool one = technologies.size() == 1 && technologies.front() == "all";
        table.rows.push_back(all.row(stage, "all"));
        table.rows.back().push_back(one ? bandwidth(0) : "");
        for (std::size_t t = 0; t < periods.size(); ++t) {
            if (by_period[t].scored == 0) continue;
            table.rows.push_back(by_period[t].row(stage, periods[t]));
            const auto at = std::find(technologies.begin(), technologies.end(), periods[t]);
            table.rows.back().push_back(at == technologies.end()
                                            ? ""
                                            : bandwidth(static_cast<std::size_t>(at - technologies.begin())));
        }
        table.notes.push_back(fmt::format("{}: {}.", stage, heading(*group)));
        append_warnings(*group, table);
    }
    table.notes.emplace_back(
        "Means are over the rows that have a corrected score and both ends of their interval (with all). By "
        "row: show RESULTS boot_dea/NAME.");
    return table;
}

Table corrected_table(const Results& results, const std::string& name) {
    const ResultGroup& group = require_group(results, "boot_dea/" + name);
    const auto units = labels(results, group, "unit"), periods = labels(results, group, "time");
    const auto status = integers(group, "status");
    Table table;
    table.title = fmt::format("Corrected scores of {}: {}", name, heading(group));
    table.header = {"Unit", "Period", "Score", "Corrected", "Bias", "SD", "Low", "High", "Beyond", "Status"};
    table.left = {true, true};
    for (std::size_t i = 0; i < status.size(); ++i) {
        if (status[i] < 0) continue;
        std::vector<std::string> row{units[i / periods.size()], periods[i % periods.size()]};
        for (const char* measure : measures) row.push_back(score(numbers(group, measure)[i]));
        row.push_back(count(numbers(group, "beyond")[i]));
        row.push_back(status_name(status[i]));
        table.rows.push_back(std::move(row));
    }
    append_warnings(group, table);
    table.notes.emplace_back("Beyond: replicates whose technology cannot reach the row at all.");
    return table;
}

Table returns_test_table(const Results& results) {
    Table table;
    table.title = "Tests of returns to scale";
    table.header = {"Stage", "Period", "Units", "H0",      "Statistic", "p",
                    "10 %",  "5 %",    "1 %",   "Mean H0", "Mean vrs",  "Bandwidth"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "returns_test")) {
        table.rules.push_back(table.rows.size());
        const auto technologies = labels(results, *group, "technology");
        const auto units = integers(*group, "units"), without = integers(*group, "without");
        std::int64_t lost = 0;
        for (std::size_t p = 0; p < technologies.size(); ++p) {
            std::vector<std::string> row{last_name(*group), technologies[p], fmt::format("{}", units[p]),
                                         text_attribute(*group, "null")};
            for (const char* name : {"statistic", "p_value", "critical_10", "critical_05", "critical_01",
                                     "mean_null", "mean_vrs", "bandwidth"})
                row.push_back(score(numbers(*group, name)[p]));
            table.rows.push_back(std::move(row));
            lost += without[p];
        }
        table.notes.push_back(fmt::format(
            "{}: {} against vrs, orientation {}, reference {}, order {}; {} replicates, seed {}{}.",
            last_name(*group), text_attribute(*group, "null"), text_attribute(*group, "orientation"),
            text_attribute(*group, "reference"), text_attribute(*group, "order"),
            count(number_attribute(*group, "replicates")), text_attribute(*group, "seed"),
            lost > 0 ? fmt::format("; {} have no value and are left out", lost) : ""));
        append_warnings(*group, table);
    }
    table.notes.emplace_back(
        "The statistic is the sum of efficiencies under H0 over that under vrs. A small one speaks against "
        "H0, which is rejected below the critical value.");
    return table;
}

Table separability_test_table(const Results& results) {
    Table table;
    table.title = "Tests of separability: the environment does not move the frontier";
    table.header = {"Stage",      "Period", "Rows",   "Statistic",     "p",        "Mean",
                    "Mean local", "In it",  "Window", "In local mean", "Bandwidth"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "separability_test")) {
        table.rules.push_back(table.rows.size());
        const auto technologies = labels(results, *group, "technology");
        const auto whole = [&](const char* name, std::size_t p) {
            return fmt::format("{}", integers(*group, name)[p]);
        };
        const auto real = [&](const char* name, std::size_t p) { return score(numbers(*group, name)[p]); };
        for (std::size_t p = 0; p < technologies.size(); ++p)
            table.rows.push_back({last_name(*group), technologies[p], whole("units", p), real("statistic", p),
                                  p_value(numbers(*group, "p_value")[p]), real("mean", p),
                                  real("mean_local", p), whole("counted", p),
                                  significant(numbers(*group, "window")[p]), whole("counted_local", p),
                                  significant(numbers(*group, "bandwidth")[p])});
        table.notes.push_back(fmt::format(
            "{}: environment {}; scores of dea.{}: model {}, orientation {}, returns {}, reference {}; {} "
            "splits, {} halvings each, seed {}.",
            last_name(*group), fmt::join(list_attribute(*group, "environment"), ", "),
            text_attribute(*group, "dea"), text_attribute(*group, "model"),
            text_attribute(*group, "orientation"), text_attribute(*group, "returns"),
            text_attribute(*group, "reference"), count(number_attribute(*group, "splits")),
            count(number_attribute(*group, "halvings")), text_attribute(*group, "seed")));
        append_warnings(*group, table);
    }
    table.notes.emplace_back(
        "Means are corrected for bias: of scores against all rows, and (local) against rows of like "
        "environment. A large statistic speaks against separability; p of several splits is twice their "
        "median.");
    return table;
}

Table two_stage_table(const Results& results) {
    Table table;
    table.title = "Two-stage analyses: inefficiency of at least 1 explained by its environment";
    table.header = {"Stage", "Term", "Estimate", "SE", "Low", "High", "Basic low", "Basic high"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "two_stage")) {
        table.rules.push_back(table.rows.size());
        const auto& terms = texts(*group, "term");
        for (std::size_t t = 0; t < terms.size(); ++t) {
            std::vector<std::string> row{last_name(*group), terms[t]};
            for (const char* name :
                 {"estimate", "std_error", "conf_low", "conf_high", "basic_low", "basic_high"})
                row.push_back(significant(numbers(*group, name)[t]));
            table.rows.push_back(std::move(row));
        }
        const auto number = [&](const char* key) { return count(number_attribute(*group, key)); };
        const bool second = group->attribute("replicates_bias") != nullptr;
        table.notes.push_back(fmt::format(
            "{}: algorithm {} on the scores of dea.{}, orientation {}, returns {}, reference {}; {} rows{}; "
            "{} "
            "replicates{}, {} of them without a maximum, seed {}; intervals at {:g} %.",
            last_name(*group), number("algorithm"), text_attribute(*group, "dea"),
            text_attribute(*group, "orientation"), text_attribute(*group, "returns"),
            text_attribute(*group, "reference"), number("n"),
            number_attribute(*group, "efficient_left_out") > 0
                ? fmt::format(" ({} efficient ones left out)", number("efficient_left_out"))
                : "",
            number("replicates"), second ? " after " + number("replicates_bias") + " for the bias" : "",
            number("infeasible"), text_attribute(*group, "seed"),
            100 * number_attribute(*group, "confidence")));
        append_warnings(*group, table);
    }
    table.notes.emplace_back(
        "A positive coefficient means less efficient. Low and high: percentile interval. Supposed: the "
        "environment does not move the frontier (separability), rows are independent.");
    return table;
}

Table delta_table(const Results& results, const std::string& name) {
    const ResultGroup& group = require_group(results, "two_stage/" + name);
    const auto units = labels(results, group, "unit"), periods = labels(results, group, "time");
    const auto status = integers(group, "status");
    const bool corrected = group.find("corrected") != nullptr;
    Table table;
    table.title = fmt::format("Inefficiencies of {}, at least 1", name);
    table.header = {"Unit", "Period", "Delta"};
    if (corrected) table.header.emplace_back("Corrected");
    table.header.emplace_back("Status");
    table.left = {true, true};
    for (std::size_t i = 0; i < status.size(); ++i) {
        if (status[i] < 0) continue;
        std::vector<std::string> row{units[i / periods.size()], periods[i % periods.size()],
                                     score(numbers(group, "delta")[i])};
        if (corrected) row.push_back(score(numbers(group, "corrected")[i]));
        row.push_back(status_name(status[i]));
        table.rows.push_back(std::move(row));
    }
    table.notes.emplace_back("Rows that the analysis leaves out are not shown. Its coefficients: two_stage.");
    return table;
}

}  // namespace greenfront::io
