#include <fmt/format.h>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "kernels/status.hpp"

namespace greenfront::io {
namespace {

/// The score, or why there is none; empty where the panel has no such row or the stage does not use it.
std::string cell(double score, std::int64_t status, std::int64_t used) {
    if (used <= 0 || status < 0) return "";
    if (status == static_cast<std::int64_t>(Status::optimal)) return significant(score);
    if (static_cast<std::size_t>(status) >= status_names.size()) {
        throw Error(Fault::data,
                    fmt::format("results: the status {} is unknown; the file is damaged", status));
    }
    return std::string(status_names[static_cast<std::size_t>(status)]);
}

}  // namespace

Table scores_table(const Results& results, const std::string& name) {
    const ResultGroup& group = require_group(results, "dea/" + name);
    const auto& score = numbers(group, "score");
    const auto status = integers(group, "status"), used = integers(group, "used");
    const bool panel = group.find("score")->dims.size() == 2;
    const auto units = labels(results, group, "unit");
    const auto periods = panel ? labels(results, group, "time") : std::vector<std::string>{"Score"};
    Table table;
    table.title =
        fmt::format("Scores of {}: {}, {} returns, {} reference", name, text_attribute(group, "model"),
                    text_attribute(group, "returns"), text_attribute(group, "reference"));
    table.header = {"Unit"};
    table.header.insert(table.header.end(), periods.begin(), periods.end());
    if (panel) table.header.emplace_back("Mean");
    for (std::size_t u = 0; u < units.size(); ++u) {
        std::vector<std::string> row{units[u]};
        std::vector<double> optimal;
        for (std::size_t t = 0; t < periods.size(); ++t) {
            const std::size_t i = u * periods.size() + t;
            row.push_back(cell(score[i], status[i], used[i]));
            if (used[i] > 0 && status[i] == static_cast<std::int64_t>(Status::optimal))
                optimal.push_back(score[i]);
        }
        if (panel) row.push_back(optimal.empty() ? "" : significant(moments(optimal).mean));
        table.rows.push_back(std::move(row));
    }
    table.notes.emplace_back(
        "Empty: no such row, or one that the stage leaves out. The mean is over the scores of the unit that "
        "are "
        "optimal. Slacks, peers and multipliers: export RESULTS dea/" +
        name + ".");
    return table;
}

}  // namespace greenfront::io
