#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "io/table_sweep.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {

Sweep::Sweep(const Results& results, const std::string& name)
    : results_(results),
      group_(require_group(results, "sweep/" + name)),
      scenarios_(texts(group_, "scenario")),
      rank_(integers(group_, "rank")) {
    if (has("dimension")) dimensions_ = texts(group_, "dimension");
    order_.resize(scenarios_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return rank_[a] < rank_[b]; });
}

std::string Sweep::levers_of(std::size_t scenario) const {
    const auto& levers = texts(group_, "lever");
    const auto& intensity = numbers(group_, "intensity");
    std::string text;
    std::size_t listed = 0, more = 0;
    for (std::size_t l = 0; l < levers.size(); ++l) {
        const double value = intensity[scenario * levers.size() + l];
        if (value == 0) continue;
        if (++listed > 3) {  // the cell of a table; the file has them all
            ++more;
            continue;
        }
        const auto& label = levers[l];
        const std::string prefix = scenarios_[scenario] + ".";
        text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ",
                            label.starts_with(prefix) ? label.substr(prefix.size()) : label, value);
    }
    if (more > 0) text += fmt::format(" and {} more", more);
    return text.empty() ? "none" : text;
}

bool Sweep::any_cost() const {
    if (!has("cost")) return false;
    const auto& cost = numbers(group_, "cost");
    return std::any_of(cost.begin(), cost.end(), [](double c) { return !std::isnan(c); });
}

std::optional<std::size_t> Sweep::dominator(std::size_t s) const {
    if (std::isnan(effect(s)) || integers(group_, "pareto")[s] == 1) return std::nullopt;
    std::optional<std::size_t> found;
    for (const std::size_t o : order_) {
        const bool no_worse = effect(o) >= effect(s) && value("cost", o) <= value("cost", s);
        if (!no_worse || !(effect(o) > effect(s) || value("cost", o) < value("cost", s))) continue;
        if (!found || value("cost", o) < value("cost", *found)) found = o;
    }
    return found;
}

std::vector<std::pair<std::string, std::size_t>> Sweep::bads() const {
    std::vector<std::pair<std::string, std::size_t>> result;
    const std::string dea = text_attribute(group_, "dea");
    const ResultGroup* stage = dea.empty() ? nullptr : results_.find("dea/" + dea);
    if (stage == nullptr || !has("variable_relative")) return result;
    const auto variables = labels(results_, group_, "variable");
    for (const auto& bad : list_attribute(*stage, "bad")) {
        const auto place = std::find(variables.begin(), variables.end(), bad);
        if (place != variables.end())
            result.emplace_back(bad, static_cast<std::size_t>(place - variables.begin()));
    }
    return result;
}

namespace {

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
    const std::string mediation = text_attribute(g, "mediation");
    if (!mediation.empty())
        table.notes.push_back(fmt::format("Equations and replicates are those of mediation {}.", mediation));
    for (const auto& type : list_attribute(g, "types")) table.notes.push_back("Type " + type + ".");
    if (sweep.has("frontier_effect")) {
        table.notes.push_back(
            fmt::format("Frontier: mean change of the score of dea stage {} against the baseline technology.",
                        text_attribute(g, "dea")));
    }
    table.notes.push_back(fmt::format("Means over {} rows from {} on, whether a lever moves them or not.",
                                      count(number_attribute(g, "rows_averaged")),
                                      count(number_attribute(g, "first_period"))));
    const auto count_of = [&](const char* name) {
        if (!sweep.has(name)) return std::ptrdiff_t{0};
        const auto values = integers(g, name);
        return std::count_if(values.begin(), values.end(), [](std::int64_t value) { return value > 0; });
    };
    if (const auto refused = count_of("refused"); refused > 0)
        table.notes.push_back(fmt::format("{} scenarios were refused and have no figures.", refused));
    if (const auto beyond = count_of("frontier_beyond"); beyond > 0) {
        table.notes.push_back(
            fmt::format("In {} scenarios rows pass the baseline frontier; they count with its "
                        "score 1 (frontier_beyond).",
                        beyond));
    }
    const auto uncosted = list_attribute(g, "levers_without_cost");
    if (sweep.any_cost() && !uncosted.empty()) {
        table.notes.push_back(
            fmt::format("No cost is known of {}; it counts as 0 in costs, in what dominates and "
                        "in the Pareto set.",
                        fmt::join(uncosted, ", ")));
    }
    for (const auto& lever : list_attribute(g, "levers")) table.notes.push_back("Lever " + lever + ".");
    for (const auto& assumption : list_attribute(g, "assumptions")) table.notes.push_back(assumption);
}

/// The ranking; of a long one the first `most` rows (0: all).
Table overall(const Sweep& sweep, std::size_t most) {
    Table table;
    const auto bads = sweep.bads();
    const bool list = sweep.dimensions().empty(), econometric = sweep.has("econometric_effect"),
               interval = sweep.has("econometric_low"), mediated = sweep.has("econometric_mediated"),
               frontier = sweep.has("frontier_effect"), cost = sweep.any_cost(),
               best = sweep.has("probability_best"), spread = sweep.has("rank_sd"),
               drawn = sweep.has("frontier_low"), moving = sweep.has("frontier_catch_up");
    table.header = {"Rank", "Scenario"};
    table.left = {false, true};
    if (list) {
        table.header.emplace_back("Levers");
        table.left.push_back(true);
    }
    for (const auto& lever : sweep.dimensions()) table.header.push_back(lever);
    if (econometric) table.header.emplace_back("Effect");
    if (interval) table.header.insert(table.header.end(), {"Low", "High"});
    if (mediated) table.header.emplace_back("Mediated");
    if (frontier) table.header.emplace_back("Frontier");
    if (drawn) table.header.insert(table.header.end(), {"Low", "High"});
    if (moving) table.header.insert(table.header.end(), {"Catch-up", "Shift"});
    for (const auto& bad : bads) table.header.push_back(bad.first + " %");
    if (cost) table.header.insert(table.header.end(), {"Cost", "Effect / cost", "Dominated by"});
    if (best) table.header.emplace_back("P(best)");
    if (spread) table.header.emplace_back("SD(rank)");
    const std::size_t variables =
        bads.empty() ? 0 : labels(sweep.results(), sweep.group(), "variable").size();
    for (const std::size_t s : sweep.by_rank()) {
        if (most > 0 && table.rows.size() == most) break;
        std::vector<std::string> row{fmt::format("{}", sweep.rank()[s]), sweep.scenarios()[s]};
        if (list) row.push_back(sweep.levers_of(s));
        for (std::size_t d = 0; d < sweep.dimensions().size(); ++d)
            row.push_back(fmt::format("{:.4g}", sweep.point(s, d)));
        if (econometric) row.push_back(significant(sweep.value("econometric_effect", s)));
        if (interval) {
            row.push_back(significant(sweep.value("econometric_low", s)));
            row.push_back(significant(sweep.value("econometric_high", s)));
        }
        if (mediated) row.push_back(significant(sweep.value("econometric_mediated", s)));
        if (frontier) row.push_back(significant(sweep.value("frontier_effect", s)));
        if (drawn) {
            row.push_back(significant(sweep.value("frontier_low", s)));
            row.push_back(significant(sweep.value("frontier_high", s)));
        }
        if (moving) {
            row.push_back(significant(sweep.value("frontier_catch_up", s)));
            row.push_back(significant(sweep.value("frontier_shift", s)));
        }
        for (const auto& bad : bads) {
            row.push_back(percent(numbers(sweep.group(), "variable_relative")[s * variables + bad.second]));
        }
        if (cost) {
            const double spent = sweep.value("cost", s);
            row.push_back(significant(spent));
            row.push_back(significant(spent > 0 ? sweep.effect(s) / spent : NAN));
            const auto by = sweep.dominator(s);
            row.push_back(by ? fmt::format("rank {}", sweep.rank()[*by]) : "");
        }
        if (best) row.push_back(p_value(sweep.value("probability_best", s)));
        if (spread) row.push_back(significant(sweep.value("rank_sd", s)));
        table.rows.push_back(std::move(row));
    }
    if (table.rows.size() < sweep.scenarios().size()) {
        table.notes.push_back(fmt::format("The first {} of {} scenarios; --top 0 prints all.",
                                          table.rows.size(), sweep.scenarios().size()));
    }
    return table;
}

/// Intensities of a lever: a value, or a third of the range of a drawn design, without its high end but for
/// the last.
struct Level {
    double low = 0, high = 0;
    bool closed = true;
    [[nodiscard]] bool holds(double x) const { return x >= low && (closed ? x <= high : x < high); }
    [[nodiscard]] std::string text() const {
        return low == high ? fmt::format("{:g}", low) : fmt::format("{:.4g} to {:.4g}", low, high);
    }
};
std::vector<Level> levels_of(const Sweep& sweep, std::size_t dimension) {
    std::vector<double> values;
    for (std::size_t s = 0; s < sweep.scenarios().size(); ++s) values.push_back(sweep.point(s, dimension));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::vector<Level> levels;
    if (values.size() <= 20) {
        for (const double value : values) levels.push_back({value, value, true});
        return levels;
    }
    const double low = values.front(), third = (values.back() - low) / 3;
    levels.push_back({low, low + third, false});
    levels.push_back({low + third, low + 2 * third, false});
    levels.push_back({low + 2 * third, values.back(), true});
    return levels;
}

/// Each lever's intensities with the means over all scenarios that have them.
Table by_lever(const Sweep& sweep) {
    Table table;
    table.header = {"Lever",         "Intensity", "Scenarios", "Mean effect",
                    "Mean frontier", "Mean cost", "Best rank", "P(best)"};
    if (sweep.dimensions().empty()) {
        throw Error(Fault::usage,
                    fmt::format("/{} is a list of scenarios; it has no levers to compare across "
                                "them, use --by pairs",
                                sweep.group().path));
    }
    for (std::size_t l = 0; l < sweep.dimensions().size(); ++l) {
        table.rules.push_back(table.rows.size());
        for (const Level& level : levels_of(sweep, l)) {
            std::vector<double> effect, frontier, cost;
            double best = 0;
            std::int64_t best_rank = 0;
            for (std::size_t s = 0; s < sweep.scenarios().size(); ++s) {
                if (!level.holds(sweep.point(s, l))) continue;
                effect.push_back(sweep.value("econometric_effect", s));
                frontier.push_back(sweep.value("frontier_effect", s));
                cost.push_back(sweep.value("cost", s));
                best += sweep.value("probability_best", s);
                best_rank = best_rank == 0 ? sweep.rank()[s] : std::min(best_rank, sweep.rank()[s]);
            }
            table.rows.push_back({sweep.dimensions()[l], level.text(), fmt::format("{}", effect.size()),
                                  significant(mean_of_all(effect)), significant(mean_of_all(frontier)),
                                  significant(mean_of_all(cost)), fmt::format("{}", best_rank),
                                  p_value(best)});
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
                                dimension == "group"  ? "; name a column in the key group of the sweep"
                                : dimension == "unit" ? "; set the key units of the sweep"
                                                      : ""));
    }
    Table table;
    table.header = {"Scenario", heading};
    table.left = {true, true};
    const bool interval = sweep.has((econometric + "_low").c_str());
    if (e) table.header.emplace_back("Effect");
    if (interval) table.header.insert(table.header.end(), {"Low", "High"});
    if (f) table.header.emplace_back("Frontier");
    const auto members = labels(sweep.results(), sweep.group(), dimension);
    for (const std::size_t s : sweep.by_rank()) {
        table.rules.push_back(table.rows.size());
        for (std::size_t m = 0; m < members.size(); ++m) {
            std::vector<std::string> row{sweep.scenarios()[s], members[m]};
            const std::size_t at = s * members.size() + m;
            if (e) row.push_back(significant(numbers(sweep.group(), econometric)[at]));
            if (interval) {
                row.push_back(significant(numbers(sweep.group(), econometric + "_low")[at]));
                row.push_back(significant(numbers(sweep.group(), econometric + "_high")[at]));
            }
            if (f) row.push_back(significant(numbers(sweep.group(), frontier)[at]));
            table.rows.push_back(std::move(row));
        }
    }
    return table;
}

}  // namespace

Table ranking_table(const Results& results, const std::string& sweep_name, const std::string& by,
                    std::size_t most) {
    const Sweep sweep(results, sweep_name);
    Table table;
    if (by.empty()) {
        table = overall(sweep, most);
    } else if (by == "lever") {
        table = by_lever(sweep);
    } else if (by == "group") {
        const std::string column = text_attribute(sweep.group(), "group");
        table = by_dimension(sweep, "group", column.empty() ? "group" : column);
    } else if (by == "year") {
        table = by_dimension(sweep, "time", "year");
    } else if (by == "unit") {
        table = by_dimension(sweep, "unit", "unit");
    } else if (by == "pairs") {
        table = sweep_pairs(sweep);
    } else if (by == "pareto") {
        table = sweep_pareto(sweep);
    } else if (by == "sensitivity") {
        table = sweep_sensitivity(sweep);
    } else if (by == "inequality") {
        table = sweep_inequality(sweep);
    } else if (by == "variable") {
        table = sweep_variables(sweep);
    } else {
        throw Error(Fault::usage, fmt::format("scenarios cannot be compared by \"{}\"; use {}", by,
                                              fmt::join(comparisons(), ", ")));
    }
    table.title = fmt::format("Scenarios of sweep {}{}", sweep_name, by.empty() ? "" : " by " + by);
    add_notes(sweep, table);
    return table;
}

const std::vector<std::string>& comparisons() {
    static const std::vector<std::string> words{"lever",  "group",       "year",       "unit",    "pairs",
                                                "pareto", "sensitivity", "inequality", "variable"};
    return words;
}

}  // namespace greenfront::io
