#pragma once
#include <string>
#include <vector>

#include "engine/plan.hpp"

/// The parts of a plan: each function says what one stage costs.
namespace greenfront::planning {

/// Of one stage. Sizes are bytes.
struct StageCost {
    PlanEntry entry;      ///< seconds and megabytes are filled in by add_up()
    double serial = 0;    ///< seconds of one core that no other can share
    double parallel = 0;  ///< seconds of one core that all threads share
    double values = 0;    ///< numbers in the result file, before compression; they stand in memory, too
    double shrinks = 1;   ///< compressed over `values`
    double datasets = 0;
    double held = 0;              ///< kept for later stages beside the results
    double temporary = 0;         ///< only while the stage runs
    double thread_temporary = 0;  ///< the same for each thread
    double buffers = 0;     ///< chunks that the writer holds open while it writes the stage's largest group
    double part_bytes = 0;  ///< of its checkpoint
};

/// What all stages are measured against.
struct Setting {
    const Workspace& workspace;
    PlanSettings given;
    Panel complete;  ///< the panel with the columns that stages will make, all NaN
    double rows = 0, units = 0, periods = 0, columns = 0;

    Setting(const Workspace& workspace, const PlanSettings& given);
    [[nodiscard]] const Study& study() const { return workspace.study; }
    /// Whether every column is known before the run.
    [[nodiscard]] bool known(const std::vector<std::string>& names) const;
    /// Rows of an expression; all of them where it reads columns that are not known yet and so selects none.
    [[nodiscard]] std::vector<char> selected(const std::string& where) const;
};

[[nodiscard]] StageCost dea_cost(const Setting& setting, const std::string& name, const DeaStage& stage);
[[nodiscard]] StageCost boot_dea_cost(const Setting& setting, const std::string& name,
                                      const BootDeaStage& stage);
[[nodiscard]] StageCost two_stage_cost(const Setting& setting, const std::string& name,
                                       const TwoStageStage& stage);
[[nodiscard]] StageCost productivity_cost(const Setting& setting, const std::string& name,
                                          const ProductivityStage& stage);
[[nodiscard]] StageCost index_cost(const Setting& setting, const std::string& name, const IndexStage& stage);
[[nodiscard]] StageCost regression_cost(const Setting& setting, const std::string& name,
                                        const RegressionStage& stage);
[[nodiscard]] StageCost mediation_cost(const Setting& setting, const std::string& name,
                                       const MediationStage& stage);
[[nodiscard]] StageCost bootstrap_cost(const Setting& setting, const std::string& name,
                                       const BootstrapStage& stage);
[[nodiscard]] StageCost placebo_cost(const Setting& setting, const std::string& name,
                                     const PlaceboStage& stage);
[[nodiscard]] StageCost sweep_cost(const Setting& setting, const std::string& name, const SweepStage& stage);

/// The data and the equation of a regression, as far as costs go.
struct RegressionShape {
    double rows = 0, terms = 0;  ///< of the selection; regressors, endogenous ones and instruments
    double endogenous = 0, effects = 0;
    bool limited = false;
    bool balanced = false;  ///< every unit has a complete row in every period, as far as is known
};
[[nodiscard]] RegressionShape shape_of(const Setting& setting, const RegressionStage& stage);
/// Seconds of one fit with its data and results.
[[nodiscard]] double fit_seconds(const RegressionShape& shape);
/// Of a pairs bootstrap: seconds of a replicate.
[[nodiscard]] double pairs_seconds(const Setting& setting, const RegressionStage& regression,
                                   const std::string& cluster, bool studentised);

}  // namespace greenfront::planning
