#include "engine/scoring.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "kernels/dea/check.hpp"

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

std::vector<std::string> joined(std::vector<std::string> names, const std::vector<std::string>& more) {
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

std::string record(const Panel& panel, std::size_t row) {
    std::string text = fmt::format("record {}", panel.file_row[row]);
    text += fmt::format(" ({}", panel.unit_name[static_cast<std::size_t>(panel.unit[row])]);
    if (panel.has_time())
        text += fmt::format(", {}", panel.time_value[static_cast<std::size_t>(panel.time[row])]);
    return text + ")";
}

std::string place(const Panel& panel, std::size_t row) {
    return fmt::format("{}: {}", panel.source, record(panel, row));
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

const std::vector<dea::ColumnRange> no_ranges;

void sort_peers(std::vector<PeerEntry>& peers) {
    std::stable_sort(peers.begin(), peers.end(),
                     [](const PeerEntry& a, const PeerEntry& b) { return a.row < b.row; });
}

RowScores empty_scores(std::size_t rows, const DeaVariables& variables, const dea::Settings& settings) {
    const auto n = static_cast<Eigen::Index>(rows);
    const auto v = static_cast<Eigen::Index>(variables.all().size());
    RowScores result;
    result.score.assign(rows, nan);
    result.status.assign(rows, Status::undefined);
    result.unique.assign(rows, std::int8_t{-1});
    result.slack = Eigen::MatrixXd::Constant(v, n, nan);
    if (settings.model == dea::Model::nddf) result.beta = Eigen::MatrixXd::Constant(v, n, nan);
    result.multiplier = Eigen::MatrixXd::Constant(v + 1, n, nan);
    return result;
}

/// Unit j of a group from the kernel's order of variables to ours.
void take_unit(const dea::Scores& scores, Eigen::Index j, const ReferenceGroup& group,
               const DeaVariables& variables, RowScores& result) {
    const auto unit = static_cast<std::size_t>(j);
    const std::size_t row = group.evaluated_rows[unit];
    const auto to = static_cast<Eigen::Index>(row);
    result.score[row] = scores.score[j] + 0.0;  // no negative zero in print
    result.status[row] = scores.status[unit];
    result.unique[row] = scores.unique[unit];
    const Eigen::Index v = result.slack.rows();
    Eigen::VectorXd slack(v);
    slack << scores.input_slack.col(j), scores.good_slack.col(j), scores.bad_slack.col(j);
    for (Eigen::Index i = 0; i < v; ++i) {
        const Eigen::Index from = variables.kernel_row(static_cast<std::size_t>(i));
        result.slack(i, to) = slack[from];
        if (result.beta.size() > 0) result.beta(i, to) = scores.beta(from, j);
        result.multiplier(i, to) = scores.multiplier(from, j) + 0.0;
    }
    result.multiplier(v, to) = scores.multiplier(v, j) + 0.0;
    for (auto e = scores.peer_start[unit]; e < scores.peer_start[unit + 1]; ++e) {
        const auto k = static_cast<std::size_t>(e);
        result.peers.push_back({row, group.reference_rows[static_cast<std::size_t>(scores.peer[k])],
                                scores.lambda[k], scores.idle.empty() ? 0.0 : scores.idle[k]});
    }
}

using Shared = std::shared_ptr<const dea::Quantities>;

/// The programs of a group that failed, as long as there is room.
void keep_failures(const dea::Scores& scores, const Panel& panel, const DeaVariables& variables,
                   const ReferenceGroup& group, const Shared& evaluated, const Shared& reference,
                   const dea::Settings& settings, std::vector<FailedUnit>& failures) {
    for (std::size_t j = 0; j < scores.status.size() && failures.size() < most_failures; ++j) {
        if (scores.status[j] != Status::failed) continue;
        const std::size_t row = group.evaluated_rows[j];
        FailedUnit failed;
        failed.unit = panel.unit_name[static_cast<std::size_t>(panel.unit[row])];
        if (panel.has_time()) failed.time = panel.time_value[static_cast<std::size_t>(panel.time[row])];
        failed.panel = panel.source;
        failed.record = static_cast<std::int64_t>(panel.file_row[row]);
        const bool as_inputs = variables.bads_as_inputs;
        failed.inputs = as_inputs ? joined(variables.inputs, variables.bad) : variables.inputs;
        failed.good = variables.good;
        if (!as_inputs) failed.bad = variables.bad;
        failed.task = dea::task_of(evaluated, reference, group.self, settings,
                                   settings.super ? group.left_out : no_ranges, static_cast<Eigen::Index>(j));
        failures.push_back(std::move(failed));
    }
}

/// Values that no score can be computed from, beside each other: which they are, and where.
void check_span(const Panel& panel, const std::string& name, const std::vector<char>& usable) {
    const auto& column = panel.number(name);
    std::size_t least = panel.rows(), most = panel.rows();
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (!usable[r] || !(column[r] > 0)) continue;
        if (least == panel.rows() || column[r] < column[least]) least = r;
        if (most == panel.rows() || column[r] > column[most]) most = r;
    }
    if (least == panel.rows() || column[most] / dea::widest_span <= column[least]) return;
    throw Error(Fault::data,
                fmt::format("{}: column {}: {:g} beside the {:g} of {}: where values are {:g} times as large "
                            "as others no score can be computed; correct the value, or write 0",
                            place(panel, least), name, column[least], column[most], record(panel, most),
                            dea::widest_span));
}

}  // namespace

std::vector<std::string> DeaVariables::all() const {
    return joined(joined(inputs, good), bad);
}

std::vector<std::string> DeaVariables::columns() const {
    return joined(all(), prices);
}

DeaVariables DeaVariables::amounts() const {
    DeaVariables without = *this;
    without.prices.clear();
    return without;
}

Eigen::Index DeaVariables::kernel_row(std::size_t variable) const {
    if (!bads_as_inputs || variable < inputs.size()) return static_cast<Eigen::Index>(variable);
    return static_cast<Eigen::Index>(is_good(variable) ? variable + bad.size() : variable - good.size());
}

void check_roles(const DeaVariables& variables, Fault fault) {
    if (variables.inputs.empty()) throw Error(fault, "no input is named; efficiency needs at least one");
    if (variables.good.empty()) throw Error(fault, "no good output is named; efficiency needs at least one");
    std::map<std::string, int> seen;  // the number of the list that names it
    int list = 0;
    for (const auto* names : {&variables.inputs, &variables.good, &variables.bad}) {
        ++list;
        for (const auto& name : *names) {
            int& before = seen[name];
            if (before != 0) {
                throw Error(fault, fmt::format("column \"{}\" {}; give each column one role, once, among "
                                               "inputs, good and bad",
                                               name, before == list ? "is named twice" : "has two roles"));
            }
            before = list;
        }
    }
    for (const auto& name : variables.prices) {  // variables may share a price
        if (seen.contains(name))
            throw Error(fault, fmt::format("column \"{}\" has two roles: amount and price", name));
    }
}

std::vector<char> usable_rows(const Panel& panel, const DeaVariables& variables,
                              const std::vector<char>& keep) {
    std::vector<char> usable = keep.empty() ? std::vector<char>(panel.rows(), 1) : keep;
    std::vector<std::string> problems;
    std::size_t negative = 0;
    for (const auto& name : variables.columns()) {
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
    if (!keep.empty() && std::find(keep.begin(), keep.end(), 1) == keep.end())
        throw Error(Fault::data,
                    fmt::format("{}: where selects no row; nothing can be scored", panel.source));
    if (std::find(usable.begin(), usable.end(), 1) == usable.end()) {
        throw Error(Fault::data, fmt::format("{}: no row has a value in all of {}; nothing can be scored",
                                             panel.source, fmt::join(variables.columns(), ", ")));
    }
    for (const auto& name : variables.columns()) check_span(panel, name, usable);
    return usable;
}

dea::Quantities quantities(const Panel& panel, const DeaVariables& variables,
                           const std::vector<std::size_t>& rows) {
    const bool as_inputs = variables.bads_as_inputs;
    return {
        gather(panel, as_inputs ? joined(variables.inputs, variables.bad) : variables.inputs, rows),
        gather(panel, variables.good, rows),
        gather(panel, as_inputs ? std::vector<std::string>{} : variables.bad, rows),
        variables.prices.empty() ? Eigen::MatrixXd() : gather(panel, variables.prices, rows),
    };
}

void RowScores::add_work(const RowScores& other) {
    const auto zero_terms = counters.zero_terms, frame = counters.frame;
    add(counters, other.counters);
    counters.zero_terms = zero_terms;  // of the data, the same for every scoring of them
    counters.frame = frame;
    worst(certificate, other.certificate);
    for (const FailedUnit& failed : other.failures) {
        if (failures.size() < most_failures) failures.push_back(failed);
    }
}

void RowScores::replace(const RowScores& other, const std::vector<char>& rows) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (rows[r] == 0) continue;
        const auto j = static_cast<Eigen::Index>(r);
        score[r] = other.score[r];
        status[r] = other.status[r];
        unique[r] = other.unique[r];
        slack.col(j) = other.slack.col(j);
        if (beta.size() > 0) beta.col(j) = other.beta.col(j);
        multiplier.col(j) = other.multiplier.col(j);
    }
    std::erase_if(peers, [&](const PeerEntry& entry) { return rows[entry.row] != 0; });
    for (const PeerEntry& entry : other.peers) {
        if (rows[entry.row] != 0) peers.push_back(entry);
    }
    sort_peers(peers);
    add_work(other);
}

RowScores score_rows(const Panel& evaluated, const Panel& reference, const DeaVariables& variables,
                     const std::vector<ReferenceGroup>& groups, const dea::Settings& settings) {
    RowScores result = empty_scores(evaluated.rows(), variables, settings);
    const DeaVariables amounts = variables.amounts();  // prices are the evaluated unit's
    for (const auto& group : groups) {
        if (group.reference_rows.empty()) continue;
        const auto of_evaluated =
            std::make_shared<const dea::Quantities>(quantities(evaluated, variables, group.evaluated_rows));
        const auto of_reference =
            std::make_shared<const dea::Quantities>(quantities(reference, amounts, group.reference_rows));
        const auto scores = dea::evaluate(*of_evaluated, *of_reference, group.self, settings,
                                          settings.super ? group.left_out : no_ranges);
        keep_failures(scores, evaluated, variables, group, of_evaluated, of_reference, settings,
                      result.failures);
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j)
            take_unit(scores, static_cast<Eigen::Index>(j), group, variables, result);
        add(result.counters, scores.counters);
        worst(result.certificate, scores.certificate);
    }
    sort_peers(result.peers);
    return result;
}

}  // namespace greenfront
