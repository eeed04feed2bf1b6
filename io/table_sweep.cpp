#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "io/table_access.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

/// The columns of a sweep that its tables read; a channel that is off has no datasets.
class Sweep {
  public:
    Sweep(const Results& results, const std::string& name)
        : results_(results),
          group_(require_group(results, "sweep/" + name)),
          scenarios_(texts(group_, "scenario")),
          levers_(texts(group_, "lever")) {
        order_.resize(scenarios_.size());
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        const auto rank = integers(group_, "rank");
        std::stable_sort(order_.begin(), order_.end(),
                         [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; });
    }

    [[nodiscard]] const ResultGroup& group() const { return group_; }
    [[nodiscard]] const Results& results() const { return results_; }
    [[nodiscard]] const std::vector<std::string>& scenarios() const { return scenarios_; }
    [[nodiscard]] const std::vector<std::string>& levers() const { return levers_; }
    [[nodiscard]] const std::vector<std::size_t>& by_rank() const { return order_; }
    [[nodiscard]] bool has(const char* name) const { return group_.find(name) != nullptr; }
    [[nodiscard]] double value(const char* name, std::size_t scenario) const {
        return has(name) ? numbers(group_, name)[scenario] : NAN;
    }
    [[nodiscard]] double intensity(std::size_t scenario, std::size_t lever) const {
        return numbers(group_, "intensity")[scenario * levers_.size() + lever];
    }
    /// The effect that ranks: econometric where there is one, else frontier.
    [[nodiscard]] double effect(std::size_t scenario) const {
        return value(has("econometric_effect") ? "econometric_effect" : "frontier_effect", scenario);
    }
    [[nodiscard]] bool any_cost() const {
        if (!has("cost")) return false;
        const auto& cost = numbers(group_, "cost");
        return std::any_of(cost.begin(), cost.end(), [](double c) { return !std::isnan(c); });
    }
    /// The best-ranked scenario with no less effect and no more cost, one of them strictly.
    [[nodiscard]] std::optional<std::size_t> dominator(std::size_t s) const {
        for (const std::size_t o : order_) {
            const bool no_worse = effect(o) >= effect(s) && value("cost", o) <= value("cost", s);
            if (no_worse && (effect(o) > effect(s) || value("cost", o) < value("cost", s))) return o;
        }
        return std::nullopt;
    }
    /// Bad outputs of the frontier channel: name and position on the scale `variable`.
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> bads() const {
        std::vector<std::pair<std::string, std::size_t>> result;
        const std::string dea = text_attribute(group_, "dea");
        const ResultGroup* stage = dea.empty() ? nullptr : results_.find("dea/" + dea);
        if (stage == nullptr || !has("variable_relative")) return result;
        const auto variables = labels(results_, group_, "variable");
        for (const auto& bad : list_attribute(*stage, "bad")) {
            const auto place = std::find(variables.begin(), variables.end(), bad);
            if (place != variables.end()) {
                result.emplace_back(bad, static_cast<std::size_t>(place - variables.begin()));
            }
        }
        return result;
    }

  private:
    const Results& results_;
    const ResultGroup& group_;
    const std::vector<std::string>& scenarios_;
    const std::vector<std::string>& levers_;
    std::vector<std::size_t> order_;
};

void add_notes(const Sweep& sweep, Table& table) {
    const ResultGroup& g = sweep.group();
    if (sweep.has("econometric_effect")) {
        table.notes.push_back(
            fmt::format("Effect: mean change of {} through regression {}{}.", text_attribute(g, "outcome"),
                        text_attribute(g, "regression"),
                        text_attribute(g, "bootstrap").empty()
                            ? std::string()
                            : "; interval from the draws of bootstrap " + text_attribute(g, "bootstrap")));
    }
    if (sweep.has("frontier_effect")) {
        table.notes.push_back(
            fmt::format("Frontier: mean change of the score of dea stage {} against the baseline technology.",
                        text_attribute(g, "dea")));
    }
    table.notes.push_back(fmt::format("Means over {} rows from {} on, whether a lever moves them or not.",
                                      count(number_attribute(g, "rows_averaged")),
                                      count(number_attribute(g, "first_period"))));
    for (const auto& lever : list_attribute(g, "levers")) table.notes.push_back("Lever " + lever + ".");
    for (const auto& assumption : list_attribute(g, "assumptions")) table.notes.push_back(assumption);
}

Table overall(const Sweep& sweep) {
    Table table;
    const auto bads = sweep.bads();
    const bool econometric = sweep.has("econometric_effect"), interval = sweep.has("econometric_low"),
               frontier = sweep.has("frontier_effect"), cost = sweep.any_cost(),
               best = sweep.has("probability_best");
    table.header = {"Rank", "Scenario"};
    table.left = {false, true};
    for (const auto& lever : sweep.levers()) table.header.push_back(lever);
    if (econometric) table.header.emplace_back("Effect");
    if (interval) table.header.insert(table.header.end(), {"Low", "High"});
    if (frontier) table.header.emplace_back("Frontier");
    for (const auto& bad : bads) table.header.push_back(bad.first + " %");
    if (cost) table.header.insert(table.header.end(), {"Cost", "Dominated by"});
    if (best) table.header.emplace_back("P(best)");
    const auto rank = integers(sweep.group(), "rank");
    const std::size_t variables =
        bads.empty() ? 0 : labels(sweep.results(), sweep.group(), "variable").size();
    for (const std::size_t s : sweep.by_rank()) {
        std::vector<std::string> row{fmt::format("{}", rank[s]), sweep.scenarios()[s]};
        for (std::size_t l = 0; l < sweep.levers().size(); ++l)
            row.push_back(fmt::format("{:g}", sweep.intensity(s, l)));
        if (econometric) row.push_back(significant(sweep.value("econometric_effect", s)));
        if (interval) {
            row.push_back(significant(sweep.value("econometric_low", s)));
            row.push_back(significant(sweep.value("econometric_high", s)));
        }
        if (frontier) row.push_back(significant(sweep.value("frontier_effect", s)));
        for (const auto& bad : bads) {
            row.push_back(percent(numbers(sweep.group(), "variable_relative")[s * variables + bad.second]));
        }
        if (cost) {
            row.push_back(significant(sweep.value("cost", s)));
            const auto by = sweep.dominator(s);
            row.push_back(by ? fmt::format("rank {}", rank[*by]) : "");
        }
        if (best) row.push_back(p_value(sweep.value("probability_best", s)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

/// Each lever's intensities with the means over all scenarios that have them.
Table by_lever(const Sweep& sweep) {
    Table table;
    table.header = {"Lever",         "Intensity", "Scenarios", "Mean effect",
                    "Mean frontier", "Mean cost", "Best rank", "P(best)"};
    const auto rank = integers(sweep.group(), "rank");
    for (std::size_t l = 0; l < sweep.levers().size(); ++l) {
        table.rules.push_back(table.rows.size());
        std::vector<double> levels;
        for (std::size_t s = 0; s < sweep.scenarios().size(); ++s) levels.push_back(sweep.intensity(s, l));
        std::sort(levels.begin(), levels.end());
        levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
        for (const double level : levels) {
            std::vector<double> effect, frontier, cost;
            double best = 0;
            std::int64_t best_rank = 0;
            for (std::size_t s = 0; s < sweep.scenarios().size(); ++s) {
                if (sweep.intensity(s, l) != level) continue;
                effect.push_back(sweep.value("econometric_effect", s));
                frontier.push_back(sweep.value("frontier_effect", s));
                cost.push_back(sweep.value("cost", s));
                best += sweep.value("probability_best", s);
                best_rank = best_rank == 0 ? rank[s] : std::min(best_rank, rank[s]);
            }
            table.rows.push_back({sweep.levers()[l], fmt::format("{:g}", level),
                                  fmt::format("{}", effect.size()), significant(mean_of_all(effect)),
                                  significant(mean_of_all(frontier)), significant(mean_of_all(cost)),
                                  fmt::format("{}", best_rank), p_value(best)});
        }
    }
    table.notes.emplace_back("Means over the scenarios with this intensity, whatever the other levers do.");
    return table;
}

/// A row for each scenario and member of `dimension` ("group" or "time").
Table by_dimension(const Sweep& sweep, const std::string& dimension, const std::string& heading) {
    const std::string econometric = "econometric_by_" + dimension, frontier = "frontier_by_" + dimension;
    const bool e = sweep.has(econometric.c_str()), f = sweep.has(frontier.c_str());
    if (!e && !f) {
        throw Error(Fault::usage,
                    fmt::format("/{} holds no outcomes by {}{}", sweep.group().path, heading,
                                dimension == "group" ? "; name a column in the key group of the sweep" : ""));
    }
    Table table;
    table.header = {"Scenario", heading};
    table.left = {true, true};
    if (e) table.header.emplace_back("Effect");
    if (f) table.header.emplace_back("Frontier");
    const auto members = labels(sweep.results(), sweep.group(), dimension);
    for (const std::size_t s : sweep.by_rank()) {
        table.rules.push_back(table.rows.size());
        for (std::size_t m = 0; m < members.size(); ++m) {
            std::vector<std::string> row{sweep.scenarios()[s], members[m]};
            const std::size_t at = s * members.size() + m;
            if (e) row.push_back(significant(numbers(sweep.group(), econometric)[at]));
            if (f) row.push_back(significant(numbers(sweep.group(), frontier)[at]));
            table.rows.push_back(std::move(row));
        }
    }
    return table;
}

}  // namespace

Table ranking_table(const Results& results, const std::string& sweep_name, const std::string& by) {
    const Sweep sweep(results, sweep_name);
    Table table;
    if (by.empty()) {
        table = overall(sweep);
    } else if (by == "lever") {
        table = by_lever(sweep);
    } else if (by == "group") {
        const std::string column = text_attribute(sweep.group(), "group");
        table = by_dimension(sweep, "group", column.empty() ? "group" : column);
    } else if (by == "year") {
        table = by_dimension(sweep, "time", "year");
    } else {
        throw Error(Fault::usage,
                    fmt::format("scenarios cannot be compared by \"{}\"; use lever, group or year", by));
    }
    table.title = fmt::format("Scenarios of sweep {}{}", sweep_name, by.empty() ? "" : " by " + by);
    add_notes(sweep, table);
    return table;
}

}  // namespace greenfront::io
