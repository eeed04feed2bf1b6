#pragma once
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dea_choice.hpp"
#include "engine/metafrontier.hpp"
#include "engine/scoring.hpp"

/// A whole efficiency analysis of a panel: every score that it asks for, and what follows from scores.
namespace greenfront {

/// Below this a plain score leaves no doubt that a row is inefficient; scores closer to 1 count as 1.
inline constexpr double efficiency_tolerance = 1e-8;

/// Scores under three returns to scale, by row; NaN where one of the programs has no optimum.
struct ScaleEfficiency {
    std::vector<double> crs, vrs, nirs;
    /// The programs behind those scores that are not the analysis' own.
    std::vector<std::pair<dea::Returns, RowScores>> programs;
    std::vector<double> ratio;           ///< crs over vrs efficiency, in (0, 1]
    std::vector<std::int8_t> direction;  ///< index into direction_names, -1 without one
};
inline const std::vector<std::string> direction_names{"increasing", "constant", "decreasing"};

struct Efficiency {
    RowScores scores;
    std::vector<double> rho, delta;    ///< combine: the plain and (efficient rows only) the super score
    std::vector<char> expanded;        ///< rows whose slacks are the expansions of a super-efficient SBM
    ScaleEfficiency scale;             ///< empty without scale_efficiency
    std::optional<Metafrontier> meta;  ///< with groups
    std::vector<std::string> warnings;
};

/// The groups of an analysis, left_out included. `other`: the panel of the reference rows (its complete rows;
/// prices are not asked of them), or null where the usable rows span the technologies themselves.
[[nodiscard]] std::vector<ReferenceGroup> groups_of(const DeaChoice& choice, const Panel& panel,
                                                    const std::vector<char>& usable, const Panel* other,
                                                    Fault fault);

/// Scores the groups; with super-efficiency their left_out must be filled. Super-efficient SBM with
/// `combine`: rho, and for the rows where rho is 1 the super score in its place. `choice` has its means.
[[nodiscard]] Efficiency analyse(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
                                 const std::vector<ReferenceGroup>& groups);

/// Under weak disposability: pairs of bads that are collinear in a reference set.
void warn_of_collinear_bads(const Panel& reference, const DeaChoice& choice,
                            const std::vector<ReferenceGroup>& groups, std::vector<std::string>& warnings);

/// The projection of each scored row, in the data's units (variables x rows): data less (inputs, bads) or
/// plus (goods) slack; radial and fdh scale the data first, ddf takes beta steps along the direction first;
/// nddf: data less or plus beta_i g_i; super-efficient SBM: data plus (goods: less) expansions; cost and
/// revenue: the optimal quantities. A variable without a slack keeps its data.
[[nodiscard]] Eigen::MatrixXd targets(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
                                      const Efficiency& result);

/// Prices of the bads in units of the first good output (bads x rows); NaN where that good has no price.
[[nodiscard]] Eigen::MatrixXd shadow_prices(const DeaVariables& variables, const RowScores& scores);

}  // namespace greenfront
