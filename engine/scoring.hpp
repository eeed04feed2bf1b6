#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "engine/failures.hpp"
#include "engine/reference_sets.hpp"
#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

/// Efficiency scores of panel rows: from columns of a panel to the DEA kernel and back.
namespace greenfront {

/// The roles of columns in an efficiency analysis. The order of variables is inputs, goods, bads everywhere
/// outside of the kernel.
struct DeaVariables {
    std::vector<std::string> inputs, good, bad;
    std::vector<std::string> prices;                     ///< of the inputs (cost) or of the goods (revenue)
    bool bads_as_inputs = false;                         ///< the kernel gets the bads behind the inputs
    [[nodiscard]] std::vector<std::string> all() const;  ///< inputs, goods, bads
    [[nodiscard]] std::vector<std::string> columns() const;  ///< the same and prices
    [[nodiscard]] DeaVariables amounts() const;              ///< without prices
    [[nodiscard]] bool is_good(std::size_t variable) const {
        return variable >= inputs.size() && variable < inputs.size() + good.size();
    }
    /// The kernel's row (inputs, goods, bads as it knows them) of a variable.
    [[nodiscard]] Eigen::Index kernel_row(std::size_t variable) const;
};

/// Throws Error(fault) when a column has two roles or there is no input or no good output.
void check_roles(const DeaVariables& variables, Fault fault);

/// Rows where `keep` is set and every column has a value. A negative value is an Error(Fault::data)
/// that names every such unit, period and column (the first 20). No usable row at all is one, too.
[[nodiscard]] std::vector<char> usable_rows(const Panel& panel, const DeaVariables& variables,
                                            const std::vector<char>& keep);

/// Quantities of the given rows, a unit a column, in their order.
[[nodiscard]] dea::Quantities quantities(const Panel& panel, const DeaVariables& variables,
                                         const std::vector<std::size_t>& rows);

/// One peer of one scored row.
struct PeerEntry {
    std::size_t row = 0, peer_row = 0;
    double lambda = 0;
    double idle = 0;  ///< Kuosmanen's second intensity
};

/// Results by row of the evaluated panel; NaN and Status::undefined where a row is in no group, or in a
/// group without a reference row.
struct RowScores {
    std::vector<double> score;
    std::vector<Status> status;
    std::vector<std::int8_t> unique;  ///< 1 no other optimum, 0 there may be, -1 not known
    Eigen::MatrixXd slack;            ///< variables x rows; super-efficient SBM: expansions
    Eigen::MatrixXd beta;             ///< nddf: variables x rows; else empty
    Eigen::MatrixXd multiplier;       ///< (variables + 1) x rows, the last for returns to scale
    std::vector<PeerEntry> peers;     ///< in row order
    dea::Counters counters;
    dea::Certificate certificate;
    std::vector<FailedUnit>
        failures;  ///< the first `most_failures` rows with Status::failed; without a stage

    /// Takes over the given rows, and adds the work, of another scoring of the same panel.
    void replace(const RowScores& other, const std::vector<char>& rows);
    void add_work(const RowScores& other);
};

/// A failed unit carries its reference set along: more of them would fill memory and disk and say no more.
inline constexpr std::size_t most_failures = 100;

/// Scores the evaluated rows of every group, reading evaluated quantities from `evaluated` and reference
/// quantities from `reference` (the same panel, a scenario against the baseline, or another panel).
[[nodiscard]] RowScores score_rows(const Panel& evaluated, const Panel& reference,
                                   const DeaVariables& variables, const std::vector<ReferenceGroup>& groups,
                                   const dea::Settings& settings);

}  // namespace greenfront
