#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "io/table_sweep.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

/// Pairs of scenarios that a table prints at most.
constexpr std::size_t most_pairs = 200;

[[noreturn]] void missing(const Sweep& sweep, const std::string& what) {
    throw Error(Fault::usage, fmt::format("/{}: {}", sweep.group().path, what));
}

const char* order_of(std::int64_t dominance) {
    return dominance == 2 ? "first" : dominance == 1 ? "second" : "";
}

}  // namespace

Table sweep_pairs(const Sweep& sweep) {
    if (!sweep.has("difference")) {
        missing(sweep,
                "holds no differences between scenarios; they need a bootstrap, keep = \"draws\" and at "
                "most 64 scenarios");
    }
    const std::size_t S = sweep.scenarios().size();
    const auto &mean = numbers(sweep.group(), "difference"), &low = numbers(sweep.group(), "difference_low"),
               &high = numbers(sweep.group(), "difference_high"),
               &above = numbers(sweep.group(), "probability_above");
    const auto dominance = integers(sweep.group(), "dominance");
    Table table;
    table.header = {"Scenario", "Less", "Difference", "Low", "High", "P(above)", "Dominance"};
    table.left = {true, true, false, false, false, false, true};
    const auto& order = sweep.by_rank();
    for (std::size_t i = 0; i < S && table.rows.size() < most_pairs; ++i) {
        table.rules.push_back(table.rows.size());
        for (std::size_t j = i + 1; j < S; ++j) {
            const std::size_t at = order[i] * S + order[j];
            table.rows.push_back({sweep.scenarios()[order[i]], sweep.scenarios()[order[j]],
                                  significant(mean[at]), significant(low[at]), significant(high[at]),
                                  p_value(above[at]), order_of(dominance[at])});
        }
    }
    table.notes.emplace_back(
        "Differences of effects in the same replicate; the interval leaves zero out where one of the two is "
        "surely better. Dominance: stochastic, of first order (better for everyone) or second (for whoever "
        "shuns risk).");
    if (S * (S - 1) / 2 > table.rows.size())
        table.notes.push_back(
            fmt::format("{} pairs of {}; the file holds them all.", table.rows.size(), S * (S - 1) / 2));
    return table;
}

Table sweep_pareto(const Sweep& sweep) {
    if (!sweep.any_cost()) missing(sweep, "no lever has a cost; give levers cost_per_unit");
    const auto in = integers(sweep.group(), "pareto");
    std::vector<std::size_t> chosen;
    for (std::size_t s = 0; s < in.size(); ++s) {
        if (in[s] == 1) chosen.push_back(s);
    }
    std::stable_sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
        return sweep.value("cost", a) < sweep.value("cost", b);
    });
    Table table;
    table.header = {"Scenario", "Cost", "Effect", "Cost of one more unit"};
    double cost = NAN, effect = NAN;
    for (const std::size_t s : chosen) {
        const double more = sweep.value("cost", s) - cost, gain = sweep.effect(s) - effect;
        table.rows.push_back({sweep.scenarios()[s], significant(sweep.value("cost", s)),
                              significant(sweep.effect(s)), significant(gain > 0 ? more / gain : NAN)});
        cost = sweep.value("cost", s);
        effect = sweep.effect(s);
    }
    table.notes.push_back(
        fmt::format("{} of {} scenarios: no other has at least the effect at no more cost. "
                    "Last column: against the row above.",
                    chosen.size(), in.size()));
    return table;
}

Table sweep_sensitivity(const Sweep& sweep) {
    if (!sweep.has("sobol_first")) missing(sweep, "holds no Sobol' indices; they need design = \"saltelli\"");
    const auto& outcomes = texts(sweep.group(), "outcome");
    const std::size_t d = sweep.dimensions().size();
    const auto &first = numbers(sweep.group(), "sobol_first"),
               &first_error = numbers(sweep.group(), "sobol_first_std_error"),
               &total = numbers(sweep.group(), "sobol_total"),
               &total_error = numbers(sweep.group(), "sobol_total_std_error");
    Table table;
    table.header = {"Effect", "Lever", "First order", "SE", "Total", "SE"};
    table.left = {true, true, false, false, false, false};
    for (std::size_t o = 0; o < outcomes.size(); ++o) {
        table.rules.push_back(table.rows.size());
        std::vector<std::size_t> order(d);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return total[o * d + a] > total[o * d + b]; });
        for (const std::size_t j : order) {
            const std::size_t at = o * d + j;
            table.rows.push_back({outcomes[o], sweep.dimensions()[j], p_value(first[at]),
                                  p_value(first_error[at]), p_value(total[at]), p_value(total_error[at])});
        }
    }
    table.notes.emplace_back(
        "Shares of the effect's variance over the design: by the lever alone, and with its interactions. "
        "They are "
        "estimates from points: shares above 1 or below 0 ask for more points.");
    return table;
}

Table sweep_inequality(const Sweep& sweep) {
    const auto& measures = texts(sweep.group(), "measure");
    const std::size_t M = measures.size();
    Table table;
    table.header = {"Scenario", "Outcome"};
    table.left = {true, true};
    table.header.insert(table.header.end(), measures.begin(), measures.end());
    for (const std::string channel : {"econometric", "frontier"}) {
        if (!sweep.has((channel + "_inequality").c_str())) continue;
        const auto& baseline = numbers(sweep.group(), "baseline_" + channel + "_inequality");
        const auto& values = numbers(sweep.group(), channel + "_inequality");
        table.rules.push_back(table.rows.size());
        const auto add = [&](const std::string& name, const double* row) {
            std::vector<std::string> cells{name, channel};
            for (std::size_t m = 0; m < M; ++m) cells.push_back(significant(row[m]));
            table.rows.push_back(std::move(cells));
        };
        add("(baseline)", baseline.data());
        for (const std::size_t s : sweep.by_rank()) add(sweep.scenarios()[s], values.data() + s * M);
    }
    table.notes.emplace_back(
        "Of the outcome between units in the last period: coefficient of variation, standard deviation of "
        "logs "
        "(sigma-convergence), Theil's index and its parts between and within the groups of the sweep.");
    return table;
}

Table sweep_variables(const Sweep& sweep) {
    if (!sweep.has("variable_change"))
        missing(sweep, "holds no totals; name a dea stage, or columns in the key outcomes of the sweep");
    const auto variables = labels(sweep.results(), sweep.group(), "variable");
    const auto &change = numbers(sweep.group(), "variable_change"),
               &relative = numbers(sweep.group(), "variable_relative");
    Table table;
    table.header = {"Scenario", "Variable", "Change of the sum", "%"};
    table.left = {true, true, false, false};
    for (const std::size_t s : sweep.by_rank()) {
        table.rules.push_back(table.rows.size());
        for (std::size_t v = 0; v < variables.size(); ++v) {
            const std::size_t at = s * variables.size() + v;
            table.rows.push_back(
                {sweep.scenarios()[s], variables[v], significant(change[at]), percent(relative[at])});
        }
    }
    return table;
}

}  // namespace greenfront::io
