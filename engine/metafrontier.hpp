#pragma once
#include <string>
#include <vector>

#include "engine/dea_choice.hpp"

/// Group technologies below a common one: the metafrontier of Battese, Rao and O'Donnell (2004) and
/// O'Donnell, Rao and Battese (2008).
namespace greenfront {

struct Metafrontier {
    /// Technology gap ratio: efficiency against all groups over efficiency against the own group, in (0, 1].
    std::vector<double> gap;
    RowScores own;                   ///< against the rows of the own group alone
    std::vector<std::string> group;  ///< names of the groups
    std::vector<std::int8_t> code;   ///< of each row, -1 without one
    std::int64_t rows_without = 0;   ///< scored rows without a group
};

/// `scores` are those against `groups`, whose sets are cut along choice.groups. Efficiencies are theta,
/// 1/phi, rho, the cost and revenue ratios, and 1/(1 + score) of directional models. Throws Error(data) for
/// a column that is not there or has more than 127 values.
[[nodiscard]] Metafrontier metafrontier(const Panel& panel, const DeaChoice& choice,
                                        const std::vector<ReferenceGroup>& groups, const RowScores& scores);

}  // namespace greenfront
