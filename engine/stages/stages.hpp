#pragma once
#include "engine/workspace.hpp"

namespace greenfront {
class Checkpoint;
struct PlaceboChoice;
}  // namespace greenfront

/// The stages of a study. Each reads the workspace, adds its group to the results and leaves what later
/// stages need. Faults of the study or the data are thrown as Error with the stage's name in front.
namespace greenfront::stages {

void panel(Workspace& workspace);
void dea(Workspace& workspace, const std::string& name, const DeaStage& stage);
/// Needs the dea stage that it names to have run. Makes the column of corrected scores, but for a test.
void boot_dea(Workspace& workspace, const std::string& name, const BootDeaStage& stage);
void productivity(Workspace& workspace, const std::string& name, const ProductivityStage& stage);
void index(Workspace& workspace, const std::string& name, const IndexStage& stage);
void two_stage(Workspace& workspace, const std::string& name, const TwoStageStage& stage);
void regression(Workspace& workspace, const std::string& name, const RegressionStage& stage);
void mediation(Workspace& workspace, const std::string& name, const MediationStage& stage,
               std::uint64_t stream);
void bootstrap(Workspace& workspace, const std::string& name, const BootstrapStage& stage,
               std::uint64_t stream);
/// Methods wild-cluster and wre: a test of each term.
void wild_bootstrap(Workspace& workspace, const std::string& name, const BootstrapStage& stage,
                    std::uint64_t stream);
/// Method jackknife.
void jackknife(Workspace& workspace, const std::string& name, const BootstrapStage& stage);
void placebo(Workspace& workspace, const std::string& name, const PlaceboStage& stage, std::uint64_t stream);
/// Throws Error(Fault::study) where the settings do not go together.
[[nodiscard]] PlaceboChoice placebo_choice(const PlaceboStage& stage);
/// `stream` is also the sweep's number among the blocks of the checkpoint. A shard leaves its blocks only.
void sweep(Workspace& workspace, const std::string& name, const SweepStage& stage, std::uint64_t stream,
           Checkpoint& checkpoint);
/// The estimates of one coefficient under the choices of the curve, from the regressions that have run.
void curve(Workspace& workspace, const std::string& name, const CurveStage& stage);
/// The published figures beside those of this run.
void published(Workspace& workspace);

[[nodiscard]] greenfront::panel::Options regression_options(const RegressionStage& stage);
/// Clusters, weights and places of the stage.
[[nodiscard]] DesignColumns regression_columns(const RegressionStage& stage);
/// The group of results of one fitted regression, with more attributes.
void store_regression(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                      const RegressionOutcome& outcome, const Attributes& more = {});
/// A regression with `group`: one fit for each group and the tests between them.
void regression_groups(Workspace& workspace, const std::string& name, const RegressionStage& stage);

/// Throws Error where the groups of the stage cannot be made.
void check_groups(const RegressionStage& stage, const Panel& panel);
/// A label as part of a path: "/" would open another group.
[[nodiscard]] std::string path_part(std::string label);

}  // namespace greenfront::stages
