#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "kernels/status.hpp"

namespace greenfront::io {
namespace {

const std::pair<const char*, const char*> parts[] = {{"index", "Index"},
                                                     {"efficiency_change", "Efficiency"},
                                                     {"technical_change", "Technical"},
                                                     {"pure_efficiency_change", "Pure efficiency"},
                                                     {"scale_change", "Scale"}};

/// Four decimals: differences of indices from 1 matter.
std::string change(double value) {
    return std::isnan(value) ? "." : fmt::format("{:.4f}", value);
}

std::string heading(const ResultGroup& group) {
    std::string text = fmt::format("{}, frontier {}, model {}, returns {}", text_attribute(group, "measure"),
                                   text_attribute(group, "frontier"), text_attribute(group, "model"),
                                   text_attribute(group, "returns"));
    const std::string orientation = text_attribute(group, "orientation");
    if (orientation != "none") text += ", orientation " + orientation;
    return text;
}

bool ratio(const ResultGroup& group) {
    return text_attribute(group, "comparison") == "ratio";
}

/// Pairs by status of their index, of one later period or (periods) of all.
std::vector<std::int64_t> statuses(const ResultGroup& group, std::size_t period, std::size_t periods) {
    std::vector<std::int64_t> counts(status_names.size(), 0);
    const auto status = integers(group, "status");
    for (std::size_t i = 0; i < status.size(); ++i) {
        if (status[i] < 0 || (period < periods && i % periods != period)) continue;
        if (static_cast<std::size_t>(status[i]) >= counts.size())
            throw Error(Fault::data,
                        fmt::format("results: the status {} is unknown; the file is damaged", status[i]));
        ++counts[static_cast<std::size_t>(status[i])];
    }
    return counts;
}

/// With a star where the interval leaves out no change.
std::string cell(double value, std::int64_t status, bool significant) {
    if (status < 0) return "";
    if (status == static_cast<std::int64_t>(Status::optimal)) return change(value) + (significant ? "*" : "");
    return std::string(status_names.at(static_cast<std::size_t>(status)));
}

/// Columns that say nothing in any row, from the given one on, go.
void drop_empty_columns(Table& table, std::size_t first) {
    for (std::size_t c = table.header.size(); c-- > first;) {
        const bool empty = std::all_of(table.rows.begin(), table.rows.end(),
                                       [&](const auto& row) { return row[c] == "." || row[c] == "0"; });
        if (!empty) continue;
        const auto at = static_cast<std::ptrdiff_t>(c);
        table.header.erase(table.header.begin() + at);
        for (auto& row : table.rows) row.erase(row.begin() + at);
    }
}

}  // namespace

Table productivity_table(const Results& results) {
    Table table;
    table.title = "Productivity change";
    table.header = {"Stage", "To", "Pairs", "With index"};
    for (const auto& [key, title] : parts) table.header.emplace_back(title);
    for (std::size_t s = 1; s < status_names.size(); ++s) table.header.emplace_back(status_names[s]);
    table.left = {true, true};
    for (const auto* group : require_groups(results, "productivity")) {
        table.rules.push_back(table.rows.size());
        const std::string stage = last_name(*group);
        const auto periods = labels(results, *group, "time");
        const auto pairs = integers(*group, "mean_pairs"), with_index = integers(*group, "mean_with_index");
        const auto add = [&](const std::string& to, std::int64_t n, std::int64_t index, std::size_t period,
                             auto&& value) {
            std::vector<std::string> row{stage, to, fmt::format("{}", n), fmt::format("{}", index)};
            for (const auto& [key, title] : parts) row.push_back(value(std::string("mean_") + key));
            const auto counts = statuses(*group, period, periods.size());
            for (std::size_t s = 1; s < counts.size(); ++s) row.push_back(fmt::format("{}", counts[s]));
            table.rows.push_back(std::move(row));
        };
        add("all", static_cast<std::int64_t>(number_attribute(*group, "pairs")),
            static_cast<std::int64_t>(number_attribute(*group, "pairs_with_index")), periods.size(),
            [&](const std::string& key) { return change(number_attribute(*group, key)); });
        for (std::size_t t = 0; t < periods.size(); ++t) {
            if (pairs[t] == 0) continue;
            add(periods[t], pairs[t], with_index[t], t, [&](const std::string& key) {
                return group->find(key) == nullptr ? "." : change(numbers(*group, key)[t]);
            });
        }
        table.notes.push_back(fmt::format("{}: {}; {} means; {} programs.", stage, heading(*group),
                                          ratio(*group) ? "geometric" : "arithmetic",
                                          count(number_attribute(*group, "programs"))));
    }
    const std::size_t counted = table.header.size() - (status_names.size() - 1);
    const std::string without =
        std::any_of(table.rows.begin(), table.rows.end(),
                    [&](const auto& row) {
                        return std::any_of(row.begin() + static_cast<std::ptrdiff_t>(counted), row.end(),
                                           [](const std::string& n) { return n != "0"; });
                    })
            ? "the last columns count pairs without an index"
            : "every pair has an index";
    drop_empty_columns(table, 4);
    table.notes.push_back("Each mean is over the pairs that have the number; " + without + ".");
    return table;
}

Table changes_table(const Results& results, const std::string& name) {
    const ResultGroup& group = require_group(results, "productivity/" + name);
    const auto& index = numbers(group, "index");
    const auto& total = numbers(group, "cumulative");
    const auto status = integers(group, "status");
    const auto units = labels(results, group, "unit"), periods = labels(results, group, "time");
    std::vector<std::size_t> shown;
    const auto pairs = integers(group, "mean_pairs");
    for (std::size_t t = 0; t < periods.size(); ++t) {
        if (pairs[t] > 0) shown.push_back(t);
    }
    const bool drawn = group.find("index_conf_low") != nullptr;
    const double none = ratio(group) ? 1 : 0;
    const auto significant = [&](std::size_t i) {
        return drawn &&
               (numbers(group, "index_conf_low")[i] > none || numbers(group, "index_conf_high")[i] < none);
    };
    Table table;
    table.title = fmt::format("Productivity change of {}: {}", name, heading(group));
    table.header = {"Unit"};
    for (const std::size_t t : shown) table.header.push_back(periods[t]);
    table.header.emplace_back("Cumulative");
    for (std::size_t u = 0; u < units.size(); ++u) {
        std::vector<std::string> row{units[u]};
        double last = NAN;
        for (const std::size_t t : shown) {
            const std::size_t i = u * periods.size() + t;
            row.push_back(cell(index[i], status[i], significant(i)));
            last = total[i];
        }
        row.push_back(std::isnan(last) ? "" : change(last));
        table.rows.push_back(std::move(row));
    }
    table.notes.push_back(
        fmt::format("Change to the period of the column from the sample's period before it; above {} is "
                    "growth. Empty: the "
                    "unit is not in both. Cumulative: over all of them, where there is no gap. Parts of the "
                    "index: export "
                    "RESULTS productivity/{}.",
                    ratio(group) ? 1 : 0, name));
    if (drawn)
        table.notes.push_back(
            fmt::format("* The interval at {:g} % leaves out {:g}: bootstrap of both periods together, {} "
                        "replicates, seed {}.",
                        100 * number_attribute(group, "confidence"), none,
                        count(number_attribute(group, "replicates")), text_attribute(group, "seed")));
    return table;
}

}  // namespace greenfront::io
