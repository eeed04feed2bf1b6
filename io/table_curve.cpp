#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::io {
namespace {

/// One estimate of the coefficient and the choices behind it.
struct Line {
    std::string outcome, stage, model, reference, returns, method, clipping;
    double estimate = NAN, std_error = NAN, low = NAN, high = NAN, p_value = NAN, n = NAN, mean = NAN;
};

std::string with_disposability(const std::string& model, const std::string& disposability) {
    const bool plain = disposability.empty() || disposability == "strong";
    const bool directional = model.ends_with("ddf");
    return plain && !directional ? model : model + " " + disposability;
}

/// The same analysis: the same words and, to the last bit, the same estimate.
bool same(const Line& a, const Line& b) {
    return a.model == b.model && a.reference == b.reference && a.returns == b.returns &&
           a.method == b.method && a.clipping == b.clipping && a.estimate == b.estimate &&
           a.std_error == b.std_error;
}

/// Alternatives that are the study's own choice again are left out, and counted in `repeated`: they would
/// pull the median towards it.
void add_curve(const ResultGroup& group, std::vector<Line>& lines, std::size_t& repeated) {
    const auto column = [&](const char* name) -> const auto& {
        return texts(group, name);
    };
    const auto n = integers(group, "n");
    Line own;  // the study's choice, which other curves have, too
    const auto there = [&](const std::string& stage) {
        return std::any_of(lines.begin(), lines.end(), [&](const Line& line) { return line.stage == stage; });
    };
    for (std::size_t i = 0; i < n.size(); ++i) {
        Line line;
        line.stage = column("specification")[i];
        line.model = with_disposability(column("model")[i], column("disposability")[i]);
        line.reference = column("reference")[i];
        line.returns = column("returns")[i];
        line.method = column("method")[i];
        line.clipping = column("winsorize")[i];
        line.estimate = numbers(group, "estimate")[i];
        line.std_error = numbers(group, "std_error")[i];
        line.p_value = numbers(group, "p_value")[i];
        line.low = numbers(group, "conf_low")[i];
        line.high = numbers(group, "conf_high")[i];
        line.mean = numbers(group, "mean_outcome")[i];
        line.n = static_cast<double>(n[i]);
        if (i == 0) own = line;
        if (i > 0 && same(line, own)) {
            ++repeated;
            continue;
        }
        if (i > 0 || !there(line.stage)) lines.push_back(std::move(line));
    }
}

/// The dea stage whose column is the outcome, or null.
const ResultGroup* efficiency_of(const Results& results, const ResultGroup& regression) {
    return results.find("dea/" + text_attribute(regression, "outcome"));
}

/// Any regression of the results with the term.
void add_regressions(const Results& results, const std::string& term, std::vector<Line>& lines) {
    std::vector<std::string> known;
    for (const auto* group : results.under("regression")) {
        const auto& terms = texts(*group, "term");
        known.insert(known.end(), terms.begin(), terms.end());
        const auto at = std::find(terms.begin(), terms.end(), term) - terms.begin();
        if (at == static_cast<std::ptrdiff_t>(terms.size())) continue;
        const auto t = static_cast<std::size_t>(at);
        Line line;
        line.outcome = text_attribute(*group, "outcome");
        line.stage = last_name(*group);
        if (const ResultGroup* efficiency = efficiency_of(results, *group)) {
            const bool super = number_attribute(*efficiency, "super") > 0;
            line.model = (super ? "super-" : "") + text_attribute(*efficiency, "model");
            if (!list_attribute(*efficiency, "bad").empty())
                line.model = with_disposability(line.model, text_attribute(*efficiency, "disposability"));
            line.reference = text_attribute(*efficiency, "reference");
            line.returns = text_attribute(*efficiency, "returns");
            const auto percentiles = numbers_attribute(*efficiency, "winsorize");
            line.clipping =
                percentiles.size() == 2 ? fmt::format("{:g}-{:g}", percentiles[0], percentiles[1]) : "off";
        }
        if (const ResultGroup* index = results.find("index/" + term))
            line.method = text_attribute(*index, "method");
        line.estimate = numbers(*group, "estimate")[t];
        line.std_error = numbers(*group, "std_error")[t];
        line.p_value = numbers(*group, "p_value")[t];
        line.low = numbers(*group, "conf_low")[t];
        line.high = numbers(*group, "conf_high")[t];
        line.n = number_attribute(*group, "n");
        lines.push_back(std::move(line));
    }
    if (lines.empty())
        throw Error(Fault::usage, fmt::format("no regression of these results has the term \"{}\"{}", term,
                                              did_you_mean(term, known)));
}

Table drawn(std::vector<Line> lines, const std::string& term, bool curves, std::size_t repeated,
            const Style& style) {
    Table table;
    table.title = fmt::format("Specification curve of {}", term);
    table.header = {"Stage",    "Model", "Reference", "RTS",  "Weights", "Clip",
                    "Estimate", "SE",    "Low",       "High", "/ mean",  "n"};
    table.left = {true, true, true, true, true, true};
    if (!curves) {
        table.header.insert(table.header.begin(), "Outcome");
        table.left.push_back(true);
    }
    // Estimates that are missing come last; equal ones keep their order.
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return std::isnan(b.estimate) ? !std::isnan(a.estimate) : a.estimate < b.estimate;
    });
    std::vector<double> estimates;
    std::size_t positive = 0, negative = 0;
    const double level = style.stars.size() > 1 ? style.stars[1] : 0.05;
    for (const auto& line : lines) {
        table.rows.push_back({line.stage, line.model, line.reference, line.returns, line.method,
                              line.clipping, starred(line.estimate, line.p_value, style),
                              significant(line.std_error), significant(line.low), significant(line.high),
                              significant(line.estimate / line.mean), count(line.n)});
        if (!curves) table.rows.back().insert(table.rows.back().begin(), line.outcome);
        estimates.push_back(line.estimate);
        positive += line.estimate > 0 && line.p_value < level;
        negative += line.estimate < 0 && line.p_value < level;
    }
    const Moments m = moments(estimates);
    table.notes.push_back(fmt::format(
        "{:.0f} estimates: median {}, range {} to {}; {} positive and {} negative with p < {}.", m.n,
        significant(m.median), significant(m.min), significant(m.max), positive, negative, level));
    table.notes.emplace_back(
        curves ? "/ mean: the estimate over the outcome's mean, since scores of different models have "
                 "different sizes. ddf, nddf and additive enter as 1 / (1 + score)."
               : "/ mean: known for the regressions of a curve only.");
    if (repeated > 0)
        table.notes.push_back(
            fmt::format("{} choices that are the study's own again count once, with it.", repeated));
    double most = 0, least = INFINITY;
    for (const auto& line : lines) {
        if (std::isnan(line.estimate)) continue;
        most = std::max(most, line.n);
        least = std::min(least, line.n);
    }
    if (curves && least < most)
        table.notes.push_back(
            fmt::format("n from {:.0f} to {:.0f}: where a program has no solution (super-efficiency, for "
                        "rows that no others can "
                        "reach) the row has no score and is not in the regression.",
                        least, most));
    if (const auto missing = lines.size() - static_cast<std::size_t>(m.n); missing > 0)
        table.notes.push_back(
            fmt::format("{} without an estimate; export RESULTS curve/NAME has the reason.", missing));
    if (const std::string rule = stars_note(style); !rule.empty()) table.notes.push_back(rule);
    return table;
}

}  // namespace

std::size_t leave_out_curves(Results& results) {
    std::set<std::string> made;
    for (const auto* group : results.under("curve")) {
        for (const auto& [kind, column, own] :
             {std::array{"regression/", "specification", "regression"}, std::array{"dea/", "dea", "dea"},
              std::array{"index/", "index", "index"}}) {
            for (const auto& stage : texts(*group, column)) {
                if (!stage.empty() && stage != text_attribute(*group, own)) made.insert(kind + stage);
            }
        }
    }
    return std::erase_if(results.groups, [&](const ResultGroup& group) { return made.contains(group.path); });
}

Table curve_table(const Results& results, const std::string& name, const std::string& term,
                  const Style& style) {
    std::vector<Line> lines;
    std::size_t repeated = 0;
    std::string shown = term;
    for (const auto* group : results.under("curve")) {
        const bool wanted =
            name.empty() ? term.empty() || term == text_attribute(*group, "term") : last_name(*group) == name;
        if (!wanted) continue;
        const std::string own = text_attribute(*group, "term");
        if (!shown.empty() && shown != own) {
            throw Error(Fault::usage, fmt::format("the curves are of different terms, {} and {}; name one "
                                                  "with --term, or one curve: curve/NAME",
                                                  shown, own));
        }
        shown = own;
        add_curve(*group, lines, repeated);
    }
    if (!lines.empty()) return drawn(std::move(lines), shown, true, repeated, style);
    if (term.empty())
        throw Error(Fault::usage,
                    "these results have no [curve.NAME]; name a regressor with --term to see it "
                    "in all regressions");
    add_regressions(results, term, lines);
    return drawn(std::move(lines), term, false, 0, style);
}

}  // namespace greenfront::io
