#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "kernels/status.hpp"

namespace greenfront::io {
namespace {

/// One row of the efficiency table: the units of one period, or of all.
struct Scores {
    double frontier = 1;  ///< the score of an efficient row; NaN where it has none of its own
    std::vector<double> optimal;
    std::vector<std::int64_t> count = std::vector<std::int64_t>(status_names.size(), 0);
    void add(double score, std::int64_t status) {
        if (status < 0) return;  // the panel has no such row
        if (static_cast<std::size_t>(status) >= count.size()) {
            throw Error(Fault::data,
                        fmt::format("results: the status {} is unknown; the file is damaged", status));
        }
        ++count[static_cast<std::size_t>(status)];
        if (status == static_cast<std::int64_t>(Status::optimal)) optimal.push_back(score);
    }
    [[nodiscard]] std::vector<std::string> row(const std::string& stage, const std::string& period) const {
        const Moments m = moments(optimal);
        const auto efficient = std::count_if(optimal.begin(), optimal.end(),
                                             [&](double s) { return std::abs(s - frontier) <= 1e-8; });
        std::vector<std::string> cells{stage,
                                       period,
                                       count_text(static_cast<std::int64_t>(optimal.size())),
                                       significant(m.mean),
                                       significant(m.sd),
                                       significant(m.min),
                                       significant(m.median),
                                       significant(m.max),
                                       std::isnan(frontier) ? "." : count_text(efficient)};
        for (std::size_t s = 1; s < count.size(); ++s) cells.push_back(count_text(count[s]));
        return cells;
    }

  private:
    static std::string count_text(std::int64_t n) { return fmt::format("{}", n); }
};

/// 0 where the score is a distance, nothing for super-efficiency.
double frontier_score(const ResultGroup& group) {
    if (number_attribute(group, "super") > 0) return NAN;
    const std::string model = text_attribute(group, "model");
    return model == "additive" || model == "ddf" || model == "nddf" ? 0 : 1;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

/// What else decides the scores, as far as it is not the plain case, and the work that they took.
std::string choices_of(const ResultGroup& group) {
    std::vector<std::string> parts;
    const auto say = [&](const char* key, const char* words) {
        if (const std::string value = text_attribute(group, key); !value.empty())
            parts.push_back(fmt::format("{} {}", words, value));
    };
    const auto flag = [&](const char* key, const char* words) {
        if (number_attribute(group, key) > 0) parts.emplace_back(words);
    };
    if (!list_attribute(group, "bad").empty()) say("disposability", "disposability");
    flag("bads_as_inputs", "bad outputs as inputs");
    flag("combine", "super-efficiency where the score is 1");
    if (number_attribute(group, "super") > 0) say("super_leave", "leaving out the");
    say("super_bads", "bad outputs in the");
    say("weights", "weights");
    say("direction_inputs", "direction of inputs");
    say("direction_good", "of good outputs");
    say("direction_bad", "of bad outputs");
    say("groups", "technology gaps between groups of");
    if (const auto prices = list_attribute(group, "prices"); !prices.empty())
        parts.push_back("prices " + joined(prices));
    if (group.find("reference_row") != nullptr) parts.emplace_back("reference panel");
    say("where", "where");
    if (const std::string clipped = winsorised(group); !clipped.empty()) parts.push_back(clipped);
    const auto number = [&](const char* key) { return count(number_attribute(group, key)); };
    if (text_attribute(group, "model") != "fdh") {
        parts.push_back(fmt::format("{} programs, {} pivots, {} beyond the first attempt", number("programs"),
                                    number("pivots"), number("fallbacks")));
    }
    if (number_attribute(group, "rows_left_out") > 0)
        parts.push_back(number("rows_left_out") + " rows left out");
    return joined(parts) + ".";
}

}  // namespace

Table efficiency_table(const Results& results) {
    Table table;
    table.title = "Efficiency scores";
    table.header = {"Stage", "Period", "n", "Mean", "SD", "Min", "Median", "Max", "On frontier"};
    for (std::size_t s = 1; s < status_names.size(); ++s) table.header.emplace_back(status_names[s]);
    table.left = {true, true};
    for (const auto* group : require_groups(results, "dea")) {
        table.rules.push_back(table.rows.size());
        const std::string stage = last_name(*group);
        const auto& score = numbers(*group, "score");
        const auto status = integers(*group, "status");
        const bool panel = group->find("score")->dims.size() == 2;
        const auto periods = panel ? labels(results, *group, "time") : std::vector<std::string>{""};
        const Scores none{frontier_score(*group), {}};
        std::vector<Scores> by_period(periods.size(), none);
        Scores all = none;
        const auto used = integers(*group, "used");
        for (std::size_t i = 0; i < score.size(); ++i) {
            if (used[i] == 0) continue;  // left out by `where`, or without a value: no answer to count
            all.add(score[i], status[i]);
            by_period[i % periods.size()].add(score[i], status[i]);
        }
        table.rows.push_back(all.row(stage, "all"));
        for (std::size_t t = 0; t < periods.size() && periods.size() > 1; ++t) {
            table.rows.push_back(by_period[t].row(stage, periods[t]));
        }
        const auto bad = list_attribute(*group, "bad");
        table.notes.push_back(
            fmt::format("{}: {}{} model, orientation {}, returns {}, reference {}; inputs {}; outputs {}{}.",
                        stage, number_attribute(*group, "super") > 0 ? "super-efficiency, " : "",
                        text_attribute(*group, "model"), text_attribute(*group, "orientation"),
                        text_attribute(*group, "returns"), text_attribute(*group, "reference"),
                        joined(list_attribute(*group, "inputs")), joined(list_attribute(*group, "good")),
                        bad.empty() ? "" : "; bad outputs " + joined(bad)));
        table.notes.push_back(fmt::format("{}: {}", stage, choices_of(*group)));
        for (const auto& warning : list_attribute(*group, "warnings"))
            table.notes.push_back(fmt::format("{}: {}", stage, warning));
    }
    table.notes.emplace_back(
        "On frontier: scores within 1e-8 of 1 (additive, ddf and nddf: of 0). Mean to maximum are over the n "
        "optimal scores.");
    return table;
}

Table index_table(const Results& results) {
    Table table;
    table.title = "Weights of the indices";
    table.header = {"Index", "Indicator", "Direction", "Weight", "Entropy", "Minimum", "Maximum"};
    table.left = {true, true, true};
    for (const auto* group : require_groups(results, "index")) {
        table.rules.push_back(table.rows.size());
        const auto& names = texts(*group, "indicator");
        const auto direction = integers(*group, "direction");
        for (std::size_t k = 0; k < names.size(); ++k) {
            table.rows.push_back(
                {last_name(*group), names[k], direction[k] == 0 ? "positive" : "negative",
                 significant(numbers(*group, "weight")[k]), significant(numbers(*group, "entropy")[k]),
                 significant(numbers(*group, "minimum")[k]), significant(numbers(*group, "maximum")[k])});
        }
        const std::string clipped = winsorised(*group);
        table.notes.push_back(
            fmt::format("{}: {} weights from {} rows{}.", last_name(*group), text_attribute(*group, "method"),
                        count(number_attribute(*group, "rows_used")), clipped.empty() ? "" : "; " + clipped));
    }
    return table;
}

Table descriptives_table(const Results& results) {
    const ResultGroup& panel = require_group(results, "panel");
    Table table;
    table.title = "Descriptive statistics of the prepared panel and of the columns that stages make";
    table.header = {"Variable", "Unit", "n", "Mean", "SD", "Min", "Median", "Max"};
    table.left = {true, true};
    std::vector<std::string> words;
    for (const auto& variable : panel.variables) {
        if (variable.dims.size() == 1 && variable.dims[0] == variable.name) continue;
        const auto* values = std::get_if<std::vector<double>>(&variable.values);
        if (values == nullptr) {
            words.push_back(variable.name);
            continue;
        }
        std::string unit;
        for (const auto& [key, value] : variable.attributes) {
            if (key == "units" && std::holds_alternative<std::string>(value))
                unit = std::get<std::string>(value);
        }
        const Moments m = moments(*values);
        table.rows.push_back({variable.name, unit, count(m.n), significant(m.mean), significant(m.sd),
                              significant(m.min), significant(m.median), significant(m.max)});
    }
    for (const char* kind : {"dea", "boot_dea", "productivity", "index"}) {
        for (const auto* group : results.under(kind)) {
            const Moments m = moments(stage_column(*group));
            if (table.rules.empty()) table.rules.push_back(table.rows.size());
            table.rows.push_back({last_name(*group), kind, count(m.n), significant(m.mean), significant(m.sd),
                                  significant(m.min), significant(m.median), significant(m.max)});
            if (const std::string clipped = winsorised(*group); !clipped.empty())
                table.notes.push_back(fmt::format("{}: {}.", last_name(*group), clipped));
        }
    }
    if (!words.empty()) table.notes.push_back("Columns of text: " + joined(words) + ".");
    const double rows = number_attribute(panel, "rows");
    if (!std::isnan(rows)) table.notes.push_back(fmt::format("Rows of the panel: {}.", count(rows)));
    return table;
}

}  // namespace greenfront::io
