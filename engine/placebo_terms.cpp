#include "engine/placebo_terms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/settings.hpp"
#include "kernels/stats/exact_sum.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace {

using Names = std::set<std::string>;

/// Columns that one term of a formula reads.
Names columns_of(const std::string& term, const Panel& panel) {
    Formula alone;
    alone.text = term;
    alone.y.text = term;
    const auto columns = columns_read(alone, panel);
    return {columns.begin(), columns.end()};
}

/// The columns and everything that they are made from.
Names with_sources(Names names, const Preparation& steps, const Panel& panel) {
    for (std::size_t before = 0; before != names.size();) {
        before = names.size();
        const auto add = [&](const std::string& made, const std::string& from) {
            if (!from.empty() && names.contains(made)) names.insert(from);
        };
        for (const auto& step : steps.derive) {
            if (!names.contains(step.name)) continue;
            for (const auto& from : columns_read(step.expression, panel)) names.insert(from);
        }
        for (const auto& step : steps.group) add(step.name, step.column);
        for (const auto& step : steps.lag) add(step.name, step.column);
        for (const auto& step : steps.perpetual_inventory) {
            add(step.name, step.investment);
            add(step.name, step.deflator);
            add(step.name, step.depreciation_column);
        }
    }
    return names;
}

bool meet(const Names& a, const Names& b) {
    return std::any_of(a.begin(), a.end(), [&](const auto& name) { return b.contains(name); });
}

panel::Factor on_rows(const panel::Factor& all, const panel::Design& design) {
    panel::Factor factor{all.name, {}, all.levels, all.level_name};
    for (const auto row : design.row) factor.code.push_back(all.code[static_cast<std::size_t>(row)]);
    return factor;
}

panel::Factor groups(const std::string& column, const Panel& panel, const panel::Design& design) {
    auto factor = on_rows(make_factor(column, panel), design);
    for (std::size_t i = 0; i < factor.code.size(); ++i) {
        if (factor.code[i] < 0) {
            throw Error(Fault::data,
                        fmt::format("\"{}\" is missing in a row of the regression; groups that the placebo "
                                    "stays within need a value in every row (leave such rows out with where)",
                                    column));
        }
    }
    return factor;
}

}  // namespace

void check_placebo_terms(const Formula& formula, const std::string& treatment, const Panel& panel,
                         const Preparation& steps, Fault fault) {
    const Names own = columns_of(treatment, panel), own_sources = with_sources(own, steps, panel);
    std::vector<std::string> terms{formula.y.text};
    for (const auto& x : formula.x) {
        if (x.text != treatment) terms.push_back(x.text);
    }
    for (const auto& effect : formula.effects)
        terms.insert(terms.end(), effect.slopes.begin(), effect.slopes.end());
    for (const auto& term : terms) {
        const Names columns = columns_of(term, panel);
        if (!meet(own_sources, columns) && !meet(own, with_sources(columns, steps, panel))) continue;
        throw Error(fault, fmt::format("\"{}\" is made from the same column as the treatment \"{}\", which "
                                       "alone would be permuted; leave it out or test another treatment",
                                       term, treatment));
    }
}

bool parse_scheme(const std::string& method, resample::Scheme& scheme, Fault fault) {
    const auto at =
        choose("method", method, {"trajectory", "within-time", "within-unit", "cell", "in-time"}, fault);
    if (at == 4) return false;
    scheme = static_cast<resample::Scheme>(at);
    return true;
}

resample::Compatibility parse_compatibility(const std::string& text, Fault fault) {
    if (text.empty()) return resample::Compatibility::none;
    return choose("compat", text, {"permute", "ritest"}, fault) == 0 ? resample::Compatibility::permute
                                                                     : resample::Compatibility::ritest;
}

PlaceboChoice resolved(PlaceboChoice choice, Fault fault) {
    const bool stata = parse_compatibility(choice.compatibility, fault) != resample::Compatibility::none;
    if (choice.method.empty()) choice.method = stata ? "cell" : "trajectory";
    if (choice.statistic.empty()) choice.statistic = stata ? "coefficient" : "t";
    resample::Scheme scheme{};
    const bool permutes = parse_scheme(choice.method, scheme, fault);
    (void)choose("statistic", choice.statistic, {"t", "coefficient"}, fault);
    if (!permutes && !choice.within.empty()) {
        throw Error(fault, "method in-time moves nothing between rows, so it knows no groups to stay within");
    }
    if (!permutes && stata) {
        throw Error(fault, fmt::format("{} permutes, method in-time does not", choice.compatibility));
    }
    return choice;
}

resample::PlaceboDraws run_placebo(const PlaceboChoice& choice, const Panel& panel,
                                   const panel::Design& design, const panel::Options& options,
                                   resample::PlaceboOptions placebo) {
    panel::Factor unit{
        panel.unit_column, {}, static_cast<std::int32_t>(panel.unit_name.size()), panel.unit_name};
    panel::Factor time{panel.time_column, {}, static_cast<std::int32_t>(panel.time_value.size()), {}};
    for (const auto value : panel.time_value) time.level_name.push_back(fmt::to_string(value));
    for (const auto row : design.row) {
        unit.code.push_back(panel.unit[static_cast<std::size_t>(row)]);
        time.code.push_back(panel.time[static_cast<std::size_t>(row)]);
    }
    placebo.coefficient = choice.statistic == "coefficient";
    placebo.compatibility = parse_compatibility(choice.compatibility, Fault::usage);
    if (!parse_scheme(choice.method, placebo.scheme, Fault::usage))
        return resample::placebo_in_time(design, options, unit, time, placebo);
    if (!choice.within.empty()) placebo.within = groups(choice.within, panel, design);
    return resample::placebo(design, options, unit, time, placebo);
}

std::string off_centre(double mean, double standard_deviation) {
    if (!(std::abs(mean) > 0.5 * standard_deviation)) return {};
    return fmt::format(
        "draws are centred at {:.4g}, not at 0, with a standard deviation of {:.4g}: what the permutations "
        "keep goes with the "
        "outcome, and p compares with that, not with no effect (docs/methods/resampling.md)",
        mean, standard_deviation);
}

std::string off_centre(const resample::PlaceboDraws& draws) {
    if (!draws.lead.empty()) return {};
    if (draws.running)
        return off_centre(draws.running->moments.mean(), draws.running->moments.standard_deviation());
    stats::RunningMoments moments;
    for (const double draw : draws.draw) {
        if (!std::isnan(draw)) moments.add(draw);
    }
    return off_centre(moments.mean(), moments.standard_deviation());
}

std::string infeasible_text(const resample::PlaceboDraws& draws) {
    std::vector<std::string> parts, numbers;
    const auto& left_out = draws.left_out;
    for (std::size_t kind = 1; kind < resample::infeasible_names.size(); ++kind) {
        const auto times = left_out.count[kind];
        if (times > 0) parts.push_back(fmt::format("{}: {}", resample::infeasible_names[kind], times));
    }
    for (const auto r : left_out.first) numbers.push_back(fmt::to_string(r + 1));
    if (parts.empty()) return {};
    if (numbers.size() == resample::LeftOut::most_listed) numbers.back() = "...";
    return fmt::format("{} (draws {})", fmt::join(parts, "; "), fmt::join(numbers, ", "));
}

}  // namespace greenfront
