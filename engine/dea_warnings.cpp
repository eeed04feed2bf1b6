#include "engine/dea_warnings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace greenfront {
namespace {

constexpr std::size_t most_named = 5;

std::string counted(std::size_t n, const char* one, const char* several) {
    return fmt::format("{} {}", n, n == 1 ? one : several);
}

std::string row_name(const Panel& panel, std::size_t r) {
    const std::string& unit = panel.unit_name[static_cast<std::size_t>(panel.unit[r])];
    if (!panel.has_time()) return unit;
    return fmt::format("{} {}", unit, panel.time_value[static_cast<std::size_t>(panel.time[r])]);
}

/// "A 2010, B 2010 and 3 more"
std::string listed(std::vector<std::string> names) {
    const std::size_t n = names.size();
    names.resize(std::min(n, most_named));
    return fmt::format("{}{}", fmt::join(names, ", "),
                       n > most_named ? fmt::format(" and {} more", n - most_named) : "");
}

void statuses(const Panel& panel, const std::vector<char>& usable, const Efficiency& result,
              std::vector<std::string>& warnings) {
    const auto tell = [&](Status status, const char* what) {
        std::vector<std::string> names;
        for (std::size_t r = 0; r < panel.rows(); ++r) {
            if (usable[r] && result.scores.status[r] == status) names.push_back(row_name(panel, r));
        }
        if (names.empty()) return;
        warnings.push_back(
            fmt::format("{} {}: {}", counted(names.size(), "score", "scores"), what, listed(names)));
    };
    tell(Status::infeasible, "infeasible (no point of the technology serves the row)");
    tell(Status::unbounded, "unbounded (the technology has no limit in that direction)");
    tell(Status::undefined, "undefined (a division by zero, or no reference row)");
}

}  // namespace

void warn_of_missing_values(const Panel& panel, const DeaChoice& choice, const std::vector<char>& selected,
                            const std::vector<char>& usable, std::vector<std::string>& warnings) {
    std::vector<std::string> names;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (usable[r] || (!selected.empty() && !selected[r])) continue;
        std::vector<std::string> columns;
        for (const auto& column : choice.variables.columns()) {
            if (std::isnan(panel.number(column)[r])) columns.push_back(column);
        }
        names.push_back(fmt::format("{} ({})", row_name(panel, r), fmt::join(columns, ", ")));
    }
    if (names.empty()) return;
    warnings.push_back(fmt::format("{} without a value, not scored and in no reference set: {}",
                                   counted(names.size(), "row", "rows"), listed(names)));
}

std::vector<std::string> warnings_of(const Panel& panel, const DeaChoice& choice,
                                     const std::vector<char>& selected, const std::vector<char>& usable,
                                     const std::vector<ReferenceGroup>& groups, const Efficiency& result) {
    std::vector<std::string> warnings;
    warn_of_missing_values(panel, choice, selected, usable, warnings);
    statuses(panel, usable, result, warnings);
    if (const auto zeros = result.scores.counters.zero_terms; zeros > 0) {
        warnings.push_back(fmt::format(
            "{} zero; their slack and term count as 0",
            counted(static_cast<std::size_t>(zeros), "input or bad output is", "inputs or bad outputs are")));
    }
    warnings.insert(warnings.end(), result.warnings.begin(), result.warnings.end());
    const std::size_t variables = choice.variables.all().size();
    const auto small = std::min_element(groups.begin(), groups.end(), [](const auto& x, const auto& y) {
        return x.reference_rows.size() < y.reference_rows.size();
    });
    if (small != groups.end() && small->reference_rows.size() < variables) {
        warnings.push_back(fmt::format("a reference set has {} for {}; scores say little there",
                                       counted(small->reference_rows.size(), "unit", "units"),
                                       counted(variables, "variable", "variables")));
    }
    const bool ram = choice.settings.model == dea::Model::additive &&
                     choice.settings.additive_weights == dea::AdditiveWeights::ram;
    if (ram && choice.settings.returns != dea::Returns::vrs)
        warnings.emplace_back(
            "RAM is a measure between 0 and 1 under variable returns only (Cooper, Park and Pastor 1999)");
    return warnings;
}

}  // namespace greenfront
