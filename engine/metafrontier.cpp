#include "engine/metafrontier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/formula.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double efficiency(const DeaChoice& choice, double score) {
    if (choice.directional()) return 1 / (1 + score);
    return choice.settings.orientation == dea::Orientation::output && choice.settings.model != dea::Model::sbm
               ? 1 / score
               : score;
}

/// The rows of one level of each reference set, to be scored among themselves.
std::vector<ReferenceGroup> cut(const std::vector<ReferenceGroup>& groups, const panel::Factor& factor) {
    std::vector<ReferenceGroup> parts;
    const auto level_of = [&](std::size_t row) { return factor.code[row]; };
    for (const auto& group : groups) {
        for (std::int32_t level = 0; level < factor.levels; ++level) {
            ReferenceGroup part;
            for (const std::size_t row : group.reference_rows) {
                if (level_of(row) == level) part.reference_rows.push_back(row);
            }
            for (const std::size_t row : group.evaluated_rows) {
                if (level_of(row) != level) continue;
                const auto& rows = part.reference_rows;
                const auto at = std::lower_bound(rows.begin(), rows.end(), row) - rows.begin();
                part.evaluated_rows.push_back(row);
                part.self.push_back(static_cast<std::int32_t>(at));
            }
            if (!part.evaluated_rows.empty()) parts.push_back(std::move(part));
        }
    }
    return parts;
}

}  // namespace

Metafrontier metafrontier(const Panel& panel, const DeaChoice& choice,
                          const std::vector<ReferenceGroup>& groups, const RowScores& scores) {
    const panel::Factor factor = make_factor(choice.groups, panel);
    constexpr std::int32_t most = std::numeric_limits<std::int8_t>::max();
    if (factor.levels > most)
        throw Error(Fault::data,
                    fmt::format("groups: {} has {} values; at most {} groups have technologies of their "
                                "own",
                                choice.groups, factor.levels, most));
    Metafrontier meta;
    meta.group = factor.level_name;
    for (std::size_t level = meta.group.size(); level < static_cast<std::size_t>(factor.levels); ++level)
        meta.group.push_back(fmt::format("{}", level + 1));
    dea::Settings settings = choice.settings;
    settings.slacks = false;
    meta.own = score_rows(panel, panel, choice.variables, cut(groups, factor), settings);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        meta.code.push_back(static_cast<std::int8_t>(factor.code[r]));
        const double all = efficiency(choice, scores.score[r]), own = efficiency(choice, meta.own.score[r]);
        meta.gap.push_back(own > 0 ? std::min(1.0, all / own) : nan);
    }
    for (const auto& group : groups) {
        for (const std::size_t row : group.evaluated_rows) meta.rows_without += factor.code[row] < 0 ? 1 : 0;
    }
    return meta;
}

}  // namespace greenfront
