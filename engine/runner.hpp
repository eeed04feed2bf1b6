#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/checkpoint.hpp"
#include "engine/workspace.hpp"

/// Runs a study: preparation, checks, stages.
namespace greenfront {

/// Reads nothing and writes nothing: panel in, workspace with the prepared panel out. `references`: the
/// reference panels of the dea stages that name one, as their files have them. `published`: the figures that
/// the study's [published] names. `packages`: those of the catalogue of levers.
[[nodiscard]] Workspace prepare_workspace(const Study& study, const Named<Lever>& catalogue,
                                          const Panel& panel, Progress& progress,
                                          const Named<Panel>& references = {},
                                          const std::vector<PublishedFigure>& published = {},
                                          const Named<Package>& packages = {});

/// Checks every stage against the prepared panel before anything is computed. Throws one
/// Error(Fault::study) with a line for each problem: stage, key, what, what to do.
void check(const Workspace& workspace);

/// Runs all stages in the order dea, boot_dea, productivity, index, two_stage, regression, curve, mediation,
/// bootstrap, placebo, sweep, published; inside a kind in the order of the study. Results stand in
/// workspace.results, failed units are counted.
void run(Workspace& workspace);
/// The same with a memory of the blocks of sweeps, asked to stop before each stage and each block: throws
/// Stopped then. A checkpoint that is a shard leaves its blocks and no results; it passes over the stages
/// that no sweep needs.
void run(Workspace& workspace, Checkpoint& checkpoint);

/// The blocks of every sweep of the study, in its order.
struct SweepBlocks {
    std::string sweep;
    std::int64_t blocks = 0;
};
[[nodiscard]] std::vector<SweepBlocks> sweep_blocks(const Workspace& workspace);

/// What makes a run itself: hashes of the files that it reads ("NAME: HASH", a line each), version of the
/// plan, resolved study.
[[nodiscard]] std::string run_identity(const std::string& hashes, const std::string& resolved_study);
/// Hash of the identity: 32 hexadecimal digits.
[[nodiscard]] std::string run_id(const std::string& identity);

}  // namespace greenfront
