#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/placebo_terms.hpp"
#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

/// A share of n replicates; none of them says "less than one in n", not zero.
std::string resampled_p(double p, std::int64_t n) {
    return p == 0 && n > 0 ? fmt::format("<{:.4f}", 1 / static_cast<double>(n)) : p_value(p);
}

std::string bootstrap_method(const ResultGroup& group) {
    const std::string method = text_attribute(group, "method");
    if (group.attribute("type") == nullptr) return method;
    const std::string weights =
        number_attribute(group, "enumerated") > 0 ? "all signs" : text_attribute(group, "weights");
    return fmt::format("{} ({}, {}, null {:g} {})", method, text_attribute(group, "type"), weights,
                       number_attribute(group, "null"),
                       number_attribute(group, "null_imposed") > 0 ? "imposed" : "not imposed");
}

/// What was drawn, how often, and what of it stands in the file.
std::string bootstrap_note(const ResultGroup& group) {
    const auto number = [&](const char* key) { return count(number_attribute(group, key)); };
    std::string drawn;
    if (group.attribute("rows") != nullptr) {
        drawn = number("rows") + " rows";
    } else if (group.attribute("block") != nullptr) {
        drawn = fmt::format("blocks of {} of {} periods of {}", number("block"), number("clusters"),
                            text_attribute(group, "cluster"));
    } else {
        drawn = fmt::format("{} clusters of {}", number("clusters"), text_attribute(group, "cluster"));
    }
    const bool kept = group.attribute("keep") == nullptr || text_attribute(group, "keep") == "draws";
    const std::string random =
        group.attribute("replicates") == nullptr
            ? "each left out once"
            : fmt::format("{} replicates{}", number("replicates"), kept ? "" : " (counted, not kept)");
    return fmt::format("{}: {} of regression {}, {}, {}, intervals at {:g} %{}.", last_name(group),
                       bootstrap_method(group), text_attribute(group, "regression"), drawn, random,
                       100 * number_attribute(group, "confidence"),
                       group.attribute("seed") == nullptr ? "" : ", seed " + text_attribute(group, "seed"));
}

/// Whether a statistic of some replicate is that of the sample; few clusters make many.
bool any_ties(const std::vector<const ResultGroup*>& groups) {
    return std::any_of(groups.begin(), groups.end(), [](const ResultGroup* group) {
        if (group->find("n_tie") == nullptr) return false;
        const auto ties = integers(*group, "n_tie");
        return std::any_of(ties.begin(), ties.end(), [](std::int64_t n) { return n > 0; });
    });
}

}  // namespace

Table bootstrap_table(const Results& results) {
    Table table;
    table.title = "Bootstraps";
    table.header = {"Stage",        "Term",           "Estimate",        "SE",
                    "Bootstrap SE", "Percentile low", "Percentile high", "t low",
                    "t high",       "p (symmetric)",  "p (equal-tailed)"};
    const bool ties = any_ties(require_groups(results, "bootstrap"));
    if (ties) table.header.insert(table.header.end(), {"Ties", "p with ties"});
    table.left = {true, true};
    for (const auto* group : require_groups(results, "bootstrap")) {
        table.rules.push_back(table.rows.size());
        const auto& terms = texts(*group, "term");
        const auto used = integers(*group, "used"), infeasible = integers(*group, "infeasible");
        const bool jackknife = text_attribute(*group, "method") == "jackknife";
        // A wild bootstrap tests, and has neither a spread nor percentiles of coefficients.
        const auto cell = [&](const char* name, std::size_t t) -> std::string {
            return group->find(name) == nullptr ? "" : significant(numbers(*group, name)[t]);
        };
        const auto p = [&](const char* name, std::size_t t) -> std::string {
            if (group->find(name) == nullptr) return "";
            const double value = numbers(*group, name)[t];
            return jackknife ? p_value(value) : resampled_p(value, used[t]);
        };
        const auto tied = [&](std::size_t t) { return integers(*group, "n_tie")[t]; };
        const auto ties_of = [&](std::size_t t) -> std::string {
            return jackknife ? "" : fmt::to_string(tied(t));
        };
        const auto p_with_ties = [&](std::size_t t) -> std::string {
            if (jackknife || used[t] == 0 || std::isnan(numbers(*group, "p_value")[t])) return "";
            const auto all = integers(*group, "n_greater")[t] + tied(t);
            return resampled_p(static_cast<double>(all) / static_cast<double>(used[t]), used[t]);
        };
        for (std::size_t t = 0; t < terms.size(); ++t) {
            table.rows.push_back({last_name(*group), terms[t], cell("estimate", t), cell("std_error", t),
                                  cell(jackknife ? "jackknife_std_error" : "bootstrap_std_error", t),
                                  cell("percentile_low", t), cell("percentile_high", t),
                                  cell(jackknife ? "conf_low" : "t_low", t),
                                  cell(jackknife ? "conf_high" : "t_high", t), p("p_value", t),
                                  p("p_equal_tailed", t)});
            if (ties) table.rows.back().insert(table.rows.back().end(), {ties_of(t), p_with_ties(t)});
            if (infeasible[t] > 0) {
                table.notes.push_back(fmt::format(
                    "{}: {} of the replicates {} {}; they are left out.", last_name(*group), infeasible[t],
                    group->attribute("type") == nullptr ? "do not identify" : "have no statistic of",
                    terms[t]));
            }
        }
        table.notes.push_back(bootstrap_note(*group));
        if (const std::string warning = text_attribute(*group, "warning"); !warning.empty())
            table.notes.push_back(fmt::format("{}: {}.", last_name(*group), warning));
    }
    return table;
}

namespace {

/// A placebo test has clustered errors whatever the regression's table has.
std::string clustered_by(const ResultGroup& group) {
    const std::string vcov = text_attribute(group, "vcov"), head = "cluster:";
    return vcov.starts_with(head) ? "clustered by " + vcov.substr(head.size()) : vcov;
}

std::string placebo_note(const ResultGroup& group) {
    const bool within = group.attribute("within") != nullptr, compat = group.attribute("compat") != nullptr;
    return fmt::format(
        "{}: {}{} in regression {}, SE {}, {} compared, {}{}.", last_name(group),
        text_attribute(group, "method"), within ? " within " + text_attribute(group, "within") : "",
        text_attribute(group, "regression"), clustered_by(group), text_attribute(group, "compared"),
        number_attribute(group, "enumerated") > 0 ? std::string("every permutation")
        : group.find("lead") != nullptr           ? std::string("fake adoptions")
                                                  : "seed " + text_attribute(group, "seed"),
        compat ? ", p as Stata's " + text_attribute(group, "compat") : "");
}

}  // namespace

Table placebo_table(const Results& results) {
    Table table;
    table.title = "Placebo tests";
    table.header = {"Stage",      "Treatment", "Estimate",   "SE",           "Statistic", "Placebo mean",
                    "Placebo SD", "Draws",     "Infeasible", "More extreme", "p",         "Share"};
    table.left = {true, true};
    for (const auto* group : require_groups(results, "placebo")) {
        const auto figure = [&](const char* key) { return number_attribute(*group, key); };
        Moments draws;
        if (group->find("draw") != nullptr) {
            draws = moments(numbers(*group, "draw"));
        } else {
            draws.mean = figure("draw_mean");
            draws.sd = figure("draw_standard_deviation");
        }
        table.rows.push_back(
            {last_name(*group), text_attribute(*group, "treatment"), significant(figure("estimate")),
             significant(figure("std_error")), significant(figure("statistic")), significant(draws.mean),
             significant(draws.sd), count(figure("replicates")), count(figure("infeasible")),
             count(figure("n_extreme")), p_value(figure("p_value")), p_value(figure("p_share"))});
        table.notes.push_back(placebo_note(*group));
        if (figure("fixed_items") > 0) {
            table.notes.push_back(fmt::format("{}: {} of {} have nothing to change places with.",
                                              last_name(*group), count(figure("fixed_items")),
                                              count(figure("items"))));
        }
        if (group->find("lead") == nullptr) {
            if (const auto text = off_centre(draws.mean, draws.sd); !text.empty())
                table.notes.push_back(fmt::format("{}: {}.", last_name(*group), text));
        }
        if (group->attribute("infeasible_reasons") != nullptr) {
            table.notes.push_back(fmt::format("{}: left out, {}.", last_name(*group),
                                              text_attribute(*group, "infeasible_reasons")));
        }
    }
    return table;
}

}  // namespace greenfront::io
