#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

/// What `show results.h5 paper` says of one figure.
struct Figure {
    std::string table, column, stage, term, statistic, stars;
    double value, obtained, p_value, difference, in_errors;
    std::int64_t decimals, within;
};

std::vector<Figure> figures(const ResultGroup& group) {
    const auto &table = texts(group, "table"), &column = texts(group, "column"),
               &stage = texts(group, "stage"), &term = texts(group, "term"),
               &statistic = texts(group, "statistic"), &printed = texts(group, "stars");
    const auto &value = numbers(group, "value"), &obtained = numbers(group, "obtained"),
               &p = numbers(group, "obtained_p_value"), &difference = numbers(group, "difference"),
               &in_errors = numbers(group, "difference_std_errors");
    const auto decimals = integers(group, "decimals"), within = integers(group, "within");
    std::vector<Figure> all;
    for (std::size_t i = 0; i < table.size(); ++i) {
        all.push_back({table[i], column[i], stage[i], term[i], statistic[i], printed[i], value[i],
                       obtained[i], p[i], difference[i], in_errors[i], decimals[i], within[i]});
    }
    return all;
}

/// A number with as many decimals as the printed one, and `more` to tell the two apart.
std::string digits(double value, std::int64_t decimals, int more) {
    if (std::isnan(value)) return ".";
    return decimals == 0 && value == std::round(value) ? fmt::format("{:.0f}", value)
                                                       : fmt::format("{:.{}f}", value, decimals + more);
}

/// At least two significant digits, up to the sixth decimal: a printed 0 does not make ours one.
std::string obtained_digits(const Figure& figure) {
    const double size = std::abs(figure.obtained);
    if (!(size > 0) || (figure.decimals == 0 && figure.obtained == std::round(figure.obtained)))
        return digits(figure.obtained, figure.decimals, 2);
    const auto needed = static_cast<std::int64_t>(std::ceil(-std::log10(size))) + 1;
    const auto places = std::max(figure.decimals + 2, std::min<std::int64_t>(needed, 6));
    return fmt::format("{:.{}f}", figure.obtained, places);
}

std::string printed_stars(const Figure& figure) {
    return figure.stars == "none" ? "" : figure.stars;
}

/// What follows from the figures with the rule of stars that is asked for.
struct Summary {
    std::size_t figures = 0, judged = 0, within = 0, missing = 0, starred = 0, same_stars = 0;
    void add(const Figure& figure, const std::string& own_stars) {
        ++figures;
        missing += std::isnan(figure.obtained);
        judged += figure.within >= 0;
        within += figure.within > 0;
        if (figure.stars.empty()) return;
        ++starred;
        same_stars += !std::isnan(figure.obtained) && own_stars == printed_stars(figure);
    }
    [[nodiscard]] std::string text() const {
        std::string line = fmt::format("{} figures: {} of {} with a tolerance agree, {} do not", figures,
                                       within, judged, judged - within);
        if (starred > 0)
            line += fmt::format("; stars as published for {} of {} coefficients", same_stars, starred);
        if (missing > 0) line += fmt::format("; {} have no counterpart in these results", missing);
        return line + ".";
    }
};

}  // namespace

std::vector<std::string> published_tables(const Results& results) {
    const ResultGroup* group = results.find("published");
    std::vector<std::string> names;
    if (group == nullptr) return names;
    for (const auto& table : texts(*group, "table")) {
        if (std::find(names.begin(), names.end(), table) == names.end()) names.push_back(table);
    }
    return names;
}

Table published_table(const Results& results, const std::string& name, const Style& style) {
    const ResultGroup& group = require_group(results, "published");
    Table table;
    table.title = name.empty() ? "Published and obtained" : "Published and obtained: table " + name;
    table.header = {"Table",    "Col.",       "Stage",   "Term",  "Statistic", "Published",
                    "Obtained", "Difference", "In s.e.", "Stars", "Ours",      "Verdict"};
    table.left = {true, true, true, true, true, false, false, false, false, true, true, true};
    Summary summary;
    std::string before;
    for (const auto& figure : figures(group)) {
        if (!name.empty() && figure.table != name) continue;
        const std::string own = stars(figure.p_value, style.stars);
        summary.add(figure, own);
        const std::string place = figure.table + "\n" + figure.column;
        if (place != before) table.rules.push_back(table.rows.size());
        before = place;
        std::string verdict = std::isnan(figure.obtained) ? "missing" : figure.within == 0 ? "beyond" : "";
        if (!figure.stars.empty() && own != printed_stars(figure) && !std::isnan(figure.obtained))
            verdict += verdict.empty() ? "stars" : ", stars";
        const bool plain = figure.stage.starts_with("regression/");
        table.rows.push_back({figure.table, figure.column, plain ? figure.stage.substr(11) : figure.stage,
                              figure.term, figure.statistic, digits(figure.value, figure.decimals, 0),
                              obtained_digits(figure), digits(figure.difference, figure.decimals, 2),
                              std::isnan(figure.in_errors) ? "" : fmt::format("{:.2f}", figure.in_errors),
                              printed_stars(figure), own, verdict});
    }
    table.notes.push_back(summary.text());
    table.notes.emplace_back(
        "beyond: further apart than the figure's tolerance, and not the same number when rounded as printed. "
        "stars: other stars than printed. In s.e.: over the published standard error; Ours: stars of these "
        "results. Full precision and "
        "tolerances: export RESULTS published.");
    if (const std::string rule = stars_note(style); !rule.empty()) table.notes.push_back(rule);
    if (const std::string source = text_attribute(group, "source"); !source.empty())
        table.notes.push_back("Published in: " + source);
    if (text_attribute(group, "file") == "embedded:huang2025")
        table.notes.emplace_back(
            "Some printed figures do not agree with each other, and some of ours cannot with all: "
            "docs/methods/synthetic-panel.md.");
    return table;
}

}  // namespace greenfront::io
