#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "io/table_access.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {

std::vector<double> parse_stars(const std::string& text) {
    std::vector<double> levels;
    if (text == "none") return levels;
    const auto refuse = [&](const char* why) {
        throw Error(Fault::usage,
                    fmt::format("stars \"{}\": {}; write up to four levels from the largest to the "
                                "smallest, e.g. 0.1,0.05,0.01, or none",
                                text, why));
    };
    for (const char* at = text.data(); at <= text.data() + text.size();) {
        const char* const end = std::find(at, text.data() + text.size(), ',');
        double level = 0;
        const auto [stop, fault] = std::from_chars(at, end, level);
        if (fault != std::errc() || stop != end) refuse("a level is no number");
        if (!(level > 0 && level < 1)) refuse("a level lies between 0 and 1");
        if (!levels.empty() && level >= levels.back()) refuse("the levels do not fall");
        levels.push_back(level);
        at = end + 1;
    }
    if (levels.size() > 4) refuse("there are more than four levels");
    return levels;
}

std::string stars(double p, const std::vector<double>& levels) {
    // A missing p is below no level.
    const auto below = std::count_if(levels.begin(), levels.end(), [&](double level) { return p < level; });
    return std::string(static_cast<std::size_t>(below), '*');
}

std::string in_style(double value, const Style& style) {
    if (style.decimals < 0 || !std::isfinite(value)) return significant(value);
    const std::string text = fmt::format("{:.{}f}", value, style.decimals);
    const bool zero = text.find_first_not_of("-0.") == std::string::npos;
    return zero && text[0] == '-' ? text.substr(1) : text;
}

HungCell hang(const std::string& cell) {
    const auto last = cell.find_last_not_of(" *");
    if (last == std::string::npos) return {};
    std::size_t body = last + 1;
    if (cell[last] == ')' || cell[last] == ']') body = last;
    HungCell result{cell.substr(0, body), trimmed(cell.substr(body))};
    return result;
}

bool is_r_squared(const std::string& label) {
    return label == "R2" || label == "Adjusted R2" || label == "Within R2" || label == "Pseudo R2";
}

bool has_overhang(const Table& table, std::size_t column) {
    return std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
        return column < row.size() && !row[column].empty() &&
               (row[column].back() == ' ' || row[column].back() == '*');
    });
}

std::string starred(double estimate, double p, const Style& style) {
    return fmt::format("{}{:<{}}", in_style(estimate, style), stars(p, style.stars), style.stars.size());
}

std::string below(double std_error, double statistic, double p, const Style& style) {
    const std::string room(style.stars.empty() ? 0 : style.stars.size() - 1, ' ');
    switch (style.below) {
        case Style::Below::std_error:
            return fmt::format("({}){}", in_style(std_error, style), room);
        case Style::Below::statistic:
            return fmt::format("({}){}", in_style(statistic, style), room);
        case Style::Below::p_value:
            return fmt::format("[{}]{}", p_value(p), room);
    }
    return {};
}

std::string stars_note(const Style& style) {
    std::vector<std::string> rules;
    for (std::size_t i = 0; i < style.stars.size(); ++i)
        rules.push_back(fmt::format("{} p < {}", std::string(i + 1, '*'), style.stars[i]));
    return rules.empty() ? "" : fmt::format("{}.", fmt::join(rules, ", "));
}

std::string note_of(const Style& style) {
    const std::string rules = stars_note(style);
    const char* inside = style.below == Style::Below::std_error   ? "Standard errors in parentheses."
                         : style.below == Style::Below::statistic ? "t (or z) statistics in parentheses."
                                                                  : "p values in brackets.";
    return rules.empty() ? inside : fmt::format("{} {}", inside, rules);
}

}  // namespace greenfront::io
