#include "engine/scoring.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd gather(const Panel& panel, const std::vector<std::string>& columns,
                       const std::vector<std::size_t>& rows) {
    Eigen::MatrixXd values(static_cast<Eigen::Index>(columns.size()), static_cast<Eigen::Index>(rows.size()));
    for (std::size_t v = 0; v < columns.size(); ++v) {
        const auto& column = panel.number(columns[v]);
        for (std::size_t j = 0; j < rows.size(); ++j) {
            values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(j)) = column[rows[j]];
        }
    }
    return values;
}

std::string place(const Panel& panel, std::size_t row) {
    std::string text = fmt::format("{}: record {}", panel.source, panel.file_row[row]);
    text += fmt::format(" ({}", panel.unit_name[static_cast<std::size_t>(panel.unit[row])]);
    if (panel.has_time())
        text += fmt::format(", {}", panel.time_value[static_cast<std::size_t>(panel.time[row])]);
    return text + ")";
}

void add(dea::Counters& sum, const dea::Counters& part) {
    sum.programs += part.programs;
    sum.pivots += part.pivots;
    sum.pricing_passes += part.pricing_passes;
    sum.fallbacks += part.fallbacks;
    sum.zero_terms += part.zero_terms;
    sum.frame += part.frame;
}

void worst(dea::Certificate& sum, const dea::Certificate& part) {
    sum.min_reduced_cost = std::min(sum.min_reduced_cost, part.min_reduced_cost);
    sum.primal_residual = std::max(sum.primal_residual, part.primal_residual);
    sum.gap = std::max(sum.gap, part.gap);
}

}  // namespace

std::vector<std::string> DeaVariables::all() const {
    std::vector<std::string> names = inputs;
    names.insert(names.end(), good.begin(), good.end());
    names.insert(names.end(), bad.begin(), bad.end());
    return names;
}

void check_roles(const DeaVariables& variables, Fault fault) {
    if (variables.inputs.empty()) throw Error(fault, "no input is named; efficiency needs at least one");
    if (variables.good.empty()) throw Error(fault, "no good output is named; efficiency needs at least one");
    std::map<std::string, int> seen;
    for (const auto& name : variables.all()) {
        if (++seen[name] > 1) {
            throw Error(
                fault,
                fmt::format("column \"{}\" has two roles; give each column one of inputs, good, bad", name));
        }
    }
}

std::vector<char> usable_rows(const Panel& panel, const DeaVariables& variables,
                              const std::vector<char>& keep) {
    std::vector<char> usable = keep.empty() ? std::vector<char>(panel.rows(), 1) : keep;
    std::vector<std::string> problems;
    std::size_t negative = 0;
    for (const auto& name : variables.all()) {
        const auto& column = panel.number(name);
        for (std::size_t r = 0; r < panel.rows(); ++r) {
            if (std::isnan(column[r])) {
                usable[r] = 0;
            } else if (usable[r] && column[r] < 0 && ++negative <= 20) {
                problems.push_back(
                    fmt::format("{}: column {}: {} is negative; efficiency models need amounts >= 0, "
                                "leave the row out or correct it",
                                place(panel, r), name, column[r]));
            }
        }
    }
    if (negative > 20) problems.push_back(fmt::format("... and {} more negative values", negative - 20));
    if (!problems.empty()) throw Error(Fault::data, fmt::format("{}", fmt::join(problems, "\n")));
    if (std::find(usable.begin(), usable.end(), 1) == usable.end()) {
        throw Error(Fault::data, fmt::format("{}: no row has a value in all of {}; nothing can be scored",
                                             panel.source, fmt::join(variables.all(), ", ")));
    }
    return usable;
}

dea::Quantities quantities(const Panel& panel, const DeaVariables& variables,
                           const std::vector<std::size_t>& rows) {
    return {gather(panel, variables.inputs, rows), gather(panel, variables.good, rows),
            gather(panel, variables.bad, rows)};
}

RowScores score_rows(const Panel& evaluated, const Panel& reference, const DeaVariables& variables,
                     const std::vector<ReferenceGroup>& groups, const dea::Settings& settings) {
    const auto rows = static_cast<Eigen::Index>(evaluated.rows());
    const auto m = static_cast<Eigen::Index>(variables.inputs.size());
    const auto s1 = static_cast<Eigen::Index>(variables.good.size());
    const auto s2 = static_cast<Eigen::Index>(variables.bad.size());
    RowScores result;
    result.score.assign(evaluated.rows(), nan);
    result.status.assign(evaluated.rows(), Status::undefined);
    result.slack = Eigen::MatrixXd::Constant(m + s1 + s2, rows, nan);
    result.multiplier = Eigen::MatrixXd::Constant(m + s1 + s2 + 1, rows, nan);
    for (const auto& group : groups) {
        const auto scores =
            dea::evaluate(quantities(evaluated, variables, group.evaluated_rows),
                          quantities(reference, variables, group.reference_rows), group.self, settings);
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const std::size_t row = group.evaluated_rows[j];
            const auto from = static_cast<Eigen::Index>(j);
            const auto to = static_cast<Eigen::Index>(row);
            result.score[row] = scores.score[from];
            result.status[row] = scores.status[j];
            result.slack.col(to) << scores.input_slack.col(from), scores.good_slack.col(from),
                scores.bad_slack.col(from);
            result.multiplier.col(to) = scores.multiplier.col(from);
            for (auto e = scores.peer_start[j]; e < scores.peer_start[j + 1]; ++e) {
                const auto k = static_cast<std::size_t>(e);
                result.peers.push_back(
                    {row, group.reference_rows[static_cast<std::size_t>(scores.peer[k])], scores.lambda[k]});
            }
        }
        add(result.counters, scores.counters);
        worst(result.certificate, scores.certificate);
    }
    std::stable_sort(result.peers.begin(), result.peers.end(),
                     [](const PeerEntry& a, const PeerEntry& b) { return a.row < b.row; });
    return result;
}

Eigen::MatrixXd targets(const Panel& panel, const DeaVariables& variables, const RowScores& scores,
                        const dea::Settings& settings) {
    const auto names = variables.all();
    const std::size_t m = variables.inputs.size(), goods_end = m + variables.good.size();
    Eigen::MatrixXd target(scores.slack.rows(), scores.slack.cols());
    const bool radial = settings.model == dea::Model::radial;
    for (std::size_t v = 0; v < names.size(); ++v) {
        const auto& column = panel.number(names[v]);
        const bool good = v >= m && v < goods_end;
        const bool scaled = radial && (settings.orientation == dea::Orientation::input ? v < m : good);
        for (std::size_t r = 0; r < panel.rows(); ++r) {
            const auto i = static_cast<Eigen::Index>(v), j = static_cast<Eigen::Index>(r);
            if (std::isnan(scores.score[r])) {
                target(i, j) = nan;
                continue;
            }
            const double base = scaled ? scores.score[r] * column[r] : column[r];
            const double slack = std::isnan(scores.slack(i, j)) ? 0 : scores.slack(i, j);
            target(i, j) = good ? base + slack : base - slack;
        }
    }
    return target;
}

}  // namespace greenfront
