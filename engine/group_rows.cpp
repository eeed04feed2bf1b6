#include "engine/group_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <ranges>
#include <set>

#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/formula.hpp"

namespace greenfront {

using greenfront::panel::Factor;

namespace {

/// Levels of an expression, sorted; -1 where the value is NaN. Those of a condition are no and yes.
Factor levels_of(const std::string& name, const std::vector<double>& values) {
    std::set<double> distinct;
    for (const double value : values)
        if (!std::isnan(value)) distinct.insert(value);
    Factor factor{name, {}, static_cast<std::int32_t>(distinct.size()), {}};
    const std::vector<double> sorted(distinct.begin(), distinct.end());
    const bool condition = sorted == std::vector<double>{0, 1};
    for (const double value : sorted)
        factor.level_name.push_back(!condition ? fmt::format("{}", value) : value == 1 ? "yes" : "no");
    for (const double value : values) {
        const auto place = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
        factor.code.push_back(std::isnan(value) ? -1 : static_cast<std::int32_t>(place));
    }
    return factor;
}

/// The levels that some row of `rows` has: one that `where` leaves out is no group.
Factor present_levels(const Factor& all, const std::vector<std::int64_t>& rows, std::size_t panel_rows) {
    std::vector<std::int64_t> known;
    for (const auto r : rows)
        if (all.code[static_cast<std::size_t>(r)] >= 0) known.push_back(r);
    const Factor present = greenfront::panel::take_rows(all, known);
    Factor result{all.name, std::vector<std::int32_t>(panel_rows, -1), present.levels, {}};
    for (std::int32_t level = 0; level < present.levels; ++level) result.level_name.emplace_back();
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto r = static_cast<std::size_t>(known[i]);
        result.code[r] = present.code[i];
        if (!all.level_name.empty())
            result.level_name[static_cast<std::size_t>(present.code[i])] =
                all.level_name[static_cast<std::size_t>(all.code[r])];
    }
    return result;
}

}  // namespace

std::vector<double> group_values(const std::string& group, const Panel& panel, Fault fault) {
    // A mere name is meant as a column; that a file lacks it is a matter of the data, as it is of a formula.
    const bool name =
        std::all_of(group.begin(), group.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (name && fault == Fault::usage) return panel.number(group);
    return panel.has(group) ? panel.number(group) : evaluate(group, panel, fault).value;
}

Factor group_levels(const std::string& group, const Panel& panel, Fault fault) {
    // Columns joined by ^ are a factor, too; what is neither is an expression.
    bool columns = true;
    for (const auto& part : std::views::split(group, '^'))
        columns = columns && panel.has(std::string(part.begin(), part.end()));
    if (columns) return make_factor(group, panel);
    return levels_of(group, group_values(group, panel, fault));
}

Factor groups_of_rows(const Panel& panel, const std::vector<char>& keep, const Grouping& grouping,
                      Fault fault) {
    std::vector<std::int64_t> rows;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        if (keep.empty() || keep[r]) rows.push_back(static_cast<std::int64_t>(r));
    if (grouping.split == "category")
        return present_levels(group_levels(grouping.column, panel, fault), rows, panel.rows());
    const auto values = group_values(grouping.column, panel, fault);
    Eigen::VectorXd selected(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        selected[static_cast<Eigen::Index>(i)] = values[static_cast<std::size_t>(rows[i])];
    const Factor split = greenfront::panel::split(
        grouping.column, selected,
        grouping.split == "median" ? greenfront::panel::Split::median : greenfront::panel::Split::tercile);
    Factor result{split.name, std::vector<std::int32_t>(panel.rows(), -1), split.levels, split.level_name};
    for (std::size_t i = 0; i < rows.size(); ++i)
        result.code[static_cast<std::size_t>(rows[i])] = split.code[i];
    return result;
}

}  // namespace greenfront
