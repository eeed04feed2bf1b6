#include <fmt/format.h>

#include <algorithm>

#include "io/report_page.hpp"
#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

constexpr std::size_t told_one_by_one = 4;  // tests; more are counted

std::string percent_level(const ResultGroup& group) {
    const double level = number_attribute(group, "confidence");
    return fmt::format("{:g} %", 100 * (std::isnan(level) ? 0.95 : level));
}

void add_panel(const Results& results, std::vector<std::string>& sentences) {
    const ResultGroup* panel = results.find("panel");
    if (panel == nullptr || panel->variables.empty()) return;
    const auto units = labels(results, *panel, "unit"), times = labels(results, *panel, "time");
    std::string text = fmt::format("Panel: {} units", units.size());
    if (times.size() > 1)
        text += fmt::format(", {} periods ({} to {})", times.size(), times.front(), times.back());
    const double rows = number_attribute(*panel, "rows");
    if (!std::isnan(rows)) text += fmt::format(", {} rows", count(rows));
    sentences.push_back(text + ".");
}

void add_efficiency(const Results& results, std::vector<std::string>& sentences) {
    for (const auto* group : results.under("dea")) {
        const Moments m = moments(numbers(*group, "score"));
        const auto status = integers(*group, "status"), used = integers(*group, "used");
        std::size_t unsolved = 0;
        for (std::size_t i = 0; i < status.size(); ++i) unsolved += used[i] == 1 && status[i] > 0 ? 1U : 0U;
        sentences.push_back(
            fmt::format("Efficiency {} ({}{}, {} returns, reference {}): mean {}, median {}, from {} to {}, "
                        "over {} scores{}.",
                        last_name(*group), number_attribute(*group, "super") > 0 ? "super-efficiency " : "",
                        text_attribute(*group, "model"), text_attribute(*group, "returns"),
                        text_attribute(*group, "reference"), significant(m.mean), significant(m.median),
                        significant(m.min), significant(m.max), count(m.n),
                        unsolved > 0 ? fmt::format("; {} rows have none", unsolved) : ""));
    }
}

void add_productivity(const Results& results, std::vector<std::string>& sentences) {
    for (const auto* group : results.under("productivity")) {
        const double mean = number_attribute(*group, "mean_index");
        if (std::isnan(mean)) continue;
        const bool ratio = text_attribute(*group, "comparison") == "ratio";
        sentences.push_back(
            fmt::format("Productivity {} ({}): {} on average from period to period, over {} pairs.",
                        last_name(*group), text_attribute(*group, "measure"),
                        ratio ? fmt::format("{:+.2f} %", 100 * (mean - 1)) : significant(mean),
                        count(number_attribute(*group, "pairs_with_index"))));
    }
}

void add_placebos(const Results& results, std::vector<std::string>& sentences) {
    const auto groups = results.under("placebo");
    if (groups.size() > told_one_by_one) {
        std::string rare;
        std::size_t count_of_rare = 0;
        for (const auto* group : groups) {
            if (!(number_attribute(*group, "p_value") < 0.05)) continue;
            rare += (count_of_rare++ > 0 ? ", " : ": ") + last_name(*group);
        }
        sentences.push_back(fmt::format(
            "Placebo tests: {} of {} find the real estimate beyond what chance makes (p < 0.05){}.",
            count_of_rare, groups.size(), rare));
        return;
    }
    for (const auto* group : groups) {
        sentences.push_back(fmt::format(
            "Placebo {} of regression {}: {} of {} fictitious assignments of {} are as extreme as the real "
            "one "
            "(p = {}).",
            last_name(*group), text_attribute(*group, "regression"),
            count(number_attribute(*group, "n_extreme")),
            count(number_attribute(*group, "replicates") - number_attribute(*group, "infeasible")),
            text_attribute(*group, "treatment"), p_value(number_attribute(*group, "p_value"))));
    }
}

void add_published(const Results& results, std::vector<std::string>& sentences) {
    const ResultGroup* group = results.find("published");
    if (group == nullptr) return;
    sentences.push_back(fmt::format("Published figures: {} of {} with a tolerance lie within it.",
                                    count(number_attribute(*group, "figures_within")),
                                    count(number_attribute(*group, "figures_judged"))));
}

/// Which column ranks the scenarios: the econometric effect where there is one.
std::string effect_of(const ResultGroup& group) {
    for (const char* name : {"econometric", "frontier"}) {
        const std::string column = std::string(name) + "_effect";
        if (group.find(column) == nullptr) continue;
        const auto& effect = numbers(group, column);
        if (std::any_of(effect.begin(), effect.end(), [](double x) { return !std::isnan(x); })) return name;
    }
    return "";
}

void add_sweeps(const Results& results, std::vector<std::string>& sentences) {
    for (const auto* group : results.under("sweep")) {
        const std::string kind = effect_of(*group);
        if (text_attribute(*group, "design") == "saltelli") continue;  // points of a design, not choices
        const auto rank = integers(*group, "rank");
        const auto best = static_cast<std::size_t>(std::find(rank.begin(), rank.end(), 1) - rank.begin());
        if (kind.empty() || best == rank.size()) continue;
        std::string text =
            fmt::format("Sweep {}: of {} scenarios {} has the largest effect on {}, {}", last_name(*group),
                        rank.size(), texts(*group, "scenario")[best], text_attribute(*group, "outcome"),
                        significant(numbers(*group, kind + "_effect")[best]));
        if (group->find(kind + "_low") != nullptr) {
            text += fmt::format(" ({} interval {} to {})", percent_level(*group),
                                significant(numbers(*group, kind + "_low")[best]),
                                significant(numbers(*group, kind + "_high")[best]));
        }
        if (group->find("probability_best") != nullptr) {
            const double p = numbers(*group, "probability_best")[best];
            if (!std::isnan(p)) text += fmt::format("; it is the best in {} % of the draws", percent(p));
        }
        sentences.push_back(text + ".");
    }
}

Table first_coefficients(const Results& results) {
    Table table;
    table.title = "The first regressor of each regression";
    table.header = {"Regression", "Outcome", "Regressor", "Estimate", "Std. error", "Low", "High", "p", "n"};
    table.left = {true, true, true};
    for (const auto* group : results.under("regression")) {
        const auto& terms = texts(*group, "term");
        if (terms.empty()) continue;
        // An endogenous variable is what its regression is about.
        const auto endogenous = list_attribute(*group, "endogenous");
        const auto chosen =
            endogenous.empty() ? terms.begin() : std::find(terms.begin(), terms.end(), endogenous.front());
        const std::size_t t = chosen == terms.end() ? 0 : static_cast<std::size_t>(chosen - terms.begin());
        const auto figure = [&](const char* name) { return significant(numbers(*group, name)[t]); };
        table.rows.push_back({last_name(*group), text_attribute(*group, "outcome"), terms[t],
                              figure("estimate"), figure("std_error"), figure("conf_low"),
                              figure("conf_high"), p_value(numbers(*group, "p_value")[t]),
                              count(number_attribute(*group, "n"))});
    }
    table.notes.emplace_back("Low and High: the regression's own confidence interval.");
    return table;
}

}  // namespace

ReportSummary report_summary(const Results& results) {
    ReportSummary summary;
    add_panel(results, summary.sentences);
    add_efficiency(results, summary.sentences);
    add_productivity(results, summary.sentences);
    add_published(results, summary.sentences);
    add_placebos(results, summary.sentences);
    add_sweeps(results, summary.sentences);
    summary.coefficients = first_coefficients(results);
    return summary;
}

}  // namespace greenfront::io
