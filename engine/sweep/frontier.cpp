#include "engine/sweep/frontier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::sweep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// A unit whose score is further below 1 than rounding is dominated by combinations of others.
constexpr double surely_inside = 1 - 1e-6;
/// A score above 1 by no more than this is on the frontier.
constexpr double on_frontier = 1e-9;

bool spanned_by_best(const dea::Settings& settings) {
    using enum dea::Model;
    const bool free_disposal = settings.disposability == dea::Disposability::strong;
    return free_disposal && !settings.super &&
           (settings.model == radial || settings.model == sbm || settings.model == fdh);
}

void take_work(const RowScores& from, FrontierChange& to) {
    to.counters.programs += from.counters.programs;
    to.counters.pivots += from.counters.pivots;
    to.counters.pricing_passes += from.counters.pricing_passes;
    to.counters.fallbacks += from.counters.fallbacks;
    to.failures.insert(to.failures.end(), from.failures.begin(), from.failures.end());
}

}  // namespace

FrontierChannel::FrontierChannel(const Panel& baseline, const DeaOutcome& dea, bool moving)
    : baseline_(baseline), dea_(dea), moving_(moving), groups_(dea.groups) {
    for (auto& group : groups_) {
        size_.all += group.reference_rows.size();
        group.left_out.clear();
        group.self.assign(group.evaluated_rows.size(), -1);
        if (spanned_by_best(dea.settings) && group.reference_rows == group.evaluated_rows) {
            std::erase_if(group.reference_rows,
                          [&](std::size_t row) { return dea.score[row] < surely_inside; });
        }
        size_.kept += group.reference_rows.size();
    }
}

FrontierChange FrontierChannel::evaluate(const Panel& scenario) const {
    const std::size_t rows = baseline_.rows();
    FrontierChange result;
    std::vector<char> moved(rows, 0), meaningless(rows, 0);
    for (const auto& name : dea_.variables.columns()) {
        const auto& before = baseline_.number(name);
        const auto& after = scenario.number(name);
        for (std::size_t r = 0; r < rows; ++r) {
            if (!dea_.usable[r]) continue;
            moved[r] = static_cast<char>(moved[r] | (after[r] != before[r]));
            meaningless[r] = static_cast<char>(meaningless[r] | !(after[r] >= 0 && std::isfinite(after[r])));
        }
    }
    std::vector<ReferenceGroup> groups;
    for (const auto& group : groups_) {
        ReferenceGroup part;
        for (const auto row : group.evaluated_rows) {
            if (moved[row] && !meaningless[row]) part.evaluated_rows.push_back(row);
        }
        if (part.evaluated_rows.empty()) continue;
        part.reference_rows = group.reference_rows;
        part.self.assign(part.evaluated_rows.size(), -1);
        groups.push_back(std::move(part));
    }
    auto settings = dea_.settings;
    settings.slacks = false;
    const RowScores scores = score_rows(scenario, baseline_, dea_.variables, groups, settings);
    take_work(scores, result);
    std::vector<double> after(rows, nan);
    result.change.assign(rows, nan);
    for (std::size_t r = 0; r < rows; ++r) {
        if (std::isnan(dea_.score[r])) continue;
        after[r] = dea_.score[r];
        if (moved[r]) {
            ++result.rows_changed;
            after[r] = nan;
            if (scores.status[r] == Status::optimal) {
                // Radial, FDH, cost and revenue programs have an optimum beyond the technology, too.
                result.beyond += scores.score[r] > 1 + on_frontier;
                after[r] = std::min(scores.score[r], 1.0);
            } else if (scores.status[r] == Status::infeasible) {
                ++result.beyond;
                after[r] = 1;
            } else {
                ++result.unscored;
                result.failed += scores.status[r] == Status::failed;
            }
        }
        result.change[r] = after[r] - dea_.score[r];
    }
    if (moving_) score_moving(scenario, meaningless, after, result);
    return result;
}

void FrontierChannel::score_moving(const Panel& scenario, const std::vector<char>& meaningless,
                                   const std::vector<double>& against_baseline,
                                   FrontierChange& result) const {
    std::vector<ReferenceGroup> groups;
    for (const auto& group : dea_.groups) {
        ReferenceGroup part;
        std::vector<std::int32_t> place(group.reference_rows.size(), -1);
        for (std::size_t j = 0; j < group.reference_rows.size(); ++j) {
            if (meaningless[group.reference_rows[j]]) continue;
            place[j] = static_cast<std::int32_t>(part.reference_rows.size());
            part.reference_rows.push_back(group.reference_rows[j]);
        }
        for (std::size_t e = 0; e < group.evaluated_rows.size(); ++e) {
            if (meaningless[group.evaluated_rows[e]]) continue;
            part.evaluated_rows.push_back(group.evaluated_rows[e]);
            part.self.push_back(group.self[e] < 0 ? -1 : place[static_cast<std::size_t>(group.self[e])]);
        }
        groups.push_back(std::move(part));
    }
    auto settings = dea_.settings;
    settings.slacks = false;
    const RowScores scores = score_rows(scenario, scenario, dea_.variables, groups, settings);
    take_work(scores, result);
    result.catch_up.assign(scenario.rows(), nan);
    result.shift.assign(scenario.rows(), nan);
    for (std::size_t r = 0; r < scenario.rows(); ++r) {
        if (std::isnan(dea_.score[r])) continue;
        result.failed += scores.status[r] == Status::failed;
        result.catch_up[r] = scores.score[r] - dea_.score[r];
        result.shift[r] = against_baseline[r] - scores.score[r];
    }
}

}  // namespace greenfront::sweep
