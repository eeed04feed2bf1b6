#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "engine/scoring.hpp"
#include "engine/workspace.hpp"

/// From a changed panel to outcomes: the two channels of a policy sweep.
namespace greenfront::stages {

/// Means of a change over rows, in total, by period and by group. A mean over no rows is NaN.
struct MeanChange {
    double total = 0;
    std::vector<double> by_time, by_group;
};

/// Rows that enter means: a baseline outcome, and not before the first period of any lever.
struct AveragedRows {
    std::vector<char> use;            ///< panel rows
    std::vector<std::int32_t> group;  ///< group code of each panel row, -1 without one
    std::vector<std::string> group_name;
};

[[nodiscard]] MeanChange mean_change(const Panel& panel, const AveragedRows& rows,
                                     const std::vector<double>& change);

/// Econometric channel: the change of the outcome is sum_k beta_k dx_k with the estimated coefficients,
/// other things equal (the lever moves regressors, and effects and residuals stay).
class EconometricChannel {
  public:
    EconometricChannel(const RegressionOutcome& regression, const resample::PairsDraws* draws);
    struct Outcome {
        std::vector<double> change;  ///< panel rows; NaN outside the regression's sample
        Eigen::VectorXd draw;        ///< mean change with each replicate's coefficients; empty without draws
        std::int64_t lost = 0;  ///< averaged rows where a changed regressor has no value (log of zero, ...)
    };
    /// `changed` is the scenario's prepared panel with index columns.
    [[nodiscard]] Outcome evaluate(const Panel& changed, const AveragedRows& rows) const;
    [[nodiscard]] std::vector<char> sample(std::size_t panel_rows) const;

  private:
    const RegressionOutcome& regression_;
    const resample::PairsDraws* draws_;
    Eigen::MatrixXd base_;                ///< baseline regressors, endogenous ones first
    Eigen::VectorXd beta_;                ///< one for each column of the design, 0 where omitted
    std::vector<Eigen::Index> draw_row_;  ///< row of `draws` for each column, -1 where omitted
};

/// Frontier channel: changed rows are scored again against the baseline technology. A row that the lever
/// carries beyond that technology has no SBM score there (the program is infeasible); it counts with the
/// score 1 of the frontier that it has passed, and is counted.
struct FrontierOutcome {
    std::vector<double> change;  ///< panel rows; 0 for rows that did not move, NaN where no score
    std::int64_t rows_changed = 0, beyond = 0;
    std::int64_t unscored = 0;  ///< moved rows without a score: a negative or missing quantity, no optimum
    std::int64_t failed = 0;    ///< of these, programs that no method could certify
};
[[nodiscard]] FrontierOutcome frontier_channel(const Panel& changed, const Panel& baseline,
                                               const DeaVariables& variables, const DeaOutcome& dea);

}  // namespace greenfront::stages
