#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "engine/reference_sets.hpp"
#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

/// Efficiency scores of panel rows: from columns of a panel to the DEA kernel and back.
namespace greenfront {

/// The roles of columns in an efficiency analysis.
struct DeaVariables {
    std::vector<std::string> inputs, good, bad;
    [[nodiscard]] std::vector<std::string> all() const;  ///< inputs, goods, bads
};

/// Throws Error(fault) when a column has two roles or there is no input or no good output.
void check_roles(const DeaVariables& variables, Fault fault);

/// Rows where `keep` is set and every variable has a value. A negative value is an Error(Fault::data)
/// that names every such unit, period and column (the first 20). No usable row at all is one, too.
[[nodiscard]] std::vector<char> usable_rows(const Panel& panel, const DeaVariables& variables,
                                            const std::vector<char>& keep);

/// Quantities of the given rows, a unit a column, in their order.
[[nodiscard]] dea::Quantities quantities(const Panel& panel, const DeaVariables& variables,
                                         const std::vector<std::size_t>& rows);

/// One peer of one scored row.
struct PeerEntry {
    std::size_t row, peer_row;
    double lambda;
};

/// Results by panel row; NaN and Status::undefined where a row is in no group.
struct RowScores {
    std::vector<double> score;
    std::vector<Status> status;
    Eigen::MatrixXd slack;         ///< variables x rows
    Eigen::MatrixXd multiplier;    ///< (variables + 1) x rows, the last for returns to scale
    std::vector<PeerEntry> peers;  ///< in row order
    dea::Counters counters;
    dea::Certificate certificate;
};

/// Scores the evaluated rows of every group, reading evaluated quantities from `evaluated` and reference
/// quantities from `reference` (the same panel, or a scenario against the baseline; rows correspond).
[[nodiscard]] RowScores score_rows(const Panel& evaluated, const Panel& reference,
                                   const DeaVariables& variables, const std::vector<ReferenceGroup>& groups,
                                   const dea::Settings& settings);

/// The projection of each scored row, in the data's units (variables x rows): data less (inputs, bads) or
/// plus (goods) slack; radial models contract inputs, or expand outputs, by the score first. A variable
/// without a slack in an oriented SBM keeps its data.
[[nodiscard]] Eigen::MatrixXd targets(const Panel& panel, const DeaVariables& variables,
                                      const RowScores& scores, const dea::Settings& settings);

}  // namespace greenfront
